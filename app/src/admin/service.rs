//! The control room: the state of the system, the audit log, the institution's settings. Accounts are in `users`.

pub use super::health::health;
pub use super::users::*;

use crate::admin::model::{
    AuditPage, Backup, FailedWork, Grader, Job, Model, Queue, SettingsPageData, System, Verdict,
};
use crate::admin::store;
use crate::audit::model::Entry;
use crate::audit::store::{self as audit, Act, record};
use crate::entity::audit_entry;
use crate::error::{AppError, AppResult};
use crate::ids::WorkId;
use crate::platform::Ctx;
use crate::platform::hints::Hint;
use crate::settings;
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::json;

/// Entries on a page of the audit log.
const PAGE: u64 = 50;
/// Backups shown.
const BACKUPS: u64 = 10;

/// Every part of the system at a glance.
pub async fn system(ctx: &Ctx) -> AppResult<System> {
    ctx.admin()?;
    let health = health(&ctx.state).await;
    let grader = ctx.state.grader.report().await;
    let queue = store::queue(ctx.db()).await?;
    let failed = store::failed(ctx.db(), 50)
        .await?
        .into_iter()
        .map(|(row, course, assignment)| FailedWork {
            id: row.id,
            course,
            assignment,
            problem: row.problem.unwrap_or_else(|| "No reason was recorded.".into()),
            attempts: row.attempts,
            since: ctx.moment(row.created_at),
        });
    let models = store::models(ctx.db()).await?.into_iter().map(|row| Model {
        name: row.name,
        kind: row.kind,
        since: ctx.moment(row.first_used_at),
        active: row.active,
    });
    Ok(System {
        health,
        counts: store::counts(ctx.reports()).await?,
        queue: Queue {
            held: queue.held,
            queued: queue.queued,
            claimed: queue.claimed,
            done: queue.done,
            failed: queue.failed,
            oldest: queue.oldest.map(|at| ctx.moment(at)),
        },
        failed: failed.collect(),
        models: models.collect(),
        jobs: jobs(ctx).await?,
        backups: backups(ctx).await?,
        grader: Grader {
            runs_here: grader.runs_here,
            healthy: grader.healthy,
            model: grader.model,
            device: grader.device,
            waiting: grader.waiting,
        },
        version: env!("CARGO_PKG_VERSION").into(),
        now: ctx.now(),
    })
}

async fn jobs(ctx: &Ctx) -> AppResult<Vec<Job>> {
    let now = ctx.now();
    let rows = crate::platform::schedule::list(ctx.db()).await?;
    Ok(rows
        .into_iter()
        .map(|row| Job {
            running: row.lease_until.is_some_and(|until| until > now),
            name: row.id,
            cadence: row.cadence,
            next: ctx.moment(row.due_at),
            last: row.finished_at.map(|at| ctx.moment(at)),
            last_success: row.succeeded_at.map(|at| ctx.moment(at)),
            ok: row.ok,
            detail: row.detail,
            runs: row.runs.unsigned_abs(),
            failures: row.failures.unsigned_abs(),
        })
        .collect())
}

async fn backups(ctx: &Ctx) -> AppResult<Vec<Backup>> {
    let rows = store::backups(ctx.db(), BACKUPS).await?;
    Ok(rows
        .into_iter()
        .map(|row| Backup {
            id: row.id,
            state: row.state,
            asked: ctx.moment(row.requested_at),
            proven: row.proven_at.map(|at| ctx.moment(at)),
            size: row.size + row.new_file_bytes,
            files: row.files,
            milliseconds: row.milliseconds,
            problem: row.problem,
        })
        .collect())
}

/// Has a job that runs by the clock run at the next look of any process, within seconds.
pub async fn run_job(ctx: &Ctx, name: &str) -> AppResult<()> {
    ctx.admin()?;
    let tx = ctx.state.db.begin().await?;
    if !crate::platform::schedule::make_due(&*tx, name, ctx.now()).await? {
        return Err(AppError::not_found("The job"));
    }
    let act = Act {
        action: "job.run",
        target_kind: "job",
        target_id: name.chars().take(60).collect(),
        detail: json!({}),
    };
    record(ctx, &*tx, act).await?;
    Ok(tx.commit().await?)
}

/// Puts given-up grading work back into the queue: one piece, or all of it. How many there were.
pub async fn retry(ctx: &Ctx, work: Option<WorkId>) -> AppResult<u64> {
    ctx.admin()?;
    let tx = ctx.state.db.begin().await?;
    let number = store::retry(&*tx, work, ctx.now()).await?;
    if number > 0 {
        let target_id = work.map_or_else(|| "all".into(), |work| work.to_string());
        record(
            ctx,
            &*tx,
            Act {
                action: "work.retry",
                target_kind: "work",
                target_id,
                detail: json!({ "number": number }),
            },
        )
        .await?;
    }
    tx.commit().await?;
    match (number, work) {
        (0, Some(_)) => Err(AppError::conflict("This work is not waiting for a retry any more.")),
        _ => {
            ctx.state.hints.send(Hint::Work);
            Ok(number)
        }
    }
}

/// A page of the audit log, newest first; with `verify` also whether the chain is whole.
pub async fn audit_page(ctx: &Ctx, before: Option<i64>, verify: bool) -> AppResult<AuditPage> {
    ctx.admin()?;
    let mut rows = audit::page(ctx.reports(), before, PAGE + 1).await?;
    let more = rows.len() > PAGE as usize;
    rows.truncate(PAGE as usize);
    let verdict = match verify {
        true => Some(audit_verdict(ctx).await?),
        false => None,
    };
    Ok(AuditPage {
        next: rows.last().filter(|_| more).map(|row| row.id),
        entries: rows.into_iter().map(|row| entry(ctx, row)).collect(),
        verdict,
    })
}

/// Whether the audit log is whole.
pub async fn audit_verdict(ctx: &Ctx) -> AppResult<Verdict> {
    ctx.admin()?;
    let entries = audit_entry::Entity::find().count(ctx.db()).await?;
    Ok(Verdict {
        entries,
        broken_at: audit::first_break(ctx.db()).await?,
    })
}

/// An entry as it travels.
pub fn entry(ctx: &Ctx, row: audit_entry::Model) -> Entry {
    Entry {
        id: row.id,
        at: ctx.moment(row.at),
        actor: row.actor_name,
        action: row.action,
        target_kind: row.target_kind,
        target_id: row.target_id,
        detail: row.detail,
        hash: row.hash,
    }
}

/// The settings, and what they can be.
pub async fn settings(ctx: &Ctx) -> AppResult<SettingsPageData> {
    ctx.admin()?;
    let institution = settings::store::institution(ctx.db()).await?;
    let now = ctx.now();
    let local = crate::time::Moment {
        at: now,
        offset_minutes: institution.offset_minutes(now),
    };
    Ok(SettingsPageData {
        local_time: format!("{} ({})", local.date_time(), local.zone()),
        time_zones: chrono_tz::TZ_VARIANTS
            .iter()
            .map(|zone| zone.name().to_owned())
            .collect(),
        institution,
    })
}

/// Changes name, time zone, who may register, and whether they must confirm their address.
pub async fn save_settings(
    ctx: &Ctx,
    name: String,
    time_zone: String,
    self_registration: bool,
    verified_email: bool,
) -> AppResult<()> {
    ctx.admin()?;
    let mut wrong = Vec::new();
    let name = crate::course::form::line("name", &name, 120, "Enter the institution's name.", &mut wrong);
    let time_zone = time_zone.trim().to_owned();
    if time_zone.parse::<chrono_tz::Tz>().is_err() {
        let message = "This is no IANA time zone. Choose one such as Europe/Berlin.".into();
        wrong.push(crate::error::FieldError {
            field: "time_zone".into(),
            message,
        });
    }
    AppError::from_fields(wrong)?;
    let tx = ctx.state.db.begin().await?;
    let before = settings::store::institution(&*tx).await?;
    let after = settings::model::Institution {
        name,
        time_zone,
        self_registration,
        verified_email,
        ..before.clone()
    };
    settings::store::save_institution(&*tx, &after, ctx.now()).await?;
    let detail = json!({ "from": before, "to": after });
    record(
        ctx,
        &*tx,
        Act {
            action: "settings.change",
            target_kind: "settings",
            target_id: "institution".into(),
            detail,
        },
    )
    .await?;
    tx.commit().await?;
    ctx.state.institution.forget();
    Ok(())
}
