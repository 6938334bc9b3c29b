//! Wake-up hints: "there is new work", "this assignment changed". A lost hint costs a moment, never a grade,
//! because everyone who waits for a hint also looks into the database by themselves.

use crate::ids::AssignmentId;
use tokio::sync::broadcast;

/// What may have changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hint {
    /// Grading work was queued.
    Work,
    /// Grades of this assignment changed.
    Grades(AssignmentId),
}

/// Sends hints to everyone in this process (and, when a relay is attached, to other processes).
#[derive(Clone)]
pub struct Hints {
    local: broadcast::Sender<Hint>,
    relay: Option<tokio::sync::mpsc::Sender<Hint>>,
}

impl Default for Hints {
    fn default() -> Self {
        Self {
            local: broadcast::channel(256).0,
            relay: None,
        }
    }
}

impl Hints {
    /// Also passes every hint on to `relay`.
    pub fn with_relay(relay: tokio::sync::mpsc::Sender<Hint>) -> Self {
        Self {
            relay: Some(relay),
            ..Self::default()
        }
    }

    pub fn send(&self, hint: Hint) {
        self.send_local(hint);
        if let Some(relay) = &self.relay {
            // A full relay means the others are already awake.
            let _ = relay.try_send(hint);
        }
    }

    /// A hint that came from another process: told here only, so that it does not go round in circles.
    pub fn send_local(&self, hint: Hint) {
        // No listener is fine: they look for themselves.
        let _ = self.local.send(hint);
    }

    pub fn subscribe(&self) -> broadcast::Receiver<Hint> {
        self.local.subscribe()
    }
}
