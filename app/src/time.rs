//! Time: instants in UTC microseconds, and moments as a reader sees them in a zone.
//!
//! The server knows the time zones; it sends each instant with the zone's offset at that instant, so that both faces
//! print the same words and hydration never disagrees.

use chrono::{DateTime, Datelike, NaiveDateTime, Timelike};
use serde::{Deserialize, Serialize};

/// An instant: microseconds since 1970 in UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(sea_orm::DeriveValueType, utoipa::ToSchema))]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    pub const SECOND: i64 = 1_000_000;
    pub const MINUTE: i64 = 60 * Self::SECOND;
    pub const HOUR: i64 = 60 * Self::MINUTE;
    pub const DAY: i64 = 24 * Self::HOUR;

    /// This instant plus (or minus) microseconds.
    pub fn plus(self, micros: i64) -> Timestamp {
        Timestamp(self.0.saturating_add(micros))
    }

    /// RFC 3339 in UTC, for machines: `2026-06-10T12:14:00Z`.
    pub fn rfc3339(self) -> String {
        at_offset(self, 0).format("%Y-%m-%dT%H:%M:%SZ").to_string()
    }
}

/// An instant with the offset of the reader's zone at that instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Moment {
    pub at: Timestamp,
    pub offset_minutes: i32,
}

impl Moment {
    /// `10 June 2026, 14:14`
    pub fn date_time(self) -> String {
        let t = at_offset(self.at, self.offset_minutes);
        format!(
            "{} {} {}, {:02}:{:02}",
            t.day(),
            MONTHS[t.month0() as usize],
            t.year(),
            t.hour(),
            t.minute()
        )
    }

    /// `10 June 2026`
    pub fn date(self) -> String {
        let t = at_offset(self.at, self.offset_minutes);
        format!("{} {} {}", t.day(), MONTHS[t.month0() as usize], t.year())
    }

    /// `Wed 10 June, 14:14`, for deadlines close by.
    pub fn day_time(self) -> String {
        let t = at_offset(self.at, self.offset_minutes);
        let day = DAYS[t.weekday().num_days_from_monday() as usize];
        format!(
            "{day} {} {}, {:02}:{:02}",
            t.day(),
            MONTHS[t.month0() as usize],
            t.hour(),
            t.minute()
        )
    }

    /// `14:02:11`
    pub fn clock(self) -> String {
        let t = at_offset(self.at, self.offset_minutes);
        format!("{:02}:{:02}:{:02}", t.hour(), t.minute(), t.second())
    }

    /// `UTC+02:00`, to be named at deadlines.
    pub fn zone(self) -> String {
        let sign = if self.offset_minutes < 0 { '-' } else { '+' };
        let m = self.offset_minutes.abs();
        if m == 0 {
            "UTC".into()
        } else {
            format!("UTC{sign}{:02}:{:02}", m / 60, m % 60)
        }
    }

    /// The value of an `<input type="datetime-local">`: `2026-06-10T14:14`.
    pub fn input_value(self) -> String {
        at_offset(self.at, self.offset_minutes)
            .format("%Y-%m-%dT%H:%M")
            .to_string()
    }

    /// For the `datetime` attribute of `<time>`.
    pub fn rfc3339(self) -> String {
        self.at.rfc3339()
    }

    /// How far from `now`, in words: `in 3 days`, `2 hours ago`, `just now`.
    pub fn relative(self, now: Timestamp) -> String {
        let distance = self.at.0.saturating_sub(now.0);
        let (size, unit) = match distance.saturating_abs() {
            d if d < Timestamp::MINUTE => return "just now".into(),
            d if d < Timestamp::HOUR => (d / Timestamp::MINUTE, "minute"),
            d if d < Timestamp::DAY => (d / Timestamp::HOUR, "hour"),
            d if d < 60 * Timestamp::DAY => (d / Timestamp::DAY, "day"),
            d => (d / (30 * Timestamp::DAY), "month"),
        };
        let s = if size == 1 { "" } else { "s" };
        if distance > 0 {
            format!("in {size} {unit}{s}")
        } else {
            format!("{size} {unit}{s} ago")
        }
    }
}

/// Reads the value of an `<input type="datetime-local">` as wall-clock microseconds, still without a zone.
pub fn parse_input(text: &str) -> Option<i64> {
    let text = text.trim();
    ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
        .map(|t| t.and_utc().timestamp_micros())
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

fn at_offset(at: Timestamp, minutes: i32) -> NaiveDateTime {
    let micros = at.0.saturating_add(i64::from(minutes) * Timestamp::MINUTE);
    DateTime::from_timestamp_micros(micros).unwrap_or_default().naive_utc()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_a_moment_in_its_zone() {
        let moment = Moment {
            at: Timestamp(1_781_093_640_000_000),
            offset_minutes: 120,
        };
        assert_eq!(moment.date_time(), "10 June 2026, 14:14");
        assert_eq!(moment.day_time(), "Wed 10 June, 14:14");
        assert_eq!(moment.zone(), "UTC+02:00");
        assert_eq!(moment.input_value(), "2026-06-10T14:14");
        assert_eq!(moment.rfc3339(), "2026-06-10T12:14:00Z");
    }

    #[test]
    fn says_how_far_away() {
        let now = Timestamp(1_000 * Timestamp::DAY);
        let moment = |micros| Moment {
            at: now.plus(micros),
            offset_minutes: 0,
        };
        assert_eq!(moment(3 * Timestamp::DAY).relative(now), "in 3 days");
        assert_eq!(moment(-Timestamp::HOUR).relative(now), "1 hour ago");
        assert_eq!(moment(5).relative(now), "just now");
        assert_eq!(moment(i64::MIN).relative(now), "3558399 months ago");
    }

    #[test]
    fn input_values_come_back() {
        assert_eq!(parse_input("2026-06-10T14:14"), Some(1_781_100_840_000_000));
        assert_eq!(parse_input("tomorrow"), None);
    }
}
