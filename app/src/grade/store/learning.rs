//! Lessons and the runs they were: what is to be learnt, and what suggestions were made from.

use crate::entity::{lesson, suggestion_run};
use crate::error::AppResult;
use crate::ids::{AnswerId, AssignmentId, GradeId, QuestionId};
use crate::points::Points;
use crate::time::Timestamp;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseBackend, EntityTrait, FromQueryResult, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect,
};

/// Notes that there is something to learn: from a decision, or (`settle`) because answers were graded that have no group yet.
pub async fn want(
    tx: &impl ConnectionTrait,
    question: QuestionId,
    assignment: AssignmentId,
    settle: bool,
) -> AppResult<()> {
    let change = if settle { "settle = TRUE" } else { "wanted = wanted + 1" };
    let clash = match tx.get_database_backend() {
        DatabaseBackend::MySql => "ON DUPLICATE KEY UPDATE",
        _ => "ON CONFLICT (question_id) DO UPDATE SET",
    };
    let (wanted, settling) = if settle { (0, "TRUE") } else { (1, "FALSE") };
    let text = format!(
        "INSERT INTO lessons (question_id, assignment_id, wanted, done, settle, decisions, answers, changed, took_ms) \
         VALUES (?, ?, {wanted}, 0, {settling}, 0, 0, 0, 0) {clash} {change}"
    );
    tx.execute_raw(super::sql(tx, &text, [question.into(), assignment.into()]))
        .await?;
    Ok(())
}

/// A question with something to learn that nobody is learning, those with new decisions first. New answers wait until no more of the
/// same question are being graded.
pub async fn due(db: &impl ConnectionTrait, now: Timestamp) -> AppResult<Option<lesson::Model>> {
    let text = "SELECT l.* FROM lessons l WHERE (l.lease_until IS NULL OR l.lease_until < ?) AND (l.wanted > l.done \
                OR l.claimed_by IS NOT NULL OR (l.settle = TRUE AND NOT EXISTS (SELECT 1 FROM grading_work w \
                WHERE w.assignment_id = l.assignment_id AND w.question_id = l.question_id AND w.state IN ('queued', 'claimed')))) \
                ORDER BY CASE WHEN l.wanted > l.done THEN 0 ELSE 1 END, l.learnt_at LIMIT 1";
    let found = lesson::Entity::find().from_raw_sql(super::sql(db, text, [now.0.into()]));
    Ok(found.one(db).await?)
}

/// Claims the lesson as it was seen, unless somebody else was faster, or new answers have come to be settled since.
pub async fn claim(
    tx: &impl ConnectionTrait,
    seen: &lesson::Model,
    worker: &str,
    now: Timestamp,
    until: Timestamp,
) -> AppResult<bool> {
    let text = "UPDATE lessons SET claimed_by = ?, lease_until = ?, settle = FALSE \
                WHERE question_id = ? AND settle = ? AND (lease_until IS NULL OR lease_until < ?)";
    let values = [
        worker.into(),
        until.0.into(),
        seen.question_id.into(),
        seen.settle.into(),
        now.0.into(),
    ];
    Ok(tx.execute_raw(super::sql(tx, text, values)).await?.rows_affected() == 1)
}

/// What became of a lesson.
pub struct Done<'a> {
    pub question: QuestionId,
    pub worker: &'a str,
    pub until: Timestamp,
    /// Everything wanted up to here is done.
    pub upto: i64,
    pub run: Option<crate::ids::RunId>,
    pub decisions: i32,
    pub answers: i32,
    pub changed: i32,
    pub took_ms: i32,
    pub now: Timestamp,
}

/// Ends a lesson; false when the claim was lost meanwhile, and then nothing may be kept.
pub async fn finish(tx: &impl ConnectionTrait, done: Done<'_>) -> AppResult<bool> {
    let text = "UPDATE lessons SET done = ?, claimed_by = NULL, lease_until = NULL, run_id = COALESCE(?, run_id), decisions = ?, \
                answers = ?, changed = ?, took_ms = ?, learnt_at = ? WHERE question_id = ? AND claimed_by = ? AND lease_until = ?";
    let values = [
        done.upto.into(),
        done.run.into(),
        done.decisions.into(),
        done.answers.into(),
        done.changed.into(),
        done.took_ms.into(),
        done.now.0.into(),
        done.question.into(),
        done.worker.into(),
        done.until.0.into(),
    ];
    Ok(tx.execute_raw(super::sql(tx, text, values)).await?.rows_affected() == 1)
}

/// Lets a lesson rest until `again`; then anyone may try it.
pub async fn postpone(
    tx: &impl ConnectionTrait,
    question: QuestionId,
    worker: &str,
    again: Timestamp,
) -> AppResult<()> {
    let text = "UPDATE lessons SET lease_until = ? WHERE question_id = ? AND claimed_by = ?";
    let values = [again.0.into(), question.into(), worker.into()];
    tx.execute_raw(super::sql(tx, text, values)).await?;
    Ok(())
}

/// Gives one claim back at once: the lesson stays due.
pub async fn hand_back(
    tx: &impl ConnectionTrait,
    question: QuestionId,
    worker: &str,
    until: Timestamp,
) -> AppResult<()> {
    let text = "UPDATE lessons SET lease_until = NULL WHERE question_id = ? AND claimed_by = ? AND lease_until = ?";
    let values = [question.into(), worker.into(), until.0.into()];
    tx.execute_raw(super::sql(tx, text, values)).await?;
    Ok(())
}

/// Gives the worker's claims back at once.
pub async fn release(tx: &impl ConnectionTrait, worker: &str) -> AppResult<()> {
    let text = "UPDATE lessons SET lease_until = NULL WHERE claimed_by = ?";
    tx.execute_raw(super::sql(tx, text, [worker.into()])).await?;
    Ok(())
}

pub async fn of_assignment(db: &impl ConnectionTrait, assignment: AssignmentId) -> AppResult<Vec<lesson::Model>> {
    let rows = lesson::Entity::find().filter(lesson::Column::AssignmentId.eq(assignment));
    Ok(rows.all(db).await?)
}

pub async fn keep_run(tx: &impl ConnectionTrait, run: suggestion_run::Model) -> AppResult<()> {
    use sea_orm::ActiveModelTrait;
    suggestion_run::Entity::insert(run.into_active_model().reset_all())
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Runs of a question (or of all), the oldest first, after the run `after`.
pub async fn runs(
    db: &impl ConnectionTrait,
    question: Option<QuestionId>,
    after: Option<crate::ids::RunId>,
    most: u64,
) -> AppResult<Vec<suggestion_run::Model>> {
    use suggestion_run::Column as C;
    let mut query = suggestion_run::Entity::find().order_by_asc(C::Id).limit(most);
    if let Some(question) = question {
        query = query.filter(C::QuestionId.eq(question));
    }
    if let Some(after) = after {
        query = query.filter(C::Id.gt(after));
    }
    Ok(query.all(db).await?)
}

/// What a decision said, at exactly one place of the history.
#[derive(Debug, FromQueryResult)]
pub struct Said {
    pub id: i64,
    pub grade_id: GradeId,
    pub kind: String,
    pub detail: String,
    pub answer_id: AnswerId,
}

pub async fn events(db: &impl ConnectionTrait, ids: &[i64]) -> AppResult<Vec<Said>> {
    let mut found = Vec::with_capacity(ids.len());
    for piece in ids.chunks(400) {
        let text = format!(
            "SELECT e.id, e.grade_id, e.kind, e.detail, g.answer_id FROM grade_events e JOIN grades g ON g.id = e.grade_id WHERE e.id IN ({})",
            vec!["?"; piece.len()].join(", ")
        );
        let values = piece.iter().map(|id| (*id).into());
        found.extend(Said::find_by_statement(super::sql(db, &text, values)).all(db).await?);
    }
    Ok(found)
}

/// A decided answer as an example for the machine.
#[derive(Debug, FromQueryResult)]
pub struct Example {
    pub question_id: QuestionId,
    pub grade_id: GradeId,
    pub answer_id: AnswerId,
    pub human_points: Points,
    pub event_id: Option<i64>,
}

/// The newest decisions about a question, the newest first.
pub async fn examples(db: &impl ConnectionTrait, question: QuestionId, most: u64) -> AppResult<Vec<Example>> {
    let text = format!(
        "SELECT g.question_id, g.id AS grade_id, g.answer_id, g.human_points, \
         (SELECT MAX(e.id) FROM grade_events e WHERE e.grade_id = g.id AND e.kind = 'human') AS event_id \
         FROM grades g WHERE g.question_id = ? AND g.review_state = 'reviewed' AND g.human_points IS NOT NULL \
         ORDER BY g.human_at DESC, g.id DESC LIMIT {most}"
    );
    let rows = Example::find_by_statement(super::sql(db, &text, [question.into()]));
    Ok(rows.all(db).await?)
}
