//! Queries about files.

use crate::entity::file;
use crate::error::{AppError, AppResult};
use crate::file::model::{Attachment, FileState};
use crate::ids::{FileId, SubmissionId};
use crate::time::Timestamp;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};

pub async fn one(db: &impl ConnectionTrait, id: FileId) -> AppResult<file::Model> {
    file::Entity::find_by_id(id)
        .one(db)
        .await?
        .ok_or_else(|| AppError::not_found("The file"))
}

/// The files of a submission, oldest first.
pub async fn of_submission(db: &impl ConnectionTrait, submission: SubmissionId) -> AppResult<Vec<file::Model>> {
    let found = file::Entity::find()
        .filter(file::Column::SubmissionId.eq(submission))
        .order_by_asc(file::Column::Id);
    Ok(found.all(db).await?)
}

/// The same as people see them.
pub async fn attachments(db: &impl ConnectionTrait, submission: SubmissionId) -> AppResult<Vec<Attachment>> {
    Ok(of_submission(db, submission)
        .await?
        .into_iter()
        .map(attachment)
        .collect())
}

pub async fn count(db: &impl ConnectionTrait, submission: SubmissionId) -> AppResult<u64> {
    Ok(file::Entity::find()
        .filter(file::Column::SubmissionId.eq(submission))
        .count(db)
        .await?)
}

/// Some of the uploads that began before `before` and were never finished.
pub async fn stale(db: &impl ConnectionTrait, before: Timestamp) -> AppResult<Vec<file::Model>> {
    let pending = file::Column::State.eq(FileState::Pending.name());
    let found = file::Entity::find()
        .filter(pending)
        .filter(file::Column::CreatedAt.lt(before))
        .order_by_asc(file::Column::CreatedAt);
    Ok(found.limit(100).all(db).await?)
}

pub async fn insert(db: &impl ConnectionTrait, row: file::Model) -> AppResult<()> {
    use sea_orm::{ActiveModelTrait as _, IntoActiveModel as _};
    file::Entity::insert(row.into_active_model().reset_all())
        .exec_without_returning(db)
        .await?;
    Ok(())
}

/// What the check found. `false` when the file was no longer waiting for one.
pub async fn settle(db: &impl ConnectionTrait, row: &file::Model) -> AppResult<bool> {
    let update = file::Entity::update_many()
        .col_expr(file::Column::State, Expr::value(row.state.clone()))
        .col_expr(file::Column::Problem, Expr::value(row.problem.clone()))
        .col_expr(file::Column::Sha256, Expr::value(row.sha256.clone()))
        .col_expr(file::Column::BlobKey, Expr::value(row.blob_key.clone()))
        .col_expr(file::Column::ExtractedText, Expr::value(row.extracted_text.clone()));
    let waiting = file::Column::State.eq(FileState::Pending.name());
    let done = update
        .filter(file::Column::Id.eq(row.id))
        .filter(waiting)
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

pub async fn delete(db: &impl ConnectionTrait, id: FileId) -> AppResult<()> {
    file::Entity::delete_by_id(id).exec(db).await?;
    Ok(())
}

/// A row as people see it.
pub fn attachment(row: file::Model) -> Attachment {
    let state = FileState::from_name(&row.state);
    let text = row.extracted_text.unwrap_or_default();
    let (problem, note) = if state == FileState::Ready {
        (None, row.problem)
    } else {
        (row.problem, None)
    };
    Attachment {
        id: row.id,
        submission: row.submission_id,
        question: row.question_id,
        name: row.name,
        size: row.size,
        state,
        problem,
        note,
        excerpt: text.chars().take(Attachment::EXCERPT).collect(),
        characters: i64::try_from(text.chars().count()).unwrap_or(i64::MAX),
    }
}
