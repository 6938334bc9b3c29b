//! Which token of one text goes with which of the other, and what the tokens are worth.

use std::collections::HashSet;

use pulp::{Arch, NullaryFnOnce};

use crate::backend::dot_lanes;
use crate::cache::Embedded;

/// Which token goes with which, between one reference and the answer.
#[derive(Clone, Debug, Default)]
pub struct Alignment {
    /// For each reference token: the closest answer token and how close it is.
    pub of_reference: Vec<(usize, f32)>,
    /// What each reference token is worth; words of the question are worth little.
    pub weights: Vec<f32>,
}

/// For each token of the reference the closest token of the answer, and the other way round.
/// The models' own markers take no part.
pub fn align(reference: &Embedded, answer: &Embedded) -> (Vec<(usize, f32)>, Vec<f32>) {
    let (rows, columns) = (reference.prepared.tokens.ids.len(), answer.prepared.tokens.ids.len());
    let hidden = reference.encoded.pooled.len();
    let mut of_reference = vec![(0, 0.0f32); rows];
    let mut of_answer = vec![0.0f32; columns];
    if rows < 3 || columns < 3 || hidden == 0 {
        return (of_reference, of_answer);
    }
    let (r, a) = (&reference.encoded.states, &answer.encoded.states);
    Arch::new().dispatch(Align {
        hidden,
        reference: r.get(hidden..hidden * (rows - 1)).unwrap_or_default(),
        answer: a.get(hidden..hidden * (columns - 1)).unwrap_or_default(),
        of_reference: &mut of_reference[1..],
        of_answer: &mut of_answer[1..],
    });
    (of_reference, of_answer)
}

/// A closure would not be inlined, and so not be compiled for wide registers.
struct Align<'a> {
    hidden: usize,
    /// States without those of the markers.
    reference: &'a [f32],
    answer: &'a [f32],
    of_reference: &'a mut [(usize, f32)],
    of_answer: &'a mut [f32],
}

impl NullaryFnOnce for Align<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        for (state, of_reference) in self.reference.chunks_exact(self.hidden).zip(self.of_reference) {
            let mut best = (0, f32::MIN);
            let others = self.answer.chunks_exact(self.hidden).zip(self.of_answer.iter_mut());
            for (column, (other, of_answer)) in others.enumerate() {
                let similarity = dot_lanes(state, other);
                if similarity > best.1 {
                    best = (column + 1, similarity);
                }
                *of_answer = of_answer.max(similarity);
            }
            *of_reference = best;
        }
    }
}

/// A word's weight is spread over its tokens; function words weigh little, and so do words of the
/// question when `question` is given.
pub fn token_weights(text: &Embedded, question: Option<&HashSet<String>>) -> Vec<f32> {
    let prepared = &text.prepared;
    let mut pieces = vec![0u32; prepared.words.len()];
    prepared
        .word_of_token
        .iter()
        .flatten()
        .for_each(|&word| pieces[word] += 1);
    prepared
        .word_of_token
        .iter()
        .map(|word| {
            let Some(word) = *word else { return 0.0 };
            let weight = match (&prepared.words[word], question) {
                (word, Some(stems)) if stems.contains(&word.stem) => 0.05,
                (word, _) if word.function => 0.1,
                _ => 1.0,
            };
            weight / pieces[word] as f32
        })
        .collect()
}

pub fn weighted_mean(values: &[f32], weights: &[f32]) -> f32 {
    let total: f32 = weights.iter().sum();
    if total <= 0.0 {
        return 0.0;
    }
    values
        .iter()
        .zip(weights)
        .map(|(value, weight)| value * weight)
        .sum::<f32>()
        / total
}

/// Mean over the quarter (by weight) that is covered worst: one missing idea must show.
pub fn weakest_quarter(values: &[f32], weights: &[f32]) -> f32 {
    let mut pairs: Vec<(f32, f32)> = values.iter().copied().zip(weights.iter().copied()).collect();
    pairs.retain(|(_, weight)| *weight > 0.0);
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
    let total: f32 = pairs.iter().map(|(_, weight)| weight).sum();
    let mut left = total / 4.0;
    let mut sum = 0.0;
    for (value, weight) in pairs {
        let take = weight.min(left);
        sum += value * take;
        left -= take;
    }
    if total > 0.0 { sum / (total / 4.0) } else { 0.0 }
}
