//! The live picture of an assignment, counted by the database.

use crate::entity::question;
use crate::error::AppResult;
use crate::grade::model::{BANDS, BINS};
use crate::ids::{AssignmentId, GradeId, QuestionId};
use crate::points::Points;
use crate::time::Timestamp;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder};
use std::fmt::Write as _;

/// Pieces of work of one question in one state.
#[derive(Debug, FromQueryResult)]
pub struct WorkCount {
    pub question_id: QuestionId,
    pub state: String,
    pub n: i64,
}

/// Grades of one question in one review state, bin and band.
#[derive(Debug, FromQueryResult)]
pub struct GradeCount {
    pub question_id: QuestionId,
    pub review_state: String,
    pub bin: i32,
    pub band: i32,
    pub n: i64,
}

/// Something that happened to a grade.
#[derive(Debug, FromQueryResult)]
pub struct Recent {
    pub id: i64,
    pub grade_id: GradeId,
    pub kind: String,
    pub at: Timestamp,
    pub detail: String,
    pub position: i32,
    pub points: Points,
}

/// How many answers the machine graded lately, and since when.
#[derive(Debug, FromQueryResult)]
pub struct Pace {
    pub n: i64,
    pub since: Option<i64>,
}

pub async fn questions(db: &impl ConnectionTrait, assignment: AssignmentId) -> AppResult<Vec<question::Model>> {
    let rows = question::Entity::find()
        .filter(question::Column::AssignmentId.eq(assignment))
        .order_by_asc(question::Column::Position)
        .all(db);
    Ok(rows.await?)
}

pub async fn work(db: &impl ConnectionTrait, assignment: AssignmentId) -> AppResult<Vec<WorkCount>> {
    let text = "SELECT question_id, state, COUNT(*) AS n FROM grading_work WHERE assignment_id = ? GROUP BY question_id, state";
    Ok(WorkCount::find_by_statement(super::sql(db, text, [assignment.into()]))
        .all(db)
        .await?)
}

/// Counts by question, review state, tenth of the points and confidence band. Answers nobody could grade are in no bin, so not here.
pub async fn grades(db: &impl ConnectionTrait, assignment: AssignmentId) -> AppResult<Vec<GradeCount>> {
    // Bins by comparison, because the two databases divide integers differently.
    let mut bin = String::from("CASE");
    for place in 1..BINS {
        let _ = write!(
            bin,
            " WHEN COALESCE(g.human_points, g.machine_points) * {BINS} < q.points * {place} THEN {}",
            place - 1
        );
    }
    let _ = write!(bin, " ELSE {} END", BINS - 1);
    let mut band = String::from("CASE WHEN g.machine_confidence IS NULL THEN 0");
    for (place, (_, least)) in BANDS.iter().enumerate().take(BANDS.len() - 1) {
        let _ = write!(band, " WHEN g.machine_confidence >= {} THEN {place}", f64::from(*least));
    }
    let _ = write!(band, " ELSE {} END", BANDS.len() - 1);
    let text = format!(
        "SELECT question_id, review_state, bin, band, COUNT(*) AS n FROM ( \
           SELECT g.question_id, g.review_state, {bin} AS bin, {band} AS band \
           FROM grades g JOIN questions q ON q.id = g.question_id \
           WHERE g.assignment_id = ? AND (g.model <> 'none' OR g.human_points IS NOT NULL) \
         ) placed GROUP BY question_id, review_state, bin, band"
    );
    Ok(
        GradeCount::find_by_statement(super::sql(db, &text, [assignment.into()]))
            .all(db)
            .await?,
    )
}

/// The newest happenings, newest first.
pub async fn recent(db: &impl ConnectionTrait, assignment: AssignmentId, most: u32) -> AppResult<Vec<Recent>> {
    let text = format!(
        "SELECT e.id, e.grade_id, e.kind, e.at, e.detail, q.position, q.points FROM grade_events e \
         JOIN questions q ON q.id = e.question_id WHERE e.assignment_id = ? AND e.kind <> 'learned' ORDER BY e.id DESC LIMIT {most}"
    );
    Ok(Recent::find_by_statement(super::sql(db, &text, [assignment.into()]))
        .all(db)
        .await?)
}

/// Machine grades since `from`, among the newest events only, so that the cost stays the same however long the history is.
pub async fn pace(db: &impl ConnectionTrait, assignment: AssignmentId, from: Timestamp) -> AppResult<Pace> {
    let text = "SELECT COUNT(*) AS n, MIN(at) AS since FROM ( \
                  SELECT kind, at FROM grade_events WHERE assignment_id = ? ORDER BY id DESC LIMIT 4000 \
                ) newest WHERE kind = 'machine' AND at >= ?";
    let pace = Pace::find_by_statement(super::sql(db, text, [assignment.into(), from.0.into()]))
        .one(db)
        .await?;
    Ok(pace.unwrap_or(Pace { n: 0, since: None }))
}

/// Grades of one question that wait for a human although the machine could say nothing.
#[derive(Debug, FromQueryResult)]
pub struct Unspoken {
    pub question_id: QuestionId,
    pub n: i64,
}

pub async fn unspoken(db: &impl ConnectionTrait, assignment: AssignmentId) -> AppResult<Vec<Unspoken>> {
    let text = "SELECT question_id, COUNT(*) AS n FROM grades \
                WHERE assignment_id = ? AND review_state = 'waiting' AND model = 'none' GROUP BY question_id";
    Ok(Unspoken::find_by_statement(super::sql(db, text, [assignment.into()]))
        .all(db)
        .await?)
}
