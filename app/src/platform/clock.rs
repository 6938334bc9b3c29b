//! The one source of the present time, so that tests can move it.

use crate::time::Timestamp;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// The system's clock plus a skew, which is zero outside tests.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    skew: Arc<AtomicI64>,
}

impl Clock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    pub fn now(&self) -> Timestamp {
        Timestamp(chrono::Utc::now().timestamp_micros()).plus(self.skew.load(Ordering::Relaxed))
    }

    /// Moves this clock and all its clones, for tests of deadlines.
    pub fn advance(&self, micros: i64) {
        self.skew.fetch_add(micros, Ordering::Relaxed);
    }
}
