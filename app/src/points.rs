//! Points as exact hundredths: 7.5 points are `Points(750)`. Totals never pass through floating point.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::iter::Sum;
use std::ops::{Add, Sub};
use std::str::FromStr;

/// An amount of points in hundredths of a point.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(sea_orm::DeriveValueType, utoipa::ToSchema))]
#[serde(transparent)]
pub struct Points(pub i32);

/// The most that one question may be worth: 10,000 points.
pub const MAX_POINTS: Points = Points(1_000_000);

impl Points {
    pub const ZERO: Points = Points(0);

    /// This share (0–1) of the points, rounded to the nearest hundredth.
    pub fn share(self, share: f64) -> Points {
        Points((f64::from(self.0) * share.clamp(0.0, 1.0)).round() as i32)
    }

    /// What part of `of` this is, 0–1; zero of zero is 0.
    pub fn part_of(self, of: Points) -> f64 {
        if of.0 == 0 {
            0.0
        } else {
            f64::from(self.0) / f64::from(of.0)
        }
    }

    /// Less `percent`, rounded to the nearest hundredth, never below zero.
    pub fn less_percent(self, percent: i32) -> Points {
        let keep = i64::from(100 - percent.clamp(0, 100));
        Points(((i64::from(self.0) * keep + 50) / 100).max(0) as i32)
    }
}

impl fmt::Display for Points {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (whole, rest) = (self.0.unsigned_abs() / 100, self.0.unsigned_abs() % 100);
        match rest {
            0 => write!(f, "{sign}{whole}"),
            r if r % 10 == 0 => write!(f, "{sign}{whole}.{}", r / 10),
            r => write!(f, "{sign}{whole}.{r:02}"),
        }
    }
}

/// Why a text is not an amount of points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PointsError {
    #[error("Write points as a number, such as 2 or 2.5.")]
    NotANumber,
    #[error("Points have at most two decimals.")]
    TooFine,
    #[error("Points must lie between 0 and 10,000.")]
    OutOfRange,
}

impl FromStr for Points {
    type Err = PointsError;

    /// Accepts a decimal point or comma: `2`, `2.5`, `2,25`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let (whole, decimals) = text.split_once(['.', ',']).unwrap_or((text, ""));
        let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        if (whole.is_empty() && decimals.is_empty()) || !digits(whole) || !digits(decimals) {
            return Err(if text.starts_with('-') && digits(&whole[1..]) {
                PointsError::OutOfRange
            } else {
                PointsError::NotANumber
            });
        }
        if decimals.trim_end_matches('0').len() > 2 {
            return Err(PointsError::TooFine);
        }
        let whole: i32 = if whole.is_empty() {
            0
        } else {
            whole.parse().map_err(|_| PointsError::OutOfRange)?
        };
        let cents: String = decimals.chars().chain("00".chars()).take(2).collect();
        let cents: i32 = cents.parse().map_err(|_| PointsError::NotANumber)?;
        let points = whole
            .checked_mul(100)
            .and_then(|w| w.checked_add(cents))
            .map(Points)
            .ok_or(PointsError::OutOfRange)?;
        if points > MAX_POINTS {
            Err(PointsError::OutOfRange)
        } else {
            Ok(points)
        }
    }
}

impl Add for Points {
    type Output = Points;
    fn add(self, other: Points) -> Points {
        Points(self.0.saturating_add(other.0))
    }
}

impl Sub for Points {
    type Output = Points;
    fn sub(self, other: Points) -> Points {
        Points(self.0.saturating_sub(other.0))
    }
}

impl Sum for Points {
    fn sum<I: Iterator<Item = Points>>(iter: I) -> Points {
        iter.fold(Points::ZERO, Add::add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_what_people_write() {
        assert_eq!("2".parse(), Ok(Points(200)));
        assert_eq!("2.5".parse(), Ok(Points(250)));
        assert_eq!("2,25".parse(), Ok(Points(225)));
        assert_eq!(".5".parse(), Ok(Points(50)));
        assert_eq!("1.5000".parse(), Ok(Points(150)));
        assert_eq!("".parse::<Points>(), Err(PointsError::NotANumber));
        assert_eq!("two".parse::<Points>(), Err(PointsError::NotANumber));
        assert_eq!("1.234".parse::<Points>(), Err(PointsError::TooFine));
        assert_eq!("-1".parse::<Points>(), Err(PointsError::OutOfRange));
        assert_eq!("99999999999".parse::<Points>(), Err(PointsError::OutOfRange));
    }

    proptest! {
        #[test]
        fn display_and_parse_are_inverse(cents in 0..=MAX_POINTS.0) {
            prop_assert_eq!(Points(cents).to_string().parse::<Points>(), Ok(Points(cents)));
        }

        #[test]
        fn any_text_is_refused_or_read_without_panic(text in ".{0,20}") {
            let _ = text.parse::<Points>();
        }

        #[test]
        fn a_penalty_never_adds(cents in 0..=MAX_POINTS.0, percent in -10..200) {
            let left = Points(cents).less_percent(percent);
            prop_assert!(left <= Points(cents) && left >= Points::ZERO);
        }
    }
}
