//! Splits by question: nothing of a question, nor of its answers, is on both sides.

use std::collections::BTreeMap;

use super::samples::Sample;
use crate::model::trees::Random;

/// How many parts.
pub const FOLDS: usize = 5;

/// The fold of each sample, at random but reproducible, even over data sets.
pub fn folds(samples: &[Sample], seed: u64) -> Vec<usize> {
    let fold = of_questions(samples.iter().map(|sample| sample.question.as_str()), seed);
    samples.iter().map(|sample| fold[sample.question.as_str()]).collect()
}

/// The fold of each question ("data set/question").
pub fn of_questions<'a>(names: impl Iterator<Item = &'a str>, seed: u64) -> BTreeMap<&'a str, usize> {
    let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let mut names: Vec<&str> = names.collect();
    names.sort_unstable();
    names.dedup();
    random.shuffle(&mut names);
    // Stable: keeps the shuffled order within a data set.
    names.sort_by(|a, b| a.split('/').next().cmp(&b.split('/').next()));
    names.iter().enumerate().map(|(at, name)| (*name, at % FOLDS)).collect()
}

/// Questions with thousands of answers must not drown the others; made-up answers count half.
pub fn weights(samples: &[&Sample]) -> Vec<f32> {
    let mut counts: BTreeMap<&str, f32> = BTreeMap::new();
    for sample in samples {
        *counts.entry(&sample.question).or_default() += 1.0;
    }
    samples
        .iter()
        .map(|sample| {
            let weight = (40.0 / counts[sample.question.as_str()]).sqrt().min(2.0);
            if sample.made_up { 0.5 * weight } else { weight }
        })
        .collect()
}
