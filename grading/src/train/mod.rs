//! Fits the head on graded answers.
//!
//! `samples` reads the data through the encoder once · `made_up` answers nobody gave · `folds` splits by
//! question · `net` fits one interaction network · `fit` puts a head together · `tfidf` a baseline ·
//! `classes` whole questions with and without references · `kshot` the part for questions with graded answers.
//! How good it is on questions it has not seen: `evaluate::unseen`, which fits such heads in nested folds.

pub(crate) mod classes;
pub(crate) mod fit;
pub(crate) mod folds;
pub(crate) mod kshot;
mod made_up;
mod net;
pub(crate) mod samples;
mod tfidf;

use std::path::PathBuf;

use serde::Serialize;

use self::fit::{Bank, How};
pub(crate) use self::samples::Computed;
use self::samples::Samples;
use crate::GradingError;
use crate::evaluate::unseen::{self, UnseenReport};
use crate::grader::GraderConfig;

/// What to train on and where to put the result.
#[derive(Clone, Debug)]
pub struct TrainOptions {
    /// Files or folders; rows without reference answers and non-English ones are left out.
    pub data: Vec<PathBuf>,
    /// A folder for `head.json` and `report.json`.
    pub out: PathBuf,
    pub version: String,
    pub seed: u64,
    /// Also fit the networks that read token by token: better on questions without graded answers, but
    /// most of the time.
    pub networks: bool,
    /// A folder that keeps what was computed: a stopped training goes on from there.
    pub cache: Option<PathBuf>,
    pub grader: GraderConfig,
}

/// Trains, writes `head.json` and, measured in nested folds with one seed, `report.json`. `progress`
/// gets a line now and then.
pub fn train(options: &TrainOptions, progress: &mut dyn FnMut(&str)) -> Result<UnseenReport, GradingError> {
    let samples = Samples::load(options, progress)?;
    let fold_of = folds::folds(&samples.all, options.seed);
    let how = How {
        seed: options.seed,
        threads: threads(&options.grader),
        networks: options.networks,
        cache: options.cache.as_deref(),
        what: "networks to ship",
    };
    let bank = Bank::fit(&samples, &fold_of, &[None], &how, progress)?;
    let (mut head, opinions) = bank.head_and_opinions(None, &options.version);
    let classes = classes::Classes::load(options, &samples, progress)?;
    let class_folds = classes.folds(&samples, &fold_of, options.seed);
    let (_, seen) = crate::evaluate::kshot::see(&classes, &class_folds, &head, &samples, &opinions, None);
    head.meta = kshot::fit_meta(&seen, options.seed);
    head.trained_on = fit::names(classes.all.iter().map(|class| class.dataset.as_str()));
    let failed = |error: std::io::Error| GradingError::Data(format!("{}: {error}", options.out.display()));
    std::fs::create_dir_all(&options.out).map_err(failed)?;
    std::fs::write(options.out.join("head.json"), json(&head)?).map_err(failed)?;
    let report = unseen::measure(&samples, options, 1, progress)?;
    let written = Written {
        tables: rows(&report),
        unseen: &report,
    };
    std::fs::write(options.out.join("report.json"), json(&written)?).map_err(failed)?;
    Ok(report)
}

/// What stands beside a head: a row for each data set, as registers of models show it, and everything measured.
#[derive(Serialize)]
struct Written<'a> {
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

/// `[########------------] 8 of 20 networks`
pub(crate) fn bar(what: &str, done: usize, all: usize) -> String {
    let filled = 20 * done / all.max(1);
    format!(
        "[{}{}] {done} of {all} {what}",
        "#".repeat(filled),
        "-".repeat(20 - filled)
    )
}
