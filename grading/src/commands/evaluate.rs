//! `grading evaluate`: how good grades are on graded answers.
//!
//! A head has seen the questions it was trained on, and on those its numbers would be too good. So on data
//! sets it was trained on everything is fitted anew in nested folds (give all of them for the numbers of the
//! model card); on others the running head is measured as it is.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use serde::Serialize;

use crate::dataset::{self, Row};
use crate::engine::EngineFactory;
use crate::evaluate::kshot::{FEWEST, KshotReport, Measured, kshot};
use crate::evaluate::unseen::{UnseenReport, unseen};
use crate::train::TrainOptions;
use crate::train::classes::step_of;
use crate::train::kshot::Seen;
use crate::train::samples::with_engines;
use crate::{GraderConfig, GradingError};

/// What is measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Protocol {
    /// Nobody has graded an answer of the question.
    Unseen,
    /// A teacher has graded some; also teaching played through to the end.
    #[default]
    Kshot,
}

impl FromStr for Protocol {
    type Err = GradingError;

    fn from_str(name: &str) -> Result<Self, GradingError> {
        match name {
            "unseen" => Ok(Self::Unseen),
            "kshot" => Ok(Self::Kshot),
            other => Err(GradingError::Invalid(format!(
                "{other} is not a protocol; use unseen or kshot"
            ))),
        }
    }
}

#[derive(Clone, Debug, Default)]
pub struct EvaluateOptions {
    pub data: Vec<PathBuf>,
    pub protocol: Protocol,
    /// How many answers of each question the teacher has graded; 0 means none.
    pub k: Vec<usize>,
    pub seeds: u64,
    /// In how many ways the questions are divided into folds; as many as seeds where nothing is said.
    pub divisions: Option<u64>,
    /// At most this many answers are asked of a question, chosen at random.
    pub most_per_question: Option<usize>,
    /// A folder that keeps what was computed for the nested measurement.
    pub cache: Option<PathBuf>,
    pub grader: GraderConfig,
}

#[derive(Clone, Debug, Serialize)]
pub struct EvaluateReport {
    pub model: String,
    /// On the data sets the running head was trained on: fitted anew without each test question.
    pub unseen: Option<UnseenReport>,
    pub kshot: Option<KshotReport>,
    /// On other data sets: the running head.
    pub running: Option<KshotReport>,
    #[serde(skip)]
    pub text: String,
}

pub fn evaluate(options: EvaluateOptions, progress: &mut dyn FnMut(&str)) -> Result<EvaluateReport, GradingError> {
    let rows = dataset::load(&options.data)?;
    check(&options, &rows, progress)?;
    let factory = EngineFactory::load(&options.grader)?;
    let mut report = EvaluateReport {
        model: factory.model_version().to_owned(),
        unseen: None,
        kshot: None,
        running: None,
        text: String::new(),
    };
    let trained_on = &factory.shared().head.trained_on;
    let (known, others): (Vec<Row>, Vec<Row>) = rows.into_iter().partition(|row| trained_on.contains(&row.dataset));
    let asked_for_none = options.protocol == Protocol::Unseen || options.k.contains(&0);
    let k: Vec<usize> = match options.protocol {
        Protocol::Unseen => Vec::new(),
        Protocol::Kshot => options.k.iter().copied().filter(|k| *k > 0).collect(),
    };
    if !known.is_empty() {
        // Both protocols need the same adapters, which take long to fit.
        let scratch = tempfile::tempdir().map_err(|error| GradingError::Data(format!("a scratch folder: {error}")))?;
        let nested = TrainOptions {
            data: options.data.clone(),
            out: PathBuf::new(),
            version: "measured".into(),
            seed: 1,
            divisions: options.divisions.unwrap_or(options.seeds),
            cache: Some(options.cache.clone().unwrap_or_else(|| scratch.path().to_owned())),
            grader: options.grader.clone(),
        };
        if asked_for_none {
            let found = unseen(&nested, options.seeds, false, progress)?;
            report.text += &found.render();
            report.unseen = Some(found);
        }
        if !k.is_empty() {
            let found = kshot(&nested, &k, options.seeds, progress)?;
            report.text += &found.render();
            report.kshot = Some(found);
        }
    }
    if !others.is_empty() {
        let mut k = k;
        if asked_for_none {
            k.insert(0, 0);
        }
        let classes = classes(&others, &factory, &options.grader, progress)?;
        let mut measured = Measured::new(options.most_per_question);
        let heads = [(&factory.shared().head, classes.as_slice())];
        for seed in 1..=options.seeds.max(1) {
            measured.add(&heads, &k, seed);
            progress(&format!("seed {seed} measured"));
        }
        let found = measured.report(options.seeds.max(1));
        report.text += &format!("\nnot nested: {} as it is\n{}", report.model, found.render());
        report.running = Some(found);
    }
    Ok(report)
}

/// What could not be measured is said at once, not after an hour.
fn check(options: &EvaluateOptions, rows: &[Row], progress: &mut dyn FnMut(&str)) -> Result<(), GradingError> {
    let invalid = |what: String| Err(GradingError::Invalid(what));
    if options.seeds == 0 || options.divisions == Some(0) || options.most_per_question == Some(0) {
        return invalid("seeds, divisions and answers of a question must be one or more".into());
    }
    if options.protocol == Protocol::Kshot && options.k.is_empty() {
        return invalid("say how many answers are graded".into());
    }
    let mut answers: BTreeMap<&str, usize> = BTreeMap::new();
    for row in rows {
        *answers.entry(&row.question_id).or_default() += 1;
    }
    let most = answers.values().copied().max().unwrap_or_default();
    let fits = |k: &&usize| **k == 0 || k.saturating_add(FEWEST) <= most;
    if rows.is_empty() {
        return invalid("there are no graded answers in these files".into());
    }
    if options.protocol == Protocol::Kshot && options.k.iter().find(fits).is_none() {
        return invalid(format!(
            "the questions have at most {most} answers: too few to take so many as graded and ask {FEWEST} more"
        ));
    }
    if let Some(k) = options.k.iter().find(|k| !fits(k)) {
        progress(&format!("no question has {FEWEST} answers more than {k}: left out"));
    }
    Ok(())
}

/// The questions of these rows as the running head sees them.
fn classes(
    rows: &[Row],
    factory: &EngineFactory,
    config: &GraderConfig,
    progress: &mut dyn FnMut(&str),
) -> Result<Vec<Seen>, GradingError> {
    let studies = with_engines(rows, factory, config, progress, &|engine, rows| {
        let requests: Vec<_> = rows.iter().map(|row| row.request(100)).collect();
        engine.studies(&requests)
    })?;
    let mut scores: BTreeMap<&str, Vec<f32>> = BTreeMap::new();
    for row in rows {
        scores.entry(&row.dataset).or_default().push(row.score);
    }
    let mut classes: BTreeMap<&str, Seen> = BTreeMap::new();
    for (row, study) in rows.iter().zip(studies) {
        let class = classes.entry(&row.question_id).or_insert_with(|| Seen {
            dataset: row.dataset.clone(),
            question: row.question_id.clone(),
            fold: 0,
            step: step_of(&scores[row.dataset.as_str()]),
            answers: Vec::new(),
        });
        class.answers.push((Arc::clone(&study), row.score));
    }
    Ok(classes.into_values().collect())
}
