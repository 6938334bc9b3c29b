//! Risk dials: which agreement is wanted where, and what that means for a suggestion.

use crate::entity::{assignment, grade, grading_model, risk_dial};
use crate::error::AppResult;
use crate::grade::model::{Agreement, DEFAULT_TARGET, Decision, ReviewState, Suggestion};
use crate::grade::store::grades;
use crate::grader_model::bars::Bar;
use crate::grader_model::model::without_precision;
use crate::ids::{AssignmentId, GradeId};
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

/// Keeps the dials of these assignments as they are until the end: whoever turns one locks its assignment. Others may do the same meanwhile.
/// Only where rows can be locked; elsewhere there is one writer.
pub async fn rest(
    tx: &impl ConnectionTrait,
    row_locks: bool,
    assignments: impl IntoIterator<Item = AssignmentId>,
) -> AppResult<()> {
    let ids = grades::distinct(assignments);
    if !row_locks || ids.is_empty() {
        return Ok(());
    }
    let query = assignment::Entity::find()
        .select_only()
        .column(assignment::Column::Id)
        .filter(assignment::Column::Id.is_in(ids))
        .order_by_asc(assignment::Column::Id)
        .lock_shared();
    query.into_tuple::<AssignmentId>().all(tx).await?;
    Ok(())
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
    /// For each model by its registered name, from which confidence on it keeps which agreement, as measured.
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
        .map(|(name, stored)| (without_precision(&name).into_owned(), Bar::stored(&stored)))
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
    /// Whether somebody has set a dial.
    pub fn has_dial(&self, assignment: AssignmentId) -> bool {
        self.targets.contains_key(&assignment)
    }

    /// The same rules with another aim.
    pub fn aiming(&self, assignment: AssignmentId, target: Option<i32>) -> Rules {
        Rules {
            targets: target.map(|target| (assignment, target)).into_iter().collect(),
            bars: self.bars.clone(),
        }
    }

    /// Where a suggestion just made stands. Without a dial the model has judged it by its own aim.
    pub fn fresh(&self, assignment: AssignmentId, suggestion: &Suggestion, examples: i32) -> ReviewState {
        if !self.has_dial(assignment) {
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
        let bars = self.bars.get(&*without_precision(case.model));
        let bars = bars.map(Vec::as_slice).unwrap_or_default();
        Bar::threshold(bars, case.examples, target).unwrap_or(target as f32 / 1000.0)
    }
}

/// An answer with a model's suggestion, and where it stands.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Suggested {
    pub id: GradeId,
    pub model: String,
    pub machine_examples: i32,
    pub machine_confidence: Option<f32>,
    pub machine_decision: String,
    pub machine_reason: Option<String>,
    pub review_state: String,
}

impl Suggested {
    /// What is read of `grades g`.
    pub(super) const COLUMNS: &str = "g.id, g.model, g.machine_examples, g.machine_confidence, g.machine_decision, \
        g.machine_reason, g.review_state";

    pub fn is_accepted(&self) -> bool {
        self.review_state == ReviewState::Accepted.name()
    }

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

/// The undecided ones.
pub async fn open(db: &impl ConnectionTrait, assignment: AssignmentId, row_locks: bool) -> AppResult<Vec<Suggested>> {
    let lock = if row_locks { " FOR UPDATE" } else { "" };
    let text = format!(
        "SELECT {} FROM grades g WHERE g.assignment_id = ? AND g.human_points IS NULL AND g.machine_confidence IS NOT NULL \
         AND g.model <> 'none' ORDER BY g.id{lock}",
        Suggested::COLUMNS
    );
    Ok(Suggested::find_by_statement(super::sql(db, &text, [assignment.into()]))
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

#[derive(Debug, FromQueryResult)]
struct Counted {
    looked_at: i64,
    agreed: i64,
}

/// How every decision compares with the suggestion beside it.
pub async fn decided(db: &impl ConnectionTrait, assignment: AssignmentId) -> AppResult<Agreement> {
    let text = "SELECT COUNT(*) AS looked_at, COUNT(CASE WHEN human_points = machine_points THEN 1 END) AS agreed \
                FROM grades WHERE assignment_id = ? AND human_points IS NOT NULL AND machine_confidence IS NOT NULL AND model <> 'none'";
    let found = Counted::find_by_statement(super::sql(db, text, [assignment.into()]));
    let counted = found.one(db).await?;
    let number = |n: i64| u32::try_from(n).unwrap_or_default();
    Ok(counted.map_or_else(Agreement::default, |counted| Agreement {
        looked_at: number(counted.looked_at),
        agreed: number(counted.agreed),
    }))
}
