//! Who waits for what. All state sits behind one lock that is held for moments only.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio::sync::oneshot;

use super::worker::Stats;
use crate::{Grade, GradeRequest, GradingError};

pub type Reply = oneshot::Receiver<Result<Vec<Grade>, GradingError>>;

/// Requests of one call that travel together.
const PIECE: usize = 8;

#[derive(Default)]
pub struct Queue {
    state: Mutex<State>,
    ready: Condvar,
}

#[derive(Default)]
struct State {
    pieces: VecDeque<Piece>,
    waiting: usize,
    closed: bool,
    workers: usize,
    stats: Stats,
    last_error: Option<String>,
}

/// A slice of one call: the requests, and where in the call their grades belong.
pub struct Piece {
    pub requests: Vec<GradeRequest>,
    pub first: usize,
    pub call: Arc<Call>,
    pub queued: Instant,
}

/// One call of `grade_many`, collecting its grades until the last piece is done.
pub struct Call {
    state: Mutex<CallState>,
}

struct CallState {
    reply: Option<oneshot::Sender<Result<Vec<Grade>, GradingError>>>,
    grades: Vec<Option<Grade>>,
    left: usize,
}

/// A panic while the lock was held cannot leave these plain counters half-written in a harmful way.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Call {
    /// Nobody waits any more: the caller went away, or another piece has already failed.
    pub fn is_abandoned(&self) -> bool {
        lock(&self.state).reply.as_ref().is_none_or(oneshot::Sender::is_closed)
    }

    pub fn finish(&self, first: usize, grades: Vec<Grade>) {
        let mut state = lock(&self.state);
        for (offset, grade) in grades.into_iter().enumerate() {
            state.left -= usize::from(state.grades[first + offset].is_none());
            state.grades[first + offset] = Some(grade);
        }
        if state.left == 0
            && let Some(reply) = state.reply.take()
        {
            let grades = std::mem::take(&mut state.grades).into_iter().flatten().collect();
            // The caller may have gone away between the check and here; then nobody cares.
            let _ = reply.send(Ok(grades));
        }
    }

    pub fn fail(&self, error: GradingError) {
        if let Some(reply) = lock(&self.state).reply.take() {
            let _ = reply.send(Err(error));
        }
    }
}

impl Queue {
    pub fn push(&self, requests: Vec<GradeRequest>, limit: usize) -> Result<Reply, GradingError> {
        let count = requests.len();
        let (sender, reply) = oneshot::channel();
        let call = Arc::new(Call {
            state: Mutex::new(CallState {
                reply: Some(sender),
                grades: vec![None; count],
                left: count,
            }),
        });
        let mut state = lock(&self.state);
        if state.closed || state.workers == 0 {
            return Err(GradingError::Stopped);
        }
        // A single call larger than the limit may pass when nothing else waits, else it never could.
        if state.waiting > 0 && state.waiting + count > limit {
            state.stats.refused += count as u64;
            return Err(GradingError::Busy {
                waiting: state.waiting,
                limit,
            });
        }
        state.waiting += count;
        let queued = Instant::now();
        let mut requests = requests.into_iter();
        let mut first = 0;
        while first < count {
            let piece: Vec<_> = requests.by_ref().take(PIECE).collect();
            let length = piece.len();
            state.pieces.push_back(Piece {
                requests: piece,
                first,
                call: Arc::clone(&call),
                queued,
            });
            first += length;
        }
        drop(state);
        self.ready.notify_all();
        Ok(reply)
    }

    /// Waits for work and takes pieces of together at most `most` answers (at least one piece), but
    /// no more than a fair share while other workers could help.
    /// Pieces nobody waits for are dropped here. `None` when the grader is shut down.
    pub fn take(&self, most: usize) -> Option<Vec<Piece>> {
        let mut state = lock(&self.state);
        loop {
            let mut taken = Vec::new();
            let mut count = 0;
            let queued: usize = state
                .pieces
                .iter()
                .take(4 * most)
                .map(|piece| piece.requests.len())
                .sum();
            let most = most.min(queued.div_ceil(state.workers.max(1)));
            while let Some(piece) = state.pieces.front() {
                let length = piece.requests.len();
                if piece.call.is_abandoned() {
                    state.waiting -= length;
                    state.stats.cancelled += length as u64;
                    state.pieces.pop_front();
                    continue;
                }
                if count > 0 && count + length > most {
                    break;
                }
                count += length;
                let waited = piece.queued.elapsed().as_secs_f64();
                state.stats.stages.wait.add(waited);
                taken.extend(state.pieces.pop_front());
            }
            if !taken.is_empty() {
                return Some(taken);
            }
            if state.closed {
                return None;
            }
            state = self.ready.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    pub fn done(&self, answers: usize) {
        lock(&self.state).waiting -= answers;
    }

    pub fn count(&self, change: impl FnOnce(&mut Stats)) {
        change(&mut lock(&self.state).stats);
    }

    pub fn note_error(&self, message: &str) {
        lock(&self.state).last_error = Some(message.to_owned());
    }

    pub fn worker_joined(&self) {
        lock(&self.state).workers += 1;
    }

    /// The last worker to leave tells everyone still waiting.
    pub fn worker_left(&self) {
        let mut state = lock(&self.state);
        state.workers -= 1;
        if state.workers == 0 {
            state.waiting = 0;
            for piece in std::mem::take(&mut state.pieces) {
                piece.call.fail(GradingError::Stopped);
            }
        }
    }

    pub fn close(&self) {
        lock(&self.state).closed = true;
        self.ready.notify_all();
    }

    pub fn waiting(&self) -> usize {
        lock(&self.state).waiting
    }

    pub fn workers_alive(&self) -> usize {
        lock(&self.state).workers
    }

    pub fn stats(&self) -> Stats {
        lock(&self.state).stats.clone()
    }

    pub fn last_error(&self) -> Option<String> {
        lock(&self.state).last_error.clone()
    }
}
