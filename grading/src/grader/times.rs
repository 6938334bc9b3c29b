//! How long the stages take, in a form that Prometheus histograms take over as it is.

use serde::Serialize;

/// Upper bounds of the buckets in seconds; what takes longer counts only in `count`.
pub const BOUNDS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// Durations of one stage.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Times {
    pub count: u64,
    pub seconds: f64,
    /// How many lie at or below each of `BOUNDS` and above the one before.
    pub buckets: [u64; BOUNDS.len()],
}

impl Times {
    pub fn add(&mut self, seconds: f64) {
        self.count += 1;
        self.seconds += seconds;
        if let Some(bucket) = BOUNDS.iter().position(|bound| seconds <= *bound) {
            self.buckets[bucket] += 1;
        }
    }
}

/// All stages: one entry for each piece of a call that waited, one for each batch that was worked on.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Stages {
    pub wait: Times,
    pub prepare: Times,
    pub encode: Times,
    pub score: Times,
}

impl Stages {
    pub fn named(&self) -> [(&'static str, &Times); 4] {
        [
            ("wait", &self.wait),
            ("prepare", &self.prepare),
            ("encode", &self.encode),
            ("score", &self.score),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_fall_into_their_buckets() {
        let mut times = Times::default();
        for seconds in [0.0004, 0.001, 0.3, 60.0] {
            times.add(seconds);
        }
        assert_eq!((times.count, times.buckets[0], times.buckets[8]), (4, 2, 1));
        assert_eq!(times.buckets.iter().sum::<u64>(), 3);
        assert!((times.seconds - 60.3014).abs() < 1e-9);
    }
}
