//! What the interaction network reads: the inner tokens of a text and a few facts about each.

use std::collections::HashSet;

use pulp::{Arch, NullaryFnOnce};

use crate::backend::dot_lanes;
use crate::cache::Embedded;
use crate::features::QuestionSide;
use crate::model::net::{MOST_TOKENS, SIGNALS, Tokens};
use crate::text;

/// The facts about each token of a text; see `of` for their order.
pub type Signals = Vec<[f32; SIGNALS]>;

/// An answer and the reference it is read against.
pub struct Reading {
    pub answer: Signals,
    pub reference: Signals,
}

impl Reading {
    pub fn new(question: &QuestionSide, reference: &Embedded, answer: &Embedded) -> Self {
        Self {
            answer: of(question, answer, reference, true),
            reference: of(question, reference, answer, false),
        }
    }
}

/// The token states of a text beside their signals.
pub fn tokens<'a>(text: &'a Embedded, signals: &'a [[f32; SIGNALS]]) -> Tokens<'a> {
    Tokens {
        states: inner(text),
        signals,
    }
}

/// States of the tokens between the model's own markers, at most as many as the network reads.
pub fn inner(text: &Embedded) -> &[f32] {
    let hidden = text.encoded.pooled.len();
    let count = text.prepared.tokens.ids.len().saturating_sub(2).min(MOST_TOKENS);
    text.encoded
        .states
        .get(hidden..hidden * (1 + count))
        .unwrap_or_default()
}

fn of(question: &QuestionSide, own: &Embedded, other: &Embedded, is_answer: bool) -> Signals {
    let hidden = own.encoded.pooled.len();
    let near = nearest(inner(own), inner(other), hidden);
    let asked = nearest(inner(own), inner(&question.question), hidden);
    let prepared = &own.prepared;
    let others: HashSet<&str> = other.prepared.words.iter().map(|word| word.stem.as_str()).collect();
    let mut pieces = vec![0.0f32; prepared.words.len()];
    prepared
        .word_of_token
        .iter()
        .flatten()
        .for_each(|&word| pieces[word] += 1.0);
    let yes = |is: bool| if is { 1.0 } else { 0.0 };
    near.iter()
        .zip(&asked)
        .enumerate()
        .map(|(at, (&near, &asked))| {
            let mut row = [0.0; SIGNALS];
            row[..3].copy_from_slice(&[near, asked, near - asked]);
            row[3] = yes(is_answer);
            match prepared.word_of_token.get(at + 1).copied().flatten() {
                None => row[4] = 1.0,
                Some(place) => {
                    let word = &prepared.words[place];
                    let raw = &prepared.text[word.start..word.end];
                    row[5] = yes(word.function);
                    row[6] = yes(word.number);
                    row[7] = yes(text::negates(raw));
                    row[8] = yes(question.stems.contains(&word.stem));
                    row[9] = yes(others.contains(word.stem.as_str()));
                    row[10] = 1.0 / pieces[place].max(1.0);
                }
            }
            row
        })
        .collect()
}

/// For each row of `own` the largest scalar product with a row of `other`; 0 when there is none.
fn nearest(own: &[f32], other: &[f32], hidden: usize) -> Vec<f32> {
    Arch::new().dispatch(Nearest { own, other, hidden })
}

struct Nearest<'a> {
    own: &'a [f32],
    other: &'a [f32],
    hidden: usize,
}

impl NullaryFnOnce for Nearest<'_> {
    type Output = Vec<f32>;

    #[inline(always)]
    fn call(self) -> Vec<f32> {
        let mut all = Vec::new();
        for row in self.own.chunks_exact(self.hidden.max(1)) {
            let mut most = 0.0f32;
            for other in self.other.chunks_exact(self.hidden.max(1)) {
                most = most.max(dot_lanes(row, other));
            }
            all.push(most);
        }
        all
    }
}
