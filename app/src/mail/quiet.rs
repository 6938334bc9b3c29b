//! Quiet hours: when mail that can wait, waits.

use crate::entity::quiet_hours;
use crate::settings::model::Institution;
use crate::time::{Moment, Timestamp};

/// When the quiet hours that hold `now` end; nothing outside of them. In the person's zone, or the institution's.
pub fn end(hours: &quiet_hours::Model, institution: &Institution, now: Timestamp) -> Option<Timestamp> {
    const DAY: i32 = 24 * 60;
    let zone = Institution {
        time_zone: if hours.time_zone.is_empty() {
            institution.time_zone.clone()
        } else {
            hours.time_zone.clone()
        },
        ..Institution::default()
    };
    let local = Moment {
        at: now,
        offset_minutes: zone.offset_minutes(now),
    };
    let minute = crate::mail::model::minute(&local.clock())?;
    let (from, until) = (hours.from_minute, hours.until_minute);
    let to_go = (until - minute).rem_euclid(DAY);
    let quiet = (minute - from).rem_euclid(DAY) < (until - from).rem_euclid(DAY);
    if !quiet {
        return None;
    }
    // By the wall clock, so that a change to summer time in the night moves nothing.
    let wall = now.0 + i64::from(local.offset_minutes) * Timestamp::MINUTE;
    let wall = wall - wall.rem_euclid(Timestamp::MINUTE) + i64::from(to_go) * Timestamp::MINUTE;
    Some(zone.instant_of(wall))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::UserId;

    fn at(text: &str, zone: &str) -> Timestamp {
        let zone = Institution {
            time_zone: zone.into(),
            ..Institution::default()
        };
        zone.instant_of(crate::time::parse_input(text).expect("a time"))
    }

    fn hours(from: &str, until: &str, zone: &str) -> quiet_hours::Model {
        quiet_hours::Model {
            user_id: UserId::new(),
            from_minute: crate::mail::model::minute(from).expect("a clock"),
            until_minute: crate::mail::model::minute(until).expect("a clock"),
            time_zone: zone.into(),
            updated_at: Timestamp(0),
        }
    }

    #[test]
    fn nights_days_and_zones() {
        let berlin = "Europe/Berlin";
        let school = Institution {
            time_zone: berlin.into(),
            ..Institution::default()
        };
        let night = hours("22:00", "07:00", "");
        let end_at = |text| end(&night, &school, at(text, berlin));
        assert_eq!(end_at("2026-06-10T21:59"), None);
        assert_eq!(end_at("2026-06-10T22:00"), Some(at("2026-06-11T07:00", berlin)));
        assert_eq!(end_at("2026-06-11T06:59"), Some(at("2026-06-11T07:00", berlin)));
        assert_eq!(end_at("2026-06-11T07:00"), None);
        // The clocks go forward in this night; the morning is at seven all the same.
        assert_eq!(end_at("2026-03-28T23:00"), Some(at("2026-03-29T07:00", berlin)));
        let lunch = hours("12:00", "13:00", "America/New_York");
        let noon = at("2026-06-10T12:30", "America/New_York");
        assert_eq!(
            end(&lunch, &school, noon),
            Some(at("2026-06-10T13:00", "America/New_York"))
        );
        assert_eq!(end(&lunch, &school, at("2026-06-10T12:30", berlin)), None);
        // From and until the same: no quiet hours.
        assert_eq!(
            end(&hours("09:00", "09:00", ""), &school, at("2026-06-10T09:00", berlin)),
            None
        );
    }
}
