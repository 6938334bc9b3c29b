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
