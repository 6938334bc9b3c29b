//! Grading work, from the queue to the record.
//!
//! The queue is a table; a worker claims some of it under a lease, grades, and records. It is woken by hints and looks by itself every second,
//! so a lost hint costs a moment. Killed at any point, it leaves work whose lease runs out and which somebody else claims; recording is
//! idempotent, so nothing is graded twice. Told to stop, it finishes its batch and hands the rest back.

mod grade;

use crate::metrics::Metrics;
use app::grade::service;
use app::platform::Ctx;
use app::platform::hints::Hint;
use grading::Grader;
use std::time::{Duration, Instant};
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;

/// Answers taken at once: enough to keep both the model and the transaction busy, few enough that the live page moves.
const BATCH: u32 = 32;
const LEASE: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// One worker.
pub struct Worker {
    pub ctx: Ctx,
    pub grader: Grader,
    pub metrics: Metrics,
    /// Unique to this worker, so that its leases are its own.
    pub name: String,
}

impl Worker {
    /// Works until told to stop.
    pub async fn run(self, stop: CancellationToken) {
        let mut hints = self.ctx.state.hints.subscribe();
        tracing::info!(
            worker = self.name,
            model = self.grader.model_version(),
            "grading worker ready"
        );
        while !stop.is_cancelled() {
            match self.batch().await {
                Ok(0) => tokio::select! {
                    () = stop.cancelled() => break,
                    () = tokio::time::sleep(LOOK_EVERY) => {}
                    () = work_hint(&mut hints) => {}
                },
                Ok(_) => {}
                Err(error) => {
                    tracing::error!(%error, "grading is held up");
                    tokio::select! { () = stop.cancelled() => break, () = tokio::time::sleep(LOOK_EVERY) => {} }
                }
            }
        }
        match service::release(&self.ctx, &self.name).await {
            Ok(0) => {}
            Ok(pieces) => tracing::info!(pieces, "work handed back"),
            Err(error) => tracing::error!(%error, "work could not be handed back; its lease will run out"),
        }
    }

    /// Works until nothing is waiting; for seeding.
    pub async fn until_empty(&self) -> app::error::AppResult<()> {
        while self.batch().await? > 0 {}
        Ok(())
    }

    /// Claims, grades and records one batch; how many answers it held.
    async fn batch(&self) -> app::error::AppResult<usize> {
        let jobs = service::claim(&self.ctx, &self.name, BATCH, LEASE).await?;
        if jobs.is_empty() {
            return Ok(0);
        }
        let began = Instant::now();
        let count = jobs.len();
        let graded = grade::all(&self.grader, jobs).await;
        service::record_many(&self.ctx, &graded.done).await?;
        for (job, why) in &graded.failed {
            tracing::warn!(work.id = %job.work, why, "an answer could not be graded");
            service::fail(&self.ctx, job, why).await?;
        }
        self.metrics.answers_graded.inc_by(graded.done.len() as u64);
        self.metrics.grading_failures.inc_by(graded.failed.len() as u64);
        self.metrics.grading_batch.observe(count as f64);
        self.metrics.grading_seconds.observe(began.elapsed().as_secs_f64());
        Ok(count)
    }
}

async fn work_hint(hints: &mut tokio::sync::broadcast::Receiver<Hint>) {
    loop {
        match hints.recv().await {
            Ok(Hint::Work) | Err(RecvError::Lagged(_)) => return,
            Ok(_) => {}
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}
