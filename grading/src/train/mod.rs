//! Fits the head on graded answers, and measures it honestly while doing so.
//!
//! Everything is split by question. The report comes from nested folds: for each outer fold the
//! trees, the calibration and the accept threshold are fitted on the other questions alone (inner
//! folds give the predictions the confidence is fitted on). The shipped head is then fitted the
//! same way on all questions. Features are computed once and may be kept in a file.

mod net;

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::calibrate::{Calibration, threshold};
use crate::dataset::{self, Row};
use crate::engine::EngineFactory;
use crate::evaluate::{self, Judged, TOLERANCE, Table};
use crate::features::{COUNT, DIRECTION, NAMES};
use crate::grader::GraderConfig;
use crate::model::Head;
use crate::model::head::{CONFIDENCE_EXTRA, confidence_row};
use crate::model::trees::{Fit, Random, Trees};
use crate::{GradeRequest, GradingError};

/// What to train on and where to put the result.
#[derive(Clone, Debug)]
pub struct TrainOptions {
    /// Files or folders; rows without reference answers and non-English ones are left out.
    pub data: Vec<PathBuf>,
    /// A folder for `head.json` and `report.json`.
    pub out: PathBuf,
    pub version: String,
    pub seed: u64,
    /// Keeps the computed features between runs.
    pub cache: Option<PathBuf>,
    pub grader: GraderConfig,
}

/// Nested results: how the head does on questions it has not seen.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    pub tables: Vec<Table>,
    pub thresholds: Vec<(f32, f32)>,
}

/// Agreements a teacher can ask for.
const TARGETS: [f32; 5] = [0.8, 0.85, 0.9, 0.95, 0.98];
const FOLDS: usize = 5;

/// A row with its features.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Sample {
    dataset: String,
    question: String,
    score: f32,
    /// Made up to teach good manners (parroting, negating); never measured.
    made_up: bool,
    values: Vec<f32>,
}

/// Trains, writes `head.json` and `report.json`, and returns the report. `progress` gets lines.
pub fn train(options: &TrainOptions, progress: &mut dyn FnMut(&str)) -> Result<Report, GradingError> {
    let samples = samples(options, progress)?;
    let questions = questions(&samples);
    progress(&format!("{} answers to {} questions", samples.len(), questions.len()));

    let folds = folds(&questions, options.seed);
    let mut judged = Vec::new();
    for fold in 0..FOLDS {
        let (test, rest): (Vec<&Sample>, Vec<&Sample>) =
            samples.iter().partition(|sample| folds[&sample.question] == fold);
        let head = fit(&rest, options, fold as u64);
        let accept_from = head.threshold(0.95);
        judged.extend(
            test.iter()
                .filter(|sample| !sample.made_up)
                .map(|sample| judge(&head, sample, native_step(sample), accept_from)),
        );
        progress(&format!("outer fold {} of {FOLDS} done", fold + 1));
    }
    let mut tables = Vec::new();
    let names: std::collections::BTreeSet<&str> = judged.iter().map(|row| row.dataset.as_str()).collect();
    for name in names {
        let rows: Vec<Judged> = judged.iter().filter(|row| row.dataset == name).cloned().collect();
        tables.push(evaluate::table(name, &rows));
    }
    tables.push(evaluate::table("all", &judged));

    let all: Vec<&Sample> = samples.iter().collect();
    let head = fit(&all, options, 99);
    let report = Report {
        tables,
        thresholds: head.thresholds.clone(),
    };
    let failed = |error: std::io::Error| GradingError::Data(format!("{}: {error}", options.out.display()));
    std::fs::create_dir_all(&options.out).map_err(failed)?;
    std::fs::write(options.out.join("head.json"), json(&head)?).map_err(failed)?;
    std::fs::write(options.out.join("report.json"), json(&report)?).map_err(failed)?;
    Ok(report)
}

fn json(value: &impl Serialize) -> Result<String, GradingError> {
    serde_json::to_string(value)
        .map(|text| text + "\n")
        .map_err(|error| GradingError::Data(error.to_string()))
}

/// Trees on all given samples; confidence, calibration and thresholds on inner held-out folds.
fn fit(samples: &[&Sample], options: &TrainOptions, salt: u64) -> Head {
    let seed = options.seed.wrapping_add(salt * 1000);
    let owned: Vec<String> = samples.iter().map(|sample| sample.question.clone()).collect();
    let mut names = owned.clone();
    names.sort();
    names.dedup();
    let inner = folds(&names, seed + 1);
    let fold_of: Vec<usize> = owned.iter().map(|question| inner[question]).collect();

    // What the score trees say about questions they were not fitted on.
    let mut expected = vec![0.0; samples.len()];
    for fold in 0..FOLDS {
        let train: Vec<&Sample> = pick(samples, &fold_of, |f| f != fold);
        let trees = fit_score(&train, seed + fold as u64);
        for (at, sample) in samples.iter().enumerate().filter(|(at, _)| fold_of[*at] == fold) {
            expected[at] = trees.predict(&sample.values);
        }
    }
    // Each real answer with its own step and as if the teacher gave finer points.
    let cases: Vec<Case> = samples
        .iter()
        .enumerate()
        .filter(|(_, sample)| !sample.made_up)
        .flat_map(|(at, sample)| {
            let (native, finer) = (native_step(sample), if native_step(sample) > 0.5 { 0.25 } else { 0.1 });
            [(native, 1.0), (finer, 0.5)]
                .map(|(step, weight)| Case::new(sample, fold_of[at], expected[at], step, weight))
        })
        .collect();
    let mut raw = vec![0.0; cases.len()];
    for fold in 0..FOLDS {
        let trees = fit_confidence(cases.iter().filter(|case| case.fold != fold), seed + 50);
        for (at, case) in cases.iter().enumerate().filter(|(_, case)| case.fold == fold) {
            raw[at] = trees.predict(&case.row);
        }
    }
    let agreed: Vec<bool> = cases.iter().map(|case| case.agreed).collect();
    let calibration = Calibration::fit(&raw, &agreed, 150);
    let (sure, native_agreed): (Vec<f32>, Vec<bool>) = cases
        .iter()
        .zip(&raw)
        .filter(|(case, _)| case.weight == 1.0)
        .map(|(case, raw)| (calibration.apply(*raw), case.agreed))
        .unzip();
    let thresholds = TARGETS
        .iter()
        .map(|target| (*target, round(threshold(&sure, &native_agreed, *target))))
        .collect();
    let calibration = Calibration {
        points: calibration.points.iter().map(|(x, y)| (round(*x), round(*y))).collect(),
    };
    Head {
        version: options.version.clone(),
        features: NAMES.iter().map(|name| (*name).to_owned()).collect(),
        score: fit_score(samples, seed),
        confidence: fit_confidence(cases.iter(), seed + 50),
        calibration,
        thresholds,
        hash: String::new(),
    }
}

fn round(value: f32) -> f32 {
    (value * 1e4).round() / 1e4
}

fn pick<'a>(samples: &[&'a Sample], fold_of: &[usize], keep: impl Fn(usize) -> bool) -> Vec<&'a Sample> {
    samples
        .iter()
        .zip(fold_of)
        .filter(|(_, fold)| keep(**fold))
        .map(|(sample, _)| *sample)
        .collect()
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
            row: confidence_row(&sample.values, expected, rounded, step),
            agreed: (rounded - sample.score).abs() <= TOLERANCE,
            fold,
            weight,
        }
    }
}

fn on_step(share: f32, step: f32) -> f32 {
    ((share / step).round() * step).clamp(0.0, 1.0)
}

/// The step the teachers of a data set used: right or wrong, or quarters.
fn native_step(sample: &Sample) -> f32 {
    match sample.dataset.as_str() {
        "scientsbank" | "beetle" => 1.0,
        _ => 0.25,
    }
}

fn judge(head: &Head, sample: &Sample, step: f32, accept_from: f32) -> Judged {
    let expected = head.expected(&sample.values);
    let rounded = on_step(expected, step);
    let confidence = head.confidence(&sample.values, expected, rounded, step);
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

/// Questions with thousands of answers must not drown the others.
fn weights(samples: &[&Sample]) -> Vec<f32> {
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

fn questions(samples: &[Sample]) -> Vec<String> {
    let mut names: Vec<String> = samples.iter().map(|sample| sample.question.clone()).collect();
    names.sort();
    names.dedup();
    names
}

/// Question → fold, at random but reproducible, even over data sets.
fn folds(questions: &[String], seed: u64) -> BTreeMap<String, usize> {
    let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let mut names = questions.to_vec();
    random.shuffle(&mut names);
    // Stable: keeps the shuffled order within a data set.
    names.sort_by(|a, b| a.split('/').next().cmp(&b.split('/').next()));
    names
        .into_iter()
        .enumerate()
        .map(|(at, name)| (name, at % FOLDS))
        .collect()
}

fn samples(options: &TrainOptions, progress: &mut dyn FnMut(&str)) -> Result<Vec<Sample>, GradingError> {
    if let Some(file) = &options.cache
        && let Ok(text) = std::fs::read_to_string(file)
        && let Ok((names, samples)) = serde_json::from_str::<(Vec<String>, Vec<Sample>)>(&text)
        && names == NAMES
    {
        progress(&format!("features read from {}", file.display()));
        return Ok(samples);
    }
    let mut rows = dataset::load(&options.data)?;
    rows.retain(|row| !row.references.is_empty() && row.dataset != "saf_german");
    if rows.is_empty() {
        return Err(GradingError::Data(
            "no graded answers with reference answers found".into(),
        ));
    }
    let real = rows.len();
    rows.extend(made_up(&rows, options.seed));
    let values = compute(&rows, &options.grader, progress)?;
    let samples: Vec<Sample> = rows
        .iter()
        .zip(values)
        .enumerate()
        .filter_map(|(at, (row, values))| {
            Some(Sample {
                dataset: row.dataset.clone(),
                question: row.question_id.clone(),
                score: row.score,
                made_up: at >= real,
                values: values?,
            })
        })
        .collect();
    if let Some(file) = &options.cache {
        let failed = |error: std::io::Error| GradingError::Data(format!("{}: {error}", file.display()));
        std::fs::write(file, json(&(NAMES, &samples))?).map_err(failed)?;
    }
    Ok(samples)
}

type Values = Vec<Option<Vec<f32>>>;

/// The features of all rows, on as many threads as the grader would use.
fn compute(rows: &[Row], config: &GraderConfig, progress: &mut dyn FnMut(&str)) -> Result<Values, GradingError> {
    let factory = EngineFactory::load(config)?;
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let (sender, results) = std::sync::mpsc::channel();
    let next = std::sync::atomic::AtomicUsize::new(0);
    let chunks: Vec<&[Row]> = rows.chunks(64).collect();
    std::thread::scope(|scope| {
        for _ in 0..threads {
            let (sender, factory, next, chunks) = (sender.clone(), &factory, &next, &chunks);
            scope.spawn(move || {
                let mut engine = match factory.build() {
                    Ok(engine) => engine,
                    Err(error) => return drop(sender.send(Err(error))),
                };
                loop {
                    let at = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    let Some(chunk) = chunks.get(at) else { return };
                    let requests: Vec<GradeRequest> = chunk.iter().map(|row| row.request(100)).collect();
                    let found = engine.features(&requests).map(|found| {
                        let values = found.into_iter().map(|c| c.map(|c| c.values.to_vec()));
                        (at, values.collect::<Values>())
                    });
                    if sender.send(found).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        let mut all: Vec<Values> = vec![Vec::new(); chunks.len()];
        for (done, result) in results.iter().enumerate() {
            let (at, values) = result?;
            all[at] = values;
            if (done + 1) % 20 == 0 || done + 1 == chunks.len() {
                progress(&format!(
                    "features: {} of {} answers",
                    ((done + 1) * 64).min(rows.len()),
                    rows.len()
                ));
            }
        }
        Ok(all.into_iter().flatten().collect())
    })
}

/// Answers nobody gave, that must not get points: the question repeated, the reference negated, the
/// reference of another question.
fn made_up(rows: &[Row], seed: u64) -> Vec<Row> {
    let mut random = Random(seed | 1);
    let mut firsts: BTreeMap<&str, &Row> = BTreeMap::new();
    for row in rows {
        firsts.entry(&row.question_id).or_insert(row);
    }
    let firsts: Vec<&Row> = firsts.into_values().collect();
    let mut made = Vec::new();
    for row in &firsts {
        let mut add = |answer: String| {
            made.push(Row {
                answer,
                score: 0.0,
                ..(*row).clone()
            })
        };
        add(row.question.clone());
        add(format!(
            "I think that {}",
            row.question.trim_end_matches('?').to_lowercase()
        ));
        let own = row.references[random.below(row.references.len())].clone();
        if let Some(negated) = negate(&own) {
            add(negated);
        }
        let other = firsts[random.below(firsts.len())];
        if other.question_id != row.question_id {
            add(other.references[random.below(other.references.len())].clone());
        }
    }
    made
}

/// Puts "not" after the first verb that takes it.
pub(crate) fn negate(text: &str) -> Option<String> {
    let words: Vec<&str> = text.split(' ').collect();
    let at = words.iter().position(|word| {
        matches!(
            word.to_lowercase().as_str(),
            "is" | "are" | "was" | "were" | "can" | "will" | "has" | "have" | "does" | "do" | "would" | "should"
        )
    })?;
    if words.get(at + 1) == Some(&"not") {
        return None;
    }
    let mut words = words;
    words.insert(at + 1, "not");
    Some(words.join(" "))
}
