//! Evidence: which words of the answer carried the suggestion, and what is missing.

use crate::cache::Embedded;
use crate::features::{Alignment, QuestionSide};
use crate::request::Span;

/// At most this many places are shown.
const MOST_SPANS: usize = 16;

/// The words of the answer that cover words of the reference. Words of the question and function
/// words count only inside a run of carrying words.
pub fn carrying_words(reference: &Embedded, answer: &Embedded, alignment: &Alignment) -> Vec<Span> {
    let words = &answer.prepared.words;
    let mut weights = vec![0.0f32; words.len()];
    for (row, &(token, similarity)) in alignment.of_reference.iter().enumerate() {
        let meaning = alignment.weights[row] * pieces(reference, row);
        let Some(Some(word)) = answer.prepared.word_of_token.get(token) else {
            continue;
        };
        if meaning >= 0.5 && similarity >= 0.45 && words[*word].is_content() {
            weights[*word] = weights[*word].max(similarity.clamp(0.0, 1.0));
        }
    }
    join(answer, &weights)
}

/// The single best place for a rubric part.
pub fn best_place(reference: &Embedded, answer: &Embedded, alignment: &Alignment) -> Option<Span> {
    carrying_words(reference, answer, alignment)
        .into_iter()
        .max_by(|a, b| a.weight.total_cmp(&b.weight).then(b.start.cmp(&a.start)))
}

/// How many tokens the word of this token has: undoes the spreading of its weight.
fn pieces(text: &Embedded, token: usize) -> f32 {
    let of = &text.prepared.word_of_token;
    match of[token] {
        None => 0.0,
        word => of.iter().filter(|other| **other == word).count() as f32,
    }
}

/// Neighbouring carrying words become one span; a function word between two of them joins them.
fn join(answer: &Embedded, weights: &[f32]) -> Vec<Span> {
    let words = &answer.prepared.words;
    let mut spans: Vec<(Span, usize)> = Vec::new();
    for (at, weight) in weights.iter().copied().enumerate().filter(|(_, weight)| *weight > 0.0) {
        let word = &words[at];
        match spans.last_mut() {
            Some((span, last)) if at - *last == 1 || (at - *last == 2 && words[at - 1].function) => {
                span.end = word.end;
                span.weight = span.weight.max(weight);
                *last = at;
            }
            _ => spans.push((
                Span {
                    start: word.start,
                    end: word.end,
                    weight,
                },
                at,
            )),
        }
    }
    let mut spans: Vec<Span> = spans.into_iter().map(|(span, _)| span).collect();
    if spans.len() > MOST_SPANS {
        spans.sort_by(|a, b| b.weight.total_cmp(&a.weight).then(a.start.cmp(&b.start)));
        spans.truncate(MOST_SPANS);
        spans.sort_by_key(|span| span.start);
    }
    for span in &mut spans {
        span.weight = (span.weight * 1000.0).round() / 1000.0;
    }
    spans
}

/// Words of the reference that nothing in the answer covers, as written, each once.
pub fn missing_words(question: &QuestionSide, reference: &Embedded, alignment: &Alignment) -> Vec<String> {
    let prepared = &reference.prepared;
    let mut covered = vec![0.0f32; prepared.words.len()];
    for (row, &(_, similarity)) in alignment.of_reference.iter().enumerate() {
        if let Some(word) = prepared.word_of_token[row] {
            covered[word] = covered[word].max(similarity);
        }
    }
    let mut missing: Vec<String> = Vec::new();
    for (word, covered) in prepared.words.iter().zip(covered) {
        let text = &prepared.text[word.start..word.end];
        let matters = word.is_content() && !question.stems.contains(&word.stem);
        if matters && covered < 0.5 && !missing.iter().any(|known| known.eq_ignore_ascii_case(text)) {
            missing.push(text.to_owned());
        }
    }
    missing.truncate(12);
    missing
}
