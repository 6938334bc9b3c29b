//! Confidence that means what it says, and the threshold that keeps a promise.
//!
//! A raw score is turned into a probability by a monotone step function fitted on questions the
//! trees did not see (isotonic regression); the accept threshold is the lowest confidence at which
//! the accepted answers of other questions reached the wanted agreement.

use serde::{Deserialize, Serialize};

/// A monotone map from raw to calibrated probability, given by its corner points.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    pub points: Vec<(f32, f32)>,
}

impl Calibration {
    /// Isotonic regression of `agreed` on `raw`, with blocks of at least `smallest` answers.
    pub fn fit(raw: &[f32], agreed: &[bool], smallest: usize) -> Self {
        let mut order: Vec<usize> = (0..raw.len()).collect();
        order.sort_by(|&a, &b| raw[a].total_cmp(&raw[b]));
        let mut blocks: Vec<Block> = Vec::new();
        for part in order.chunks(smallest.max(1)) {
            let mut block = Block::default();
            for &row in part {
                block.add(f64::from(raw[row]), f64::from(u8::from(agreed[row])));
            }
            blocks.push(block);
            while let [.., before, last] = blocks.as_mut_slice() {
                if before.mean() <= last.mean() {
                    break;
                }
                before.join(last);
                blocks.pop();
            }
        }
        let points = blocks.iter().map(|block| (block.raw(), block.mean())).collect();
        Self { points }
    }

    /// Between two points the map is a straight line, beyond the last ones it is flat.
    pub fn apply(&self, raw: f32) -> f32 {
        let at = self.points.partition_point(|(x, _)| *x <= raw);
        match (
            at.checked_sub(1).and_then(|at| self.points.get(at)),
            self.points.get(at),
        ) {
            (None, None) => raw,
            (None, Some((_, y))) | (Some((_, y)), None) => *y,
            (Some((x0, y0)), Some((x1, y1))) => y0 + (y1 - y0) * (raw - x0) / (x1 - x0).max(1e-9),
        }
    }
}

#[derive(Clone, Copy, Default)]
struct Block {
    count: f64,
    raw: f64,
    agreed: f64,
}

impl Block {
    fn add(&mut self, raw: f64, agreed: f64) {
        self.count += 1.0;
        self.raw += raw;
        self.agreed += agreed;
    }

    fn join(&mut self, other: &Self) {
        self.count += other.count;
        self.raw += other.raw;
        self.agreed += other.agreed;
    }

    /// With one imagined agreement and one disagreement, so that no block claims certainty.
    fn mean(&self) -> f32 {
        ((self.agreed + 1.0) / (self.count + 2.0)) as f32
    }

    fn raw(&self) -> f32 {
        (self.raw / self.count) as f32
    }
}

/// The lowest confidence such that, of the answers at or above it, `target` agree, whichever higher
/// threshold one takes too (so that a lucky streak does not decide). Above 1 when there is none.
pub fn threshold(confidence: &[f32], agreed: &[bool], target: f32) -> f32 {
    let mut order: Vec<usize> = (0..confidence.len()).collect();
    order.sort_by(|&a, &b| confidence[b].total_cmp(&confidence[a]));
    let (mut seen, mut right) = (0.0f32, 0.0f32);
    let mut best = 1.01;
    for (place, &row) in order.iter().enumerate() {
        seen += 1.0;
        right += f32::from(u8::from(agreed[row]));
        let next = order.get(place + 1).map(|&next| confidence[next]);
        if next == Some(confidence[row]) || seen < 30.0 {
            continue;
        }
        // One standard error on the safe side.
        let rate = right / seen;
        let margin = (rate * (1.0 - rate) / seen).sqrt();
        if rate - margin >= target {
            best = confidence[row];
        }
    }
    best
}

/// A suggestion for an answer of a question, and whether the teacher agreed.
#[derive(Clone, Copy, Debug)]
pub struct Vote {
    pub confidence: f32,
    pub agreed: bool,
    pub question: usize,
}

/// How far below the agreement asked for a single question may fall (by more than chance), and how many
/// may fall lower.
const ROOM: f64 = 0.05;
const KEPT: f64 = 0.95;
/// Questions with fewer accepted answers say nothing about a question's agreement.
const TELLING: f64 = 10.0;

/// The lowest confidence such that of the answers at or above it `target` agree, with one standard error in
/// hand (answers of one question err together), and that hardly any question falls far below. Above 1 when
/// there is none.
pub fn threshold_by_question(votes: &[Vote], target: f32) -> f32 {
    let mut sorted: Vec<&Vote> = votes.iter().collect();
    sorted.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    let stride = sorted.len().div_ceil(400).max(1);
    let target = f64::from(target);
    let mut tallies: Vec<(f64, f64)> = vec![(0.0, 0.0); votes.iter().map(|vote| vote.question + 1).max().unwrap_or(0)];
    let (mut best, mut checked) = (1.01, 0);
    for (place, vote) in sorted.iter().enumerate() {
        let tally = &mut tallies[vote.question];
        tally.0 += 1.0;
        tally.1 += f64::from(u8::from(vote.agreed));
        let ends = sorted
            .get(place + 1)
            .is_none_or(|next| next.confidence < vote.confidence);
        if !ends || place + 1 < 30 || place < checked + stride {
            continue;
        }
        checked = place;
        let seen = (place + 1) as f64;
        let rate = tallies.iter().map(|tally| tally.1).sum::<f64>() / seen;
        let spread: f64 = tallies.iter().map(|(all, right)| (right - rate * all).powi(2)).sum();
        // With one imagined error, so that a spotless streak does not look certain.
        let margin = (spread + 1.0).sqrt() / seen;
        let telling = tallies.iter().filter(|tally| tally.0 >= TELLING);
        let (of, kept) = telling.fold((0.0, 0.0), |(of, kept), (all, right)| {
            let least = target - ROOM;
            let chance = (least * (1.0 - least) / all).sqrt();
            (of + 1.0, kept + f64::from(u8::from(right / all >= least - chance)))
        });
        if rate - margin >= target && kept >= KEPT * of {
            best = vote.confidence;
        }
    }
    best
}

/// A straight line through the thresholds found after so many graded answers each, in the logarithm of the
/// number: each alone hangs on a handful of questions and jumps from draw to draw.
pub struct Line {
    graded: f64,
    threshold: f64,
    slope: f64,
}

impl Line {
    /// Least squares. A number after which nothing may be accepted counts as a threshold of 1.
    pub fn fit(found: &[(usize, f32)]) -> Self {
        let points =
            || (found.iter()).map(|(graded, threshold)| ((*graded as f64).ln(), f64::from(threshold.min(1.0))));
        let count = found.len().max(1) as f64;
        let graded = points().map(|(x, _)| x).sum::<f64>() / count;
        let threshold = points().map(|(_, y)| y).sum::<f64>() / count;
        let spread: f64 = points().map(|(x, _)| (x - graded).powi(2)).sum();
        let both: f64 = points().map(|(x, y)| (x - graded) * (y - threshold)).sum();
        Self {
            graded,
            threshold,
            slope: both / spread.max(1e-9),
        }
    }

    pub fn at(&self, graded: usize) -> f32 {
        (self.threshold + self.slope * ((graded as f64).ln() - self.graded)) as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_threshold_keeps_the_promise() {
        let confidence: Vec<f32> = (0..1000).map(|n| n as f32 / 1000.0).collect();
        let agreed: Vec<bool> = (0..1000).map(|n| n >= 500 || n % 2 == 0).collect();
        let at = threshold(&confidence, &agreed, 0.95);
        let accepted = confidence.iter().zip(&agreed).filter(|(c, _)| **c >= at);
        let (all, right) = accepted.fold((0, 0), |(n, r), (_, a)| (n + 1, r + i32::from(*a)));
        assert!(f64::from(right) / f64::from(all) >= 0.95 && all > 500);
        assert!(threshold(&confidence, &vec![false; 1000], 0.9) > 1.0);
    }

    #[test]
    fn one_bad_question_in_ten_raises_the_threshold() {
        let votes = |bad: usize| -> Vec<Vote> {
            (0..4000)
                .map(|n| Vote {
                    confidence: 0.5 + (n / 20) as f32 / 400.0,
                    // Below .75 bad questions are wrong three times in ten.
                    agreed: n % 20 >= bad || n >= 2000 || (n / 20) % 10 >= 3,
                    question: n % 20,
                })
                .collect()
        };
        assert!(threshold_by_question(&votes(0), 0.95) < 0.52);
        assert!(threshold_by_question(&votes(1), 0.9) < 0.52);
        assert!(threshold_by_question(&votes(3), 0.95) > 0.54);
        assert!(threshold_by_question(&[], 0.9) > 1.0);
    }

    #[test]
    fn thresholds_lie_on_a_line_that_one_lucky_draw_hardly_moves() {
        let straight = [(5, 0.95), (10, 0.93), (20, 0.91), (40, 0.89)];
        let line = Line::fit(&straight);
        for (graded, threshold) in straight {
            assert!((line.at(graded) - threshold).abs() < 1e-4);
        }
        assert!(line.at(14) < 0.93 && line.at(14) > 0.91);
        let mut lucky = straight;
        lucky[1].1 = 0.85;
        assert!(Line::fit(&lucky).at(10) > 0.9);
        // Nothing accepted is a threshold of 1; after one number alone the line is flat.
        assert_eq!(Line::fit(&[(3, 1.01)]).at(40), 1.0);
    }

    proptest! {
        #[test]
        fn calibration_is_monotone_and_stays_in_range(
            rows in prop::collection::vec((0f32..1.0, any::<bool>()), 1..300),
            probes in prop::collection::vec(0f32..1.0, 2..20),
        ) {
            let (raw, agreed): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
            let calibration = Calibration::fit(&raw, &agreed, 10);
            let mut probes = probes;
            probes.sort_by(f32::total_cmp);
            let values: Vec<f32> = probes.iter().map(|x| calibration.apply(*x)).collect();
            prop_assert!(values.windows(2).all(|pair| pair[0] <= pair[1] + 1e-6));
            prop_assert!(values.iter().all(|value| (0.0..=1.0).contains(value)));
        }
    }
}
