//! From what graded answers say about another answer to its points, and to the probability that the
//! teacher gives just these. Fitted on classes of other questions: some answers graded, the others asked.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::trees::Trees;
use crate::calibrate::Calibration;
use crate::lesson::{Facts, Lesson, NAMES};

/// The part of a head that takes over once a teacher has graded a few answers.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Meta {
    /// The numbers it reads, by name.
    pub features: Vec<String>,
    /// Numbers → expected share of the points.
    pub score: Trees,
    /// Numbers and a level of points → raw probability that the teacher gives this level.
    pub confidence: Trees,
    pub calibration: Calibration,
    /// Accept thresholds by the number of graded answers, fewest first.
    pub bars: Vec<Bar>,
}

/// Thresholds for questions with at least so many graded answers: (agreement, confidence).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Bar {
    pub graded: usize,
    pub thresholds: Vec<(f32, f32)>,
}

/// What the meta head makes of an answer. Scores are shares of the full points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Judgement {
    pub expected: f32,
    /// The level of points the teacher gives most likely.
    pub level: f32,
    pub confidence: f32,
}

/// Inputs of the confidence trees beside the numbers.
pub const EXTRA: usize = 10;

impl Meta {
    /// Do its trees look at rows that there are?
    pub fn is_whole(&self) -> bool {
        let width = self.features.len();
        self.score.fit_rows_of(width) && self.confidence.fit_rows_of(width + EXTRA)
    }

    pub fn judge(&self, lesson: &Lesson, facts: &Facts, step: f32) -> Judgement {
        let values = self.read(facts);
        let expected = self.score.predict(&values);
        let (level, raw) = best_level(&self.confidence, lesson, facts, &values, expected, step);
        Judgement {
            expected,
            level,
            confidence: self.calibration.apply(raw),
        }
    }

    /// The numbers it was made for: a head goes on working when later ones read more.
    fn read<'a>(&self, facts: &'a Facts) -> Cow<'a, [f32]> {
        if self.features == NAMES {
            return Cow::Borrowed(&facts.values);
        }
        let place = |name: &String| NAMES.iter().position(|known| known == name);
        let values = self.features.iter().filter_map(place).map(|at| facts.values[at]);
        Cow::Owned(values.collect())
    }

    /// The confidence from which on this agreement is reached with so many graded answers.
    pub fn threshold(&self, graded: usize, agreement: f32) -> f32 {
        let Some(bar) = self.bars.iter().rev().find(|bar| bar.graded <= graded) else {
            return 1.01;
        };
        lowest(&bar.thresholds, agreement)
    }
}

/// The lowest confidence of (agreement, confidence) that promises this agreement; above 1 when none does.
pub fn lowest(thresholds: &[(f32, f32)], agreement: f32) -> f32 {
    thresholds
        .iter()
        .filter(|(reached, _)| *reached >= agreement - 1e-6)
        .map(|(_, confidence)| *confidence)
        .fold(f32::INFINITY, f32::min)
        .min(1.01)
}

/// The likeliest level and how likely it is, before calibration; of equal ones the one nearer to what is expected.
pub fn best_level(
    confidence: &Trees,
    lesson: &Lesson,
    facts: &Facts,
    values: &[f32],
    expected: f32,
    step: f32,
) -> (f32, f32) {
    let mut best = (0.0, f32::MIN);
    for level in levels(expected, step) {
        let likely = confidence.predict(&level_row(lesson, facts, values, expected, level, step));
        if likely > best.1 {
            best = (level, likely);
        }
    }
    best
}

/// The levels worth asking about, nearest first: those around what is expected, nothing, everything.
pub fn levels(expected: f32, step: f32) -> Vec<f32> {
    let step = step.clamp(1e-4, 1.0);
    let below = (expected / step).floor() * step;
    let mut levels = vec![below.max(0.0), (below + step).min(1.0), 0.0, 1.0];
    levels.sort_by(|a, b| (a - expected).abs().total_cmp(&(b - expected).abs()));
    let mut kept: Vec<f32> = Vec::new();
    for level in levels {
        if kept.iter().all(|known| (known - level).abs() > 1e-4) {
            kept.push(level);
        }
    }
    kept
}

/// What the confidence trees look at: `values` are the numbers of `facts` that their head reads.
pub fn level_row(lesson: &Lesson, facts: &Facts, values: &[f32], expected: f32, level: f32, step: f32) -> Vec<f32> {
    let [votes, likeness, share, tuned_votes, tuned_likeness] = facts.level(lesson, level);
    let mut row = Vec::with_capacity(values.len() + EXTRA);
    row.extend_from_slice(values);
    row.extend([
        expected,
        (expected - level).abs(),
        (expected - level).abs() / step,
        level,
        f32::from(u8::from(level > 0.99)) - f32::from(u8::from(level < 0.01)),
        votes,
        likeness,
        share,
        tuned_votes,
        tuned_likeness,
    ]);
    row
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::backend::{Encoder, FakeEncoder};
    use crate::cache::Embedded;
    use crate::prepare::Preparer;
    use crate::study::Study;

    #[test]
    fn the_levels_lie_on_the_step_and_include_both_ends() {
        assert_eq!(levels(0.2, 1.0), [0.0, 1.0]);
        assert_eq!(levels(0.7, 1.0), [1.0, 0.0]);
        assert_eq!(levels(0.6, 0.25), [0.5, 0.75, 1.0, 0.0]);
        assert_eq!(levels(1.0, 0.25), [1.0, 0.0]);
        assert_eq!(levels(0.0, 0.5), [0.0, 0.5, 1.0]);
        // Thirds of a point do not divide one evenly.
        assert_eq!(levels(0.95, 0.3)[0], 0.90000004);
    }

    #[test]
    fn a_head_reads_the_numbers_it_was_made_for() {
        let fakes = ["the salt stays", "a magnet", "it boils", "the salt is left"].map(|text| {
            let prepared = Preparer::fake().prepare(text).expect("plain text");
            let encoded = FakeEncoder.encode(&[&prepared.tokens.ids]).expect("fake").remove(0);
            Arc::new(Study::plain(Embedded { prepared, encoded }))
        });
        let graded = fakes[..3].iter().cloned().zip([1.0, 0.0, 0.5]);
        let lesson = Lesson::fit(graded.collect());
        let facts = lesson.facts(&fakes[3], 0.5).expect("three are enough");
        let meta = |features: &[&str]| Meta {
            features: features.iter().map(|name| (*name).to_owned()).collect(),
            score: Trees::default(),
            confidence: Trees::default(),
            calibration: Calibration::default(),
            bars: Vec::new(),
        };
        assert_eq!(*meta(&NAMES).read(&facts), facts.values);
        let fewer = meta(&["graded_mean", "answer_words"]);
        assert_eq!(*fewer.read(&facts), [facts.values[1], facts.values[54]]);
    }

    #[test]
    fn more_graded_answers_have_their_own_bar() {
        let bar = |graded, confidence| Bar {
            graded,
            thresholds: vec![(0.9, confidence), (0.95, confidence + 0.03)],
        };
        let meta = Meta {
            features: Vec::new(),
            score: Trees::default(),
            confidence: Trees::default(),
            calibration: Calibration::default(),
            bars: vec![bar(3, 0.96), bar(10, 0.9)],
        };
        assert_eq!(meta.threshold(9, 0.9), 0.96);
        assert_eq!(meta.threshold(10, 0.9), 0.9);
        assert!((meta.threshold(400, 0.95) - 0.93).abs() < 1e-6);
        assert!(meta.threshold(10, 0.99) > 1.0 && meta.threshold(2, 0.9) > 1.0);
    }
}
