//! A look at every part, each with its own time limit, so that one that hangs cannot hide the others.

use crate::admin::model::{Health, Part};
use crate::admin::store;
use crate::error::{AppError, AppResult};
use crate::platform::AppState;
use crate::time::Timestamp;
use std::time::{Duration, Instant};

/// How long a part may take to answer.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long an answer may wait in the queue before somebody should look.
const LONG_WAIT: i64 = 15 * Timestamp::MINUTE;

/// All parts, looked at at once.
pub async fn health(state: &AppState) -> Health {
    let (database, cache, storage, grader, queue, mail) = tokio::join!(
        part("database", true, database(state)),
        part("cache", false, cache(state)),
        part("storage", true, storage(state)),
        part("grader", false, grader(state)),
        part("queue", false, queue(state)),
        part("mail", false, crate::mail::service::health(state)),
    );
    Health {
        parts: vec![database, cache, storage, grader, queue, mail],
    }
}

/// Runs one check; its `Ok` is the note of a well part, its `Err` that of one in trouble.
async fn part(name: &str, essential: bool, check: impl Future<Output = AppResult<String>>) -> Part {
    let began = Instant::now();
    let result = tokio::time::timeout(PATIENCE, check).await;
    let latency_ms = (began.elapsed().as_secs_f64() * 10_000.0).round() / 10.0;
    let (ok, note) = match result {
        Ok(Ok(note)) => (true, note),
        Ok(Err(error)) => (false, error.message),
        Err(_) => (false, format!("No answer within {} seconds.", PATIENCE.as_secs())),
    };
    Part {
        name: name.into(),
        ok,
        essential,
        latency_ms,
        note,
    }
}

async fn database(state: &AppState) -> AppResult<String> {
    store::ping(state.db.read()).await?;
    Ok(if state.db.is_sqlite() {
        "SQLite answers."
    } else {
        "MySQL answers."
    }
    .into())
}

async fn cache(state: &AppState) -> AppResult<String> {
    match &state.cache.0 {
        None => Ok("No Redis is configured; the database does its work.".into()),
        Some(cache) => match cache.ping().await {
            Ok(()) => Ok("Redis answers.".into()),
            Err(_) => Err(AppError::unavailable(
                "Redis does not answer; the database does its work, more slowly.",
            )),
        },
    }
}

async fn storage(state: &AppState) -> AppResult<String> {
    state.blobs.probe().await?;
    Ok("The object store answers.".into())
}

async fn grader(state: &AppState) -> AppResult<String> {
    let report = state.grader.report().await;
    match (report.runs_here, report.healthy) {
        (false, _) => Ok("Grading happens in other processes.".into()),
        (true, true) => Ok(format!("{} on {}.", report.model, report.device)),
        (true, false) => Err(AppError::unavailable(format!("Not grading: {}", report.model))),
    }
}

async fn queue(state: &AppState) -> AppResult<String> {
    let queue = store::queue(state.db.read()).await?;
    let waits = queue.oldest.map_or(0, |oldest| state.clock.now().0 - oldest.0);
    if waits > LONG_WAIT {
        return Err(AppError::unavailable(format!(
            "{} answers wait, the oldest for {} minutes.",
            queue.queued,
            waits / Timestamp::MINUTE
        )));
    }
    match (queue.queued + queue.claimed, queue.failed) {
        (waiting, 0) => Ok(format!("{waiting} answers wait.")),
        (_, failed) => Err(AppError::unavailable(format!("{failed} answers could not be graded."))),
    }
}
