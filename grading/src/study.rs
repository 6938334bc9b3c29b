//! What can be known about an answer before any teacher has graded one of the question: its
//! comparison with references and rubric, what the general head expects, warning signs, evidence.
//!
//! This is the slow part (it needs the encoder) and never changes when a grade changes, so it is kept:
//! a new grade then costs only the learning, a few milliseconds for hundreds of answers.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest, Sha256};

use crate::cache::Embedded;
use crate::features::{self, COUNT, QuestionSide};
use crate::guard::{self, Signs, Verdict};
use crate::model::Head;
use crate::prepare::{Prepared, TextKey};
use crate::request::{RubricMatch, RubricPart};
use crate::{Evidence, explain};

/// What a question gives to compare with; equal sides give equal studies.
#[derive(Clone, Copy)]
pub struct Side<'a> {
    pub question: &'a str,
    pub references: &'a [String],
    pub rubric: &'a [RubricPart],
}

impl Side<'_> {
    pub fn key(&self) -> TextKey {
        let json = serde_json::to_vec(&(self.question, self.references, self.rubric)).unwrap_or_default();
        short(&Sha256::digest(json))
    }
}

/// Identity of an answer beside its question.
pub fn study_key(side: &TextKey, answer: &str) -> TextKey {
    let mut digest = Sha256::new();
    digest.update(side);
    digest.update(answer.as_bytes());
    short(&digest.finalize())
}

fn short(digest: &[u8]) -> TextKey {
    let mut key = [0; 16];
    key.copy_from_slice(&digest[..16]);
    key
}

/// What the general head makes of an answer.
#[derive(Clone, Debug)]
pub struct Prior {
    /// Expected share of the points.
    pub expected: f32,
    /// The features it was read from; `None` when only a rubric was given.
    pub values: Option<[f32; COUNT]>,
}

/// An answer beside its question.
#[derive(Clone, Debug)]
pub struct Study {
    pub prepared: Prepared,
    /// The sentence embedding, of length one.
    pub pooled: Vec<f32>,
    /// The same of the layers with the head's adapter.
    pub tuned: Vec<f32>,
    pub verdict: Verdict,
    pub prior: Option<Prior>,
    pub signs: Signs,
    /// Without the similar graded answers.
    pub evidence: Evidence,
}

/// References and rubric parts, encoded.
pub struct Sides {
    pub main: QuestionSide,
    /// Each rubric part as if it were the only reference, and its points.
    pub rubric: Vec<(String, f32, QuestionSide)>,
}

impl Study {
    pub fn new(head: &Head, sides: &Sides, answer: &Embedded) -> Self {
        let comparison = features::compare(&sides.main, answer);
        let parts: Vec<(f32, f32, RubricMatch)> = sides
            .rubric
            .iter()
            .filter_map(|(id, points, side)| {
                let found = features::compare(side, answer)?;
                let strength = head.expected(&found.values);
                let span = explain::best_place(&side.references[0], answer, &found.alignment);
                let shown = RubricMatch {
                    id: id.clone(),
                    strength: (strength * 1000.0).round() / 1000.0,
                    span,
                };
                Some((*points, strength, shown))
            })
            .collect();
        let total: f32 = parts.iter().map(|(points, _, _)| points).sum();
        let prior = match &comparison {
            Some(found) => Some(Prior {
                expected: head.expected(&found.values),
                values: Some(found.values),
            }),
            None if total > 0.0 => Some(Prior {
                expected: parts.iter().map(|(points, strength, _)| points * strength).sum::<f32>() / total,
                values: None,
            }),
            None => None,
        };
        let mut evidence = Evidence {
            rubric: parts.into_iter().map(|(_, _, shown)| shown).collect(),
            ..Evidence::default()
        };
        if let Some(found) = &comparison {
            let reference = &sides.main.references[found.reference];
            evidence.matched_reference = Some(found.reference);
            evidence.similarity = (found.values[0].clamp(0.0, 1.0) * 1000.0).round() / 1000.0;
            evidence.spans = explain::carrying_words(reference, answer, &found.alignment);
            evidence.missing = explain::missing_words(&sides.main, reference, &found.alignment);
        }
        Self {
            verdict: guard::verdict(&sides.main, answer),
            signs: guard::signs(&sides.main, answer, comparison.as_ref()),
            prior,
            evidence,
            prepared: answer.prepared.clone(),
            pooled: answer.encoded.pooled.clone(),
            tuned: answer.encoded.tuned.clone(),
        }
    }

    /// An answer with nothing to compare it with.
    #[cfg(test)]
    pub fn plain(answer: Embedded) -> Self {
        let answer = Arc::new(answer);
        let sides = Sides {
            main: QuestionSide::new(Arc::clone(&answer), Vec::new()),
            rubric: Vec::new(),
        };
        Self::new(&Head::shipped().expect("the shipped head was tested"), &sides, &answer)
    }

    /// The expected share before anything is learnt; the mean of the graded answers where there is nothing else to go by.
    pub fn prior_or(&self, mean: f32) -> f32 {
        self.prior.as_ref().map_or(mean, |prior| prior.expected)
    }

    /// The same words and signs but for case, spacing and punctuation; without any, the same text.
    pub fn same_words(&self, other: &Self) -> bool {
        let (x, y) = (&self.prepared, &other.prepared);
        if x.is_blank() && y.is_blank() {
            return x.text.trim() == y.text.trim();
        }
        x.marks == y.marks
            && x.words.len() == y.words.len()
            && x.words
                .iter()
                .zip(&y.words)
                .all(|(v, w)| x.text[v.start..v.end].to_lowercase() == y.text[w.start..w.end].to_lowercase())
    }

    fn bytes(&self) -> usize {
        let prepared = &self.prepared;
        self.pooled.len() * 8 + prepared.tokens.ids.len() * 44 + prepared.text.len() * 30 + prepared.words.len() * 140
    }
}

/// Studies kept for the next grade of the same question; forgets the longest unused when it is full.
pub struct Studies {
    state: Mutex<State>,
    limit: usize,
}

#[derive(Default)]
struct State {
    entries: HashMap<TextKey, (Arc<Study>, u64)>,
    bytes: usize,
    clock: u64,
}

impl Studies {
    pub fn new(limit: usize) -> Self {
        Self {
            state: Mutex::default(),
            limit,
        }
    }

    pub fn get(&self, key: &TextKey) -> Option<Arc<Study>> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.clock += 1;
        let now = state.clock;
        let (study, used) = state.entries.get_mut(key)?;
        *used = now;
        Some(Arc::clone(study))
    }

    pub fn put(&self, key: TextKey, study: Arc<Study>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.clock += 1;
        let now = state.clock;
        state.bytes += study.bytes();
        if let Some((old, _)) = state.entries.insert(key, (study, now)) {
            state.bytes -= old.bytes();
        }
        if state.bytes > self.limit {
            let mut ages: Vec<(u64, TextKey)> = state.entries.iter().map(|(key, (_, used))| (*used, *key)).collect();
            ages.sort_unstable();
            for (_, key) in ages {
                if state.bytes <= self.limit / 2 {
                    return;
                }
                if let Some((old, _)) = state.entries.remove(&key) {
                    state.bytes -= old.bytes();
                }
            }
        }
    }
}
