//! Questions with all their graded answers, as a teacher would meet them: what is needed to play through
//! that some of the answers are graded and the others asked. In every language, with and without references.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::TrainOptions;
use super::folds::of_questions;
use super::samples::{Sample, Samples, fingerprint, is_sample, with_engines};
use crate::GradingError;
use crate::dataset::{self, Row};
use crate::engine::EngineFactory;
use crate::features::COUNT;
use crate::guard::{Signs, Verdict};
use crate::model::Head;
use crate::model::head::Opinion;
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
    source: Source,
}

/// Where the general head finds the tokens of an answer.
enum Source {
    Sample(usize),
    Other(usize),
    /// There is no reference.
    Nowhere,
}

pub struct Classes {
    pub all: Vec<Class>,
    others: Samples,
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
        let (rows, sources) = rows(options)?;
        let factory = EngineFactory::load(&options.grader)?;
        let others: Vec<Row> = rows
            .iter()
            .zip(&sources)
            .filter(|(_, source)| matches!(source, Source::Other(_)))
            .map(|(row, _)| row.clone())
            .collect();
        let others = Samples::of_others(&others, &factory, options, progress)?;
        let kept = kept(&rows, &factory, options, progress)?;
        let mut classes: BTreeMap<String, Class> = BTreeMap::new();
        for ((row, source), kept) in rows.into_iter().zip(sources).zip(kept) {
            debug_assert!(!matches!(source, Source::Sample(at) if samples.all[at].question != row.question_id));
            let prepared = factory.shared().preparer.prepare(&row.answer)?;
            let language = text::foreign_language(&row.answer, &prepared.words);
            let values = kept.values.and_then(|values| <[f32; COUNT]>::try_from(values).ok());
            let answer = Answer {
                study: Study {
                    prepared,
                    pooled: kept.pooled,
                    verdict: kept.verdict,
                    // The expected score comes from the head that is asked.
                    prior: values.map(|values| Prior {
                        expected: 0.0,
                        values: Some((values, Opinion::default())),
                    }),
                    signs: Signs { language, ..kept.signs },
                    evidence: Evidence::default(),
                },
                score: row.score,
                source,
            };
            let class = classes.entry(row.question_id.clone()).or_insert_with(|| Class {
                dataset: row.dataset.clone(),
                question: row.question_id,
                step: 1.0,
                answers: Vec::new(),
            });
            class.answers.push(answer);
        }
        let mut all: Vec<Class> = classes.into_values().collect();
        set_steps(&mut all);
        Ok(Self { all, others })
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

    /// The answers of a class as seen by a head. `opinions` about samples are taken instead of asking
    /// the head where it has seen the question.
    pub fn seen_by(
        &self,
        class: &Class,
        head: &Head,
        samples: &Samples,
        opinions: Option<&[Opinion]>,
    ) -> Vec<Arc<Study>> {
        let ask = |samples: &Samples, sample: &Sample| {
            let nets = head.nets_say(samples.answer(sample), samples.reference(sample), &sample.values);
            Opinion::new(head.score.log_odds(&sample.values), nets)
        };
        class
            .answers
            .iter()
            .map(|answer| {
                let opinion = match (&answer.source, opinions) {
                    (Source::Sample(at), Some(opinions)) => opinions[*at],
                    (Source::Sample(at), None) => ask(samples, &samples.all[*at]),
                    (Source::Other(at), _) => ask(&self.others, &self.others.all[*at]),
                    (Source::Nowhere, _) => return Arc::new(answer.study.clone()),
                };
                let values = answer.study.prior.as_ref().and_then(|prior| prior.values);
                Arc::new(Study {
                    prior: Some(Prior {
                        expected: opinion.expected,
                        values: values.map(|(values, _)| (values, opinion)),
                    }),
                    ..answer.study.clone()
                })
            })
            .collect()
    }
}

/// The rows to use and where the general head finds each.
fn rows(options: &TrainOptions) -> Result<(Vec<Row>, Vec<Source>), GradingError> {
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
    let (mut samples, mut others) = (0, 0);
    let (mut rows, mut sources) = (Vec::new(), Vec::new());
    for (at, row) in all.iter().enumerate() {
        let used = chosen.contains(&at);
        let next = |count: &mut usize| {
            *count += 1;
            *count - 1
        };
        let source = if is_sample(row) {
            Source::Sample(next(&mut samples))
        } else if row.references.is_empty() {
            Source::Nowhere
        } else if used {
            Source::Other(next(&mut others))
        } else {
            continue;
        };
        if used {
            rows.push(row.clone());
            sources.push(source);
        }
    }
    Ok((rows, sources))
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
                values: study
                    .prior
                    .as_ref()
                    .and_then(|prior| Some(prior.values.as_ref()?.0.to_vec())),
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
