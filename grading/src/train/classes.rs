//! Questions with all their graded answers, as a teacher would meet them: what is needed to play through
//! that some of the answers are graded and the others asked. In every language, with and without references.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::TrainOptions;
use super::adapters::{Asked, Tuned};
use super::folds::of_questions;
use super::samples::{Samples, fingerprint, is_sample, with_engines};
use crate::GradingError;
use crate::dataset::{self, Row};
use crate::engine::EngineFactory;
use crate::features::{COUNT, TUNED};
use crate::guard::{Signs, Verdict};
use crate::model::Head;
use crate::model::trees::Random;
use crate::study::{Prior, Study};
use crate::{Evidence, text};

/// Answers of one question that are used, drawn at random.
const MOST_ANSWERS: usize = 120;

/// A question and its graded answers.
pub struct Class {
    pub dataset: String,
    /// Data set and question together.
    pub question: String,
    /// The step of its teachers, as a share of the full points.
    pub step: f32,
    pub answers: Vec<Answer>,
}

pub struct Answer {
    pub study: Study,
    /// Share of the full points.
    pub score: f32,
    pub row: Row,
    /// The sample it is, if the general head learns from it.
    sample: Option<usize>,
}

pub struct Classes {
    pub all: Vec<Class>,
}

/// What the encoder found out about a row.
#[derive(Serialize, Deserialize)]
struct Kept {
    pooled: Vec<f32>,
    values: Option<Vec<f32>>,
    verdict: Verdict,
    signs: Signs,
}

impl Classes {
    pub fn load(
        options: &TrainOptions,
        samples: &Samples,
        progress: &mut dyn FnMut(&str),
    ) -> Result<Self, GradingError> {
        let (rows, places) = rows(options)?;
        let factory = EngineFactory::load_bare(&options.grader)?;
        let kept = kept(&rows, &factory, options, progress)?;
        let mut classes: BTreeMap<String, Class> = BTreeMap::new();
        for ((row, sample), kept) in rows.into_iter().zip(places).zip(kept) {
            debug_assert!(sample.is_none_or(|at| samples.all[at].question == row.question_id));
            let prepared = factory.shared().preparer.prepare(&row.answer)?;
            let language = text::foreign_language(&row.answer, &prepared.words);
            let values = kept.values.and_then(|values| <[f32; COUNT]>::try_from(values).ok());
            let answer = Answer {
                study: Study {
                    prepared,
                    // Both come from the adapter that is asked.
                    tuned: Vec::new(),
                    pooled: kept.pooled,
                    verdict: kept.verdict,
                    // The expected score comes from the head that is asked.
                    prior: values.map(|values| Prior {
                        expected: 0.0,
                        values: Some(values),
                    }),
                    signs: Signs { language, ..kept.signs },
                    evidence: Evidence::default(),
                },
                score: row.score,
                sample,
                row,
            };
            let row = &answer.row;
            let class = classes.entry(row.question_id.clone()).or_insert_with(|| Class {
                dataset: row.dataset.clone(),
                question: row.question_id.clone(),
                step: 1.0,
                answers: Vec::new(),
            });
            class.answers.push(answer);
        }
        let mut all: Vec<Class> = classes.into_values().collect();
        set_steps(&mut all);
        Ok(Self { all })
    }

    /// The fold of each question, the one of `samples` where it has some.
    pub fn folds(&self, samples: &Samples, fold_of: &[usize], seed: u64) -> Vec<usize> {
        let known: BTreeMap<&str, usize> = samples
            .all
            .iter()
            .zip(fold_of)
            .map(|(sample, fold)| (sample.question.as_str(), *fold))
            .collect();
        let names = self.all.iter().map(|class| class.question.as_str());
        let rest = of_questions(names.filter(|name| !known.contains_key(name)), seed);
        self.all
            .iter()
            .map(|class| {
                let name = class.question.as_str();
                known.get(name).or_else(|| rest.get(name)).copied().unwrap_or_default()
            })
            .collect()
    }

    /// The answers of a class as seen by a head with this adapter; `asked` are their texts. `expected` of samples is
    /// taken instead of asking the head where it has seen the question.
    pub fn seen_by(
        class: &Class,
        asked: &[Asked],
        head: &Head,
        tuned: &Tuned,
        expected: Option<&[f32]>,
    ) -> Vec<Arc<Study>> {
        let see = |(answer, asked): (&Answer, &Asked)| {
            let prior = answer
                .study
                .prior
                .as_ref()
                .and_then(|prior| prior.values)
                .map(|mut values| {
                    values[COUNT - TUNED..].copy_from_slice(&tuned.features(asked));
                    let known = expected.zip(answer.sample).map(|(expected, at)| expected[at]);
                    Prior {
                        expected: known.unwrap_or_else(|| head.expected(&values)),
                        values: Some(values),
                    }
                });
            Arc::new(Study {
                prior,
                tuned: tuned.vector(asked.answer).to_vec(),
                ..answer.study.clone()
            })
        };
        class.answers.iter().zip(asked).map(see).collect()
    }
}

/// The rows to use, and which sample each is.
fn rows(options: &TrainOptions) -> Result<(Vec<Row>, Vec<Option<usize>>), GradingError> {
    let all = dataset::load(&options.data)?;
    let mut of: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, row) in all.iter().enumerate() {
        of.entry(&row.question_id).or_default().push(at);
    }
    let mut chosen: Vec<usize> = Vec::new();
    let mut random = Random(23);
    for rows in of.values_mut() {
        random.shuffle(rows);
        rows.truncate(MOST_ANSWERS);
        chosen.extend(rows.iter());
    }
    let chosen: std::collections::BTreeSet<usize> = chosen.into_iter().collect();
    let mut samples = 0;
    let (mut rows, mut places) = (Vec::new(), Vec::new());
    for (at, row) in all.iter().enumerate() {
        let place = is_sample(row).then_some(samples);
        samples += usize::from(place.is_some());
        if chosen.contains(&at) {
            rows.push(row.clone());
            places.push(place);
        }
    }
    Ok((rows, places))
}

/// From the cache, or through the encoder.
fn kept(
    rows: &[Row],
    factory: &EngineFactory,
    options: &TrainOptions,
    progress: &mut dyn FnMut(&str),
) -> Result<Vec<Kept>, GradingError> {
    let fingerprint = fingerprint(rows, factory);
    let file = options.cache.as_ref().map(|folder| folder.join("classes.json"));
    let read = |file: &Path| -> Option<Vec<Kept>> {
        let (found, kept): (String, Vec<Kept>) = serde_json::from_slice(&std::fs::read(file).ok()?).ok()?;
        (found == fingerprint).then_some(kept)
    };
    if let Some(kept) = file.as_deref().and_then(read) {
        return Ok(kept);
    }
    let kept: Vec<Kept> = with_engines(rows, factory, &options.grader, progress, &|engine, rows| {
        let requests: Vec<_> = rows.iter().map(|row| row.request(100)).collect();
        let studies = engine.studies(&requests)?;
        Ok(studies
            .iter()
            .map(|study| Kept {
                pooled: study.pooled.clone(),
                values: study.prior.as_ref().and_then(|prior| Some(prior.values?.to_vec())),
                verdict: study.verdict,
                signs: study.signs.clone(),
            })
            .collect())
    })?;
    if let Some(file) = file {
        let failed = |error: std::io::Error| GradingError::Data(format!("{}: {error}", file.display()));
        let half = file.with_extension("half");
        std::fs::write(&half, super::json(&(fingerprint, &kept))?).map_err(failed)?;
        std::fs::rename(&half, &file).map_err(failed)?;
    }
    Ok(kept)
}

fn set_steps(classes: &mut [Class]) {
    let mut scores: BTreeMap<String, Vec<f32>> = BTreeMap::new();
    for class in classes.iter() {
        let own = class.answers.iter().map(|answer| answer.score);
        scores.entry(class.dataset.clone()).or_default().extend(own);
    }
    for class in classes {
        class.step = step_of(&scores[&class.dataset]);
    }
}

/// The coarsest of whole, half and quarter points that nearly all scores of a data set lie on.
pub fn step_of(scores: &[f32]) -> f32 {
    let fits = |step: &f32| {
        let off = |score: &&f32| {
            let part = (*score / step).fract();
            part.min(1.0 - part) >= 0.02
        };
        scores.iter().filter(off).count() * 50 <= scores.len()
    };
    [1.0, 0.5].into_iter().find(fits).unwrap_or(0.25)
}
