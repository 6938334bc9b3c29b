//! Risk dials: which agreement is wanted where, what that means for a suggestion, and the sample it is audited with.

use crate::entity::{agreement_audit, grade, grading_model, risk_dial};
use crate::error::AppResult;
use crate::grade::model::{Agreement, DEFAULT_TARGET, Decision, ReviewState, Suggestion};
use crate::grade::store::grades;
use crate::grader_model::bars::Bar;
use crate::ids::{AssignmentId, GradeId, QuestionId};
use crate::points::Points;
use crate::time::Timestamp;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect,
};
use std::collections::HashMap;

/// Ids in one statement.
const PIECE: usize = 400;

/// The newest setting of each of these assignments that was not undone.
pub async fn current(db: &impl ConnectionTrait, assignments: &[AssignmentId]) -> AppResult<HashMap<AssignmentId, i32>> {
    let rows = history(db, assignments).await?;
    // The oldest first, so the newest stays.
    Ok(rows.into_iter().map(|row| (row.assignment_id, row.target)).collect())
}

/// Every setting that was not undone, the oldest first.
pub async fn history(db: &impl ConnectionTrait, assignments: &[AssignmentId]) -> AppResult<Vec<risk_dial::Model>> {
    let rows = risk_dial::Entity::find()
        .filter(risk_dial::Column::AssignmentId.is_in(assignments.to_vec()))
        .filter(risk_dial::Column::UndoneAt.is_null())
        .order_by_asc(risk_dial::Column::Id);
    Ok(rows.all(db).await?)
}

pub async fn put(tx: &impl ConnectionTrait, row: risk_dial::Model) -> AppResult<()> {
    risk_dial::Entity::insert(row.into_active_model().reset_all())
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

pub async fn undo(tx: &impl ConnectionTrait, id: crate::ids::DialId, now: Timestamp) -> AppResult<bool> {
    let done = risk_dial::Entity::update_many()
        .col_expr(risk_dial::Column::UndoneAt, Expr::value(now.0))
        .filter(risk_dial::Column::Id.eq(id))
        .filter(risk_dial::Column::UndoneAt.is_null())
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

/// What the dials of some assignments make of suggestions; where nobody has set one, the model's own aim.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    targets: HashMap<AssignmentId, i32>,
    /// For each model, from which confidence on it keeps which agreement, as measured.
    bars: HashMap<String, Vec<Bar>>,
}

pub async fn rules(db: &impl ConnectionTrait, assignments: impl IntoIterator<Item = AssignmentId>) -> AppResult<Rules> {
    Ok(Rules {
        targets: current(db, &grades::distinct(assignments)).await?,
        bars: bars(db).await?,
    })
}

/// The rules for one target, whatever is in force.
pub async fn rules_for(db: &impl ConnectionTrait, assignment: AssignmentId, target: Option<i32>) -> AppResult<Rules> {
    Ok(Rules {
        targets: target.map(|target| (assignment, target)).into_iter().collect(),
        bars: bars(db).await?,
    })
}

async fn bars(db: &impl ConnectionTrait) -> AppResult<HashMap<String, Vec<Bar>>> {
    use grading_model::Column as C;
    let query = grading_model::Entity::find()
        .select_only()
        .columns([C::Name, C::Thresholds]);
    let models: Vec<(String, String)> = query.into_tuple().all(db).await?;
    Ok(models
        .into_iter()
        .map(|(name, stored)| (name, Bar::stored(&stored)))
        .collect())
}

/// A suggestion as rules look at it.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
    pub model: &'a str,
    /// Graded answers it was made with.
    pub examples: i32,
    pub confidence: Option<f32>,
    pub decision: &'a str,
    pub reason: Option<&'a str>,
}

impl Rules {
    /// The same rules with another aim.
    pub fn aiming(&self, assignment: AssignmentId, target: Option<i32>) -> Rules {
        Rules {
            targets: target.map(|target| (assignment, target)).into_iter().collect(),
            bars: self.bars.clone(),
        }
    }

    /// Where a suggestion just made stands. Without a dial the model has judged it by its own aim.
    pub fn fresh(&self, assignment: AssignmentId, suggestion: &Suggestion, examples: i32) -> ReviewState {
        if !self.targets.contains_key(&assignment) {
            return grades::state_of(suggestion);
        }
        self.of(
            assignment,
            Case {
                model: &suggestion.model,
                examples,
                confidence: suggestion.confidence,
                decision: suggestion.decision.name(),
                reason: suggestion.reason.as_deref(),
            },
        )
    }

    /// Where a suggestion nobody has decided about stands. A model's decision says nothing here: it was made for the aim of its time.
    pub fn of(&self, assignment: AssignmentId, case: Case<'_>) -> ReviewState {
        let target = self.targets.get(&assignment).copied().unwrap_or(DEFAULT_TARGET);
        let accepted = match case.confidence {
            // A rule is exact.
            None => case.decision == Decision::Accept.name(),
            // A warning sign is no matter of confidence.
            Some(confidence) => {
                matches!(case.reason, None | Some("unsure")) && confidence >= self.threshold(case, target)
            }
        };
        if accepted {
            ReviewState::Accepted
        } else {
            ReviewState::Waiting
        }
    }

    /// From which confidence on the model keeps the agreement, with as many graded answers as it had. Where that was not measured, each
    /// single answer must be that sure, which is the stricter promise.
    fn threshold(&self, case: Case<'_>, target: i32) -> f32 {
        if target >= 1000 {
            return f32::INFINITY;
        }
        let bars = self.bars.get(case.model).map(Vec::as_slice).unwrap_or_default();
        Bar::threshold(bars, case.examples, target).unwrap_or(target as f32 / 1000.0)
    }
}

/// An undecided answer with a model's suggestion.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Open {
    pub id: GradeId,
    pub model: String,
    pub machine_examples: i32,
    pub machine_confidence: Option<f32>,
    pub machine_decision: String,
    pub machine_reason: Option<String>,
    pub review_state: String,
}

impl Open {
    pub fn case(&self) -> Case<'_> {
        Case {
            model: &self.model,
            examples: self.machine_examples,
            confidence: self.machine_confidence,
            decision: &self.machine_decision,
            reason: self.machine_reason.as_deref(),
        }
    }
}

pub async fn open(db: &impl ConnectionTrait, assignment: AssignmentId, row_locks: bool) -> AppResult<Vec<Open>> {
    let lock = if row_locks { " FOR UPDATE" } else { "" };
    let text = format!(
        "SELECT id, model, machine_examples, machine_confidence, machine_decision, machine_reason, review_state FROM grades \
         WHERE assignment_id = ? AND human_points IS NULL AND machine_confidence IS NOT NULL AND model <> 'none' ORDER BY id{lock}"
    );
    Ok(Open::find_by_statement(super::sql(db, &text, [assignment.into()]))
        .all(db)
        .await?)
}

/// Moves undecided answers to another standing.
pub async fn shift(tx: &impl ConnectionTrait, ids: &[GradeId], state: ReviewState) -> AppResult<()> {
    for piece in ids.chunks(PIECE) {
        grade::Entity::update_many()
            .col_expr(grade::Column::ReviewState, Expr::value(state.name()))
            .filter(grade::Column::Id.is_in(piece.to_vec()))
            .filter(grade::Column::HumanPoints.is_null())
            .exec(tx)
            .await?;
    }
    Ok(())
}

/// An accepted answer that may be drawn for the sample.
#[derive(Debug, FromQueryResult)]
pub struct Accepted {
    pub id: GradeId,
    pub question_id: QuestionId,
    pub machine_points: Points,
    pub model: String,
    pub drawn: i32,
}

/// Answers accepted without a person, and whether each was drawn already.
pub async fn accepted(db: &impl ConnectionTrait, assignment: AssignmentId) -> AppResult<Vec<Accepted>> {
    let text = "SELECT g.id, g.question_id, g.machine_points, g.model, CASE WHEN a.grade_id IS NULL THEN 0 ELSE 1 END AS drawn \
                FROM grades g LEFT JOIN agreement_audits a ON a.grade_id = g.id \
                WHERE g.assignment_id = ? AND g.review_state = 'accepted' AND g.machine_confidence IS NOT NULL";
    Ok(Accepted::find_by_statement(super::sql(db, text, [assignment.into()]))
        .all(db)
        .await?)
}

pub async fn draw(tx: &impl ConnectionTrait, rows: Vec<agreement_audit::Model>) -> AppResult<()> {
    for piece in rows.chunks(PIECE) {
        let rows = piece.iter().cloned().map(|row| row.into_active_model().reset_all());
        agreement_audit::Entity::insert_many(rows)
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

/// Drops from the sample what nobody has looked at and what is no longer accepted without a person: it is no longer part of the promise.
pub async fn follow(tx: &impl ConnectionTrait, assignment: AssignmentId) -> AppResult<()> {
    let text = "DELETE FROM agreement_audits WHERE assignment_id = ? AND human_points IS NULL \
                AND grade_id IN (SELECT id FROM grades WHERE assignment_id = ? AND review_state <> 'accepted')";
    tx.execute_raw(super::sql(tx, text, [assignment.into(), assignment.into()]))
        .await?;
    Ok(())
}

/// Writes down what somebody said about a drawn answer without seeing the suggestion, and what that is at this moment. The first word
/// counts. The caller has locked the grade.
pub async fn answer_audit(tx: &impl ConnectionTrait, grade: GradeId, points: Points, now: Timestamp) -> AppResult<()> {
    let text = "UPDATE agreement_audits SET human_points = ?, decided_at = ?, \
                machine_points = (SELECT g.machine_points FROM grades g WHERE g.id = agreement_audits.grade_id), \
                model = (SELECT g.model FROM grades g WHERE g.id = agreement_audits.grade_id) \
                WHERE grade_id = ? AND human_points IS NULL";
    let values = [points.0.into(), now.0.into(), grade.into()];
    tx.execute_raw(super::sql(tx, text, values)).await?;
    Ok(())
}

/// Forgets what was said about answers whose decision is taken back.
pub async fn take_back_audits(tx: &impl ConnectionTrait, grades: &[GradeId]) -> AppResult<()> {
    use agreement_audit::Column as C;
    for piece in grades.chunks(PIECE) {
        agreement_audit::Entity::update_many()
            .col_expr(C::HumanPoints, Expr::value(None::<i32>))
            .col_expr(C::DecidedAt, Expr::value(None::<i64>))
            .filter(C::GradeId.is_in(piece.to_vec()))
            .exec(tx)
            .await?;
    }
    Ok(())
}

#[derive(Debug, FromQueryResult)]
struct Counted {
    looked_at: i64,
    agreed: i64,
}

impl Counted {
    fn agreement(found: Option<Counted>) -> Agreement {
        let found = found.unwrap_or(Counted {
            looked_at: 0,
            agreed: 0,
        });
        Agreement {
            looked_at: u32::try_from(found.looked_at).unwrap_or_default(),
            agreed: u32::try_from(found.agreed).unwrap_or_default(),
        }
    }
}

/// How the sample agreed, and how much was drawn.
pub async fn audit(db: &impl ConnectionTrait, assignment: AssignmentId) -> AppResult<(Agreement, u32)> {
    let text = "SELECT COUNT(human_points) AS looked_at, COUNT(CASE WHEN human_points = machine_points THEN 1 END) AS agreed \
                FROM agreement_audits WHERE assignment_id = ?";
    let found = Counted::find_by_statement(super::sql(db, text, [assignment.into()]));
    let agreement = Counted::agreement(found.one(db).await?);
    let text = "SELECT COUNT(*) AS looked_at, 0 AS agreed FROM agreement_audits WHERE assignment_id = ?";
    let drawn = Counted::find_by_statement(super::sql(db, text, [assignment.into()]));
    Ok((agreement, Counted::agreement(drawn.one(db).await?).looked_at))
}

/// How every decision compares with the suggestion beside it.
pub async fn decided(db: &impl ConnectionTrait, assignment: AssignmentId) -> AppResult<Agreement> {
    let text = "SELECT COUNT(*) AS looked_at, COUNT(CASE WHEN human_points = machine_points THEN 1 END) AS agreed \
                FROM grades WHERE assignment_id = ? AND human_points IS NOT NULL AND machine_confidence IS NOT NULL AND model <> 'none'";
    let found = Counted::find_by_statement(super::sql(db, text, [assignment.into()]));
    Ok(Counted::agreement(found.one(db).await?))
}
