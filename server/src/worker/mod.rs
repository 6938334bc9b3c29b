//! Grading work, from the queue to the record.
//!
//! The queue is a table; a worker claims some of it under a lease, grades, and records. It is woken by hints and looks by itself every second,
//! so a lost hint costs a moment. Killed at any point, it leaves work whose lease runs out and which somebody else claims; recording is
//! idempotent, so nothing is graded twice. Told to stop, it finishes its batch and hands the rest back.

pub mod again;
mod grade;
mod learn;
pub mod models;

pub use learn::replay;
pub use models::Current;

use crate::metrics::Metrics;
use app::grade::service;
use app::platform::Ctx;
use app::platform::db::retry;
use app::platform::hints::Hint;
use models::Keeper;
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
    pub grader: Current,
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
            model = self.grader.get().model_version(),
            "grading worker ready"
        );
        let mut keeper = Keeper::new();
        // Before anything is learnt: it must be learnt with the model that is active.
        keeper.keep(&self.ctx, &self.name, &self.grader).await;
        let learning = tokio::spawn(self.student().run(stop.clone()));
        while !stop.is_cancelled() {
            keeper.keep(&self.ctx, &self.name, &self.grader).await;
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
        // It stops by the same signal; what it was at is finished or handed back.
        if let Err(error) = learning.await {
            tracing::error!(%error, "learning from decisions ended badly; its claims will run out");
        }
        if let Err(error) = app::grader_model::service::leave(&self.ctx, &self.name).await {
            tracing::warn!(%error, "this worker stays listed for a minute");
        }
        match service::release(&self.ctx, &self.name).await {
            Ok(0) => {}
            Ok(pieces) => tracing::info!(pieces, "work handed back"),
            Err(error) => tracing::error!(%error, "work could not be handed back; its lease will run out"),
        }
    }

    /// Works until nothing is waiting; for seeding.
    pub async fn until_empty(&self) -> app::error::AppResult<()> {
        let mut keeper = Keeper::new();
        keeper.keep(&self.ctx, &self.name, &self.grader).await;
        while self.batch().await? > 0 {}
        let student = self.student();
        while student.lesson().await? {}
        Ok(())
    }

    /// The part of this worker that learns from decisions, beside the grading of new answers.
    pub fn student(&self) -> Student {
        Student {
            ctx: self.ctx.clone(),
            grader: self.grader.clone(),
            metrics: self.metrics.clone(),
            name: self.name.clone(),
        }
    }

    /// Claims, grades and records one batch; how many answers came out of it. A grader that has stopped or is busy counts as no try:
    /// the work waits for a better one.
    async fn batch(&self) -> app::error::AppResult<usize> {
        if !self.grader.get().health().ready {
            return Ok(0);
        }
        let jobs = retry(|| service::claim(&self.ctx, &self.name, BATCH, LEASE)).await?;
        if jobs.is_empty() {
            return Ok(0);
        }
        let began = Instant::now();
        let graded = grade::all(&self.grader.get(), jobs).await;
        let count = graded.done.len() + graded.failed.len();
        let recording = Instant::now();
        let recorded = retry(|| service::record_many(&self.ctx, &graded.done)).await?;
        self.metrics.grader.recorded(recording.elapsed().as_secs_f64());
        for (job, why) in &graded.failed {
            tracing::warn!(work.id = %job.work, why, "an answer could not be graded");
            service::fail(&self.ctx, job, why).await?;
        }
        if graded.unserved > 0 {
            tracing::warn!(
                answers = graded.unserved,
                "the grader could not take these now; they wait"
            );
            service::release(&self.ctx, &self.name).await?;
        }
        // What came too late is graded again, by whoever has it now, and counted then.
        let stood = recorded
            .iter()
            .filter(|outcome| **outcome != service::Recorded::Stale)
            .count();
        self.metrics.answers_graded.inc_by(stood as u64);
        self.metrics.grading_failures.inc_by(graded.failed.len() as u64);
        self.metrics.grading_batch.observe(count as f64);
        self.metrics.grading_seconds.observe(began.elapsed().as_secs_f64());
        Ok(count)
    }
}

/// Learns from teachers' decisions, one question after the other, and works on trials of models when there is nothing to learn.
pub struct Student {
    ctx: Ctx,
    grader: Current,
    metrics: Metrics,
    name: String,
}

impl Student {
    async fn run(self, stop: CancellationToken) {
        let mut hints = self.ctx.state.hints.subscribe();
        while !stop.is_cancelled() {
            let worked = match self.lesson().await {
                Ok(true) => Ok(true),
                Ok(false) => models::one_trial(&self, &stop).await,
                Err(error) => Err(error),
            };
            match worked {
                Ok(true) => {}
                Ok(false) => tokio::select! {
                    () = stop.cancelled() => break,
                    () = tokio::time::sleep(LOOK_EVERY) => {}
                    () = work_hint(&mut hints) => {}
                },
                Err(error) => {
                    tracing::error!(%error, "learning from decisions is held up");
                    tokio::select! { () = stop.cancelled() => break, () = tokio::time::sleep(LOOK_EVERY) => {} }
                }
            }
        }
        if let Err(error) = service::release_lessons(&self.ctx, &self.name).await {
            tracing::error!(%error, "a lesson could not be handed back; its lease will run out");
        }
    }

    /// Lessons somebody waits for come before the rest of a trial; whether that is to go on.
    async fn learn_between(&self, stop: &CancellationToken) -> bool {
        while !stop.is_cancelled() {
            match self.lesson().await {
                Ok(true) => {}
                Ok(false) => return true,
                Err(error) => {
                    tracing::error!(%error, "learning from decisions is held up");
                    return true;
                }
            }
        }
        false
    }

    /// Learns one lesson, if there is one; whether there was.
    pub async fn lesson(&self) -> app::error::AppResult<bool> {
        let Some(lesson) = service::claim_lesson(&self.ctx, &self.name, LEASE).await? else {
            return Ok(false);
        };
        let began = Instant::now();
        let grader = self.grader.get();
        match learn::learn(&grader, &lesson).await {
            Ok(learned) => {
                let changed = service::record_lesson(&self.ctx, &lesson, learned).await?;
                self.metrics.lesson_seconds.observe(began.elapsed().as_secs_f64());
                tracing::debug!(
                    question.id = %lesson.question.id,
                    answers = lesson.answers.len(),
                    decisions = lesson.examples.len(),
                    changed,
                    milliseconds = began.elapsed().as_millis() as u64,
                    "learnt"
                );
            }
            Err(error) => {
                tracing::warn!(question.id = %lesson.question.id, %error, "a lesson could not be learnt; it is tried again");
                service::postpone_lesson(&self.ctx, &lesson).await?;
            }
        }
        Ok(true)
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
