//! How sure a model has to be.

use serde::{Deserialize, Serialize};

/// From which confidence on a model keeps which agreement (in thousandths), once so many answers of the question have been graded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bar {
    pub graded: i32,
    pub thresholds: Vec<(i32, f32)>,
}

impl Bar {
    /// From what the register holds, fewest graded answers first. Models registered earlier have thresholds only for questions nobody has
    /// graded yet; with graded answers nothing is known of them.
    pub fn stored(text: &str) -> Vec<Bar> {
        serde_json::from_str(text).unwrap_or_else(|_| {
            let first = |thresholds| {
                let unknown = Bar {
                    graded: 1,
                    thresholds: Vec::new(),
                };
                vec![Bar { graded: 0, thresholds }, unknown]
            };
            serde_json::from_str(text).map(first).unwrap_or_default()
        })
    }

    /// The confidence that keeps at least this agreement after so many graded answers; none where that was not measured.
    pub fn threshold(bars: &[Bar], graded: i32, target: i32) -> Option<f32> {
        let bar = bars.iter().rev().find(|bar| bar.graded <= graded)?;
        let enough = bar.thresholds.iter().filter(|(agreement, _)| *agreement >= target);
        enough
            .min_by_key(|(agreement, _)| *agreement)
            .map(|(_, confidence)| *confidence)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_holds_from_its_number_of_graded_answers_on() {
        let bar = |graded, at_80| Bar {
            graded,
            thresholds: vec![(800, at_80), (950, 0.99)],
        };
        let bars = [bar(0, 0.6), bar(3, 0.82), bar(10, 0.69)];
        let found: Vec<_> = [0, 2, 3, 9, 10, 80]
            .iter()
            .map(|graded| Bar::threshold(&bars, *graded, 800))
            .collect();
        assert_eq!(found, [0.6, 0.6, 0.82, 0.82, 0.69, 0.69].map(Some));
        // The nearest promise that is at least as strong; none where none is.
        assert_eq!(Bar::threshold(&bars, 3, 850), Some(0.99));
        assert_eq!(Bar::threshold(&bars, 3, 990), None);
        let stored = serde_json::to_string(&bars).expect("json");
        assert_eq!(Bar::stored(&stored), bars);
    }

    #[test]
    fn what_was_registered_earlier_says_nothing_about_graded_answers() {
        let bars = Bar::stored("[[800,0.6],[950,0.9]]");
        assert_eq!(Bar::threshold(&bars, 0, 800), Some(0.6));
        assert_eq!(Bar::threshold(&bars, 1, 800), None);
        assert!(Bar::stored("{}").is_empty() && Bar::stored("").is_empty());
    }
}
