//! Queries about models, workers and trials.

use crate::entity::{grading_model, grading_worker, model_trial};
use crate::error::AppResult;
use crate::grader_model::model::without_precision;
use crate::ids::{ModelId, TrialId};
use crate::time::Timestamp;
use sea_orm::sea_query::{Condition, Expr, OnConflict};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect, Statement,
};
use std::collections::HashMap;

pub async fn all(db: &impl ConnectionTrait) -> AppResult<Vec<grading_model::Model>> {
    use grading_model::Column as C;
    let query = grading_model::Entity::find()
        .order_by_desc(C::Active)
        .order_by_desc(C::RegisteredAt)
        .limit(200);
    Ok(query.all(db).await?)
}

pub async fn active(db: &impl ConnectionTrait) -> AppResult<Option<grading_model::Model>> {
    let query = grading_model::Entity::find().filter(grading_model::Column::Active.eq(true));
    Ok(query.one(db).await?)
}

pub async fn one(db: &impl ConnectionTrait, id: ModelId) -> AppResult<Option<grading_model::Model>> {
    Ok(grading_model::Entity::find_by_id(id).one(db).await?)
}

pub async fn named(db: &impl ConnectionTrait, name: &str) -> AppResult<Option<grading_model::Model>> {
    let query = grading_model::Entity::find().filter(grading_model::Column::Name.eq(name));
    Ok(query.one(db).await?)
}

/// The model which a grade or a worker names so; earlier programs also registered how exactly it computed.
pub async fn fitting(db: &impl ConnectionTrait, name: &str) -> AppResult<Option<grading_model::Model>> {
    use grading_model::Column as C;
    let plain = without_precision(name);
    for name in [name, &*plain] {
        if let Some(row) = named(db, name).await? {
            return Ok(Some(row));
        }
    }
    let Some((_, head)) = plain.rsplit_once('+') else {
        return Ok(None);
    };
    let query = grading_model::Entity::find()
        .filter(C::Name.ends_with(head))
        .order_by_asc(C::RegisteredAt);
    let rows = query.all(db).await?;
    Ok(rows.into_iter().find(|row| without_precision(&row.name) == plain))
}

pub async fn insert(tx: &impl ConnectionTrait, row: grading_model::Model) -> AppResult<()> {
    grading_model::Entity::insert(row.into_active_model().reset_all())
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Writes down under which checksum its head is kept.
pub async fn kept(tx: &impl ConnectionTrait, id: ModelId, hash: &str, bytes: i64) -> AppResult<()> {
    use grading_model::Column as C;
    grading_model::Entity::update_many()
        .col_expr(C::HeadHash, Expr::value(hash))
        .col_expr(C::HeadBytes, Expr::value(bytes))
        .filter(C::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Writes down what is known about how sure it has to be.
pub async fn measured(tx: &impl ConnectionTrait, id: ModelId, thresholds: &str) -> AppResult<()> {
    grading_model::Entity::update_many()
        .col_expr(grading_model::Column::Thresholds, Expr::value(thresholds))
        .filter(grading_model::Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Ends this one's time; whether it was still active.
pub async fn retire(tx: &impl ConnectionTrait, id: ModelId) -> AppResult<bool> {
    use grading_model::Column as C;
    let done = grading_model::Entity::update_many()
        .col_expr(C::Active, Expr::value(false))
        .filter(C::Id.eq(id))
        .filter(C::Active.eq(true))
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Makes this the only active one.
pub async fn activate(tx: &impl ConnectionTrait, id: ModelId, now: Timestamp) -> AppResult<()> {
    use grading_model::Column as C;
    grading_model::Entity::update_many()
        .col_expr(C::Active, Expr::value(false))
        .filter(C::Active.eq(true))
        .exec(tx)
        .await?;
    grading_model::Entity::update_many()
        .col_expr(C::Active, Expr::value(true))
        .col_expr(C::ActivatedAt, Expr::value(now.0))
        .filter(C::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

/// How many suggestions that stand now each model made, however exactly it computed.
pub async fn suggestions(db: &impl ConnectionTrait) -> AppResult<HashMap<String, u32>> {
    #[derive(FromQueryResult)]
    struct Count {
        model: String,
        n: i64,
    }
    let text = "SELECT model, COUNT(*) AS n FROM grades GROUP BY model";
    let statement = Statement::from_string(db.get_database_backend(), text);
    let rows = Count::find_by_statement(statement).all(db).await?;
    let mut counts = HashMap::new();
    for row in rows {
        *counts.entry(without_precision(&row.model).into_owned()).or_default() +=
            u32::try_from(row.n).unwrap_or_default();
    }
    Ok(counts)
}

pub async fn workers(db: &impl ConnectionTrait, since: Timestamp) -> AppResult<Vec<grading_worker::Model>> {
    use grading_worker::Column as C;
    let query = grading_worker::Entity::find()
        .filter(C::SeenAt.gte(since))
        .order_by_asc(C::Name)
        .limit(200);
    Ok(query.all(db).await?)
}

pub async fn beat(tx: &impl ConnectionTrait, row: grading_worker::Model, forget: Timestamp) -> AppResult<()> {
    use grading_worker::Column as C;
    let same = OnConflict::column(C::Name)
        .update_columns([C::Model, C::Device, C::Problem, C::SeenAt])
        .to_owned();
    grading_worker::Entity::insert(row.into_active_model().reset_all())
        .on_conflict(same)
        .exec_without_returning(tx)
        .await?;
    grading_worker::Entity::delete_many()
        .filter(C::SeenAt.lt(forget))
        .exec(tx)
        .await?;
    Ok(())
}

pub async fn gone(tx: &impl ConnectionTrait, worker: &str) -> AppResult<()> {
    grading_worker::Entity::delete_by_id(worker.to_owned()).exec(tx).await?;
    Ok(())
}

pub async fn trials(db: &impl ConnectionTrait, most: u64) -> AppResult<Vec<model_trial::Model>> {
    let query = model_trial::Entity::find()
        .order_by_desc(model_trial::Column::Id)
        .limit(most);
    Ok(query.all(db).await?)
}

pub async fn ask(tx: &impl ConnectionTrait, row: model_trial::Model) -> AppResult<()> {
    model_trial::Entity::insert(row.into_active_model().reset_all())
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Trials of this model that are not over.
pub async fn open(db: &impl ConnectionTrait, model: ModelId) -> AppResult<bool> {
    use model_trial::Column as C;
    let query = model_trial::Entity::find()
        .filter(C::ModelId.eq(model))
        .filter(C::State.is_in(["queued", "running"]));
    Ok(query.one(db).await?.is_some())
}

fn unclaimed(now: Timestamp) -> Condition {
    use model_trial::Column as C;
    Condition::any().add(C::LeaseUntil.is_null()).add(C::LeaseUntil.lt(now))
}

/// A trial nobody works on.
pub async fn due(db: &impl ConnectionTrait, now: Timestamp) -> AppResult<Option<model_trial::Model>> {
    use model_trial::Column as C;
    let query = model_trial::Entity::find()
        .filter(C::State.is_in(["queued", "running"]))
        .filter(unclaimed(now))
        .order_by_asc(C::Id);
    Ok(query.one(db).await?)
}

pub async fn claim(
    tx: &impl ConnectionTrait,
    trial: TrialId,
    worker: &str,
    now: Timestamp,
    until: Timestamp,
) -> AppResult<bool> {
    use model_trial::Column as C;
    let done = model_trial::Entity::update_many()
        .col_expr(C::State, Expr::value("running"))
        .col_expr(C::ClaimedBy, Expr::value(worker))
        .col_expr(C::LeaseUntil, Expr::value(until.0))
        .filter(C::Id.eq(trial))
        .filter(unclaimed(now))
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

pub async fn renew(tx: &impl ConnectionTrait, trial: TrialId, worker: &str, until: Timestamp) -> AppResult<bool> {
    use model_trial::Column as C;
    let done = model_trial::Entity::update_many()
        .col_expr(C::LeaseUntil, Expr::value(until.0))
        .filter(C::Id.eq(trial))
        .filter(C::ClaimedBy.eq(worker))
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

pub async fn hand_back(tx: &impl ConnectionTrait, trial: TrialId, worker: &str) -> AppResult<()> {
    use model_trial::Column as C;
    model_trial::Entity::update_many()
        .col_expr(C::State, Expr::value("queued"))
        .col_expr(C::ClaimedBy, Expr::value(None::<String>))
        .col_expr(C::LeaseUntil, Expr::value(None::<i64>))
        .filter(C::Id.eq(trial))
        .filter(C::ClaimedBy.eq(worker))
        .exec(tx)
        .await?;
    Ok(())
}

pub async fn finish(
    tx: &impl ConnectionTrait,
    trial: TrialId,
    worker: &str,
    outcome: Result<String, String>,
    now: Timestamp,
) -> AppResult<bool> {
    use model_trial::Column as C;
    let (state, result, problem) = match outcome {
        Ok(result) => ("done", Some(result), None),
        Err(problem) => ("failed", None, Some(problem.chars().take(300).collect::<String>())),
    };
    let done = model_trial::Entity::update_many()
        .col_expr(C::State, Expr::value(state))
        .col_expr(C::Result, Expr::value(result))
        .col_expr(C::Problem, Expr::value(problem))
        .col_expr(C::ClaimedBy, Expr::value(None::<String>))
        .col_expr(C::LeaseUntil, Expr::value(None::<i64>))
        .col_expr(C::FinishedAt, Expr::value(now.0))
        .filter(C::Id.eq(trial))
        .filter(C::ClaimedBy.eq(worker))
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}
