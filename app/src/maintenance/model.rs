//! A window of maintenance, and what it does to deadlines.

use crate::ids::WindowId;
use crate::time::{Moment, Timestamp};
use serde::{Deserialize, Serialize};

/// A window as the server reckons with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    pub id: WindowId,
    pub message: String,
    pub starts_at: Timestamp,
    pub planned_end_at: Option<Timestamp>,
    /// When it really ended. Before its start: it was called off.
    pub ended_at: Option<Timestamp>,
}

impl Window {
    /// Whether the system is read-only because of it.
    pub fn is_active(&self, now: Timestamp) -> bool {
        self.starts_at <= now && self.ended_at.is_none_or(|end| end > now)
    }

    /// Whether it is still to come.
    pub fn is_ahead(&self, now: Timestamp) -> bool {
        self.starts_at > now && self.ended_at.is_none()
    }

    /// When it ended, or when it will at the earliest that can be said now.
    fn end(&self, now: Timestamp) -> Timestamp {
        let soon = now.plus(Timestamp::MINUTE);
        self.ended_at
            .unwrap_or_else(|| self.planned_end_at.map_or(soon, |planned| planned.max(soon)))
    }
}

/// Where a deadline moves: out of every window that has begun, to as long after its end as it was after its beginning. `windows` stand in
/// the order of their beginnings.
pub fn later(deadline: Timestamp, windows: &[Window], now: Timestamp) -> Timestamp {
    windows
        .iter()
        .filter(|window| window.starts_at <= now)
        .fold(deadline, |deadline, window| {
            let end = window.end(now);
            if window.starts_at <= deadline && deadline < end {
                deadline.plus(end.0 - window.starts_at.0)
            } else {
                deadline
            }
        })
}

/// What every page says about a window that has begun or is near.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Announcement {
    pub message: String,
    pub from: Moment,
    pub until: Option<Moment>,
    pub active: bool,
}

impl Announcement {
    pub fn title(&self) -> String {
        match (self.active, self.until) {
            (true, Some(until)) => format!("Maintenance until about {} ({})", until.day_time(), until.zone()),
            (true, None) => "Maintenance is under way".into(),
            (false, Some(until)) => format!(
                "Maintenance from {} until about {} ({})",
                self.from.day_time(),
                until.day_time(),
                self.from.zone()
            ),
            (false, None) => format!("Maintenance from {} ({})", self.from.day_time(), self.from.zone()),
        }
    }

    pub fn words(&self) -> String {
        let rule = if self.active {
            "What you type into answers is saved. Submitting and other changes are paused; a deadline in this time moves, so nobody loses time."
        } else {
            "What you type will be saved then, submitting will be paused, and a deadline in that time moves."
        };
        format!("{} {rule}", self.message).trim().to_owned()
    }
}

/// One row of the administrator's list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    pub id: WindowId,
    pub message: String,
    pub from: Moment,
    pub planned_until: Option<Moment>,
    pub ended: Option<Moment>,
    pub by: String,
    /// `active`, `planned`, `over` or `called off`.
    pub state: String,
}

/// The administrator's page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overview {
    pub windows: Vec<Listed>,
    pub read_only: bool,
    pub people: u64,
    pub mail: bool,
    pub now: Moment,
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HOUR: i64 = Timestamp::HOUR;

    fn at(hours: i64) -> Timestamp {
        Timestamp(hours * HOUR)
    }

    fn window(from: i64, planned: Option<i64>, ended: Option<i64>) -> Window {
        Window {
            id: WindowId::new(),
            message: String::new(),
            starts_at: at(from),
            planned_end_at: planned.map(at),
            ended_at: ended.map(at),
        }
    }

    #[test]
    fn a_deadline_inside_moves_by_the_window_and_others_stay() {
        let over = [window(10, None, Some(12))];
        let now = at(20);
        assert_eq!(later(at(11), &over, now), at(13));
        assert_eq!(later(at(10), &over, now), at(12));
        assert_eq!(later(at(12), &over, now), at(12));
        assert_eq!(later(at(9), &over, now), at(9));
        // While it lasts, the deadline has not passed, however late it gets.
        let open = [window(10, Some(11), None)];
        for hours in 10..30 {
            assert!(later(at(10), &open, at(hours)) > at(hours));
        }
        // Called off before it began, or not begun: nothing moves.
        assert_eq!(later(at(11), &[window(10, None, Some(8))], now), at(11));
        assert_eq!(later(at(11), &open, at(9)), at(11));
        // The moved deadline may fall into the next window.
        let two = [window(10, None, Some(12)), window(13, None, Some(14))];
        assert_eq!(later(at(11), &two, now), at(14));
    }

    proptest! {
        #[test]
        fn later_is_never_earlier(deadline in 0i64..100, from in 0i64..100, long in 0i64..20, now in 0i64..200) {
            let windows = [window(from, None, Some(from + long))];
            let moved = later(at(deadline), &windows, at(now));
            prop_assert!(moved >= at(deadline) && moved.0 - at(deadline).0 <= long * HOUR);
        }
    }
}
