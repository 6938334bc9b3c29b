//! Fits a head: networks and trees on all given questions but those of a test fold; confidence,
//! calibration and thresholds on what parts fitted without a question say about that question.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;

use sha2::{Digest, Sha256};

use super::folds::weights;
use super::net::{FitNet, Lesson, fit_net};
use super::samples::{Sample, Samples};
use crate::GradingError;
use crate::calibrate::{Calibration, threshold};
use crate::evaluate::{Judged, TOLERANCE};
use crate::features::{COUNT, DIRECTION, NAMES};
use crate::model::head::{CONFIDENCE_EXTRA, Head, Opinion, confidence_row};
use crate::model::net::Net;
use crate::model::trees::{Fit, Trees};

/// Agreements a teacher can ask for.
pub const TARGETS: [f32; 7] = [0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.98];

/// The folds a part must not see: the test fold and an inner one.
type Without = Vec<usize>;

/// A partition of the questions and the networks fitted on all but some folds of it.
pub struct Bank<'a> {
    pub samples: &'a Samples,
    pub fold_of: &'a [usize],
    pub seed: u64,
    nets: BTreeMap<Without, Net>,
}

impl<'a> Bank<'a> {
    /// Fits the networks needed for heads without each of these test folds; `None` is the head on all
    /// questions. A network without folds f and g serves both, so ten networks make five nested folds.
    pub fn fit(
        samples: &'a Samples,
        fold_of: &'a [usize],
        tests: &[Option<usize>],
        how: &How<'_>,
        progress: &mut dyn FnMut(&str),
    ) -> Result<Self, GradingError> {
        let mut wanted: Vec<Without> = Vec::new();
        for test in tests.iter().filter(|_| how.networks) {
            for inner in inner_folds(fold_of, *test) {
                wanted.push(without(inner, *test));
            }
        }
        wanted.sort();
        wanted.dedup();
        let next = AtomicUsize::new(0);
        let (sender, results) = channel();
        let failed: Mutex<Option<GradingError>> = Mutex::new(None);
        let mut nets = BTreeMap::new();
        std::thread::scope(|scope| {
            for _ in 0..how.threads.min(wanted.len()) {
                let (sender, next, wanted, failed) = (sender.clone(), &next, &wanted, &failed);
                scope.spawn(move || {
                    while let Some(without) = wanted.get(next.fetch_add(1, Ordering::Relaxed)) {
                        match net_of(samples, fold_of, without, how) {
                            Ok(net) => drop(sender.send((without.clone(), net))),
                            Err(error) => {
                                *failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                                return;
                            }
                        }
                    }
                });
            }
            drop(sender);
            for (done, (without, net)) in results.iter().enumerate() {
                nets.extend(net.map(|net| (without, net)));
                progress(&super::bar(how.what, done + 1, wanted.len()));
            }
        });
        match failed.into_inner().unwrap_or_else(PoisonError::into_inner) {
            Some(error) => Err(error),
            None => Ok(Self {
                samples,
                fold_of,
                seed: how.seed,
                nets,
            }),
        }
    }

    /// The head fitted without the questions of `test`.
    pub fn head(&self, test: Option<usize>, version: &str) -> Head {
        self.head_and_opinions(test, version).0
    }

    /// The same, with what its parts say about each sample when they have not seen the sample's question
    /// (nothing about those of `test`).
    pub fn head_and_opinions(&self, test: Option<usize>, version: &str) -> (Head, Vec<Opinion>) {
        let seed = self
            .seed
            .wrapping_mul(1000)
            .wrapping_add(test.map_or(99, |fold| fold as u64));
        let inner = inner_folds(self.fold_of, test);
        let all: Vec<(usize, &Sample)> = (0..)
            .zip(&self.samples.all)
            .filter(|(at, _)| Some(self.fold_of[*at]) != test)
            .collect();
        // What the parts say about questions they were not fitted on.
        let mut opinions = vec![Opinion::default(); self.samples.all.len()];
        for fold in &inner {
            let train: Vec<&Sample> = all
                .iter()
                .filter(|(at, _)| self.fold_of[*at] != *fold)
                .map(|(_, s)| *s)
                .collect();
            let trees = fit_score(&train, seed + *fold as u64);
            let net = self.nets.get(&without(*fold, test));
            for (at, sample) in all.iter().filter(|(at, _)| self.fold_of[*at] == *fold) {
                let said = net.and_then(|net| {
                    net.log_odds(
                        self.samples.answer(sample),
                        self.samples.reference(sample),
                        &sample.values,
                    )
                });
                opinions[*at] = Opinion::new(trees.log_odds(&sample.values), said);
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
                    .map(|(step, weight)| Case::new(sample, self.fold_of[*at], &opinions[*at], step, weight))
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
        let nets = inner.iter().filter_map(|fold| self.nets.get(&without(*fold, test)));
        let head = Head {
            version: version.to_owned(),
            trained_on: names(all.iter().map(|(_, sample)| sample.dataset.as_str())),
            features: NAMES.iter().map(|name| (*name).to_owned()).collect(),
            score: fit_score(&train, seed),
            nets: nets.cloned().collect(),
            confidence: fit_confidence(cases.iter(), seed + 50),
            calibration,
            thresholds: TARGETS
                .iter()
                .map(|target| (*target, round(threshold(&sure, &native_agreed, *target))))
                .collect(),
            meta: None,
            weighs_signs: true,
            hash: String::new(),
        };
        (head, opinions)
    }

    /// What a head says about the real answers of its test fold, beside the teachers.
    pub fn judge(&self, head: &Head, test: usize, target: f32) -> Vec<Judged> {
        let accept_from = head.threshold(target);
        (0..)
            .zip(&self.samples.all)
            .filter(|(at, sample)| self.fold_of[*at] == test && !sample.made_up)
            .map(|(_, sample)| judge(head, self.samples, sample, accept_from))
            .collect()
    }
}

/// Each once, in order of the alphabet.
pub fn names<'a>(all: impl Iterator<Item = &'a str>) -> Vec<String> {
    let names: std::collections::BTreeSet<&str> = all.collect();
    names.into_iter().map(str::to_owned).collect()
}

/// How to fit networks.
pub struct How<'a> {
    pub seed: u64,
    pub threads: usize,
    /// Without, a head has trees alone.
    pub networks: bool,
    /// A folder where fitted networks are kept.
    pub cache: Option<&'a Path>,
    /// For the progress bar.
    pub what: &'a str,
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

/// A network fitted on the questions outside some folds, or the one kept from an earlier run.
fn net_of(samples: &Samples, fold_of: &[usize], without: &[usize], how: &How<'_>) -> Result<Option<Net>, GradingError> {
    let train: Vec<&Sample> = samples
        .all
        .iter()
        .zip(fold_of)
        .filter(|(_, fold)| !without.contains(fold))
        .map(|(sample, _)| sample)
        .collect();
    let fit = FitNet {
        seed: how
            .seed
            .wrapping_mul(100)
            .wrapping_add(without.iter().fold(0, |sum, fold| 7 * sum + *fold as u64 + 1)),
        ..FitNet::default()
    };
    let kept = how.cache.map(|folder| {
        let mut digest = Sha256::new();
        digest.update(format!("{} {fit:?} {without:?} ", samples.fingerprint));
        fold_of.iter().for_each(|fold| digest.update([*fold as u8]));
        folder.join(format!("net-{}.json", &hex::encode(digest.finalize())[..24]))
    });
    if let Some(file) = &kept
        && let Ok(json) = std::fs::read(file)
        && let Ok(net) = serde_json::from_slice(&json)
    {
        return Ok(Some(net));
    }
    let lessons: Vec<Lesson<'_>> = train
        .iter()
        .zip(weights(&train))
        .map(|(sample, weight)| Lesson {
            answer: samples.answer(sample),
            reference: samples.reference(sample),
            features: &sample.values,
            target: sample.score,
            weight,
        })
        .collect();
    let net = fit_net(&lessons, &fit);
    if let (Some(file), Some(net)) = (&kept, &net) {
        // Renamed when whole, so that a stop in between leaves no half file.
        let failed = |error: std::io::Error| GradingError::Data(format!("{}: {error}", file.display()));
        let half = file.with_extension("half");
        std::fs::write(&half, super::json(net)?).map_err(failed)?;
        std::fs::rename(&half, file).map_err(failed)?;
    }
    Ok(net)
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
    fn new(sample: &Sample, fold: usize, opinion: &Opinion, step: f32, weight: f32) -> Self {
        let rounded = on_step(opinion.expected, step);
        Self {
            row: confidence_row(&sample.values, opinion, opinion.expected, rounded, step),
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

fn judge(head: &Head, samples: &Samples, sample: &Sample, accept_from: f32) -> Judged {
    let step = native_step(&sample.dataset);
    let nets = head.nets_say(samples.answer(sample), samples.reference(sample), &sample.values);
    let opinion = Opinion::new(head.score.log_odds(&sample.values), nets);
    let rounded = on_step(opinion.expected, step);
    let confidence = head.confidence(&sample.values, &opinion, opinion.expected, rounded, step);
    Judged {
        dataset: sample.dataset.clone(),
        question: sample.question.clone(),
        expected: opinion.expected,
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
