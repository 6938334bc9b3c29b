//! The oldest way to compare two texts, as a baseline: cosine of TF-IDF vectors of word stems.

use std::collections::{HashMap, HashSet};

use crate::dataset::Row;
use crate::text;

/// How rare each stem is among the answers and references.
pub struct Vectors {
    rare: HashMap<String, f32>,
    unknown: f32,
}

type Vector = HashMap<String, f32>;

impl Vectors {
    pub fn new(rows: &[Row]) -> Self {
        let texts: HashSet<&str> = rows
            .iter()
            .flat_map(|row| std::iter::once(row.answer.as_str()).chain(row.references.iter().map(String::as_str)))
            .collect();
        let total = texts.len() as f32;
        let mut counts: HashMap<String, f32> = HashMap::new();
        for text in texts {
            let stems: HashSet<String> = text::words(text).into_iter().map(|word| word.stem).collect();
            for stem in stems {
                *counts.entry(stem).or_default() += 1.0;
            }
        }
        let weigh = |count: f32| ((1.0 + total) / (1.0 + count)).ln() + 1.0;
        Self {
            rare: counts.into_iter().map(|(stem, count)| (stem, weigh(count))).collect(),
            unknown: weigh(0.0),
        }
    }

    /// Cosine with the closest of the references.
    pub fn best(&self, answer: &str, references: &[String]) -> f32 {
        let own = self.vector(answer);
        let cosines = references.iter().map(|reference| cosine(&own, &self.vector(reference)));
        cosines.fold(0.0, f32::max)
    }

    fn vector(&self, text: &str) -> Vector {
        let mut vector = Vector::new();
        for word in text::words(text) {
            let weight = self.rare.get(&word.stem).copied().unwrap_or(self.unknown);
            *vector.entry(word.stem).or_default() += weight;
        }
        vector
    }
}

fn cosine(a: &Vector, b: &Vector) -> f32 {
    // In a fixed order: sums of floats depend on it.
    let sum = |mut products: Vec<f32>| -> f32 {
        products.sort_by(f32::total_cmp);
        products.iter().sum()
    };
    let dot = sum(a
        .iter()
        .filter_map(|(stem, value)| Some(value * b.get(stem)?))
        .collect());
    let length = |vector: &Vector| sum(vector.values().map(|value| value * value).collect()).sqrt();
    dot / (length(a) * length(b)).max(1e-9)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rare_words_count_more_and_the_same_text_is_one() {
        let row = |answer: &str| Row {
            lent_by: None,
            dataset: "d".into(),
            question_id: "q".into(),
            question: String::new(),
            references: vec!["the salt stays".into()],
            answer: answer.into(),
            score: 1.0,
        };
        let rows = ["the water", "the pan", "the salt", "the end"].map(row);
        let vectors = Vectors::new(&rows);
        let reference = ["the salt stays".to_owned()];
        assert!((vectors.best("the salt stays", &reference) - 1.0).abs() < 1e-5);
        assert!(vectors.best("salt", &reference) > vectors.best("the", &reference));
        assert_eq!(vectors.best("zebra", &reference), 0.0);
    }
}
