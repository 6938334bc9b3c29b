//! The state of an assignment, its dates and the late rule.

use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Where an assignment stands for the people of the course.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Only staff see it.
    Draft,
    Open,
    /// Past due, still taken with a deduction.
    Late,
    Closed,
    /// Grades are published.
    Published,
}

/// The dates that decide the phase.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dates {
    pub published_at: Option<Timestamp>,
    pub due_at: Option<Timestamp>,
    pub closes_at: Option<Timestamp>,
    pub grades_published_at: Option<Timestamp>,
}

impl Dates {
    /// When no more answers are taken; never, without any date.
    pub fn end(&self) -> Option<Timestamp> {
        match (self.due_at, self.closes_at) {
            (Some(due), Some(closes)) => Some(due.max(closes)),
            (due, closes) => closes.or(due),
        }
    }

    pub fn phase(&self, now: Timestamp) -> Phase {
        if self.published_at.is_none_or(|at| at > now) {
            Phase::Draft
        } else if self.grades_published_at.is_some() {
            Phase::Published
        } else if self.end().is_some_and(|end| now >= end) {
            Phase::Closed
        } else if self.due_at.is_some_and(|due| now >= due) {
            Phase::Late
        } else {
            Phase::Open
        }
    }

    /// Whether answers are taken.
    pub fn takes_answers(&self, now: Timestamp) -> bool {
        matches!(self.phase(now), Phase::Open | Phase::Late)
    }

    /// The deduction in percent for a submission at `at`: per day begun after the due date, at most 100.
    pub fn late_percent(&self, at: Timestamp, per_day: i32) -> i32 {
        let Some(due) = self.due_at else { return 0 };
        let late = at.0 - due.0;
        if late <= 0 {
            return 0;
        }
        let days = (late - 1) / Timestamp::DAY + 1;
        (days.min(100) as i32).saturating_mul(per_day.clamp(0, 100)).min(100)
    }
}

#[cfg(feature = "ssr")]
impl From<&crate::entity::assignment::Model> for Dates {
    fn from(row: &crate::entity::assignment::Model) -> Self {
        Self {
            published_at: row.published_at,
            due_at: row.due_at,
            closes_at: row.closes_at,
            grades_published_at: row.grades_published_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const DUE: Timestamp = Timestamp(1_000 * Timestamp::DAY);

    fn dates() -> Dates {
        Dates {
            published_at: Some(Timestamp(0)),
            due_at: Some(DUE),
            closes_at: Some(DUE.plus(3 * Timestamp::DAY)),
            grades_published_at: None,
        }
    }

    #[test]
    fn phases_follow_the_dates() {
        assert_eq!(dates().phase(DUE.plus(-1)), Phase::Open);
        assert_eq!(dates().phase(DUE), Phase::Late);
        assert_eq!(dates().phase(DUE.plus(3 * Timestamp::DAY)), Phase::Closed);
        assert_eq!(
            Dates {
                published_at: None,
                ..dates()
            }
            .phase(DUE),
            Phase::Draft
        );
        assert_eq!(
            Dates {
                closes_at: None,
                ..dates()
            }
            .phase(DUE),
            Phase::Closed
        );
        assert_eq!(
            Dates {
                due_at: None,
                closes_at: None,
                ..dates()
            }
            .phase(DUE),
            Phase::Open
        );
    }

    #[test]
    fn each_day_begun_costs() {
        assert_eq!(dates().late_percent(DUE, 10), 0);
        assert_eq!(dates().late_percent(DUE.plus(1), 10), 10);
        assert_eq!(dates().late_percent(DUE.plus(Timestamp::DAY), 10), 10);
        assert_eq!(dates().late_percent(DUE.plus(Timestamp::DAY + 1), 10), 20);
        assert_eq!(dates().late_percent(DUE.plus(50 * Timestamp::DAY), 10), 100);
    }

    proptest! {
        #[test]
        fn a_deduction_stays_within_bounds_and_grows_with_time(a in 0..i64::MAX / 4, b in 0..i64::MAX / 4, per_day in -5..200) {
            let (early, late) = (Timestamp(a.min(b)), Timestamp(a.max(b)));
            let (one, two) = (dates().late_percent(early, per_day), dates().late_percent(late, per_day));
            prop_assert!((0..=100).contains(&one) && one <= two);
        }
    }
}
