//! What runs by the clock, in one list.
//!
//! Every `serve` process that has jobs looks every few seconds for what is due; `app::platform::schedule` decides who runs it, so that each
//! run happens in one process only, whichever is alive. Administrators see the list under System and can ask for a run at once.

use crate::backup;
use crate::boot::Parts;
use app::platform::{Ctx, schedule};
use app::time::Timestamp;
use futures::future::BoxFuture;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

const LOOK_EVERY: Duration = Duration::from_secs(5);

/// When a job runs.
#[derive(Clone, Copy, Debug)]
pub enum When {
    /// This long after the last run ended.
    Every(Duration),
    /// Once a day, at this time in the institution's zone.
    Daily { hour: i64, minute: i64 },
}

/// What a job does: `Ok` is one line for administrators, such as "3 removed".
pub type Work = Arc<dyn Fn() -> BoxFuture<'static, anyhow::Result<String>> + Send + Sync>;

/// One job. `name` is its key in the database and in metrics.
#[derive(Clone)]
pub struct Job {
    pub name: &'static str,
    pub when: When,
    pub run: Work,
}

impl Job {
    pub fn new<F, Fut>(name: &'static str, when: When, run: F) -> Job
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = anyhow::Result<String>> + Send + 'static,
    {
        let run: Work = Arc::new(move || Box::pin(run()));
        Job { name, when, run }
    }
}

/// Every job. A new one is a line here.
pub fn jobs(parts: &Parts, ctx: &Ctx) -> Vec<Job> {
    let sessions = parts.sessions.clone();
    let (uploads, orphans) = (ctx.clone(), ctx.clone());
    let post = ctx.clone();
    let mut jobs = vec![
        Job::new(
            "remove-ended-sessions",
            When::Every(Duration::from_secs(3600)),
            move || {
                let sessions = sessions.clone();
                async move {
                    use tower_sessions::ExpiredDeletion as _;
                    sessions.database().delete_expired().await?;
                    Ok("Ended sessions removed.".to_owned())
                }
            },
        ),
        Job::new("forget-old-mail", When::Daily { hour: 3, minute: 40 }, move || {
            let ctx = post.clone();
            async move {
                let removed = app::mail::delivery::prune(&ctx).await?;
                Ok(format!("{removed} old mails, notifications and links removed."))
            }
        }),
        Job::new("sweep-files", When::Daily { hour: 4, minute: 10 }, move || {
            let ctx = orphans.clone();
            async move {
                let swept = app::file::sweep::sweep(&ctx, app::file::sweep::GRACE, false).await?;
                Ok(format!("Removed {swept}."))
            }
        }),
        Job::new(
            "remove-abandoned-uploads",
            When::Every(Duration::from_secs(3600)),
            move || {
                let ctx = uploads.clone();
                async move {
                    Ok(format!(
                        "{} abandoned uploads removed.",
                        app::file::service::sweep(&ctx).await?
                    ))
                }
            },
        ),
    ];
    if parts.config.backup.daily {
        let what = backup::jobs::DailyParts::of(parts);
        jobs.push(Job::new("back-up", When::Daily { hour: 2, minute: 15 }, move || {
            let what = what.clone();
            async move { backup::jobs::daily(&what).await }
        }));
    }
    jobs
}

/// Runs what is due until told to stop; a run under way is then broken off and handed back, so jobs must bear being begun anew.
pub async fn run(jobs: Vec<Job>, ctx: Ctx, stop: CancellationToken) {
    let holder = format!("{}-{}", std::process::id(), uuid::Uuid::now_v7().simple());
    let mut registered = false;
    loop {
        if !registered {
            registered = register(&jobs, &ctx).await;
        }
        for job in &jobs {
            if stop.is_cancelled() {
                return;
            }
            match schedule::claim(ctx.db(), job.name, &holder, ctx.now()).await {
                Ok(true) => perform(job, &ctx, &holder, &stop).await,
                Ok(false) => {}
                Err(error) => tracing::warn!(job = job.name, %error, "due jobs cannot be looked up"),
            }
        }
        tokio::select! { () = stop.cancelled() => return, () = tokio::time::sleep(LOOK_EVERY) => {} }
    }
}

async fn register(jobs: &[Job], ctx: &Ctx) -> bool {
    for job in jobs {
        let first = match job.when {
            // Soon, but not all at once with everything else a start brings.
            When::Every(_) => ctx.now().plus(Timestamp::MINUTE),
            daily => next(daily, ctx).await,
        };
        if let Err(error) = schedule::register(ctx.db(), job.name, &words(job.when), first).await {
            tracing::warn!(job = job.name, %error, "a job cannot be registered");
            return false;
        }
    }
    true
}

async fn perform(job: &Job, ctx: &Ctx, holder: &str, stop: &CancellationToken) {
    tracing::info!(job = job.name, "job begins");
    // A task of its own: a panic in a job is a failed run, not the end of the schedule.
    let mut work = tokio::spawn((job.run)());
    let mut signs = tokio::time::interval(Duration::from_micros(schedule::LEASE as u64 / 4));
    let outcome = loop {
        tokio::select! {
            ended = &mut work => break match ended {
                Ok(Ok(line)) => Ok(line),
                Ok(Err(error)) => Err(format!("{error:#}")),
                Err(error) => Err(format!("It broke off: {error}")),
            },
            () = stop.cancelled() => {
                work.abort();
                if let Err(error) = schedule::release(ctx.db(), holder).await {
                    tracing::warn!(job = job.name, %error, "a job could not be handed back; its lease will run out");
                }
                return;
            }
            _ = signs.tick() => match schedule::renew(ctx.db(), job.name, holder, ctx.now()).await {
                Ok(false) => {
                    work.abort();
                    tracing::warn!(job = job.name, "another process took this job over");
                    return;
                }
                Ok(true) => {}
                Err(error) => tracing::warn!(job = job.name, %error, "a job's lease could not be renewed"),
            },
        }
    };
    match &outcome {
        Ok(line) => tracing::info!(job = job.name, line, "job done"),
        Err(problem) => tracing::error!(job = job.name, problem, "job failed"),
    }
    if let Err(error) = schedule::finish(
        ctx.db(),
        job.name,
        holder,
        &outcome,
        ctx.now(),
        next(job.when, ctx).await,
    )
    .await
    {
        tracing::warn!(job = job.name, %error, "a job's outcome could not be recorded; it will run again");
    }
}

/// The next time after now; by the clocks of the institution as its settings stand now.
async fn next(when: When, ctx: &Ctx) -> Timestamp {
    let now = ctx.now();
    let settings = ctx.state.institution.get(&ctx.state.db, now).await;
    let institution = settings.unwrap_or_else(|_| ctx.institution.clone());
    match when {
        When::Every(time) => now.plus(i64::try_from(time.as_micros()).unwrap_or(Timestamp::DAY)),
        When::Daily { hour, minute } => daily(&institution, now, hour * Timestamp::HOUR + minute * Timestamp::MINUTE),
    }
}

/// The first instant after `now` at which clocks of the institution show `time_of_day` microseconds.
fn daily(institution: &app::settings::model::Institution, now: Timestamp, time_of_day: i64) -> Timestamp {
    let wall = now.0 + i64::from(institution.offset_minutes(now)) * Timestamp::MINUTE;
    let midnight = wall - wall.rem_euclid(Timestamp::DAY);
    let today = institution.instant_of(midnight + time_of_day);
    if today > now {
        today
    } else {
        institution.instant_of(midnight + Timestamp::DAY + time_of_day)
    }
}

fn words(when: When) -> String {
    match when {
        When::Every(time) if time.as_secs() % 3600 == 0 && time.as_secs() > 3600 => {
            format!("every {} hours", time.as_secs() / 3600)
        }
        When::Every(time) if time.as_secs() == 3600 => "every hour".into(),
        When::Every(time) if time.as_secs() % 60 == 0 && time.as_secs() > 60 => {
            format!("every {} minutes", time.as_secs() / 60)
        }
        When::Every(time) => format!("every {} seconds", time.as_secs()),
        When::Daily { hour, minute } => format!("daily at {hour:02}:{minute:02}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use app::settings::model::Institution;

    #[test]
    fn daily_jobs_follow_the_clock_on_the_wall() {
        let berlin = Institution {
            time_zone: "Europe/Berlin".into(),
            ..Institution::default()
        };
        // 29 March 2026: clocks go from 2:00 to 3:00 in Berlin.
        let before = Timestamp(1_774_736_400 * Timestamp::SECOND); // 28 March, 23:20 in Berlin
        let first = daily(&berlin, before, 4 * Timestamp::HOUR);
        assert_eq!(first.rfc3339(), "2026-03-29T02:00:00Z");
        assert_eq!(
            daily(&berlin, first, 4 * Timestamp::HOUR).rfc3339(),
            "2026-03-30T02:00:00Z"
        );
        assert_eq!(
            daily(&berlin, before.plus(-Timestamp::DAY), 4 * Timestamp::HOUR).rfc3339(),
            "2026-03-28T03:00:00Z"
        );
    }
}
