//! Likeness of spelling: character trigrams.

use std::cmp::Ordering;

use super::{Word, lower_words};

/// Cosine of the character-trigram counts of two texts, on their stems.
pub fn trigram_cosine(a: &Trigrams, b: &Trigrams) -> f32 {
    let (mut i, mut j, mut dot) = (0, 0, 0.0f32);
    while let (Some((x, n)), Some((y, m))) = (a.counts.get(i), b.counts.get(j)) {
        match x.cmp(y) {
            Ordering::Less => i += 1,
            Ordering::Greater => j += 1,
            Ordering::Equal => {
                dot += n * m;
                i += 1;
                j += 1;
            }
        }
    }
    if a.norm == 0.0 || b.norm == 0.0 {
        0.0
    } else {
        dot / (a.norm * b.norm)
    }
}

/// Character trigrams of a text, sorted, with counts.
#[derive(Clone, Debug, Default)]
pub struct Trigrams {
    counts: Vec<(u64, f32)>,
    norm: f32,
}

pub fn trigrams(text: &str, words: &[Word]) -> Trigrams {
    let mut grams: Vec<u64> = Vec::new();
    for word in lower_words(text, words) {
        let padded: Vec<u64> = std::iter::once(' ')
            .chain(word.chars())
            .chain(std::iter::once(' '))
            .map(|c| u64::from(u32::from(c)))
            .collect();
        grams.extend(padded.windows(3).map(|w| (w[0] << 42) | (w[1] << 21) | w[2]));
    }
    grams.sort_unstable();
    let mut counts: Vec<(u64, f32)> = Vec::new();
    for gram in grams {
        match counts.last_mut() {
            Some((last, n)) if *last == gram => *n += 1.0,
            _ => counts.push((gram, 1.0)),
        }
    }
    let norm = counts.iter().map(|(_, n)| n * n).sum::<f32>().sqrt();
    Trigrams { counts, norm }
}
