//! Arithmetic of grades: which points count, where they fall, what lateness leaves. Exact, and the same on both faces.

use super::BINS;
use crate::points::Points;

/// The points that count: the human's, else the machine's.
pub fn effective(human: Option<Points>, machine: Option<Points>) -> Option<Points> {
    human.or(machine)
}

/// Which bin of the histogram `points` of `of` fall into; full points belong to the last.
pub fn bin(points: Points, of: Points) -> usize {
    if of.0 <= 0 || points.0 <= 0 {
        return 0;
    }
    let tenth = i64::from(points.0) * BINS as i64 / i64::from(of.0);
    usize::try_from(tenth).map_or(0, |tenth| tenth.min(BINS - 1))
}

/// How many of these (points, of) pairs fall into each bin.
pub fn histogram(totals: impl IntoIterator<Item = (Points, Points)>) -> Vec<u32> {
    let mut bins = vec![0; BINS];
    for (points, of) in totals {
        bins[bin(points, of)] += 1;
    }
    bins
}

/// What a bin is called below its column: `0–10 %`.
pub fn bin_label(bin: usize) -> String {
    format!("{}–{} %", bin * 10, bin * 10 + 10)
}

/// `points` of `of` in percent with one decimal, rounded half up: `87.5`. Of nothing it is nothing.
pub fn percent(points: Points, of: Points) -> Option<String> {
    if of.0 <= 0 {
        return None;
    }
    let thousandths = (i64::from(points.0) * 1000 + i64::from(of.0) / 2) / i64::from(of.0);
    Some(format!("{}.{}", thousandths / 10, thousandths % 10))
}

/// The order of the review queue: the least certain first, in millionths. Exact rules come last.
pub fn review_order(confidence: Option<f32>) -> i32 {
    (f64::from(confidence.unwrap_or(1.0).clamp(0.0, 1.0)) * 1e6).round() as i32
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn bins_hold_their_lower_edge() {
        assert_eq!(bin(Points(0), Points(500)), 0);
        assert_eq!(bin(Points(49), Points(500)), 0);
        assert_eq!(bin(Points(50), Points(500)), 1);
        assert_eq!(bin(Points(499), Points(500)), 9);
        assert_eq!(bin(Points(500), Points(500)), 9);
        assert_eq!(bin(Points(100), Points(0)), 0);
        assert_eq!(bin_label(9), "90–100 %");
    }

    #[test]
    fn percentages_are_rounded_once() {
        assert_eq!(percent(Points(700), Points(800)).as_deref(), Some("87.5"));
        assert_eq!(percent(Points(200), Points(300)).as_deref(), Some("66.7"));
        assert_eq!(percent(Points(0), Points(300)).as_deref(), Some("0.0"));
        assert_eq!(percent(Points(0), Points(0)), None);
    }

    #[test]
    fn the_unsure_come_first() {
        assert!(review_order(Some(0.2)) < review_order(Some(0.21)));
        assert_eq!(review_order(None), 1_000_000);
        assert_eq!(review_order(Some(f32::NAN)), 0);
    }

    #[test]
    fn the_human_counts() {
        assert_eq!(effective(Some(Points(0)), Some(Points(500))), Some(Points(0)));
        assert_eq!(effective(None, Some(Points(500))), Some(Points(500)));
        assert_eq!(effective(None, None), None);
    }

    proptest! {
        #[test]
        fn every_answer_is_in_exactly_one_bin(totals in prop::collection::vec((-100..2_000_000i32, 0..1_000_000i32), 0..60)) {
            let bins = histogram(totals.iter().map(|&(points, of)| (Points(points), Points(of))));
            prop_assert_eq!(bins.len(), BINS);
            prop_assert_eq!(bins.iter().sum::<u32>() as usize, totals.len());
        }

        #[test]
        fn more_points_never_fall_into_a_lower_bin(a in 0..1_000_000i32, b in 0..1_000_000i32, of in 1..1_000_000i32) {
            prop_assert!(bin(Points(a.min(b)), Points(of)) <= bin(Points(a.max(b)), Points(of)));
        }

        #[test]
        fn a_bin_is_the_tenth_it_says(points in 0..=1_000_000i32, of in 1..=1_000_000i32) {
            let place = bin(Points(points), Points(of)) as i64;
            prop_assert!(i64::from(points) * 10 >= place * i64::from(of));
            prop_assert!(place == 9 || i64::from(points) * 10 < (place + 1) * i64::from(of));
        }

        #[test]
        fn percent_stays_near_the_truth(points in 0..=1_000_000i32, of in 1..=1_000_000i32) {
            let shown: f64 = percent(Points(points), Points(of)).and_then(|p| p.parse().ok()).expect("a number");
            prop_assert!((shown - f64::from(points) / f64::from(of) * 100.0).abs() < 0.051);
        }
    }
}
