//! Registering, activating and rolling back.

use super::bars::Bar;
use super::model::{GradingModel, LARGEST_HEAD, Registry, Report, Trial, TrialState, Worker, without_precision};
use super::store;
use crate::audit::store::{Act, record as audit};
use crate::entity::{grading_model, grading_worker, model_trial};
use crate::error::{AppError, AppResult, ErrorKind};
use crate::ids::ModelId;
use crate::platform::hints::Hint;
use crate::platform::{Ctx, db::Tx};
use crate::time::Timestamp;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::time::Duration;

/// A worker that has not been heard of for this long is not listed.
const SILENT: i64 = 60 * Timestamp::SECOND;
const FORGOTTEN: i64 = Timestamp::DAY;
const TRIALS: u64 = 10;

/// What a process that grades says about its model.
#[derive(Clone, Debug, PartialEq)]
pub struct Loaded {
    pub name: String,
    pub device: String,
    pub bars: Vec<Bar>,
    /// Why it is not the active one.
    pub problem: Option<String>,
}

/// The model that the head built into this program makes.
#[derive(Clone, Debug, PartialEq)]
pub struct BuiltIn {
    pub name: String,
    pub bars: Vec<Bar>,
    /// The head's file.
    pub head: &'static str,
    /// The report of its training.
    pub report: &'static str,
}

/// Models, workers and trials, for administrators.
pub async fn registry(ctx: &Ctx) -> AppResult<Registry> {
    ctx.admin()?;
    let rows = store::all(ctx.db()).await?;
    let counts = store::suggestions(ctx.db()).await?;
    let names: HashMap<ModelId, String> = rows.iter().map(|row| (row.id, row.name.clone())).collect();
    let workers = store::workers(ctx.db(), ctx.now().plus(-SILENT)).await?;
    let trials = store::trials(ctx.db(), TRIALS).await?;
    Ok(Registry {
        before: before(&rows).map(|row| row.id),
        models: rows.iter().map(|row| view(ctx, row, &counts)).collect(),
        workers: workers
            .into_iter()
            .map(|row| Worker {
                name: row.name,
                model: row.model,
                device: row.device,
                problem: row.problem,
                seen_at: ctx.moment(row.seen_at),
            })
            .collect(),
        trials: trials.into_iter().map(|row| trial(ctx, row, &names)).collect(),
    })
}

fn view(ctx: &Ctx, row: &grading_model::Model, counts: &HashMap<String, u32>) -> GradingModel {
    let report: Report = serde_json::from_str(&row.report).unwrap_or_default();
    GradingModel {
        id: row.id,
        name: row.name.clone(),
        head_hash: row.head_hash.clone(),
        active: row.active,
        registered_at: ctx.moment(row.registered_at),
        activated_at: row.activated_at.map(|at| ctx.moment(at)),
        suggestions: counts.get(&*without_precision(&row.name)).copied().unwrap_or_default(),
        quality: report.tables,
    }
}

fn trial(ctx: &Ctx, row: model_trial::Model, names: &HashMap<ModelId, String>) -> Trial {
    Trial {
        id: row.id,
        model: row.model_id,
        model_name: names.get(&row.model_id).cloned().unwrap_or_default(),
        state: TrialState::from_name(&row.state),
        wanted: row.wanted.unsigned_abs(),
        result: row.result.and_then(|text| serde_json::from_str(&text).ok()),
        problem: row.problem,
        asked_at: ctx.moment(row.asked_at),
        finished_at: row.finished_at.map(|at| ctx.moment(at)),
    }
}

/// The one that was active last before the active one.
fn before(rows: &[grading_model::Model]) -> Option<&grading_model::Model> {
    rows.iter()
        .filter(|row| !row.active && row.activated_at.is_some())
        .max_by_key(|row| row.activated_at)
}

/// Where a head is kept.
pub fn head_key(hash: &str) -> String {
    format!("models/{hash}.json")
}

/// Takes a head into the register. Its file is checked by loading it; `report` is what its training measured, as JSON.
pub async fn register(ctx: &Ctx, head: Vec<u8>, report: Option<String>) -> AppResult<ModelId> {
    let by = ctx.admin()?.id;
    take(ctx, head, report, Some(by)).await
}

/// The same for the command line, where whoever runs it is the administrator.
pub async fn register_by_system(ctx: &Ctx, head: Vec<u8>, report: Option<String>) -> AppResult<ModelId> {
    take(ctx, head, report, None).await
}

async fn take(ctx: &Ctx, head: Vec<u8>, report: Option<String>, by: Option<crate::ids::UserId>) -> AppResult<ModelId> {
    if head.is_empty() || head.len() > LARGEST_HEAD {
        return Err(AppError::field(
            "head",
            "Choose the head's file, head.json as written by grading train, of at most 16 MB.",
        ));
    }
    let report = report
        .filter(|text| !text.trim().is_empty())
        .unwrap_or_else(|| "{}".into());
    let refused = |words: &str| AppError::field("report", words.to_owned());
    let measured: Report = serde_json::from_str(&report).map_err(|_| {
        refused("This is no report of a training: report.json as written by grading train is wanted, or none.")
    })?;
    let hash = hex::encode(Sha256::digest(&head));
    if !measured.head.is_empty() && measured.head != hash {
        return Err(refused(
            "This report is about another head. Choose the report.json that was written beside this one, or none.",
        ));
    }
    let facts = ctx.state.grader.read_head(&head).await.map_err(|why| {
        AppError::field(
            "head",
            format!("This head cannot be used: {why}. Nothing was registered."),
        )
    })?;
    if store::fitting(ctx.db(), &facts.name).await?.is_some() {
        return Err(AppError::conflict(format!("{} is registered already.", facts.name)));
    }
    let bytes = head.len() as i64;
    // The file first: a row never names a head that is not there.
    ctx.state.blobs.put(&head_key(&hash), head, "application/json").await?;
    let row = grading_model::Model {
        id: ModelId::new(),
        name: facts.name,
        head_hash: Some(hash),
        head_bytes: bytes,
        report,
        thresholds: json(&facts.bars)?,
        active: false,
        registered_by: by,
        registered_at: ctx.now(),
        activated_at: None,
    };
    let (id, name) = (row.id, row.name.clone());
    let tx = ctx.state.db.begin().await?;
    store::insert(&*tx, row).await?;
    note(ctx, &tx, "model.register", id, &name).await?;
    tx.commit().await?;
    Ok(id)
}

fn json(value: &impl serde::Serialize) -> AppResult<String> {
    serde_json::to_string(value).map_err(AppError::internal)
}

/// Has every worker grade with this model from now on. Suggestions that stand are not made anew.
pub async fn activate(ctx: &Ctx, id: ModelId) -> AppResult<()> {
    ctx.admin()?;
    switch(ctx, id, None, "model.activate").await
}

/// The same for the command line.
pub async fn activate_by_system(ctx: &Ctx, name: &str) -> AppResult<()> {
    let found = store::fitting(ctx.db(), name).await?;
    let row = found.ok_or_else(|| AppError::not_found("A model of this name"))?;
    switch(ctx, row.id, None, "model.activate").await
}

/// Goes back from the `active` model to the one `before` it, as the asker saw them. Where that no longer fits, nothing is changed: two
/// administrators who go back from the same model would otherwise end with it again.
pub async fn roll_back(ctx: &Ctx, active: ModelId, before: ModelId) -> AppResult<()> {
    ctx.admin()?;
    go_back(ctx, Some((active, before))).await
}

/// The same for the command line, from whatever is active now.
pub async fn roll_back_by_system(ctx: &Ctx) -> AppResult<()> {
    go_back(ctx, None).await
}

async fn go_back(ctx: &Ctx, shown: Option<(ModelId, ModelId)>) -> AppResult<()> {
    let rows = store::all(ctx.db()).await?;
    let active = rows.iter().find(|row| row.active);
    if let Some((from, to)) = shown
        && (active.map(|row| row.id), before(&rows).map(|row| row.id)) != (Some(from), Some(to))
    {
        return Err(overtaken(active));
    }
    let (Some(active), Some(row)) = (active, before(&rows)) else {
        return Err(AppError::conflict(
            "No other model was active before, so there is none to go back to.",
        ));
    };
    switch(ctx, row.id, Some(active), "model.roll_back").await
}

fn overtaken(active: Option<&grading_model::Model>) -> AppError {
    let now = active.map_or("none", |row| row.name.as_str());
    AppError::conflict(format!(
        "Another administrator changed the model meanwhile: the active one is {now}. Nothing was changed; look again before you roll back."
    ))
}

/// All models, for the command line.
pub async fn list_by_system(ctx: &Ctx) -> AppResult<Vec<GradingModel>> {
    let counts = store::suggestions(ctx.db()).await?;
    let rows = store::all(ctx.db()).await?;
    Ok(rows.iter().map(|row| view(ctx, row, &counts)).collect())
}

/// With `from`, only if that one is still active when it is done.
async fn switch(ctx: &Ctx, id: ModelId, from: Option<&grading_model::Model>, action: &str) -> AppResult<()> {
    let tx = ctx.state.db.begin().await?;
    let Some(row) = store::one(&*tx, id).await? else {
        tx.rollback().await?;
        return Err(AppError::not_found("The model"));
    };
    if row.active {
        tx.rollback().await?;
        return Err(AppError::conflict(format!("{} is active already.", row.name)));
    }
    if let Some(from) = from
        && !store::retire(&*tx, from.id).await?
    {
        tx.rollback().await?;
        return Err(overtaken(store::active(ctx.db()).await?.as_ref()));
    }
    store::activate(&*tx, id, ctx.now()).await?;
    note(ctx, &tx, action, id, &row.name).await?;
    tx.commit().await?;
    ctx.state.hints.send(Hint::Work);
    Ok(())
}

async fn note(ctx: &Ctx, tx: &Tx, action: &str, id: ModelId, name: &str) -> AppResult<()> {
    let act = Act {
        action,
        target_kind: "model",
        target_id: id.to_string(),
        detail: serde_json::json!({ "name": name }),
    };
    audit(ctx, &**tx, act).await
}

/// A model to grade with, and its head; none when that was built into a program and is not kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Wanted {
    pub name: String,
    /// SHA-256 of the head's file.
    pub head: Option<String>,
}

/// For workers: which model is active.
pub async fn wanted(ctx: &Ctx) -> AppResult<Option<Wanted>> {
    Ok(store::active(ctx.db()).await?.map(Wanted::of))
}

/// For replays: the model that a stored suggestion names, if it is registered.
pub async fn registered(ctx: &Ctx, name: &str) -> AppResult<Option<Wanted>> {
    Ok(store::fitting(ctx.db(), name).await?.map(Wanted::of))
}

impl Wanted {
    pub(super) fn of(row: grading_model::Model) -> Wanted {
        Wanted {
            name: row.name,
            head: row.head_hash,
        }
    }
}

/// For workers: the head's file, exactly as it was registered.
pub async fn head(ctx: &Ctx, hash: &str) -> AppResult<Vec<u8>> {
    let bytes = ctx
        .state
        .blobs
        .get(&head_key(hash))
        .await
        .map_err(|error| match error.kind {
            ErrorKind::NotFound => AppError::unavailable("The model's head is no longer in the file storage."),
            _ => error,
        })?;
    if hex::encode(Sha256::digest(&bytes)) == hash {
        Ok(bytes.into())
    } else {
        Err(AppError::unavailable(
            "The model's head in the file storage has another checksum than the one that was registered.",
        ))
    }
}

/// How long the file storage may take to keep a head, while no answer is graded.
const PATIENCE: Duration = Duration::from_secs(5);

/// For workers: puts the model built into the program into the register when it is first met, active when nothing else is. Its head is kept
/// like any other, so that later programs, which are built with another one, can grade with it as well.
pub async fn meet(ctx: &Ctx, built_in: &BuiltIn) -> AppResult<()> {
    let row = know(ctx, &built_in.name, json(&built_in.bars)?, built_in.report).await?;
    if row.head_hash.is_some() {
        return Ok(());
    }
    let (hash, bytes) = (hex::encode(Sha256::digest(built_in.head)), built_in.head.as_bytes());
    // The file first: a row never names a head that is not there.
    let key = head_key(&hash);
    tokio::time::timeout(PATIENCE, ctx.state.blobs.put(&key, bytes, "application/json"))
        .await
        .map_err(|_| AppError::unavailable("The file storage takes too long."))??;
    let tx = ctx.state.db.begin().await?;
    store::kept(&*tx, row.id, &hash, bytes.len() as i64).await?;
    Ok(tx.commit().await?)
}

/// The row of a model; a new one when it is met for the first time.
async fn know(ctx: &Ctx, name: &str, thresholds: String, report: &str) -> AppResult<grading_model::Model> {
    if let Some(row) = store::fitting(ctx.db(), name).await? {
        return Ok(row);
    }
    let now = ctx.now();
    let tx = ctx.state.db.begin().await?;
    let first = store::active(&*tx).await?.is_none();
    let row = grading_model::Model {
        id: ModelId::new(),
        name: without_precision(name).into_owned(),
        head_hash: None,
        head_bytes: 0,
        report: report.to_owned(),
        thresholds,
        active: first,
        registered_by: None,
        registered_at: now,
        activated_at: first.then_some(now),
    };
    match store::insert(&*tx, row.clone()).await {
        Ok(()) => {
            tx.commit().await?;
            Ok(row)
        }
        // Another worker was as fast.
        Err(error) => {
            tx.rollback().await?;
            store::fitting(ctx.db(), name).await?.ok_or(error)
        }
    }
}

/// For workers: says what they grade with, and why it is not the active model where it is not.
pub async fn say(ctx: &Ctx, worker: &str, loaded: &Loaded) -> AppResult<()> {
    let now = ctx.now();
    let thresholds = json(&loaded.bars)?;
    let known = know(ctx, &loaded.name, thresholds.clone(), "{}").await?;
    if known.thresholds != thresholds {
        // Registered by a program that knew less about it.
        let tx = ctx.state.db.begin().await?;
        store::measured(&*tx, known.id, &thresholds).await?;
        tx.commit().await?;
    }
    let row = grading_worker::Model {
        name: worker.chars().take(60).collect(),
        model: loaded.name.clone(),
        device: loaded.device.chars().take(60).collect(),
        problem: loaded.problem.as_ref().map(|words| words.chars().take(300).collect()),
        seen_at: now,
    };
    let tx = ctx.state.db.begin().await?;
    store::beat(&*tx, row, now.plus(-FORGOTTEN)).await?;
    Ok(tx.commit().await?)
}

/// For workers: this one stops.
pub async fn leave(ctx: &Ctx, worker: &str) -> AppResult<()> {
    let tx = ctx.state.db.begin().await?;
    store::gone(&*tx, worker).await?;
    Ok(tx.commit().await?)
}
