//! Graded answers with everything computed from them: features, token states, signals. Computed
//! once (minutes) and kept in a folder, so that a stopped training goes on where it was.

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::TrainOptions;
use super::made_up::made_up;
use crate::dataset::{self, Row};
use crate::engine::{Engine, EngineFactory};
use crate::features::{COUNT, NAMES};
use crate::grader::GraderConfig;
use crate::model::net::{SIGNALS, Tokens};
use crate::signals::Signals;
use crate::{GradeRequest, GradingError};

/// A graded answer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Sample {
    pub dataset: String,
    /// Data set and question together.
    pub question: String,
    /// Share of the full points.
    pub score: f32,
    /// Made up to teach good manners (parroting, negating); never measured.
    pub made_up: bool,
    pub values: Vec<f32>,
    /// Cosines of the whole texts with the best reference: of embeddings, of TF-IDF vectors.
    pub baselines: [f32; 2],
    /// Where the token states of the answer and its reference begin, in tokens.
    pub states: [usize; 2],
    pub answer: Signals,
    pub reference: Signals,
}

/// All samples and the token states they share.
pub struct Samples {
    pub all: Vec<Sample>,
    states: Vec<f32>,
    hidden: usize,
    /// Of the data, the features and the encoder: what was computed from other ones is not used.
    pub fingerprint: String,
}

impl Samples {
    pub fn answer<'a>(&'a self, sample: &'a Sample) -> Tokens<'a> {
        self.tokens(sample.states[0], &sample.answer)
    }

    pub fn reference<'a>(&'a self, sample: &'a Sample) -> Tokens<'a> {
        self.tokens(sample.states[1], &sample.reference)
    }

    fn tokens<'a>(&'a self, first: usize, signals: &'a [[f32; SIGNALS]]) -> Tokens<'a> {
        Tokens {
            states: &self.states[first * self.hidden..(first + signals.len()) * self.hidden],
            signals,
        }
    }

    /// Reads the data and computes what is not in the cache.
    pub fn load(options: &TrainOptions, progress: &mut dyn FnMut(&str)) -> Result<Self, GradingError> {
        let mut rows = dataset::load(&options.data)?;
        rows.retain(is_sample);
        if rows.is_empty() {
            return Err(GradingError::Data(
                "no graded English answers with reference answers were found".into(),
            ));
        }
        let real = rows.len();
        rows.extend(made_up(&rows, options.seed));
        let factory = EngineFactory::load(&options.grader)?;
        let fingerprint = fingerprint(&rows, &factory);
        if let Some(folder) = &options.cache
            && let Some(kept) = Self::read(folder, &fingerprint)
        {
            progress(&format!("{} answers read from {}", kept.all.len(), folder.display()));
            return Ok(kept);
        }
        let samples = compute(&rows, real, &factory, &options.grader, fingerprint, progress)?;
        if let Some(folder) = &options.cache {
            samples.write(folder)?;
        }
        Ok(samples)
    }

    /// Answers with references that nothing is fitted on: in other languages.
    pub fn of_others(
        rows: &[Row],
        factory: &EngineFactory,
        options: &TrainOptions,
        progress: &mut dyn FnMut(&str),
    ) -> Result<Self, GradingError> {
        compute(rows, rows.len(), factory, &options.grader, String::new(), progress)
    }

    fn read(folder: &Path, fingerprint: &str) -> Option<Self> {
        let text = std::fs::read(folder.join("samples.json")).ok()?;
        let (found, hidden, all): (String, usize, Vec<Sample>) = serde_json::from_slice(&text).ok()?;
        if found != fingerprint {
            return None;
        }
        let bytes = std::fs::read(folder.join("states.bin")).ok()?;
        let states: Vec<f32> = bytes
            .chunks_exact(4)
            .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
            .collect();
        Some(Self {
            all,
            states,
            hidden,
            fingerprint: found,
        })
    }

    fn write(&self, folder: &Path) -> Result<(), GradingError> {
        let failed = |error: std::io::Error| GradingError::Data(format!("{}: {error}", folder.display()));
        std::fs::create_dir_all(folder).map_err(failed)?;
        let bytes: Vec<u8> = self.states.iter().flat_map(|value| value.to_le_bytes()).collect();
        std::fs::write(folder.join("states.bin"), bytes).map_err(failed)?;
        // Last: it says that the states are whole.
        let json = super::json(&(&self.fingerprint, self.hidden, &self.all))?;
        std::fs::write(folder.join("samples.json"), json).map_err(failed)
    }
}

/// Does the general head learn from this row?
pub fn is_sample(row: &Row) -> bool {
    !row.references.is_empty() && row.dataset != "saf_german"
}

pub fn fingerprint(rows: &[Row], factory: &EngineFactory) -> String {
    let mut digest = Sha256::new();
    let mut add = |text: &str| {
        digest.update((text.len() as u64).to_le_bytes());
        digest.update(text.as_bytes());
    };
    add(factory.model_version().split('+').next().unwrap_or_default());
    add(&NAMES.join(" "));
    for row in rows {
        for text in [&row.question_id, &row.question, &row.answer]
            .into_iter()
            .chain(&row.references)
        {
            add(text);
        }
        add(&row.score.to_string());
    }
    add(&format!("{COUNT} {SIGNALS} 1"));
    hex::encode(digest.finalize())
}

/// One row computed by a worker.
pub struct Computed {
    pub values: Vec<f32>,
    pub baseline: f32,
    /// Text and inner token states of the answer and of its reference.
    pub texts: [(String, Vec<f32>); 2],
    pub signals: [Signals; 2],
}

/// What `work` makes of each row, on as many threads as the grader would use; the result does not depend
/// on their number.
pub fn with_engines<T: Send>(
    rows: &[Row],
    factory: &EngineFactory,
    config: &GraderConfig,
    progress: &mut dyn FnMut(&str),
    work: &(dyn Fn(&mut Engine, &[Row]) -> Result<Vec<T>, GradingError> + Sync),
) -> Result<Vec<T>, GradingError> {
    let threads = super::threads(config);
    let chunks: Vec<&[Row]> = rows.chunks(64).collect();
    let next = AtomicUsize::new(0);
    let (sender, results) = channel();
    let mut parts: Vec<Vec<T>> = Vec::new();
    parts.resize_with(chunks.len(), Vec::new);
    std::thread::scope(|scope| -> Result<(), GradingError> {
        for _ in 0..threads {
            let (sender, next, chunks) = (sender.clone(), &next, &chunks);
            scope.spawn(move || {
                let mut engine = match factory.build() {
                    Ok(engine) => engine,
                    Err(error) => return drop(sender.send(Err(error))),
                };
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(chunk) = chunks.get(at) else { return };
                    let found = work(&mut engine, chunk).map(|found| (at, found));
                    if sender.send(found).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        for (done, result) in results.iter().enumerate() {
            let (at, found) = result?;
            parts[at] = found;
            if (done + 1) % 10 == 0 || done + 1 == chunks.len() {
                progress(&super::bar(
                    "answers read",
                    ((done + 1) * 64).min(rows.len()),
                    rows.len(),
                ));
            }
        }
        Ok(())
    })?;
    Ok(parts.into_iter().flatten().collect())
}

fn compute(
    rows: &[Row],
    real: usize,
    factory: &EngineFactory,
    config: &GraderConfig,
    fingerprint: String,
    progress: &mut dyn FnMut(&str),
) -> Result<Samples, GradingError> {
    let found = with_engines(rows, factory, config, progress, &|engine, rows| {
        let requests: Vec<GradeRequest> = rows.iter().map(|row| row.request(100)).collect();
        engine.lessons(&requests)
    })?;
    let tfidf = super::tfidf::Vectors::new(rows);
    let mut samples = Samples {
        all: Vec::new(),
        states: Vec::new(),
        hidden: 0,
        fingerprint,
    };
    let mut known: HashMap<String, usize> = HashMap::new();
    for (at, (row, found)) in rows.iter().zip(found).enumerate() {
        let Some(found) = found else { continue };
        let [answer, reference] = found.signals;
        if !answer.is_empty() {
            samples.hidden = found.texts[0].1.len() / answer.len();
        }
        let hidden = samples.hidden.max(1);
        let states = found.texts.map(|(text, states)| {
            *known.entry(text).or_insert_with(|| {
                let first = samples.states.len() / hidden;
                samples.states.extend(states);
                first
            })
        });
        samples.all.push(Sample {
            dataset: row.dataset.clone(),
            question: row.question_id.clone(),
            score: row.score,
            made_up: at >= real,
            values: found.values,
            baselines: [found.baseline, tfidf.best(&row.answer, &row.references)],
            states,
            answer,
            reference,
        });
    }
    Ok(samples)
}
