//! Reading and writing grades, their events, and the models that made them.

use crate::entity::{answer, file, grade, grade_event, model_version, user};
use crate::error::{AppError, AppResult};
use crate::grade::model::{Evidence, ReviewState, Suggestion, review_order};
use crate::ids::{AnswerId, FileId, GradeId, ModelId, UserId};
use crate::points::Points;
use crate::time::Timestamp;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{
    ActiveModelTrait, ActiveValue::NotSet, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter,
    QuerySelect,
};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Each once.
pub(crate) fn distinct<T: Ord>(ids: impl IntoIterator<Item = T>) -> Vec<T> {
    ids.into_iter().collect::<BTreeSet<T>>().into_iter().collect()
}

/// Rows for one insert: well below the number of parameters a statement may have.
const ROWS: usize = 400;
/// Rows of a lesson for one statement: MariaDB takes longer for each in much longer ones, and SQLite does not mind.
const RENEWED: usize = 100;

pub async fn of_answers(
    tx: &impl ConnectionTrait,
    row_locks: bool,
    answers: Vec<AnswerId>,
) -> AppResult<HashMap<AnswerId, grade::Model>> {
    let query = grade::Entity::find().filter(grade::Column::AnswerId.is_in(answers));
    let query = if row_locks { query.lock_exclusive() } else { query };
    Ok(query
        .all(tx)
        .await?
        .into_iter()
        .map(|row| (row.answer_id, row))
        .collect())
}

pub async fn insert(tx: &impl ConnectionTrait, rows: Vec<grade::Model>) -> AppResult<()> {
    for piece in rows.chunks(ROWS) {
        let rows = piece
            .iter()
            .cloned()
            .map(|row| grade::ActiveModel::from(row).reset_all());
        grade::Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// Puts a new suggestion in the place of the old one; the human's part is not touched.
pub async fn replace_suggestion(
    tx: &impl ConnectionTrait,
    old: &grade::Model,
    new: &Suggestion,
    examples: i32,
    state: ReviewState,
    now: Timestamp,
) -> AppResult<()> {
    use grade::Column as C;
    let state = if old.human_points.is_some() {
        ReviewState::Reviewed
    } else {
        state
    };
    grade::Entity::update_many()
        .col_expr(C::MachinePoints, Expr::value(new.points.0))
        .col_expr(C::MachineConfidence, Expr::value(new.confidence))
        .col_expr(C::MachineDecision, Expr::value(new.decision.name()))
        .col_expr(C::MachineReason, Expr::value(reason(new)))
        .col_expr(C::MachineEvidence, Expr::value(json(&new.evidence)?))
        .col_expr(C::Model, Expr::value(new.model.as_str()))
        .col_expr(C::InputHash, Expr::value(new.input_hash.as_str()))
        .col_expr(C::MachineAt, Expr::value(now.0))
        .col_expr(C::MachineExamples, Expr::value(examples))
        .col_expr(C::ReviewState, Expr::value(state.name()))
        .col_expr(C::ReviewOrder, Expr::value(review_order(new.confidence)))
        .col_expr(C::Version, Expr::col(C::Version).add(1))
        .filter(C::Id.eq(old.id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Puts whole rows with new suggestions in the place of the old ones, many at once. The caller has locked them and made sure that nobody
/// has decided.
pub async fn renew(tx: &impl ConnectionTrait, rows: Vec<grade::Model>) -> AppResult<()> {
    use grade::Column as C;
    let suggestion = [
        C::MachinePoints,
        C::MachineConfidence,
        C::MachineDecision,
        C::MachineReason,
        C::MachineEvidence,
        C::Model,
        C::InputHash,
        C::MachineAt,
        C::MachineExamples,
        C::ReviewState,
        C::ReviewOrder,
    ];
    for piece in rows.chunks(RENEWED) {
        let rows = piece
            .iter()
            .cloned()
            .map(|row| grade::ActiveModel::from(row).reset_all());
        // An insert of rows that are all there: the one statement both databases have for many different updates.
        grade::Entity::insert_many(rows)
            .on_conflict(OnConflict::column(C::Id).update_columns(suggestion).to_owned())
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

/// Where a fresh suggestion stands when nobody has set a dial.
pub fn state_of(suggestion: &Suggestion) -> ReviewState {
    match suggestion.decision {
        crate::grade::model::Decision::Accept => ReviewState::Accepted,
        crate::grade::model::Decision::Review => ReviewState::Waiting,
    }
}

/// At most what the column holds.
pub fn reason(suggestion: &Suggestion) -> Option<String> {
    suggestion
        .reason
        .as_ref()
        .map(|reason| reason.chars().take(120).collect())
}

pub fn json(evidence: &Evidence) -> AppResult<String> {
    serde_json::to_string(evidence).map_err(AppError::internal)
}

/// Sets or takes back the human's part, if the grade is still in `version`; false when it is not.
pub async fn decide(
    tx: &impl ConnectionTrait,
    grade: GradeId,
    version: i32,
    human: Option<(Points, Option<String>, UserId, Timestamp)>,
    state: ReviewState,
) -> AppResult<bool> {
    use grade::Column as C;
    let (points, comment, by, at) = match human {
        Some((points, comment, by, at)) => (Some(points.0), comment, Some(by.0), Some(at.0)),
        None => (None, None, None, None),
    };
    let done = grade::Entity::update_many()
        .col_expr(C::HumanPoints, Expr::value(points))
        .col_expr(C::HumanComment, Expr::value(comment))
        .col_expr(C::HumanBy, Expr::value(by))
        .col_expr(C::HumanAt, Expr::value(at))
        .col_expr(C::ReviewState, Expr::value(state.name()))
        .col_expr(C::Version, Expr::col(C::Version).add(1))
        .filter(C::Id.eq(grade))
        .filter(C::Version.eq(version))
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Appends to the history of grades; nothing ever changes or removes it.
pub async fn append(tx: &impl ConnectionTrait, events: Vec<grade_event::Model>) -> AppResult<()> {
    for piece in events.chunks(ROWS) {
        let rows = piece.iter().cloned().map(|row| {
            let row = grade_event::ActiveModel::from(row).reset_all();
            grade_event::ActiveModel { id: NotSet, ..row }
        });
        grade_event::Entity::insert_many(rows)
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

/// Puts models into the register on first use; the one that graded last is the active one of its kind.
pub async fn remember_models(tx: &impl ConnectionTrait, names: BTreeMap<&str, &str>, now: Timestamp) -> AppResult<()> {
    let known = model_version::Entity::find()
        .filter(model_version::Column::Name.is_in(names.keys().copied()))
        .all(tx)
        .await?;
    for (name, kind) in names {
        if known.iter().any(|row| row.name == name && row.active) {
            continue;
        }
        model_version::Entity::update_many()
            .col_expr(model_version::Column::Active, Expr::value(false))
            .filter(model_version::Column::Kind.eq(kind))
            .exec(tx)
            .await?;
        let row = model_version::ActiveModel {
            id: Set(ModelId::new()),
            name: Set(name.to_owned()),
            kind: Set(kind.to_owned()),
            first_used_at: Set(now),
            active: Set(true),
        };
        // Another worker may be as fast; then its row stays as it is.
        let same = OnConflict::column(model_version::Column::Name)
            .update_column(model_version::Column::Active)
            .to_owned();
        model_version::Entity::insert(row)
            .on_conflict(same)
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

pub async fn answers(db: &impl ConnectionTrait, ids: Vec<AnswerId>) -> AppResult<HashMap<AnswerId, answer::Model>> {
    let rows = answer::Entity::find()
        .filter(answer::Column::Id.is_in(ids))
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

pub async fn files(db: &impl ConnectionTrait, ids: Vec<FileId>) -> AppResult<HashMap<FileId, file::Model>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = file::Entity::find().filter(file::Column::Id.is_in(ids)).all(db).await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

pub async fn names(db: &impl ConnectionTrait, ids: Vec<UserId>) -> AppResult<HashMap<UserId, String>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = user::Entity::find().filter(user::Column::Id.is_in(ids)).all(db).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
}
