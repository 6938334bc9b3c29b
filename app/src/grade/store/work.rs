//! The queue of grading work.

use crate::entity::{grading_work, question};
use crate::error::AppResult;
use crate::ids::{AssignmentId, QuestionId, WorkId};
use crate::time::Timestamp;
use sea_orm::sea_query::{Condition, Expr, ExprTrait, LockBehavior, LockType};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select, Value};
use std::collections::HashMap;

use grading_work::Column;

/// States of a piece of work, as stored.
pub mod state {
    pub const QUEUED: &str = "queued";
    pub const CLAIMED: &str = "claimed";
    pub const DONE: &str = "done";
    pub const FAILED: &str = "failed";
    /// Waits until a teacher starts grading.
    pub const HELD: &str = "held";
}

/// Claimed, but whoever claimed it has not come back in time.
fn expired(now: Timestamp) -> Condition {
    Condition::all()
        .add(Column::State.eq(state::CLAIMED))
        .add(Column::LeaseUntil.lt(now))
}

/// Whether there is anything to claim: a question only, so that an idle worker disturbs nobody.
pub async fn any(db: &impl ConnectionTrait, now: Timestamp) -> AppResult<bool> {
    let queued = grading_work::Entity::find()
        .filter(Column::State.eq(state::QUEUED))
        .one(db)
        .await?;
    Ok(queued.is_some()
        || grading_work::Entity::find()
            .filter(expired(now))
            .one(db)
            .await?
            .is_some())
}

/// Up to `most` pieces to claim: first those left lying, then the oldest queued. Locked against other workers where rows can be.
pub async fn claimable(
    tx: &impl ConnectionTrait,
    row_locks: bool,
    now: Timestamp,
    most: u64,
) -> AppResult<Vec<grading_work::Model>> {
    let locked = |query: Select<grading_work::Entity>| {
        if row_locks {
            query.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        } else {
            query
        }
    };
    let left = grading_work::Entity::find()
        .filter(expired(now))
        .order_by_asc(Column::LeaseUntil)
        .limit(most);
    let mut rows = locked(left).all(tx).await?;
    if let Some(room) = most.checked_sub(rows.len() as u64).filter(|room| *room > 0) {
        let queued = grading_work::Entity::find()
            .filter(Column::State.eq(state::QUEUED))
            .order_by_asc(Column::CreatedAt)
            .order_by_asc(Column::Id)
            .limit(room);
        rows.extend(locked(queued).all(tx).await?);
    }
    Ok(rows)
}

pub async fn claim(tx: &impl ConnectionTrait, ids: Vec<WorkId>, worker: &str, until: Timestamp) -> AppResult<()> {
    grading_work::Entity::update_many()
        .col_expr(Column::State, Expr::value(state::CLAIMED))
        .col_expr(Column::ClaimedBy, Expr::value(worker))
        .col_expr(Column::LeaseUntil, Expr::value(until.0))
        .col_expr(Column::Attempts, Expr::col(Column::Attempts).add(1))
        .filter(Column::Id.is_in(ids))
        .exec(tx)
        .await?;
    Ok(())
}

/// The pieces among `ids` that this worker still holds under exactly this lease.
pub async fn held(
    tx: &impl ConnectionTrait,
    row_locks: bool,
    ids: Vec<WorkId>,
    worker: &str,
) -> AppResult<HashMap<WorkId, grading_work::Model>> {
    let query = grading_work::Entity::find()
        .filter(Column::Id.is_in(ids))
        .filter(Column::State.eq(state::CLAIMED))
        .filter(Column::ClaimedBy.eq(worker));
    let query = if row_locks { query.lock_exclusive() } else { query };
    Ok(query.all(tx).await?.into_iter().map(|row| (row.id, row)).collect())
}

pub async fn finish(tx: &impl ConnectionTrait, ids: Vec<WorkId>, now: Timestamp) -> AppResult<()> {
    end(tx, ids, state::DONE, None, now).await
}

/// Nobody tries again; a human has to.
pub async fn give_up(tx: &impl ConnectionTrait, ids: Vec<WorkId>, why: &str, now: Timestamp) -> AppResult<()> {
    end(tx, ids, state::FAILED, Some(why), now).await
}

async fn end(
    tx: &impl ConnectionTrait,
    ids: Vec<WorkId>,
    state: &str,
    problem: Option<&str>,
    now: Timestamp,
) -> AppResult<()> {
    grading_work::Entity::update_many()
        .col_expr(Column::State, Expr::value(state))
        .col_expr(Column::ClaimedBy, Expr::value(None::<String>))
        .col_expr(Column::LeaseUntil, Expr::value(None::<i64>))
        .col_expr(Column::Problem, Expr::value(problem.map(str::to_owned)))
        .col_expr(Column::FinishedAt, Expr::value(now.0))
        .filter(Column::Id.is_in(ids))
        .exec(tx)
        .await?;
    Ok(())
}

/// Lets the work rest until `again`; then anyone may claim it.
pub async fn postpone(tx: &impl ConnectionTrait, id: WorkId, why: &str, again: Timestamp) -> AppResult<()> {
    grading_work::Entity::update_many()
        .col_expr(Column::ClaimedBy, Expr::value(None::<String>))
        .col_expr(Column::LeaseUntil, Expr::value(again.0))
        .col_expr(Column::Problem, Expr::value(why))
        .filter(Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Gives back what the worker holds, without counting the try. How many pieces it were.
pub async fn release(tx: &impl ConnectionTrait, worker: &str) -> AppResult<u64> {
    let done = grading_work::Entity::update_many()
        .col_expr(Column::State, Expr::value(state::QUEUED))
        .col_expr(Column::ClaimedBy, Expr::value(None::<String>))
        .col_expr(Column::LeaseUntil, Expr::value(None::<i64>))
        .col_expr(Column::Attempts, Expr::col(Column::Attempts).sub(1))
        .filter(Column::State.eq(state::CLAIMED))
        .filter(Column::ClaimedBy.eq(worker))
        .exec(tx)
        .await?;
    Ok(done.rows_affected)
}

/// Has every answer to the question graded again, as after a change of its key, points or rubric. Decisions of humans stay.
/// What a worker is grading right now by the old key is thrown away when it comes back. While grading is paused it waits, too. How many
/// answers it are.
pub async fn requeue_question(tx: &impl ConnectionTrait, question: QuestionId, now: Timestamp) -> AppResult<u64> {
    let Some(row) = question::Entity::find_by_id(question).one(tx).await? else {
        return Ok(0);
    };
    let held = grading_work::Entity::find()
        .filter(Column::AssignmentId.eq(row.assignment_id))
        .filter(Column::State.eq(state::HELD))
        .one(tx)
        .await?;
    let next = if held.is_some() { state::HELD } else { state::QUEUED };
    let done = grading_work::Entity::update_many()
        .col_expr(Column::State, Expr::value(next))
        .col_expr(Column::ClaimedBy, Expr::value(None::<String>))
        .col_expr(Column::LeaseUntil, Expr::value(None::<i64>))
        .col_expr(Column::Attempts, Expr::value(0))
        .col_expr(Column::Problem, Expr::value(None::<String>))
        .col_expr(Column::FinishedAt, Expr::value(None::<i64>))
        .col_expr(Column::CreatedAt, Expr::value(now.0))
        .filter(Column::AssignmentId.eq(row.assignment_id))
        .filter(Column::QuestionId.eq(question))
        .exec(tx)
        .await?;
    Ok(done.rows_affected)
}

/// Moves an assignment's work from one state to another, where it waits from now on; how many pieces.
pub async fn shift(
    db: &impl ConnectionTrait,
    assignment: AssignmentId,
    (from, to): (&str, &str),
    now: Timestamp,
) -> AppResult<u64> {
    let done = grading_work::Entity::update_many()
        .col_expr(Column::State, Expr::value(to))
        .col_expr(Column::CreatedAt, Expr::value(now.0))
        .filter(Column::AssignmentId.eq(assignment))
        .filter(Column::State.eq(from))
        .exec(db)
        .await?;
    Ok(done.rows_affected)
}

/// How many pieces are waiting or being graded, in all: for health and metrics.
pub async fn depth(db: &impl ConnectionTrait) -> AppResult<u64> {
    let text = "SELECT COUNT(*) AS depth FROM grading_work WHERE state IN ('queued', 'claimed')";
    let row = db.query_one_raw(super::sql(db, text, Vec::<Value>::new())).await?;
    Ok(row
        .map(|row| row.try_get::<i64>("", "depth"))
        .transpose()?
        .and_then(|n| n.try_into().ok())
        .unwrap_or_default())
}
