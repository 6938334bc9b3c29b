//! One assignment of the demo: written, published, answered, and, as far as its state says, graded and reviewed.

use super::Seeder;
use super::content::{Assignment, Decision, State, Submission, points};
use anyhow::Context;
use app::assignment::content::AssignmentContent;
use app::entity::{grade, submission};
use app::ids::{AssignmentId, JournalId, QuestionId, SubmissionId};
use app::submission::model::Change;
use app::time::Timestamp;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use std::collections::HashMap;

type Questions = HashMap<String, QuestionId>;

impl Seeder<'_> {
    pub(super) async fn assignment(&self, content: &Assignment) -> anyhow::Result<()> {
        let (id, questions) = self.write(content).await?;
        for (email, submission) in &content.submissions {
            self.answer(content, id, &questions, email, submission)
                .await
                .with_context(|| email.clone())?;
        }
        match content.state {
            // The teacher starts grading, and watches.
            State::Waiting => {
                app::grade::service::hold(self.ctx, id).await?;
            }
            State::Graded => {
                self.worker.until_empty().await?;
                for decision in &content.decisions {
                    self.decide(id, &questions, decision).await?;
                }
            }
            State::Open => {}
        }
        Ok(())
    }

    async fn write(&self, content: &Assignment) -> anyhow::Result<(AssignmentId, Questions)> {
        let course = *self.courses.get(&content.course).context("no such course")?;
        let teacher = self.teacher_of(&content.course)?;
        let ctx = self.at(-content.opens_offset_days * Timestamp::DAY, &teacher)?;
        let due = midnight(&ctx, self.ctx.now().plus(content.due_offset_days * Timestamp::DAY));
        let text = AssignmentContent {
            title: content.title.clone(),
            instructions: content.instructions.join("\n\n"),
            due_at: Some(due),
            closes_at: None,
            late_percent_per_day: 10,
            show_distribution: true,
        };
        let id = app::assignment::service::create(&ctx, course, text).await?;
        let mut questions = Questions::new();
        for question in &content.questions {
            let added = app::question::service::add_with(&ctx, id, question.content())
                .await
                .with_context(|| question.key.clone())?;
            questions.insert(question.key.clone(), added);
        }
        app::assignment::service::publish(&ctx, id, None).await?;
        Ok((id, questions))
    }

    async fn answer(
        &self,
        content: &Assignment,
        id: AssignmentId,
        questions: &Questions,
        email: &str,
        how: &Submission,
    ) -> anyhow::Result<()> {
        let (started, saved, submits) = match *how {
            Submission::Submitted {
                started_minutes_ago,
                submitted_minutes_ago,
            } => (started_minutes_ago, submitted_minutes_ago, true),
            Submission::Started {
                started_minutes_ago,
                last_saved_minutes_ago,
            } => (started_minutes_ago, last_saved_minutes_ago, false),
        };
        let submission = app::submission::service::start(&self.at(started * Timestamp::MINUTE, email)?, id).await?;
        let ctx = self.at(saved * Timestamp::MINUTE, email)?;
        let answers = content.answers.get(email).into_iter().flatten();
        let changes = answers
            .filter_map(|(key, answer)| {
                let question = *questions.get(key)?;
                Some(Change {
                    id: JournalId::new(),
                    question,
                    value: answer.value(),
                    typed_at: ctx.now(),
                })
            })
            .collect();
        app::submission::service::save(&ctx, submission, changes).await?;
        if submits {
            app::submission::service::submit(&ctx, submission).await?;
        }
        Ok(())
    }

    async fn decide(&self, id: AssignmentId, questions: &Questions, decision: &Decision) -> anyhow::Result<()> {
        let ctx = self.at(decision.minutes_ago * Timestamp::MINUTE, &decision.by)?;
        let question = *questions.get(&decision.question).context("no such question")?;
        let submission = self.submission_of(id, &decision.student).await?;
        let found = grade::Entity::find()
            .filter(grade::Column::SubmissionId.eq(submission))
            .filter(grade::Column::QuestionId.eq(question))
            .one(ctx.db())
            .await?
            .context("an answer was not graded")?;
        app::grade::service::decide(
            &ctx,
            found.id,
            found.version,
            points(decision.score),
            decision.comment.clone(),
        )
        .await?;
        Ok(())
    }

    async fn submission_of(&self, id: AssignmentId, email: &str) -> anyhow::Result<SubmissionId> {
        let user = self
            .users
            .get(email)
            .with_context(|| format!("{email} is not in the demo"))?;
        let row = submission::Entity::find()
            .filter(submission::Column::AssignmentId.eq(id))
            .filter(submission::Column::UserId.eq(user.id))
            .one(self.ctx.db())
            .await?;
        Ok(row.context("a decision without a submission")?.id)
    }

    fn teacher_of(&self, code: &str) -> anyhow::Result<String> {
        let institution: super::content::Institution = serde_json::from_str(super::content::INSTITUTION)?;
        let course = institution
            .courses
            .into_iter()
            .find(|course| course.code == code)
            .context("no such course")?;
        course.teachers.into_iter().next().context("a course without a teacher")
    }
}

/// One minute before midnight of that day, where the institution is.
fn midnight(ctx: &app::platform::Ctx, at: Timestamp) -> Timestamp {
    let day = ctx.moment(at).input_value();
    let day = day.split('T').next().unwrap_or_default().to_owned();
    ctx.parse_input(&format!("{day}T23:59")).unwrap_or(at)
}
