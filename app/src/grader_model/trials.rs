//! Trials: a candidate grades stored answers in the shadow of the active model.

use super::model::Comparison;
use super::service::Wanted;
use super::store;
use crate::audit::store::{Act, record as audit};
use crate::entity::model_trial;
use crate::error::{AppError, AppResult};
use crate::grade::service::{ShadowCase, shadow_cases};
use crate::ids::{ModelId, TrialId};
use crate::platform::Ctx;
use crate::platform::hints::Hint;
use crate::time::Timestamp;
use std::time::Duration;

/// Answers a trial may look at.
pub const MOST: u32 = 2000;

/// A trial to be worked on.
#[derive(Clone, Debug)]
pub struct TrialWork {
    pub trial: TrialId,
    pub candidate: Wanted,
    pub cases: Vec<ShadowCase>,
}

/// Asks for a trial on up to `answers` stored answers, those that people decided about first.
pub async fn ask(ctx: &Ctx, model: ModelId, answers: u32) -> AppResult<TrialId> {
    let actor = ctx.admin()?.id;
    if !(1..=MOST).contains(&answers) {
        return Err(AppError::field(
            "answers",
            format!("A trial looks at 1 to {MOST} answers."),
        ));
    }
    let row = store::one(ctx.db(), model).await?;
    let row = row.ok_or_else(|| AppError::not_found("The model"))?;
    if row.active {
        return Err(AppError::conflict(
            "This model is active; there is nothing to compare it with.",
        ));
    }
    if store::open(ctx.db(), model).await? {
        return Err(AppError::conflict("A trial of this model is under way already."));
    }
    let id = TrialId::new();
    let trial = model_trial::Model {
        id,
        model_id: model,
        state: "queued".into(),
        wanted: answers as i32,
        result: None,
        problem: None,
        asked_by: actor,
        asked_at: ctx.now(),
        claimed_by: None,
        lease_until: None,
        finished_at: None,
    };
    let tx = ctx.state.db.begin().await?;
    store::ask(&*tx, trial).await?;
    let act = Act {
        action: "model.trial",
        target_kind: "model",
        target_id: model.to_string(),
        detail: serde_json::json!({ "name": row.name, "answers": answers }),
    };
    audit(ctx, &*tx, act).await?;
    tx.commit().await?;
    ctx.state.hints.send(Hint::Work);
    Ok(id)
}

/// For workers: a trial that waits, if there is one.
pub async fn claim(ctx: &Ctx, worker: &str, lease: Duration) -> AppResult<Option<TrialWork>> {
    let now = ctx.now();
    let Some(row) = store::due(ctx.db(), now).await? else {
        return Ok(None);
    };
    let until = now.plus(i64::try_from(lease.as_micros()).unwrap_or(Timestamp::HOUR));
    let tx = ctx.state.db.begin().await?;
    let ours = store::claim(&*tx, row.id, worker, now, until).await?;
    tx.commit().await?;
    if !ours {
        return Ok(None);
    }
    let Some(model) = store::one(ctx.db(), row.model_id).await? else {
        record(ctx, row.id, worker, Err("The model is no longer registered.".into())).await?;
        return Ok(None);
    };
    Ok(Some(TrialWork {
        trial: row.id,
        candidate: Wanted::of(model),
        cases: shadow_cases(ctx, row.wanted.unsigned_abs().into()).await?,
    }))
}

/// For workers: the trial takes longer; whether it is still theirs.
pub async fn go_on(ctx: &Ctx, trial: TrialId, worker: &str, lease: Duration) -> AppResult<bool> {
    let until = ctx
        .now()
        .plus(i64::try_from(lease.as_micros()).unwrap_or(Timestamp::HOUR));
    let tx = ctx.state.db.begin().await?;
    let ours = store::renew(&*tx, trial, worker, until).await?;
    tx.commit().await?;
    Ok(ours)
}

/// For workers that stop: somebody else may begin it anew.
pub async fn hand_back(ctx: &Ctx, trial: TrialId, worker: &str) -> AppResult<()> {
    let tx = ctx.state.db.begin().await?;
    store::hand_back(&*tx, trial, worker).await?;
    tx.commit().await?;
    ctx.state.hints.send(Hint::Work);
    Ok(())
}

/// For workers: what came out.
pub async fn record(ctx: &Ctx, trial: TrialId, worker: &str, outcome: Result<Comparison, String>) -> AppResult<bool> {
    let outcome = match outcome {
        Ok(found) => Ok(serde_json::to_string(&found).map_err(AppError::internal)?),
        Err(problem) => Err(problem),
    };
    let tx = ctx.state.db.begin().await?;
    let kept = store::finish(&*tx, trial, worker, outcome, ctx.now()).await?;
    tx.commit().await?;
    Ok(kept)
}
