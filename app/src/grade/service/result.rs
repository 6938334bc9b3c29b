//! One submission's result: for its student once published, for staff at any time.

use super::reading::{Material, answer_view, human, machine};
use super::work::value_of;
use crate::course::policy::{self, Duty};
use crate::entity::{answer, assignment, grade, submission};
use crate::error::{AppError, AppResult, ErrorKind};
use crate::grade::model::{
    Distribution, QuestionResult, ResultSheet, ReviewState, SMALLEST_DISTRIBUTION, bin, effective, histogram,
};
use crate::grade::store::{grades, questions, totals};
use crate::ids::{AnswerId, QuestionId, SubmissionId};
use crate::platform::Ctx;
use crate::points::Points;
use crate::question::model::{AnswerValue, Question};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use std::collections::HashMap;

/// The result, with all that explains it.
pub async fn result(ctx: &Ctx, submission: SubmissionId) -> AppResult<ResultSheet> {
    let (row, assignment, role) = policy::submission(ctx, submission).await?;
    let Some(submitted_at) = row.submitted_at else {
        return Err(AppError::conflict(
            "These answers have not been submitted, so there is no result yet.",
        ));
    };
    let for_staff = role.is_staff();
    if !for_staff && assignment.grades_published_at.is_none() {
        return Err(AppError::new(
            ErrorKind::Withheld,
            "Your answers are safely submitted. The result appears here as soon as your teacher publishes the grades.",
        ));
    }
    let (course, _) = policy::course(ctx, assignment.course_id, Duty::See).await?;
    let student = grades::names(ctx.db(), vec![row.user_id])
        .await?
        .remove(&row.user_id)
        .unwrap_or_default();
    let questions = question_results(ctx, &row, &assignment, for_staff).await?;
    let earned: Points = questions.iter().filter_map(|question| question.points).sum();
    let of: Points = questions.iter().map(|question| question.of).sum();
    Ok(ResultSheet {
        submission,
        assignment: assignment.id,
        title: assignment.title.clone(),
        course: course.id,
        course_title: course.title,
        student,
        for_staff,
        published_at: assignment.grades_published_at.map(|at| ctx.moment(at)),
        submitted_at: ctx.moment(submitted_at),
        earned,
        late_percent: row.late_percent,
        total: earned.less_percent(row.late_percent),
        of,
        questions,
        distribution: distribution(ctx, &assignment, for_staff, earned.less_percent(row.late_percent), of).await?,
    })
}

async fn question_results(
    ctx: &Ctx,
    row: &submission::Model,
    assignment: &assignment::Model,
    for_staff: bool,
) -> AppResult<Vec<QuestionResult>> {
    let answers = answer::Entity::find()
        .filter(answer::Column::SubmissionId.eq(row.id))
        .all(ctx.db())
        .await?;
    let answers: HashMap<AnswerId, answer::Model> = answers.into_iter().map(|row| (row.id, row)).collect();
    let given: HashMap<QuestionId, AnswerId> = answers.values().map(|row| (row.question_id, row.id)).collect();
    let rows = grade::Entity::find()
        .filter(grade::Column::SubmissionId.eq(row.id))
        .all(ctx.db())
        .await?;
    let mut material = Material::of(ctx, answers, &rows).await?;
    let graded: HashMap<QuestionId, grade::Model> = rows.into_iter().map(|row| (row.question_id, row)).collect();
    let all = crate::grade::store::progress::questions(ctx.db(), assignment.id).await?;
    // Questions without an answer are part of the paper too.
    let missing = all
        .iter()
        .map(|question| question.id)
        .filter(|id| !material.questions.contains_key(id));
    let missing = questions::by_ids(ctx.db(), missing.collect::<Vec<_>>()).await?;
    material.questions.extend(missing);
    let view = |question: &Question| {
        let value = given
            .get(&question.id)
            .and_then(|id| material.answers.get(id))
            .map(|row| value_of(&row.value));
        let grade = graded.get(&question.id);
        let mut machine = grade.and_then(machine);
        if let Some(machine) = machine.as_mut().filter(|_| !for_staff) {
            // The reference is part of the key, which stays with the staff.
            machine.evidence.reference = None;
            // So are the answers of others.
            machine.evidence.similar.clear();
        }
        let human = grade.and_then(|grade| human(ctx, grade, &material.names));
        let waiting = grade.is_some_and(|grade| grade.review_state == ReviewState::Waiting.name());
        QuestionResult {
            question: question.id,
            grade: grade.map(|grade| grade.id),
            position: question.position,
            prompt: question.prompt.clone(),
            of: question.points,
            points: effective(
                human.as_ref().map(|human| human.points),
                machine.as_ref().map(|machine| machine.points),
            ),
            answer: answer_view(
                question,
                &value.unwrap_or(AnswerValue::Text(String::new())),
                &material.files,
                for_staff,
            ),
            machine,
            unseen: waiting && human.is_none(),
            human,
        }
    };
    Ok(all
        .iter()
        .filter_map(|row| material.questions.get(&row.id))
        .map(view)
        .collect())
}

async fn distribution(
    ctx: &Ctx,
    assignment: &assignment::Model,
    for_staff: bool,
    own: Points,
    of: Points,
) -> AppResult<Option<Distribution>> {
    if !assignment.show_distribution && !for_staff {
        return Ok(None);
    }
    let class = totals::of_assignment(ctx.db(), assignment.id).await?;
    if class.len() < SMALLEST_DISTRIBUTION {
        return Ok(None);
    }
    Ok(Some(Distribution {
        bins: histogram(class.iter().map(|submission| (submission.total(), of))),
        own: bin(own, of) as u32,
        submissions: class.len() as u32,
    }))
}
