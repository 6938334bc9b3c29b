//! Queries across the institution.

use crate::admin::model::{Counts, Kind, UserQuery};
use crate::course::store::{PAGE, beyond, matches};
use crate::entity::{
    answer, api_token, assignment, audit_entry, backup, course, grade, grading_work, model_version, session,
    submission, user,
};
use crate::error::AppResult;
use crate::ids::{AssignmentId, UserId, WorkId};
use crate::time::Timestamp;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    Statement,
};
use std::collections::{HashMap, HashSet};

/// Whether the database answers.
pub async fn ping(db: &impl ConnectionTrait) -> AppResult<()> {
    db.query_one_raw(Statement::from_string(db.get_database_backend(), "SELECT 1"))
        .await?;
    Ok(())
}

pub async fn counts(db: &impl ConnectionTrait) -> AppResult<Counts> {
    Ok(Counts {
        users: user::Entity::find()
            .filter(user::Column::DeactivatedAt.is_null())
            .count(db)
            .await?,
        courses: course::Entity::find()
            .filter(course::Column::ArchivedAt.is_null())
            .count(db)
            .await?,
        assignments: assignment::Entity::find().count(db).await?,
        submissions: submission::Entity::find()
            .filter(submission::Column::SubmittedAt.is_not_null())
            .count(db)
            .await?,
        answers: answer::Entity::find().count(db).await?,
        grades: grade::Entity::find().count(db).await?,
        reviewed: grade::Entity::find()
            .filter(grade::Column::HumanAt.is_not_null())
            .count(db)
            .await?,
    })
}

/// Grading work by state.
#[derive(Clone, Debug, Default)]
pub struct QueueRow {
    /// Until a teacher starts grading.
    pub held: u64,
    pub queued: u64,
    pub claimed: u64,
    pub done: u64,
    pub failed: u64,
    pub oldest: Option<Timestamp>,
}

#[derive(FromQueryResult)]
struct StateCount {
    state: String,
    number: i64,
    oldest: Option<Timestamp>,
}

pub async fn queue(db: &impl ConnectionTrait) -> AppResult<QueueRow> {
    let rows = grading_work::Entity::find()
        .select_only()
        .column(grading_work::Column::State)
        .column_as(grading_work::Column::Id.count(), "number")
        .column_as(grading_work::Column::CreatedAt.min(), "oldest")
        .group_by(grading_work::Column::State)
        .into_model::<StateCount>()
        .all(db)
        .await?;
    let mut queue = QueueRow::default();
    for row in rows {
        let number = row.number as u64;
        match row.state.as_str() {
            "queued" => (queue.queued, queue.oldest) = (number, row.oldest),
            "held" => queue.held = number,
            "claimed" => queue.claimed = number,
            "done" => queue.done = number,
            _ => queue.failed += number,
        }
    }
    Ok(queue)
}

/// The newest work that was given up, with its assignment and course.
pub async fn failed(db: &impl ConnectionTrait, most: u64) -> AppResult<Vec<(grading_work::Model, String, String)>> {
    let rows = grading_work::Entity::find()
        .filter(grading_work::Column::State.eq("failed"))
        .order_by_desc(grading_work::Column::CreatedAt)
        .limit(most)
        .all(db)
        .await?;
    let ids: Vec<AssignmentId> = rows
        .iter()
        .map(|row| row.assignment_id)
        .collect::<HashSet<_>>()
        .into_iter()
        .collect();
    let assignments: HashMap<_, _> = assignment::Entity::find()
        .filter(assignment::Column::Id.is_in(ids))
        .all(db)
        .await?
        .into_iter()
        .map(|row| (row.id, row))
        .collect();
    let ids: Vec<_> = assignments.values().map(|row| row.course_id).collect();
    let courses: HashMap<_, _> = course::Entity::find()
        .filter(course::Column::Id.is_in(ids))
        .all(db)
        .await?
        .into_iter()
        .map(|row| (row.id, row.code))
        .collect();
    let named = |row: grading_work::Model| {
        let assignment = assignments.get(&row.assignment_id);
        let course = assignment
            .and_then(|assignment| courses.get(&assignment.course_id))
            .cloned()
            .unwrap_or_default();
        let title = assignment
            .map(|assignment| assignment.title.clone())
            .unwrap_or_default();
        (row, course, title)
    };
    Ok(rows.into_iter().map(named).collect())
}

/// Puts given-up work back into the queue: one piece, or all; how many there were.
pub async fn retry(db: &impl ConnectionTrait, work: Option<WorkId>, now: Timestamp) -> AppResult<u64> {
    let mut update = grading_work::Entity::update_many()
        .col_expr(grading_work::Column::State, Expr::value("queued"))
        .col_expr(grading_work::Column::CreatedAt, Expr::value(now.0))
        .col_expr(grading_work::Column::Attempts, Expr::value(0))
        .col_expr(grading_work::Column::Problem, Expr::value(None::<String>))
        .col_expr(grading_work::Column::ClaimedBy, Expr::value(None::<String>))
        .col_expr(grading_work::Column::LeaseUntil, Expr::value(None::<i64>))
        .col_expr(grading_work::Column::FinishedAt, Expr::value(None::<i64>))
        .filter(grading_work::Column::State.eq("failed"));
    if let Some(work) = work {
        update = update.filter(grading_work::Column::Id.eq(work));
    }
    Ok(update.exec(db).await?.rows_affected)
}

/// The newest backups.
pub async fn backups(db: &impl ConnectionTrait, limit: u64) -> AppResult<Vec<backup::Model>> {
    Ok(backup::Entity::find()
        .order_by_desc(backup::Column::RequestedAt)
        .limit(limit)
        .all(db)
        .await?)
}

/// The models that have graded here, the newest first.
pub async fn models(db: &impl ConnectionTrait) -> AppResult<Vec<model_version::Model>> {
    Ok(model_version::Entity::find()
        .order_by_desc(model_version::Column::FirstUsedAt)
        .limit(20)
        .all(db)
        .await?)
}

/// Accounts by name from a cursor on, one more than a page; backwards when `before` is given.
pub async fn users(db: &impl ConnectionTrait, query: &UserQuery) -> AppResult<Vec<user::Model>> {
    let mut select = user::Entity::find();
    match query.kind {
        Kind::All => {}
        Kind::Administrators => select = select.filter(user::Column::IsAdmin.eq(true)),
        Kind::Deactivated => select = select.filter(user::Column::DeactivatedAt.is_not_null()),
    }
    if !query.search.is_empty() {
        select = select.filter(matches(&query.search));
    }
    let backwards = query.before.is_some();
    if let Some(edge) = query.before.or(query.after)
        && let Some(edge) = user::Entity::find_by_id(edge).one(db).await?
    {
        select = select.filter(beyond(&edge, backwards));
    }
    select = match backwards {
        false => select.order_by_asc(user::Column::Name).order_by_asc(user::Column::Id),
        true => select.order_by_desc(user::Column::Name).order_by_desc(user::Column::Id),
    };
    Ok(select.limit(PAGE + 1).all(db).await?)
}

/// Which of these people teach any course.
pub async fn teachers(db: &impl ConnectionTrait, users: Vec<UserId>) -> AppResult<HashSet<UserId>> {
    Ok(crate::course::store::teachers_among(db, users)
        .await?
        .into_iter()
        .collect())
}

/// Whether another administrator than `but` can sign in. With row locks nobody else can stop being one meanwhile.
pub async fn other_admin(db: &impl ConnectionTrait, but: UserId, row_locks: bool) -> AppResult<bool> {
    let query = user::Entity::find()
        .filter(user::Column::IsAdmin.eq(true))
        .filter(user::Column::DeactivatedAt.is_null());
    let query = if row_locks { query.lock_exclusive() } else { query };
    Ok(query.all(db).await?.iter().any(|admin| admin.id != but))
}

pub async fn live_sessions(db: &impl ConnectionTrait, user: UserId, now: Timestamp) -> AppResult<u64> {
    let query = session::Entity::find()
        .filter(session::Column::UserId.eq(user))
        .filter(session::Column::ExpiresAt.gt(now));
    Ok(query.count(db).await?)
}

pub async fn live_tokens(db: &impl ConnectionTrait, user: UserId) -> AppResult<u64> {
    let query = api_token::Entity::find()
        .filter(api_token::Column::UserId.eq(user))
        .filter(api_token::Column::RevokedAt.is_null());
    Ok(query.count(db).await?)
}

/// Ends the validity of all tokens of somebody.
pub async fn revoke_tokens(db: &impl ConnectionTrait, user: UserId, now: Timestamp) -> AppResult<u64> {
    let update = api_token::Entity::update_many()
        .col_expr(api_token::Column::RevokedAt, Expr::value(now))
        .filter(api_token::Column::UserId.eq(user))
        .filter(api_token::Column::RevokedAt.is_null());
    Ok(update.exec(db).await?.rows_affected)
}

/// The course in use with this code, if it is only one.
pub async fn course_by_code(db: &impl ConnectionTrait, code: &str) -> AppResult<Vec<course::Model>> {
    Ok(course::Entity::find()
        .filter(course::Column::Code.eq(code))
        .filter(course::Column::ArchivedAt.is_null())
        .all(db)
        .await?)
}

/// Entries of the audit log after one, oldest first.
pub async fn audit_after(db: &impl ConnectionTrait, after: i64, most: u64) -> AppResult<Vec<audit_entry::Model>> {
    Ok(audit_entry::Entity::find()
        .filter(audit_entry::Column::Id.gt(after))
        .order_by_asc(audit_entry::Column::Id)
        .limit(most)
        .all(db)
        .await?)
}
