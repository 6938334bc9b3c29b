//! Graded answers with what was computed from them: features and likenesses. Computed once (minutes) and kept in a folder,
//! so that a stopped training goes on where it was.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::TrainOptions;
use super::made_up::made_up;
use crate::dataset::{self, Row};
use crate::engine::{Engine, EngineFactory};
use crate::features::{COUNT, NAMES, TUNED, index};
use crate::grader::GraderConfig;
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
    /// Index of its row.
    pub row: usize,
}

/// All samples, and the rows they came from.
pub struct Samples {
    pub all: Vec<Sample>,
    pub rows: Vec<Row>,
    /// Name and hash of the encoder.
    pub encoder: String,
}

impl Samples {
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
        let factory = EngineFactory::load_bare(&options.grader)?;
        let fingerprint = fingerprint(&rows, &factory);
        let kept = options.cache.as_ref().and_then(|folder| read(folder, &fingerprint));
        let all = match kept {
            Some(kept) => kept,
            None => {
                let all = compute(&rows, real, &factory, &options.grader, progress)?;
                if let Some(folder) = &options.cache {
                    write(folder, &fingerprint, &all)?;
                }
                all
            }
        };
        Ok(Self {
            all,
            rows,
            encoder: encoder(&factory).to_owned(),
        })
    }
}

const FILE: &str = "samples.json";

fn read(folder: &Path, fingerprint: &str) -> Option<Vec<Sample>> {
    let text = std::fs::read(folder.join(FILE)).ok()?;
    let (found, all): (String, Vec<Sample>) = serde_json::from_slice(&text).ok()?;
    (found == fingerprint).then_some(all)
}

fn write(folder: &Path, fingerprint: &str, all: &[Sample]) -> Result<(), GradingError> {
    let failed = |error: std::io::Error| GradingError::Data(format!("{}: {error}", folder.display()));
    std::fs::create_dir_all(folder).map_err(failed)?;
    // Renamed when whole, so that a stop in between leaves no half file.
    let half = folder.join(FILE).with_extension("half");
    std::fs::write(&half, super::json(&(fingerprint, all))?).map_err(failed)?;
    std::fs::rename(&half, folder.join(FILE)).map_err(failed)
}

/// Does the general head learn from this row?
pub fn is_sample(row: &Row) -> bool {
    !row.references.is_empty() && row.dataset != "saf_german"
}

fn encoder(factory: &EngineFactory) -> &str {
    factory.model_version().split('+').next().unwrap_or_default()
}

/// Of the data, the features and the encoder: what was computed from other ones is not used.
pub fn fingerprint(rows: &[Row], factory: &EngineFactory) -> String {
    let mut digest = Sha256::new();
    let mut add = |text: &str| {
        digest.update((text.len() as u64).to_le_bytes());
        digest.update(text.as_bytes());
    };
    add(encoder(factory));
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
    add(&format!("{COUNT} 4"));
    hex::encode(digest.finalize())
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
    progress: &mut dyn FnMut(&str),
) -> Result<Vec<Sample>, GradingError> {
    let found = with_engines(rows, factory, config, progress, &|engine, rows| {
        let requests: Vec<GradeRequest> = rows.iter().map(|row| row.request(100)).collect();
        engine.compared(&requests)
    })?;
    let tfidf = super::tfidf::Vectors::new(rows);
    let samples = rows.iter().zip(found).enumerate().filter_map(|(at, (row, values))| {
        let mut values = values?;
        // Those come from an adapter that has not seen the question.
        values[COUNT - TUNED..].fill(0.0);
        Some(Sample {
            dataset: row.dataset.clone(),
            question: row.question_id.clone(),
            score: row.score,
            made_up: at >= real,
            baselines: [values[index("best_cosine")], tfidf.best(&row.answer, &row.references)],
            values: values.to_vec(),
            row: at,
        })
    });
    Ok(samples.collect())
}
