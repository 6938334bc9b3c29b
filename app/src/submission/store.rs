//! Queries about submissions and answers.

use crate::course::model::Role;
use crate::entity::{answer, assignment, course, enrolment, file, question, submission};
use crate::error::{AppError, AppResult};
use crate::ids::{AssignmentId, CourseId, FileId, QuestionId, SubmissionId, UserId};
use crate::question::model::AnswerValue;
use crate::submission::model::Given;
use crate::time::Timestamp;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};
use std::collections::HashMap;

pub async fn one(db: &impl ConnectionTrait, id: SubmissionId) -> AppResult<submission::Model> {
    submission::Entity::find_by_id(id)
        .one(db)
        .await?
        .ok_or_else(|| AppError::not_found("The submission"))
}

/// The submission held until the transaction ends.
pub async fn lock(db: &impl ConnectionTrait, row_locks: bool, id: SubmissionId) -> AppResult<submission::Model> {
    let query = submission::Entity::find_by_id(id);
    let query = if row_locks { query.lock_exclusive() } else { query };
    query
        .one(db)
        .await?
        .ok_or_else(|| AppError::not_found("The submission"))
}

/// The submission of a student; there is one attempt.
pub async fn of_student(
    db: &impl ConnectionTrait,
    assignment: AssignmentId,
    user: UserId,
) -> AppResult<Option<submission::Model>> {
    let found = submission::Entity::find()
        .filter(submission::Column::AssignmentId.eq(assignment))
        .filter(submission::Column::UserId.eq(user))
        .order_by_desc(submission::Column::Attempt)
        .one(db)
        .await?;
    Ok(found)
}

/// Inserts the submission unless the student has one already; whether it was inserted.
pub async fn insert_first(db: &impl ConnectionTrait, row: submission::Model) -> AppResult<bool> {
    let exists = OnConflict::columns([
        submission::Column::AssignmentId,
        submission::Column::UserId,
        submission::Column::Attempt,
    ])
    .do_nothing_on([submission::Column::Id])
    .to_owned();
    let inserted = submission::Entity::insert(row.into_active_model().reset_all())
        .on_conflict(exists)
        .exec_without_returning(db)
        .await;
    match inserted {
        Ok(rows) => Ok(rows > 0),
        Err(sea_orm::DbErr::RecordNotInserted) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

pub async fn answers(db: &impl ConnectionTrait, submission: SubmissionId) -> AppResult<Vec<answer::Model>> {
    Ok(answer::Entity::find()
        .filter(answer::Column::SubmissionId.eq(submission))
        .all(db)
        .await?)
}

pub fn given(row: answer::Model) -> AppResult<Given> {
    let value: AnswerValue = serde_json::from_str(&row.value).map_err(AppError::internal)?;
    Ok(Given {
        question: row.question_id,
        value,
        revision: row.revision,
        updated_at: row.updated_at,
    })
}

/// The assignment's questions in their order.
pub async fn question_order(db: &impl ConnectionTrait, assignment: AssignmentId) -> AppResult<Vec<QuestionId>> {
    let rows = question::Entity::find()
        .select_only()
        .column(question::Column::Id)
        .filter(question::Column::AssignmentId.eq(assignment))
        .order_by_asc(question::Column::Position)
        .order_by_asc(question::Column::Id)
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows)
}

/// The files attached to a submission.
pub async fn files(db: &impl ConnectionTrait, submission: SubmissionId) -> AppResult<HashMap<FileId, file::Model>> {
    let rows = file::Entity::find()
        .filter(file::Column::SubmissionId.eq(submission))
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// The courses somebody attends as a student, without archived ones.
pub async fn attended(db: &impl ConnectionTrait, user: UserId) -> AppResult<HashMap<CourseId, course::Model>> {
    let ids: Vec<CourseId> = enrolment::Entity::find()
        .select_only()
        .column(enrolment::Column::CourseId)
        .filter(enrolment::Column::UserId.eq(user))
        .filter(enrolment::Column::Role.eq(Role::Student))
        .into_tuple()
        .all(db)
        .await?;
    let rows = course::Entity::find()
        .filter(course::Column::Id.is_in(ids))
        .filter(course::Column::ArchivedAt.is_null())
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// What students of these courses can see at `now`.
pub async fn visible_assignments(
    db: &impl ConnectionTrait,
    courses: impl IntoIterator<Item = CourseId>,
    now: Timestamp,
) -> AppResult<Vec<assignment::Model>> {
    let rows = assignment::Entity::find()
        .filter(assignment::Column::CourseId.is_in(courses))
        .filter(assignment::Column::PublishedAt.lte(now))
        .all(db)
        .await?;
    Ok(rows)
}

/// Somebody's submissions to these assignments.
pub async fn by_student(
    db: &impl ConnectionTrait,
    user: UserId,
    assignments: impl IntoIterator<Item = AssignmentId>,
) -> AppResult<HashMap<AssignmentId, submission::Model>> {
    let rows = submission::Entity::find()
        .filter(submission::Column::UserId.eq(user))
        .filter(submission::Column::AssignmentId.is_in(assignments))
        .order_by_asc(submission::Column::Attempt)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| (row.assignment_id, row)).collect())
}

/// Answers per submission that say something.
pub async fn answered(
    db: &impl ConnectionTrait,
    submissions: impl IntoIterator<Item = SubmissionId>,
) -> AppResult<HashMap<SubmissionId, u32>> {
    // What counts as empty depends on the kind of answer; the few dozen rows of one student are cheap to look at.
    let rows = answer::Entity::find()
        .filter(answer::Column::SubmissionId.is_in(submissions))
        .all(db)
        .await?;
    let mut counts = HashMap::new();
    for row in rows {
        let submission = row.submission_id;
        if !given(row)?.value.is_empty() {
            *counts.entry(submission).or_default() += 1;
        }
    }
    Ok(counts)
}

/// Questions per assignment.
pub async fn question_counts(
    db: &impl ConnectionTrait,
    assignments: impl IntoIterator<Item = AssignmentId>,
) -> AppResult<HashMap<AssignmentId, u32>> {
    let rows = question::Entity::find()
        .select_only()
        .column(question::Column::AssignmentId)
        .column_as(question::Column::Id.count(), "questions")
        .filter(question::Column::AssignmentId.is_in(assignments))
        .group_by(question::Column::AssignmentId)
        .into_tuple::<(AssignmentId, i64)>()
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|(id, count)| (id, count as u32)).collect())
}
