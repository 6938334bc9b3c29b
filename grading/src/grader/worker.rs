//! What each grader thread does: take, grade, reply; survive panics.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::Sender;
use std::time::Instant;

use serde::Serialize;

use super::queue::{Piece, Queue};
use super::self_test;
use super::times::Stages;
use crate::engine::{Engine, EngineFactory};
use crate::{Grade, GradeRequest, GradingError};

/// Counters since the start of the grader.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Stats {
    pub graded: u64,
    /// Answers nobody waited for any more.
    pub cancelled: u64,
    /// Answers turned away because too much was waiting.
    pub refused: u64,
    pub failed: u64,
    pub restarts: u64,
    pub batches: u64,
    /// Tokens that went through the encoder (cached texts do not count).
    pub tokens: u64,
    pub texts_encoded: u64,
    pub texts_from_cache: u64,
    /// Seconds all workers together spent, by stage.
    pub prepare_seconds: f64,
    pub encode_seconds: f64,
    pub score_seconds: f64,
    /// The same per batch, and how long pieces of calls waited.
    pub stages: Stages,
}

pub fn run(queue: &Queue, factory: &EngineFactory, started: &Sender<Result<(), GradingError>>) {
    let mut engine = match contained(|| build(factory)) {
        Ok(engine) => engine,
        Err(error) => {
            let _ = started.send(Err(error));
            return;
        }
    };
    queue.worker_joined();
    let _guard = Leave(queue);
    let _ = started.send(Ok(()));
    while let Some(pieces) = queue.take(factory.batch()) {
        grade(queue, factory, &mut engine, pieces);
        if engine.is_none() {
            tracing::error!("a grader thread cannot rebuild its backend and ends");
            return;
        }
    }
}

struct Leave<'a>(&'a Queue);

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        self.0.worker_left();
    }
}

/// A fresh engine that has graded a warm-up answer.
fn build(factory: &EngineFactory) -> Result<Option<Engine>, GradingError> {
    let mut engine = factory.build()?;
    engine.grade(&self_test::requests())?;
    engine.take_stats();
    Ok(Some(engine))
}

fn grade(queue: &Queue, factory: &EngineFactory, engine: &mut Option<Engine>, pieces: Vec<Piece>) {
    let begun = Instant::now();
    let requests: Vec<GradeRequest> = pieces.iter().flat_map(|piece| piece.requests.iter().cloned()).collect();
    let result = attempt(engine, &requests);
    let stats = engine.as_mut().map(Engine::take_stats).unwrap_or_default();
    queue.count(|total| {
        total.graded += requests.len() as u64;
        total.batches += 1;
        total.tokens += stats.tokens;
        total.texts_encoded += stats.texts_encoded;
        total.texts_from_cache += stats.texts_from_cache;
        total.prepare_seconds += stats.prepare_seconds;
        total.encode_seconds += stats.encode_seconds;
        total.score_seconds += stats.score_seconds;
        total.stages.prepare.add(stats.prepare_seconds);
        total.stages.encode.add(stats.encode_seconds);
        total.stages.score.add(stats.score_seconds);
    });
    // Before the replies: whoever has a reply must find the counters up to date.
    queue.done(requests.len());
    tracing::debug!(
        answers = requests.len(),
        duration_ms = begun.elapsed().as_millis() as u64,
        "graded a batch"
    );
    match result {
        Ok(grades) => {
            let mut grades = grades.into_iter();
            for piece in pieces {
                let part: Vec<Grade> = grades.by_ref().take(piece.requests.len()).collect();
                piece.call.finish(piece.first, part);
            }
        }
        Err(error) => {
            tracing::warn!(%error, answers = requests.len(), "a batch failed; retrying one by one");
            restart(queue, factory, engine, &error);
            one_by_one(queue, factory, engine, pieces);
        }
    }
}

/// After a failure: every answer on its own, so that one bad answer harms no other.
fn one_by_one(queue: &Queue, factory: &EngineFactory, engine: &mut Option<Engine>, pieces: Vec<Piece>) {
    for piece in pieces {
        for (offset, request) in piece.requests.iter().enumerate() {
            match attempt(engine, std::slice::from_ref(request)) {
                Ok(grades) => piece.call.finish(piece.first + offset, grades),
                Err(error) => {
                    queue.count(|stats| stats.failed += 1);
                    restart(queue, factory, engine, &error);
                    piece.call.fail(error);
                    break;
                }
            }
        }
    }
}

fn attempt(engine: &mut Option<Engine>, requests: &[GradeRequest]) -> Result<Vec<Grade>, GradingError> {
    let Some(engine) = engine else {
        return Err(GradingError::Stopped);
    };
    contained(|| engine.grade(requests))
}

fn restart(queue: &Queue, factory: &EngineFactory, engine: &mut Option<Engine>, error: &GradingError) {
    queue.note_error(&error.to_string());
    queue.count(|stats| stats.restarts += 1);
    *engine = None;
    match contained(|| build(factory)) {
        Ok(fresh) => *engine = fresh,
        Err(error) => queue.note_error(&error.to_string()),
    }
}

/// Runs `work`; a panic becomes an error. What `work` borrowed is thrown away afterwards.
fn contained<T>(work: impl FnOnce() -> Result<T, GradingError>) -> Result<T, GradingError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let message = panic
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned())
            .or_else(|| panic.downcast_ref::<String>().cloned())
            .unwrap_or_else(|| "unknown reason".into());
        Err(GradingError::Crashed(message))
    })
}
