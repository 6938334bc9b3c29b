//! The institution as everyone sees it.

use serde::{Deserialize, Serialize};

/// Name, time zone and house rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Institution {
    pub name: String,
    /// IANA name: `Europe/Berlin`.
    pub time_zone: String,
    /// Whether anyone may register as a student.
    pub self_registration: bool,
    /// Whether those who register must confirm their address before they can sign in. Without mail it has no effect.
    pub verified_email: bool,
    /// Whether this is the demo institution, which says so on every page.
    pub demo: bool,
}

impl Default for Institution {
    fn default() -> Self {
        Self {
            name: "Auto-Grader".into(),
            time_zone: "UTC".into(),
            self_registration: true,
            verified_email: false,
            demo: false,
        }
    }
}

#[cfg(feature = "ssr")]
mod zone {
    use super::Institution;
    use crate::time::Timestamp;
    use chrono::{DateTime, Offset, TimeZone};

    impl Institution {
        fn zone(&self) -> chrono_tz::Tz {
            self.time_zone.parse().unwrap_or(chrono_tz::UTC)
        }

        /// The zone's offset from UTC at an instant.
        pub fn offset_minutes(&self, at: Timestamp) -> i32 {
            let utc = DateTime::from_timestamp_micros(at.0).unwrap_or_default();
            self.zone()
                .offset_from_utc_datetime(&utc.naive_utc())
                .fix()
                .local_minus_utc()
                / 60
        }

        /// The instant a wall clock here shows `wall` microseconds; the first of two when clocks go back, the later side of
        /// the gap when they go forward.
        pub fn instant_of(&self, wall: i64) -> Timestamp {
            let naive = DateTime::from_timestamp_micros(wall).unwrap_or_default().naive_utc();
            match self.zone().from_local_datetime(&naive).earliest() {
                Some(time) => Timestamp(time.timestamp_micros()),
                None => Timestamp(wall).plus(-i64::from(self.offset_minutes(Timestamp(wall))) * Timestamp::MINUTE),
            }
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn a_deadline_keeps_its_wall_clock_over_summer_time() {
            let berlin = Institution {
                time_zone: "Europe/Berlin".into(),
                ..Institution::default()
            };
            for text in ["2026-01-10T23:59", "2026-07-10T23:59", "2026-10-25T02:30"] {
                let wall = crate::time::parse_input(text).expect("a time");
                let at = berlin.instant_of(wall);
                let shown = crate::time::Moment {
                    at,
                    offset_minutes: berlin.offset_minutes(at),
                };
                assert_eq!(shown.input_value(), text);
            }
        }
    }
}
