//! Embeddings that will be needed again: references, rubric parts, questions, graded answers.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::backend::Encoded;
use crate::prepare::{Prepared, TextKey};

/// A text with everything computed from it alone.
#[derive(Debug)]
pub struct Embedded {
    pub prepared: Prepared,
    pub encoded: Encoded,
}

impl Embedded {
    fn bytes(&self) -> usize {
        let floats = self.encoded.states.len() + 2 * self.encoded.pooled.len();
        floats * 4 + self.prepared.tokens.ids.len() * 96 + self.prepared.text.len() * 24 + 512
    }
}

/// Shared by all workers; forgets what was not used for longest when it is full.
pub struct Cache {
    state: Mutex<State>,
    limit: usize,
}

#[derive(Default)]
struct State {
    entries: HashMap<TextKey, (Arc<Embedded>, u64)>,
    bytes: usize,
    clock: u64,
}

impl Cache {
    pub fn new(limit: usize) -> Self {
        Self {
            state: Mutex::default(),
            limit,
        }
    }

    pub fn get(&self, key: &TextKey) -> Option<Arc<Embedded>> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.clock += 1;
        let now = state.clock;
        let (embedded, used) = state.entries.get_mut(key)?;
        *used = now;
        Some(Arc::clone(embedded))
    }

    pub fn put(&self, key: TextKey, embedded: Arc<Embedded>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.clock += 1;
        let now = state.clock;
        let bytes = embedded.bytes();
        if bytes > self.limit {
            return;
        }
        state.bytes += bytes;
        if let Some((old, _)) = state.entries.insert(key, (embedded, now)) {
            state.bytes -= old.bytes();
        }
        if state.bytes > self.limit {
            state.forget_half(self.limit / 2);
        }
    }
}

impl State {
    /// Sorting once and dropping many is cheaper than keeping an order at every access.
    fn forget_half(&mut self, target: usize) {
        let mut by_age: Vec<(u64, TextKey)> = self.entries.iter().map(|(key, (_, used))| (*used, *key)).collect();
        by_age.sort_unstable();
        for (_, key) in by_age {
            if self.bytes <= target {
                return;
            }
            if let Some((old, _)) = self.entries.remove(&key) {
                self.bytes -= old.bytes();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prepare::{Preparer, text_key};

    #[test]
    fn stays_within_its_limit_and_keeps_what_is_used() {
        let cache = Cache::new(40_000);
        let preparer = Preparer::fake();
        let put = |text: &str| {
            let prepared = preparer.prepare(text).expect("plain text");
            let encoded = Encoded {
                states: vec![0.0; 1000],
                pooled: vec![0.0; 10],
                tuned: vec![0.0; 10],
            };
            cache.put(text_key(text), Arc::new(Embedded { prepared, encoded }));
        };
        put("kept");
        for number in 0..50 {
            put(&format!("text {number}"));
            assert!(cache.get(&text_key("kept")).is_some(), "after {number}");
        }
        assert!(cache.get(&text_key("text 0")).is_none());
        assert!(cache.state.lock().expect("no panic").bytes <= 40_000);
    }
}
