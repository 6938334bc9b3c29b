//! Fits the head on graded answers.
//!
//! `samples` reads the data through the encoder once · `made_up` answers nobody gave · `folds` splits by
//! question · `tune` fits one adapter of the encoder, `adapters` those without some folds · `fit` puts a head together ·
//! `tfidf` a baseline · `classes` whole questions with and without references · `kshot` the part for questions with
//! graded answers.
//! How good it is on questions it has not seen: `evaluate::unseen`, which fits such heads in nested folds.

pub(crate) mod adapters;
pub(crate) mod classes;
pub(crate) mod fit;
pub(crate) mod folds;
pub(crate) mod kshot;
mod made_up;
pub(crate) mod samples;
mod tfidf;
mod tune;

use std::path::PathBuf;

use serde::Serialize;
use sha2::{Digest, Sha256};

use self::adapters::How;
use self::fit::{Bank, Data};
use crate::GradingError;
use crate::evaluate::unseen::{self, UnseenReport};
use crate::grader::GraderConfig;

/// What to train on and where to put the result.
#[derive(Clone, Debug)]
pub struct TrainOptions {
    /// Files or folders. The general head leaves out rows without reference answers and German ones; adapter and meta head
    /// learn from all.
    pub data: Vec<PathBuf>,
    /// A folder for `head.json` and `report.json`.
    pub out: PathBuf,
    pub version: String,
    pub seed: u64,
    /// In how many ways the questions are divided into folds, one after the other, when several seeds are measured;
    /// each costs fifteen adapters. Further seeds draw other graded answers and fit other trees on the same divisions.
    pub divisions: u64,
    /// A folder that keeps what was computed: a stopped training goes on from there.
    pub cache: Option<PathBuf>,
    pub grader: GraderConfig,
}

impl TrainOptions {
    /// The seed of the division into folds, and of the adapters, that goes with another seed.
    pub(crate) fn division(&self, seed: u64) -> u64 {
        self.seed + (seed - self.seed) % self.divisions.max(1)
    }

    /// How to fit adapters, with `what` for the progress bar.
    pub(crate) fn how<'a>(&'a self, division: u64, what: &'a str) -> How<'a> {
        How {
            division,
            threads: threads(&self.grader),
            cache: self.cache.as_deref(),
            grader: &self.grader,
            what,
        }
    }
}

/// Trains, writes `head.json` and, measured in nested folds with one seed, `report.json`. `progress`
/// gets a line now and then.
pub fn train(options: &TrainOptions, progress: &mut dyn FnMut(&str)) -> Result<UnseenReport, GradingError> {
    let data = Data::load(options, progress)?;
    let fold_of = folds::folds(&data.samples, options.seed);
    let how = options.how(options.seed, "the adapters to ship");
    let bank = Bank::fit(&data, &fold_of, &[None], options.seed, &how, progress)?;
    let mut fitted = bank.head(None, &options.version);
    let (_, seen) = bank.see(&fitted, None);
    let head = &mut fitted.head;
    head.meta = kshot::fit_meta(&seen, options.seed);
    head.trained_on = fit::names(data.classes.all.iter().map(|class| class.dataset.as_str()));
    let failed = |error: std::io::Error| GradingError::Data(format!("{}: {error}", options.out.display()));
    std::fs::create_dir_all(&options.out).map_err(failed)?;
    let file = json(head)?;
    std::fs::write(options.out.join("head.json"), &file).map_err(failed)?;
    let report = unseen::measure(&data, options, 1, progress)?;
    let written = Written {
        head: hex::encode(Sha256::digest(&file)),
        tables: rows(&report),
        unseen: &report,
    };
    std::fs::write(options.out.join("report.json"), json(&written)?).map_err(failed)?;
    Ok(report)
}

/// What stands beside a head: a row for each data set, as registers of models show it, and everything measured.
#[derive(Serialize)]
struct Written<'a> {
    /// SHA-256 of the head's file.
    head: String,
    tables: Vec<serde_json::Value>,
    unseen: &'a UnseenReport,
}

/// The means of ours, by the names of `evaluate::Table`.
fn rows(report: &UnseenReport) -> Vec<serde_json::Value> {
    let ours = report.lines.iter().filter(|line| line.method == "Auto-Grader");
    ours.map(|line| {
        let mut row = serde_json::json!({ "name": line.name, "answers": line.answers, "questions": line.questions });
        for (name, spread) in &line.metrics {
            row[*name] = spread.mean.into();
        }
        row
    })
    .collect()
}

pub(crate) fn json(value: &impl Serialize) -> Result<String, GradingError> {
    serde_json::to_string(value)
        .map(|text| text + "\n")
        .map_err(|error| GradingError::Data(error.to_string()))
}

pub(crate) fn threads(config: &GraderConfig) -> usize {
    match config.workers {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        workers => workers,
    }
}

/// `[########------------] 8 of 20 meta heads`
pub(crate) fn bar(what: &str, done: usize, all: usize) -> String {
    format!("{} {done} of {all} {what}", filled(done, all))
}

/// `[########------------] 40 % of the adapters`
pub(crate) fn percent(what: &str, done: usize) -> String {
    format!("{} {done} % of {what}", filled(done, 100))
}

fn filled(done: usize, all: usize) -> String {
    let filled = 20 * done / all.max(1);
    format!("[{}{}]", "#".repeat(filled), "-".repeat(20 - filled))
}
