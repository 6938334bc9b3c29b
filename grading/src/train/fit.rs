//! Fits a head: adapter and trees on all given questions but those of a test fold; confidence,
//! calibration and thresholds on what parts fitted without a question say about that question.

use std::collections::BTreeMap;

use super::adapters::{Asked, Corpus, How, Tuned, Without};
use super::classes::{Class, Classes};
use super::folds::weights;
use super::kshot::Seen;
use super::samples::{Sample, Samples};
use crate::GradingError;
use crate::calibrate::{Calibration, threshold};
use crate::evaluate::{Judged, TOLERANCE};
use crate::features::{COUNT, DIRECTION, NAMES, TUNED};
use crate::model::head::{CONFIDENCE_EXTRA, Head, confidence_row};
use crate::model::trees::{Fit, Trees};

/// Agreements a teacher can ask for.
pub const TARGETS: [f32; 7] = [0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.98];

/// The data to learn from, read once.
pub struct Data {
    pub samples: Samples,
    pub classes: Classes,
    pub corpus: Corpus,
}

impl Data {
    pub fn load(options: &super::TrainOptions, progress: &mut dyn FnMut(&str)) -> Result<Self, GradingError> {
        let samples = Samples::load(options, progress)?;
        let classes = Classes::load(options, &samples, progress)?;
        let corpus = Corpus::new(&samples, &classes);
        Ok(Self {
            samples,
            classes,
            corpus,
        })
    }
}

/// A partition of the questions and the adapters fitted on all but some folds of it.
pub struct Bank<'a> {
    data: &'a Data,
    fold_of: &'a [usize],
    class_folds: Vec<usize>,
    /// Of made-up answers, the fold of the question whose reference they repeat.
    lender_folds: Vec<Option<usize>>,
    seed: u64,
    tuned: BTreeMap<Without, Tuned>,
}

/// A head and what its parts say about what they have not seen.
pub struct Fitted {
    pub head: Head,
    /// Shares of the points expected of each sample that is not of the test fold.
    pub expected: Vec<f32>,
}

impl<'a> Bank<'a> {
    /// Fits the adapters needed for heads without each of these test folds; `None` is the head on all
    /// questions. An adapter without folds f and g serves both, so fifteen make five nested folds.
    pub fn fit(
        data: &'a Data,
        fold_of: &'a [usize],
        tests: &[Option<usize>],
        seed: u64,
        how: &How<'_>,
        progress: &mut dyn FnMut(&str),
    ) -> Result<Self, GradingError> {
        let class_folds = data.classes.folds(&data.samples, fold_of, how.division);
        let all_folds: Vec<usize> = fold_of.iter().chain(&class_folds).copied().collect();
        let mut wanted: Vec<Without> = Vec::new();
        for test in tests {
            wanted.push(test.iter().copied().collect());
            wanted.extend(
                inner_folds(&all_folds, *test)
                    .into_iter()
                    .map(|inner| without(inner, *test)),
            );
        }
        wanted.sort();
        wanted.dedup();
        let tuned = data.corpus.fit(&wanted, fold_of, &class_folds, how, progress)?;
        Ok(Self {
            data,
            fold_of,
            class_folds,
            lender_folds: lender_folds(&data.samples, fold_of),
            seed,
            tuned,
        })
    }

    /// What has seen neither this fold nor the test fold.
    fn tuned(&self, fold: usize, test: Option<usize>) -> &Tuned {
        let without = if Some(fold) == test {
            vec![fold]
        } else {
            without(fold, test)
        };
        &self.tuned[&without]
    }

    /// Nothing of this sample is of that fold.
    fn is_without(&self, sample: usize, fold: usize) -> bool {
        self.fold_of[sample] != fold && self.lender_folds[sample] != Some(fold)
    }

    /// The samples, each with features of an adapter that has not seen its question.
    fn samples(&self, test: Option<usize>) -> Vec<Sample> {
        let all = self
            .data
            .samples
            .all
            .iter()
            .zip(self.fold_of)
            .zip(&self.data.corpus.samples);
        all.map(|((sample, fold), asked): (_, &Asked)| {
            let mut sample = sample.clone();
            let features = self.tuned(*fold, test).features(asked);
            sample.values[COUNT - TUNED..].copy_from_slice(&features);
            sample
        })
        .collect()
    }

    /// The questions of the test fold as the head sees them, and the others as heads that have not seen them would.
    pub fn see(&self, fitted: &Fitted, test: Option<usize>) -> (Vec<Seen>, Vec<Seen>) {
        let (mut asked, mut seen) = (Vec::new(), Vec::new());
        let all = self.data.classes.all.iter().zip(&self.data.corpus.classes);
        for ((class, texts), fold) in all.zip(&self.class_folds) {
            let (class, texts): (&Class, &Vec<Asked>) = (class, texts);
            let is_test = Some(*fold) == test;
            let expected = (!is_test).then_some(fitted.expected.as_slice());
            let studies = Classes::seen_by(class, texts, &fitted.head, self.tuned(*fold, test), expected);
            let scores = class.answers.iter().map(|answer| answer.score);
            let own = Seen {
                dataset: class.dataset.clone(),
                question: class.question.clone(),
                fold: *fold,
                step: class.step,
                answers: studies.into_iter().zip(scores).collect(),
            };
            if is_test { asked.push(own) } else { seen.push(own) }
        }
        (asked, seen)
    }

    /// The head fitted without the questions of `test`, and what its parts say about each sample when they have not seen
    /// the sample's question (nothing about those of `test`).
    pub fn head(&self, test: Option<usize>, version: &str) -> Fitted {
        let seed = self
            .seed
            .wrapping_mul(1000)
            .wrapping_add(test.map_or(99, |fold| fold as u64));
        let inner = inner_folds(self.fold_of, test);
        let samples = self.samples(test);
        let all: Vec<(usize, &Sample)> = (0..)
            .zip(&samples)
            .filter(|(at, _)| test.is_none_or(|test| self.is_without(*at, test)))
            .collect();
        // What the parts say about questions they were not fitted on.
        let mut expected = vec![0.0; samples.len()];
        for fold in &inner {
            let train: Vec<&Sample> = all
                .iter()
                .filter(|(at, _)| self.is_without(*at, *fold))
                .map(|(_, s)| *s)
                .collect();
            let trees = fit_score(&train, seed + *fold as u64);
            for (at, sample) in all.iter().filter(|(at, _)| self.fold_of[*at] == *fold) {
                expected[*at] = trees.predict(&sample.values);
            }
        }
        // Each real answer with its own step and as if the teacher gave finer points.
        let cases: Vec<Case> = all
            .iter()
            .filter(|(_, sample)| !sample.made_up)
            .flat_map(|(at, sample)| {
                let native = native_step(&sample.dataset);
                let finer = if native > 0.5 { 0.25 } else { 0.1 };
                [(native, 1.0), (finer, 0.5)]
                    .map(|(step, weight)| Case::new(sample, self.fold_of[*at], expected[*at], step, weight))
            })
            .collect();
        let mut raw = vec![0.0; cases.len()];
        for fold in &inner {
            let trees = fit_confidence(cases.iter().filter(|case| case.fold != *fold), seed + 50);
            for (raw, case) in raw.iter_mut().zip(&cases).filter(|(_, case)| case.fold == *fold) {
                *raw = trees.predict(&case.row);
            }
        }
        let agreed: Vec<bool> = cases.iter().map(|case| case.agreed).collect();
        let calibration = Calibration::fit(&raw, &agreed, 100);
        let calibration = Calibration {
            points: calibration.points.iter().map(|(x, y)| (round(*x), round(*y))).collect(),
        };
        let (sure, native_agreed): (Vec<f32>, Vec<bool>) = cases
            .iter()
            .zip(&raw)
            .filter(|(case, _)| case.weight == 1.0)
            .map(|(case, raw)| (calibration.apply(*raw), case.agreed))
            .unzip();
        let train: Vec<&Sample> = all.iter().map(|(_, sample)| *sample).collect();
        let adapter: Without = test.into_iter().collect();
        let head = Head {
            version: version.to_owned(),
            trained_on: names(all.iter().map(|(_, sample)| sample.dataset.as_str())),
            features: NAMES.iter().map(|name| (*name).to_owned()).collect(),
            score: fit_score(&train, seed),
            adapter: Some(self.tuned[&adapter].adapter.clone()),
            confidence: fit_confidence(cases.iter(), seed + 50),
            calibration,
            thresholds: TARGETS
                .iter()
                .map(|target| (*target, round(threshold(&sure, &native_agreed, *target))))
                .collect(),
            meta: None,
            weighs_signs: true,
            nets: Vec::new(),
            hash: String::new(),
        };
        Fitted { head, expected }
    }

    /// What a head says about the real answers of its test fold, beside the teachers.
    pub fn judge(&self, head: &Head, test: usize, target: f32) -> Vec<Judged> {
        let accept_from = head.threshold(target);
        let samples = self.samples(Some(test));
        let asked = samples.iter().zip(self.fold_of);
        asked
            .filter(|(sample, fold)| **fold == test && !sample.made_up)
            .map(|(sample, _)| judge(head, sample, accept_from))
            .collect()
    }
}

fn lender_folds(samples: &Samples, fold_of: &[usize]) -> Vec<Option<usize>> {
    let questions = samples.all.iter().map(|sample| sample.question.as_str());
    let folds: BTreeMap<&str, usize> = questions.zip(fold_of.iter().copied()).collect();
    let lender = |sample: &Sample| folds.get(samples.rows[sample.row].lent_by.as_deref()?).copied();
    samples.all.iter().map(lender).collect()
}

/// Each once, in order of the alphabet.
pub fn names<'a>(all: impl Iterator<Item = &'a str>) -> Vec<String> {
    let names: std::collections::BTreeSet<&str> = all.collect();
    names.into_iter().map(str::to_owned).collect()
}

fn inner_folds(fold_of: &[usize], test: Option<usize>) -> Vec<usize> {
    let mut folds: Vec<usize> = fold_of.iter().copied().filter(|fold| Some(*fold) != test).collect();
    folds.sort_unstable();
    folds.dedup();
    folds
}

fn without(inner: usize, test: Option<usize>) -> Without {
    let mut folds: Vec<usize> = std::iter::once(inner).chain(test).collect();
    folds.sort_unstable();
    folds
}

pub fn round(value: f32) -> f32 {
    (value * 1e4).round() / 1e4
}

struct Case {
    row: Vec<f32>,
    agreed: bool,
    fold: usize,
    weight: f32,
}

impl Case {
    fn new(sample: &Sample, fold: usize, expected: f32, step: f32, weight: f32) -> Self {
        let rounded = on_step(expected, step);
        Self {
            row: confidence_row(&sample.values, expected, expected, rounded, step),
            agreed: (rounded - sample.score).abs() <= TOLERANCE,
            fold,
            weight,
        }
    }
}

pub fn on_step(share: f32, step: f32) -> f32 {
    ((share / step).round() * step).clamp(0.0, 1.0)
}

/// The step the teachers of a data set used: right or wrong, or quarters.
pub fn native_step(dataset: &str) -> f32 {
    match dataset {
        "scientsbank" | "beetle" => 1.0,
        _ => 0.25,
    }
}

fn judge(head: &Head, sample: &Sample, accept_from: f32) -> Judged {
    let step = native_step(&sample.dataset);
    let expected = head.expected(&sample.values);
    let rounded = on_step(expected, step);
    let confidence = head.confidence(&sample.values, expected, expected, rounded, step);
    Judged {
        dataset: sample.dataset.clone(),
        question: sample.question.clone(),
        expected,
        rounded,
        confidence,
        accepted: confidence >= accept_from,
        truth: sample.score,
    }
}

fn fit_score(samples: &[&Sample], seed: u64) -> Trees {
    let rows: Vec<Vec<f32>> = samples.iter().map(|sample| sample.values.clone()).collect();
    let targets: Vec<f32> = samples.iter().map(|sample| sample.score).collect();
    let how = Fit { seed, ..Fit::default() };
    Trees::fit(&rows, &targets, &weights(samples), &DIRECTION, &how)
}

fn fit_confidence<'a>(cases: impl Iterator<Item = &'a Case>, seed: u64) -> Trees {
    let cases: Vec<&Case> = cases.collect();
    let rows: Vec<Vec<f32>> = cases.iter().map(|case| case.row.clone()).collect();
    let targets: Vec<f32> = cases.iter().map(|case| f32::from(u8::from(case.agreed))).collect();
    let weights: Vec<f32> = cases.iter().map(|case| case.weight).collect();
    let how = Fit {
        seed,
        trees: 120,
        min_weight: 20.0,
        ..Fit::default()
    };
    Trees::fit(&rows, &targets, &weights, &[0; COUNT + CONFIDENCE_EXTRA], &how)
}
