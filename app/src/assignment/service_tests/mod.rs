//! Stories about assignments and their questions.

mod asking;
mod begun;
mod drafts;

use super::*;
use crate::audit;
use crate::entity::{answer, grade, grading_work, submission};
use crate::error::ErrorKind;
use crate::grade::model::ReviewState;
use crate::ids::{AnswerId, GradeId, QuestionId, SubmissionId, WorkId};
use crate::points::Points;
use crate::question::content::QuestionContent;
use crate::question::model::{ChoiceOption, Key, QuestionKind};
use crate::question::service::{self as questions, Direction};
use crate::testing::{TestApp, id_of, on_each_database};
use crate::time::Timestamp;
use sea_orm::{ActiveModelTrait, ColumnTrait, QueryFilter, QueryOrder};

fn content(ctx: &Ctx) -> AssignmentContent {
    AssignmentContent {
        title: "Midterm".into(),
        instructions: "In your own words.".into(),
        due_at: Some(ctx.now().plus(Timestamp::DAY)),
        closes_at: None,
        late_percent_per_day: 10,
        show_distribution: true,
    }
}

fn choice(right: usize) -> QuestionContent {
    let options = ["red", "green", "blue"].iter().enumerate();
    let options = options
        .map(|(i, text)| ChoiceOption {
            text: (*text).into(),
            correct: i == right,
        })
        .collect();
    QuestionContent {
        prompt: "Which colour?".into(),
        points: Points(200),
        key: Key::SingleChoice { options },
        references: vec![],
        rubric: vec![],
    }
}

/// A course with a teacher, an assistant and two students.
struct Class {
    app: std::sync::Arc<TestApp>,
    course: CourseId,
    teacher: Ctx,
    assistant: Ctx,
    student: Ctx,
}

async fn class(app: std::sync::Arc<TestApp>) -> Class {
    let (teacher, assistant) = (app.person("Tamar").await, app.person("Asa").await);
    let (student, other) = (app.person("Sol").await, app.person("Sam").await);
    let course = app.course("BIO1", &teacher).await;
    app.enrol(course, &assistant, Role::Assistant).await;
    app.enrol(course, &student, Role::Student).await;
    app.enrol(course, &other, Role::Student).await;
    Class {
        app,
        course,
        teacher,
        assistant,
        student,
    }
}

impl Class {
    async fn draft(&self) -> AssignmentId {
        create(&self.teacher, self.course, content(&self.teacher))
            .await
            .expect("a draft")
    }

    /// A published assignment with one choice question.
    async fn open(&self) -> (AssignmentId, QuestionId) {
        let id = self.draft().await;
        let question = questions::add_with(&self.teacher, id, choice(1))
            .await
            .expect("a question");
        publish(&self.teacher, id, None).await.expect("published");
        (id, question)
    }

    async fn start(&self, id: AssignmentId, submitted: bool) -> SubmissionId {
        let now = self.app.ctx.now();
        let row = submission::Model {
            id: SubmissionId::new(),
            assignment_id: id,
            user_id: id_of(&self.student),
            attempt: 1,
            started_at: now,
            submitted_at: submitted.then_some(now),
            late_percent: 0,
            content_hash: None,
            receipt: None,
            updated_at: now,
        };
        let id = row.id;
        submission::Entity::insert(row.into_active_model().reset_all())
            .exec_without_returning(self.app.ctx.db())
            .await
            .expect("a submission");
        id
    }

    /// A submission with one answer that a machine has graded, and a human after it.
    async fn graded(&self, id: AssignmentId, question: QuestionId, human: Option<Points>) {
        let submission = self.start(id, true).await;
        let (db, now) = (self.app.ctx.db(), self.app.ctx.now());
        let row = answer::Model {
            id: AnswerId::new(),
            submission_id: submission,
            question_id: question,
            value: r#"{"is":"choice","value":[1]}"#.into(),
            revision: 1,
            updated_at: now,
        };
        let answer = row.id;
        answer::Entity::insert(row.into_active_model().reset_all())
            .exec_without_returning(db)
            .await
            .expect("an answer");
        let work = grading_work::Model {
            id: WorkId::new(),
            answer_id: answer,
            submission_id: submission,
            question_id: question,
            assignment_id: id,
            state: "done".into(),
            attempts: 1,
            claimed_by: None,
            lease_until: None,
            problem: None,
            created_at: now,
            finished_at: Some(now),
        };
        grading_work::Entity::insert(work.into_active_model().reset_all())
            .exec_without_returning(db)
            .await
            .expect("work");
        let grade = grade::Model {
            id: GradeId::new(),
            answer_id: answer,
            submission_id: submission,
            question_id: question,
            assignment_id: id,
            machine_points: Points(200),
            machine_confidence: None,
            machine_decision: "accept".into(),
            machine_reason: None,
            machine_evidence: "{}".into(),
            model: "rules".into(),
            input_hash: String::new(),
            machine_at: now,
            machine_examples: 0,
            human_points: human,
            human_comment: None,
            human_by: None,
            human_at: human.map(|_| now),
            review_state: if human.is_some() {
                ReviewState::Reviewed.name()
            } else {
                ReviewState::Accepted.name()
            }
            .into(),
            review_order: 0,
            version: 1,
        };
        grade::Entity::insert(grade.into_active_model().reset_all())
            .exec_without_returning(db)
            .await
            .expect("a grade");
    }
}

fn kind<T: std::fmt::Debug>(result: AppResult<T>) -> ErrorKind {
    result.expect_err("this must not succeed").kind
}
