//! Words of one text in the other.

use std::collections::HashSet;

use super::QuestionSide;
use crate::cache::Embedded;
use crate::text;

/// How far the words of two texts are the same, misspellings forgiven; shares of what stands in one of them.
pub struct WordOverlap {
    pub recall: f32,
    pub precision: f32,
    pub new_recall: f32,
    pub bigrams: f32,
    pub numbers_missing: f32,
    pub numbers_extra: f32,
}

impl WordOverlap {
    pub fn new(question: &QuestionSide, reference: &Embedded, answer: &Embedded) -> Self {
        let (r, a) = (content_stems(reference), content_stems(answer));
        let has = |stems: &[&str], stem: &str| stems.iter().any(|other| text::same_word(stem, other));
        let new: Vec<&str> = r
            .iter()
            .copied()
            .filter(|stem| !question.stems.contains(*stem))
            .collect();
        let numbers = |text: &Embedded| -> HashSet<String> {
            let words = text.prepared.words.iter().filter(|word| word.number);
            words
                .map(|word| word.stem.clone())
                .filter(|n| !question.stems.contains(n))
                .collect()
        };
        let (in_reference, in_answer) = (numbers(reference), numbers(answer));
        let pairs = |stems: &[&str]| -> HashSet<(String, String)> {
            stems
                .windows(2)
                .map(|pair| (pair[0].to_owned(), pair[1].to_owned()))
                .collect()
        };
        let (bigrams_r, bigrams_a) = (pairs(&r), pairs(&a));
        let new_hits = new.iter().filter(|stem| has(&a, stem)).count();
        let recall = share(r.iter().filter(|stem| has(&a, stem)).count(), r.len());
        Self {
            recall,
            precision: share(a.iter().filter(|stem| has(&r, stem)).count(), a.len()),
            new_recall: if new.is_empty() {
                recall
            } else {
                share(new_hits, new.len())
            },
            bigrams: share(bigrams_r.intersection(&bigrams_a).count(), bigrams_r.len()),
            numbers_missing: share(in_reference.difference(&in_answer).count(), in_reference.len()),
            numbers_extra: (in_answer.difference(&in_reference).count() as f32).min(5.0),
        }
    }
}

pub fn content_stems(text: &Embedded) -> Vec<&str> {
    text.prepared
        .words
        .iter()
        .filter(|word| word.is_content())
        .map(|word| word.stem.as_str())
        .collect()
}

pub fn share(part: usize, whole: usize) -> f32 {
    if whole == 0 { 0.0 } else { part as f32 / whole as f32 }
}
