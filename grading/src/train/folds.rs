//! Splits by question: nothing of a question, nor of its answers, is on both sides.

use std::collections::BTreeMap;

use super::samples::{Sample, Samples};
use crate::model::trees::Random;

/// How many parts.
pub const FOLDS: usize = 5;

/// The fold of each sample, at random but reproducible, even over data sets. Questions that share a reference are of one
/// fold: who has seen the one knows what the other asks for.
pub fn folds(samples: &Samples, seed: u64) -> Vec<usize> {
    let leader = leaders(samples);
    let fold = of_questions(leader.values().copied(), seed);
    let of = |sample: &Sample| fold[leader[sample.question.as_str()]];
    samples.all.iter().map(of).collect()
}

/// For each question the first of those that share a reference with it, be it by way of others.
fn leaders(samples: &Samples) -> BTreeMap<&str, &str> {
    let real = || samples.all.iter().filter(|sample| !sample.made_up);
    let references = || {
        real().flat_map(|sample| {
            samples.rows[sample.row]
                .references
                .iter()
                .map(move |text| (sample.question.as_str(), text.as_str()))
        })
    };
    let mut leader: BTreeMap<&str, &str> = real()
        .map(|sample| (sample.question.as_str(), sample.question.as_str()))
        .collect();
    loop {
        let mut of_text: BTreeMap<&str, &str> = BTreeMap::new();
        for (question, text) in references() {
            let own = leader[question];
            of_text
                .entry(text)
                .and_modify(|first| *first = own.min(first))
                .or_insert(own);
        }
        let mut changed = false;
        for (question, text) in references() {
            let (own, first) = (leader.entry(question).or_insert(question), of_text[text]);
            changed |= first < *own;
            *own = first.min(own);
        }
        if !changed {
            return leader;
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::Row;

    fn samples(questions: &[(&str, &[&str])]) -> Samples {
        let row = |(question, references): &(&str, &[&str])| Row {
            dataset: "set".into(),
            question_id: (*question).into(),
            question: String::new(),
            references: references.iter().map(|text| (*text).to_owned()).collect(),
            answer: String::new(),
            score: 1.0,
            lent_by: None,
        };
        let rows: Vec<Row> = questions.iter().map(row).collect();
        let sample = |(at, row): (usize, &Row)| Sample {
            dataset: row.dataset.clone(),
            question: row.question_id.clone(),
            score: row.score,
            made_up: false,
            values: Vec::new(),
            baselines: [0.0; 2],
            row: at,
        };
        Samples {
            all: rows.iter().enumerate().map(sample).collect(),
            rows,
            encoder: String::new(),
        }
    }

    #[test]
    fn questions_that_share_a_reference_are_of_one_fold() {
        let samples = samples(&[
            ("set/a", &["one"]),
            ("set/b", &["two", "three"]),
            ("set/c", &["four"]),
            ("set/d", &["three", "one"]),
            ("set/e", &["five"]),
            ("set/f", &["six"]),
            ("set/g", &["seven"]),
        ]);
        let names: Vec<&str> = leaders(&samples).into_values().collect();
        assert_eq!(names, ["set/a", "set/a", "set/c", "set/a", "set/e", "set/f", "set/g"]);
        let folds = folds(&samples, 3);
        assert!(folds[0] == folds[1] && folds[0] == folds[3]);
        // The five groups fill the five folds.
        let used: std::collections::BTreeSet<usize> = folds.into_iter().collect();
        assert_eq!(used.len(), FOLDS);
    }
}
