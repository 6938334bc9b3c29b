//! Answer × reference → numbers a person can name.
//!
//! The strongest ones come from aligning tokens: for each token of the reference the most similar
//! token of the answer (recall), and the other way round (precision). Words that stand in the
//! question count for little: repeating the question proves nothing.
//!
//! `align` tokens · `words` words.

mod align;
mod words;

use std::collections::HashSet;
use std::sync::Arc;

pub use self::align::Alignment;
use self::align::{align, token_weights, weakest_quarter, weighted_mean};
use self::words::{WordOverlap, content_stems, share};
use crate::backend::dot;
use crate::cache::Embedded;
use crate::text;

/// Names of the features, in order; the head refers to them by these names.
pub const NAMES: [&str; COUNT] = [
    "cosine",
    "recall",
    "precision",
    "f1",
    "weakest_recall",
    "new_recall",
    "new_precision",
    "covered",
    "word_recall",
    "word_precision",
    "new_word_recall",
    "trigram_cosine",
    "length_ratio",
    "cosine_question_answer",
    "cosine_question_reference",
    "cosine_without_question",
    "negation_differs",
    "opposites",
    "numbers_missing",
    "numbers_extra",
    "answer_words",
    "reference_words",
    "new_words",
    "bigrams",
    "best_cosine",
    "mean_cosine",
    "mean_recall",
    "references",
    "best_f1",
    "question_repeated",
    "tight_recall",
    "tuned_cosine",
    "tuned_question",
    "tuned_without_question",
];

/// +1: the score may only rise with this feature; −1: only fall; 0: free.
pub const DIRECTION: [i8; COUNT] = [
    1, 1, 0, 1, 1, 1, 0, 1, 1, 0, 1, 1, 0, 0, 0, 1, -1, -1, -1, 0, 0, 0, 0, 1, 1, 0, 0, 0, 1, 0, 1, 1, 0, 1,
];

pub const COUNT: usize = 34;
/// So many, the last ones, come from the embeddings of the layers with the adapter.
pub const TUNED: usize = 3;

/// A question with its references, encoded once for all its answers.
pub struct QuestionSide {
    pub question: Arc<Embedded>,
    pub stems: HashSet<String>,
    pub references: Vec<Arc<Embedded>>,
}

impl QuestionSide {
    pub fn new(question: Arc<Embedded>, references: Vec<Arc<Embedded>>) -> Self {
        let stems = question.prepared.words.iter().map(|word| word.stem.clone()).collect();
        Self {
            question,
            stems,
            references,
        }
    }
}

/// The comparison with the best reference.
pub struct Comparison {
    pub values: [f32; COUNT],
    pub reference: usize,
    pub alignment: Alignment,
}

/// Position of a feature by name, for code that reads single values.
pub fn index(name: &str) -> usize {
    NAMES.iter().position(|known| *known == name).unwrap_or_default()
}

/// Compares an answer with all references; `None` when there are none.
pub fn compare(question: &QuestionSide, answer: &Embedded) -> Option<Comparison> {
    let pairs: Vec<Pair> = question
        .references
        .iter()
        .map(|reference| Pair::new(question, reference, answer))
        .collect();
    let count = pairs.len() as f32;
    let key = |pair: &Pair| pair.cosine + pair.new_recall + pair.f1;
    // The first of equal ones, so that a repeated reference changes nothing.
    let (best, _) = pairs
        .iter()
        .enumerate()
        .reduce(|best, next| if key(next.1) > key(best.1) { next } else { best })?;
    let max = |of: fn(&Pair) -> f32| pairs.iter().map(of).fold(f32::MIN, f32::max);
    let mean = |of: fn(&Pair) -> f32| pairs.iter().map(of).sum::<f32>() / count;
    let (best_cosine, mean_cosine) = (max(|pair| pair.cosine), mean(|pair| pair.cosine));
    let (mean_recall, best_f1) = (mean(|pair| pair.recall), max(|pair| pair.f1));
    let pair = pairs.into_iter().nth(best)?;
    let side = Sides::new(question, answer);
    let references: Vec<&[f32]> = question
        .references
        .iter()
        .map(|text| text.encoded.tuned.as_slice())
        .collect();
    let [tuned_cosine, tuned_question, tuned_without] =
        tuned(&question.question.encoded.tuned, &references, &answer.encoded.tuned);
    let values = [
        pair.cosine,
        pair.recall,
        pair.precision,
        pair.f1,
        pair.weakest,
        pair.new_recall,
        pair.new_precision,
        pair.covered,
        pair.word_recall,
        pair.word_precision,
        pair.new_word_recall,
        pair.trigrams,
        pair.length_ratio,
        side.cosine,
        pair.question_reference,
        pair.without_question,
        pair.negation,
        pair.opposites,
        pair.numbers_missing,
        pair.numbers_extra,
        side.words,
        pair.reference_words,
        side.new,
        pair.bigrams,
        best_cosine,
        mean_cosine,
        mean_recall,
        count.ln(),
        best_f1,
        side.repeated,
        pair.tight,
        tuned_cosine,
        tuned_question,
        tuned_without,
    ];
    Some(Comparison {
        values,
        reference: best,
        alignment: pair.alignment,
    })
}

/// From embeddings alone: cosine with the closest reference, with the question, and the first with the direction of the
/// question taken out.
pub fn tuned(question: &[f32], references: &[&[f32]], answer: &[f32]) -> [f32; TUNED] {
    if references.is_empty() {
        return [0.0; TUNED];
    }
    let asked = dot(question, answer);
    let mut best = (f32::MIN, 0.0);
    for reference in references {
        let cosine = dot(reference, answer);
        if cosine > best.0 {
            best = (cosine, dot(reference, question));
        }
    }
    [best.0, asked, residual_cosine(best.0, best.1, asked)]
}

/// What does not depend on a reference.
struct Sides {
    cosine: f32,
    words: f32,
    new: f32,
    repeated: f32,
}

impl Sides {
    fn new(question: &QuestionSide, answer: &Embedded) -> Self {
        let content: Vec<&str> = content_stems(answer);
        let new = content.iter().filter(|stem| !question.stems.contains(**stem)).count();
        let own: HashSet<&str> = content.iter().copied().collect();
        let asked = content_stems(&question.question);
        let repeated = asked.iter().filter(|stem| own.contains(**stem)).count();
        Self {
            cosine: dot(&question.question.encoded.pooled, &answer.encoded.pooled),
            words: (1.0 + answer.prepared.words.len() as f32).ln(),
            new: share(new, content.len()),
            repeated: share(repeated, asked.len()),
        }
    }
}

struct Pair {
    cosine: f32,
    recall: f32,
    precision: f32,
    f1: f32,
    weakest: f32,
    new_recall: f32,
    new_precision: f32,
    covered: f32,
    tight: f32,
    word_recall: f32,
    word_precision: f32,
    new_word_recall: f32,
    trigrams: f32,
    length_ratio: f32,
    question_reference: f32,
    without_question: f32,
    negation: f32,
    opposites: f32,
    numbers_missing: f32,
    numbers_extra: f32,
    reference_words: f32,
    bigrams: f32,
    alignment: Alignment,
}

impl Pair {
    fn new(question: &QuestionSide, reference: &Embedded, answer: &Embedded) -> Self {
        let (r, a) = (&reference.prepared, &answer.prepared);
        let cosine = dot(&reference.encoded.pooled, &answer.encoded.pooled);
        let to_question = dot(&reference.encoded.pooled, &question.question.encoded.pooled);
        let answer_question = dot(&answer.encoded.pooled, &question.question.encoded.pooled);

        let (of_reference, of_answer) = align(reference, answer);
        let plain = token_weights(reference, None);
        let new = token_weights(reference, Some(&question.stems));
        let near: Vec<f32> = of_reference.iter().map(|(_, similarity)| *similarity).collect();
        let recall = weighted_mean(&near, &plain);
        let new_recall = weighted_mean(&near, &new);
        let precision = weighted_mean(&of_answer, &token_weights(answer, None));
        let new_precision = weighted_mean(&of_answer, &token_weights(answer, Some(&question.stems)));
        let over = |limit: f32| -> f32 {
            let hits: Vec<f32> = near.iter().map(|s| f32::from(u8::from(*s >= limit))).collect();
            weighted_mean(&hits, &new)
        };

        let words = WordOverlap::new(question, reference, answer);
        Self {
            cosine,
            recall,
            precision,
            f1: harmonic(recall, precision),
            weakest: weakest_quarter(&near, &new),
            new_recall,
            new_precision,
            covered: over(0.6),
            tight: over(0.8),
            word_recall: words.recall,
            word_precision: words.precision,
            new_word_recall: words.new_recall,
            trigrams: text::trigram_cosine(&r.trigrams, &a.trigrams),
            length_ratio: ((1.0 + a.words.len() as f32) / (1.0 + r.words.len() as f32)).ln(),
            question_reference: to_question,
            without_question: residual_cosine(cosine, to_question, answer_question),
            negation: f32::from(u8::from((r.polarity.negations % 2) != (a.polarity.negations % 2))),
            opposites: (r.polarity.opposites(&a.polarity).min(3)) as f32,
            numbers_missing: words.numbers_missing,
            numbers_extra: words.numbers_extra,
            reference_words: (1.0 + r.words.len() as f32).ln(),
            bigrams: words.bigrams,
            alignment: Alignment {
                of_reference,
                weights: new,
            },
        }
    }
}

/// Cosine of what is left of both texts when the direction of the question is taken out.
fn residual_cosine(cosine: f32, a: f32, b: f32) -> f32 {
    let scale = ((1.0 - a * a).max(1e-4) * (1.0 - b * b).max(1e-4)).sqrt();
    ((cosine - a * b) / scale).clamp(-1.0, 1.0)
}

fn harmonic(a: f32, b: f32) -> f32 {
    let (a, b) = (a.max(0.0), b.max(0.0));
    if a + b <= 1e-6 { 0.0 } else { 2.0 * a * b / (a + b) }
}
