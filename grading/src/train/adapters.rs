//! Adapters fitted without some folds of the questions, and what each makes of the texts of these folds.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Mutex, OnceLock, PoisonError};

use sha2::{Digest, Sha256};

use super::classes::Classes;
use super::samples::Samples;
use super::tune::{self, FitAdapter, Lower, Question, TextId, Texts, fit_adapter, vectors};
use crate::GradingError;
use crate::dataset::Row;
use crate::features::{self, TUNED};
use crate::grader::GraderConfig;
use crate::model::adapter::Adapter;

/// Folds that something must not have seen, in order.
pub type Without = Vec<usize>;

/// The texts of a row.
pub struct Asked {
    question: TextId,
    references: Vec<TextId>,
    pub answer: TextId,
}

/// The texts of all samples and classes.
pub struct Corpus {
    texts: Texts,
    pub samples: Vec<Asked>,
    /// Of each class, its answers.
    pub classes: Vec<Vec<Asked>>,
    /// Of each class, what an adapter may learn from.
    questions: Vec<Question>,
    /// The encoder's name and hash.
    encoder: String,
    lower: OnceLock<Lower>,
}

/// An adapter, and the vectors of the texts it has not seen.
pub struct Tuned {
    pub adapter: Adapter,
    vectors: HashMap<TextId, Vec<f32>>,
}

impl Tuned {
    pub fn vector(&self, text: TextId) -> &[f32] {
        &self.vectors[&text]
    }

    pub fn features(&self, asked: &Asked) -> [f32; TUNED] {
        let references: Vec<&[f32]> = asked.references.iter().map(|text| self.vector(*text)).collect();
        features::tuned(self.vector(asked.question), &references, self.vector(asked.answer))
    }
}

/// How to fit them.
pub struct How<'a> {
    /// Seed of the division into folds, and of the adapters.
    pub division: u64,
    pub threads: usize,
    /// A folder where fitted adapters are kept.
    pub cache: Option<&'a Path>,
    pub grader: &'a GraderConfig,
    /// For the progress bar.
    pub what: &'a str,
}

impl Corpus {
    pub fn new(samples: &Samples, classes: &Classes) -> Self {
        let mut texts = Texts::default();
        let mut put = |row: &Row| Asked {
            question: texts.put(&row.question),
            references: row.references.iter().map(|text| texts.put(text)).collect(),
            answer: texts.put(&row.answer),
        };
        let asked = samples
            .all
            .iter()
            .map(|sample| put(&samples.rows[sample.row]))
            .collect();
        let of_classes: Vec<Vec<Asked>> = classes
            .all
            .iter()
            .map(|class| class.answers.iter().map(|answer| put(&answer.row)).collect())
            .collect();
        let questions = classes
            .all
            .iter()
            .zip(&of_classes)
            .map(|(class, asked)| Question {
                answers: asked
                    .iter()
                    .zip(&class.answers)
                    .map(|(asked, answer)| (asked.answer, answer.score))
                    .collect(),
                references: asked.first().map(|asked| asked.references.clone()).unwrap_or_default(),
            })
            .collect();
        Self {
            texts,
            samples: asked,
            classes: of_classes,
            questions,
            encoder: samples.encoder.clone(),
            lower: OnceLock::new(),
        }
    }

    /// An adapter for each of these sets of folds, fitted on the questions outside.
    pub fn fit(
        &self,
        wanted: &[Without],
        sample_folds: &[usize],
        class_folds: &[usize],
        how: &How<'_>,
        progress: &mut dyn FnMut(&str),
    ) -> Result<BTreeMap<Without, Tuned>, GradingError> {
        let (mut found, mut missing) = (BTreeMap::new(), Vec::new());
        for without in wanted {
            let job = self.job(without, sample_folds, class_folds, how);
            match job.read() {
                Some(tuned) => drop(found.insert(job.without, tuned)),
                None => missing.push(job),
            }
        }
        if missing.is_empty() {
            return Ok(found);
        }
        let lower = self.lower(how, progress)?;
        let next = AtomicUsize::new(0);
        let failed: Mutex<Option<GradingError>> = Mutex::new(None);
        let (sender, results) = channel();
        std::thread::scope(|scope| {
            for _ in 0..how.threads.min(missing.len()) {
                let (sender, next, missing, failed) = (sender.clone(), &next, &missing, &failed);
                scope.spawn(move || {
                    while let Some(job) = missing.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let questions: Vec<&Question> = job.questions.iter().map(|at| &self.questions[*at]).collect();
                        let mut step = |done: usize, of: usize, _: f32| {
                            if done.is_multiple_of(20) || done == of {
                                drop(sender.send((&job.without, done as f32 / of as f32, None)));
                            }
                        };
                        let kept = job.read_adapter();
                        let adapter = kept.unwrap_or_else(|| fit_adapter(lower, &questions, &job.fit, &mut step));
                        let vectors = vectors(lower, &adapter, &job.texts);
                        let tuned = Tuned {
                            adapter,
                            vectors: job.texts.iter().copied().zip(vectors).collect(),
                        };
                        if let Err(error) = job.write(&tuned) {
                            *failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                            return;
                        }
                        drop(sender.send((&job.without, 1.0, Some(tuned))));
                    }
                });
            }
            drop(sender);
            let mut done: BTreeMap<&Without, f32> = BTreeMap::new();
            let mut shown = 0;
            for (without, share, tuned) in results {
                done.insert(without, share);
                found.extend(tuned.map(|tuned| (without.clone(), tuned)));
                let all = (100.0 * done.values().sum::<f32>() / missing.len() as f32) as usize;
                if all > shown {
                    shown = all;
                    progress(&super::percent(how.what, all));
                }
            }
        });
        match failed.into_inner().unwrap_or_else(PoisonError::into_inner) {
            Some(error) => Err(error),
            None => Ok(found),
        }
    }

    fn lower(&self, how: &How<'_>, progress: &mut dyn FnMut(&str)) -> Result<&Lower, GradingError> {
        if let Some(lower) = self.lower.get() {
            return Ok(lower);
        }
        let lower = Lower::load(&self.texts, how.grader, how.threads, progress)?;
        Ok(self.lower.get_or_init(|| lower))
    }

    fn job(&self, without: &Without, sample_folds: &[usize], class_folds: &[usize], how: &How<'_>) -> Job {
        let out = |fold: &usize| without.contains(fold);
        let mut texts = BTreeSet::new();
        let samples = self.samples.iter().zip(sample_folds).filter(|(_, fold)| out(fold));
        let classes = self.classes.iter().zip(class_folds).filter(|(_, fold)| out(fold));
        for asked in samples
            .map(|(asked, _)| asked)
            .chain(classes.flat_map(|(asked, _)| asked))
        {
            texts.extend([asked.question, asked.answer]);
            texts.extend(&asked.references);
        }
        let fit = FitAdapter {
            seed: how
                .division
                .wrapping_mul(100)
                .wrapping_add(without.iter().fold(0, |sum, fold| 7 * sum + *fold as u64 + 1)),
            ..FitAdapter::default()
        };
        let questions: Vec<usize> = (0..self.questions.len()).filter(|at| !out(&class_folds[*at])).collect();
        let texts: Vec<TextId> = texts.into_iter().collect();
        let kept = how.cache.map(|folder| {
            let adapter = self.name_of(&questions, &fit);
            let mut digest = Sha256::new();
            digest.update(&adapter);
            texts.iter().for_each(|text| put(&mut digest, self.texts.get(*text)));
            [format!("{adapter}.json"), format!("vectors-{}.bin", short(digest))].map(|name| folder.join(name))
        });
        Job {
            without: without.clone(),
            questions,
            texts,
            fit,
            kept,
        }
    }

    /// Of everything an adapter is made from.
    fn name_of(&self, questions: &[usize], fit: &FitAdapter) -> String {
        let mut digest = Sha256::new();
        put(&mut digest, &format!("{} {} {fit:?}", tune::RECIPE, self.encoder));
        for question in questions.iter().map(|at| &self.questions[*at]) {
            put(&mut digest, &format!("{} references", question.references.len()));
            question
                .references
                .iter()
                .for_each(|text| put(&mut digest, self.texts.get(*text)));
            for (text, score) in &question.answers {
                put(&mut digest, self.texts.get(*text));
                put(&mut digest, &score.to_string());
            }
        }
        format!("adapter-{}", short(digest))
    }
}

fn put(digest: &mut Sha256, text: &str) {
    digest.update((text.len() as u64).to_le_bytes());
    digest.update(text);
}

fn short(digest: Sha256) -> String {
    hex::encode(digest.finalize())[..24].to_owned()
}

/// An adapter to fit.
struct Job {
    without: Without,
    questions: Vec<usize>,
    /// Whose vectors are wanted.
    texts: Vec<TextId>,
    fit: FitAdapter,
    /// The files of adapter and vectors.
    kept: Option<[PathBuf; 2]>,
}

impl Job {
    fn read_adapter(&self) -> Option<Adapter> {
        let [file, _] = self.kept.as_ref()?;
        serde_json::from_slice(&std::fs::read(file).ok()?).ok()
    }

    fn read(&self) -> Option<Tuned> {
        let adapter = self.read_adapter()?;
        let [_, file] = self.kept.as_ref()?;
        let bytes = std::fs::read(file).ok()?;
        let width = adapter.layers.last()?[3].up.len() / adapter.rank.max(1);
        if bytes.len() != 4 * width * self.texts.len() {
            return None;
        }
        let values: Vec<f32> = bytes
            .chunks_exact(4)
            .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
            .collect();
        let vectors = values.chunks_exact(width.max(1)).map(<[f32]>::to_vec);
        Some(Tuned {
            adapter,
            vectors: self.texts.iter().copied().zip(vectors).collect(),
        })
    }

    fn write(&self, tuned: &Tuned) -> Result<(), GradingError> {
        let Some([adapter, vectors]) = &self.kept else {
            return Ok(());
        };
        let bytes = self.texts.iter().flat_map(|text| tuned.vector(*text));
        let bytes: Vec<u8> = bytes.flat_map(|value| value.to_le_bytes()).collect();
        write_whole(adapter, super::json(&tuned.adapter)?.as_bytes())?;
        write_whole(vectors, &bytes)
    }
}

/// Renamed when whole, so that a stop in between leaves no half file.
fn write_whole(file: &Path, bytes: &[u8]) -> Result<(), GradingError> {
    let failed = |error: std::io::Error| GradingError::Data(format!("{}: {error}", file.display()));
    std::fs::create_dir_all(file.parent().unwrap_or(Path::new("."))).map_err(failed)?;
    let half = file.with_extension("half");
    std::fs::write(&half, bytes).map_err(failed)?;
    std::fs::rename(&half, file).map_err(failed)
}
