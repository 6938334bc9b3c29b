//! The handle others hold: `Grader` is cheap to clone; the work happens on its own threads.
//!
//! Each worker thread owns one backend, so no tensor is ever shared between threads that compute.
//! A call is cut into small pieces; a worker takes as many pieces as fill a batch, from whichever
//! calls they came. When nobody waits for a call any more its pieces are dropped unread. A panic in
//! a backend is contained: the worker rebuilds its backend, retries the answers one at a time, and
//! only the answer that caused it is reported as failed.

mod config;
mod queue;
pub(crate) mod self_test;
mod suggest;
mod times;
mod worker;

use std::sync::Arc;
use std::thread;
use std::time::Instant;

use serde::Serialize;

pub use self::config::{Device, GraderConfig, Precision};
use self::queue::Queue;
pub use self::self_test::SelfTest;
pub use self::times::{BOUNDS as STAGE_BOUNDS, Stages, Times};
pub use self::worker::Stats;
use crate::engine::EngineFactory;
use crate::request::Limits;
use crate::{Grade, GradeRequest, GradingError};

/// Grades answers. Clone it freely; the threads end with the last clone.
#[derive(Clone)]
pub struct Grader {
    inner: Arc<Inner>,
}

struct Inner {
    queue: Arc<Queue>,
    factory: Arc<EngineFactory>,
    model: String,
    device: String,
    workers: usize,
    limits: Limits,
    max_in_flight: usize,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.queue.close();
    }
}

/// How the grader is doing, for a status page.
#[derive(Clone, Debug, Serialize)]
pub struct Health {
    /// At least one worker is alive.
    pub ready: bool,
    pub model: String,
    pub device: String,
    pub workers: usize,
    pub workers_alive: usize,
    /// Answers waiting or being graded.
    pub waiting: usize,
    pub max_in_flight: usize,
    /// How often a backend had to be rebuilt.
    pub restarts: u64,
    pub last_error: Option<String>,
}

impl Grader {
    /// Loads the model and starts the workers; returns once a warm-up answer has been graded.
    /// Blocks for a fraction of a second, so call it outside the async threads.
    pub fn start(config: GraderConfig) -> Result<Self, GradingError> {
        let factory = EngineFactory::load(&config)?;
        Self::start_with(config, factory)
    }

    /// A grader with a tiny deterministic stand-in for the encoder. For tests of other crates.
    pub fn start_fake() -> Self {
        let config = GraderConfig {
            workers: 1,
            ..GraderConfig::default()
        };
        Self::start_with(config, EngineFactory::fake()).expect("the fake backend needs no files and no device")
    }

    fn start_with(config: GraderConfig, factory: EngineFactory) -> Result<Self, GradingError> {
        let queue = Arc::new(Queue::default());
        let factory = Arc::new(factory);
        let workers = config.workers();
        let (started, wait) = std::sync::mpsc::channel();
        for number in 0..workers {
            let (queue, factory) = (Arc::clone(&queue), Arc::clone(&factory));
            let started = started.clone();
            thread::Builder::new()
                .name(format!("grader-{number}"))
                .spawn(move || worker::run(&queue, &factory, &started))
                .map_err(|error| GradingError::Device(format!("no thread: {error}")))?;
        }
        drop(started);
        let inner = Inner {
            queue,
            factory: Arc::clone(&factory),
            model: factory.model_version().to_owned(),
            device: factory.device_name(),
            workers,
            limits: config.limits,
            max_in_flight: config.max_in_flight,
        };
        for _ in 0..workers {
            wait.recv()
                .map_err(|_| GradingError::Device("a worker ended at once".into()))??;
        }
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Grades all requests; the grades come in the order of the requests. Refuses at once when too
    /// much is waiting. Dropping the future cancels what has not begun.
    pub async fn grade_many(&self, requests: Vec<GradeRequest>) -> Result<Vec<Grade>, GradingError> {
        let Some(reply) = self.submit(requests)? else {
            return Ok(Vec::new());
        };
        reply.await.map_err(|_| GradingError::Stopped)?
    }

    /// The same for code outside an async runtime.
    pub fn grade_many_blocking(&self, requests: Vec<GradeRequest>) -> Result<Vec<Grade>, GradingError> {
        let Some(reply) = self.submit(requests)? else {
            return Ok(Vec::new());
        };
        reply.blocking_recv().map_err(|_| GradingError::Stopped)?
    }

    fn submit(&self, requests: Vec<GradeRequest>) -> Result<Option<queue::Reply>, GradingError> {
        for request in &requests {
            request.check(&self.inner.limits)?;
        }
        if requests.is_empty() {
            return Ok(None);
        }
        self.inner.queue.push(requests, self.inner.max_in_flight).map(Some)
    }

    pub fn health(&self) -> Health {
        let inner = &self.inner;
        let alive = inner.queue.workers_alive();
        Health {
            ready: alive > 0,
            model: inner.model.clone(),
            device: inner.device.clone(),
            workers: inner.workers,
            workers_alive: alive,
            waiting: inner.queue.waiting(),
            max_in_flight: inner.max_in_flight,
            restarts: inner.queue.stats().restarts,
            last_error: inner.queue.last_error(),
        }
    }

    /// Answers waiting or being graded.
    pub fn queue_len(&self) -> usize {
        self.inner.queue.waiting()
    }

    /// Counters since the start, for metrics.
    pub fn stats(&self) -> Stats {
        self.inner.queue.stats()
    }

    /// The encoder, as every name of a model that uses it begins: `name@hash`.
    pub fn encoder(&self) -> &str {
        &self.inner.factory.shared().encoder
    }

    /// Base model, short hash of its weights, how exactly it computes when not in full, head version.
    pub fn model_version(&self) -> &str {
        &self.inner.model
    }

    /// From which confidence on suggestions reach this agreement with teachers (0 to 1) on questions
    /// the model has not seen, when so many of the question's answers have been graded; above 1 when it
    /// cannot promise that.
    pub fn threshold(&self, agreement: f32, graded: usize) -> f32 {
        self.inner.factory.threshold(agreement, graded)
    }

    /// Grades a right, an empty and an unrelated answer and says whether the grades make sense.
    pub async fn self_test(&self) -> Result<SelfTest, GradingError> {
        let begun = Instant::now();
        let grades = self.grade_many(self_test::requests()).await?;
        let (passed, checks) = self_test::judge(&grades);
        Ok(SelfTest {
            passed,
            checks,
            milliseconds: begun.elapsed().as_millis() as u64,
        })
    }
}

#[cfg(test)]
mod tests;
