//! What the graded answers of one question teach, and what they say about another answer of it: numbers
//! free of the question's scale, the same with and without reference answers.
//!
//! `learnt` the graded answers by themselves · `names` of the numbers.

mod learnt;
mod names;

use std::sync::Arc;

use self::learnt::Learnt;
pub use self::names::{COUNT, DIRECTION, NAMES};
use self::names::{PASSED, TUNED};
use crate::adapt::{MOST, Near};
use crate::backend::dot;
use crate::features::{self, index};
use crate::guard;
use crate::request::SimilarExample;
use crate::study::Study;

/// Fewer graded answers teach nothing.
pub const LEAST: usize = 3;

/// What the graded answers of one question teach.
pub struct Lesson {
    /// In the order in which they were graded, with their scores (shares).
    pub graded: Vec<(Arc<Study>, f32)>,
    pub mean: f32,
    learnt: Option<Learnt>,
}

/// An answer beside the graded ones.
pub struct Facts {
    pub values: [f32; COUNT],
    /// The prior (or the mean) moved by the Gaussian process, and the variance left.
    pub moved: (f32, f32),
    /// How near each graded answer is that was learnt from.
    near: Vec<Near>,
    sharp: Vec<f32>,
    sharp_tuned: Vec<f32>,
}

impl Lesson {
    /// Graded answers with their scores (shares), in the order they were graded.
    pub fn fit(graded: Vec<(Arc<Study>, f32)>) -> Self {
        let mean = graded.iter().map(|(_, score)| score).sum::<f32>() / graded.len().max(1) as f32;
        let first = &graded[..graded.len().min(MOST)];
        Self {
            learnt: Learnt::fit(first, mean),
            mean,
            graded,
        }
    }

    /// The teacher has graded these very words (but for case, spacing and punctuation), and always alike.
    pub fn grade_of_same_words(&self, answer: &Study) -> Option<f32> {
        let mut same = self.graded.iter().filter(|(text, _)| text.same_words(answer));
        let (_, first) = same.next()?;
        same.all(|(_, score)| (score - first).abs() < 1e-6).then_some(*first)
    }

    /// An answer that differs as little from this one as a copy from its reference did not get all points.
    pub fn contradicts_full_points(&self, answer: &Study) -> bool {
        self.graded
            .iter()
            .any(|(text, score)| *score < 1.0 && guard::same_content(&text.prepared, &answer.prepared))
    }

    /// All words of a reference or of an answer with full points, and words besides that none of these nor the question has.
    pub fn says_more(&self, answer: &Study) -> bool {
        let full = || self.graded.iter().filter(|(_, score)| *score > 0.99);
        let whole = || full().any(|(text, _)| guard::holds(&text.prepared, &answer.prepared));
        let told = |stem: &&String| {
            let says = |(text, _): &(Arc<Study>, f32)| text.prepared.words.iter().any(|word| word.stem == **stem);
            full().any(says)
        };
        let new = || answer.signs.new.iter().filter(|stem| !told(stem)).count();
        answer.signs.new.len() >= guard::MORE && (answer.signs.whole || whole()) && new() >= guard::MORE
    }

    /// The three graded answers most like this one.
    pub fn similar(&self, answer: &Study) -> Vec<SimilarExample> {
        let mut all: Vec<SimilarExample> = self
            .graded
            .iter()
            .enumerate()
            .map(|(index, (text, score))| {
                let similarity = dot(&text.pooled, &answer.pooled).clamp(0.0, 1.0);
                SimilarExample {
                    index,
                    similarity: (similarity * 1000.0).round() / 1000.0,
                    score: *score,
                }
            })
            .collect();
        all.sort_by(|a, b| b.similarity.total_cmp(&a.similarity).then(a.index.cmp(&b.index)));
        all.truncate(3);
        all
    }

    /// What the graded answers say about this one; `None` when there are too few. `step` is a share.
    pub fn facts(&self, answer: &Study, step: f32) -> Option<Facts> {
        let learnt = self.learnt.as_ref()?;
        let graded = &self.graded[..self.graded.len().min(MOST)];
        let near: Vec<Near> = graded.iter().map(|(text, _)| Near::of(text, answer)).collect();
        let near_tuned: Vec<Near> = near.iter().map(|near| near.tuned()).collect();
        let scores: Vec<f32> = graded.iter().map(|(_, score)| *score).collect();
        let prior = answer.prior_or(self.mean);
        let (change, left) = learnt.moved.predict(&near);
        let (plain, plain_left) = learnt.plain.predict(&near);
        let sharp = shares(&near, 14.0);
        let sharp_tuned = shares(&near_tuned, 14.0);
        let wide = shares(&near, 5.0);
        let best = Best::of(&near, &scores);
        let expected_of = |weights: &[f32]| -> f32 { weights.iter().zip(&scores).map(|(w, s)| w * s).sum() };
        let neighbours = expected_of(&sharp);
        let spread: f32 = sharp
            .iter()
            .zip(&scores)
            .map(|(w, s)| w * (s - neighbours).powi(2))
            .sum();
        let words = answer.prepared.words.len() as f32;
        let log_words = (1.0 + words).ln();
        let (say, new) = learnt.words_say(answer);
        let nearest = &graded[best.nearest].0;
        let right = learnt.beside_right(answer, &near, &scores);
        let negates = |study: &Study| study.prepared.polarity.negations % 2;
        let own = [
            prior,
            prior_doubt(answer),
            (prior + learnt.bias).clamp(0.0, 1.0),
            prior + change,
            left.sqrt(),
            self.mean + plain,
            plain_left.sqrt(),
            neighbours,
            expected_of(&wide),
            spread.sqrt(),
            scores[best.nearest],
            near[best.nearest].both(),
            near[best.nearest].cosine,
            best.three,
            best.full.both(),
            best.none.both(),
            best.full.both() - best.none.both(),
            best.full.trigrams - best.none.trigrams,
            dot(&answer.pooled, &learnt.centres[0]) - dot(&answer.pooled, &learnt.centres[1]),
            say,
            new,
            log_words - learnt.length,
            log_words - learnt.length_of_full,
            f32::from(u8::from(negates(nearest) != negates(answer))),
            right.cosine,
            right.recall,
            right.both,
            right.wrong,
            right.known,
        ];
        let mut values = [-1.0; COUNT];
        values[..14].copy_from_slice(&learnt.question);
        values[5] = step;
        values[14..14 + own.len()].copy_from_slice(&own);
        if let Some(compared) = answer.prior.as_ref().and_then(|prior| prior.values.as_ref()) {
            for (place, name) in PASSED.iter().enumerate() {
                values[14 + own.len() + place] = compared[index(name)];
            }
        }
        let tuned = COUNT - TUNED;
        values[tuned - 1] = log_words;
        values[tuned..tuned + 2].copy_from_slice(&learnt.tuned_did);
        let (tuned_change, tuned_left) = learnt.tuned.predict(&near_tuned);
        let best = Best::of(&near_tuned, &scores);
        let right = graded.iter().zip(&near_tuned).filter(|((_, score), _)| *score > 0.99);
        let right = right.map(|(_, near)| near.cosine).fold(0.0, f32::max);
        let compared = answer.prior.as_ref().and_then(|prior| prior.values);
        let compared = compared.map_or([-1.0; features::TUNED], |values| {
            std::array::from_fn(|at| values[features::COUNT - features::TUNED + at])
        });
        values[tuned + 2..tuned + 9].copy_from_slice(&[
            prior + tuned_change,
            tuned_left.sqrt(),
            expected_of(&sharp_tuned),
            scores[best.nearest],
            near_tuned[best.nearest].both(),
            best.full.both() - best.none.both(),
            right.max(compared[0]),
        ]);
        values[tuned + 9..].copy_from_slice(&compared);
        Some(Facts {
            values,
            moved: ((prior + change).clamp(0.0, 1.0), left),
            near,
            sharp,
            sharp_tuned,
        })
    }
}

impl Facts {
    /// What is said about one level of points: its share of the neighbours, how near the nearest graded
    /// answer with these points is, and the share of graded answers that have them; the first two as the adapter sees it.
    pub fn level(&self, lesson: &Lesson, level: f32) -> [f32; 5] {
        let mut said = [0.0f32; 5];
        let weights = self.sharp.iter().zip(&self.sharp_tuned);
        for ((near, (weight, tuned)), (_, score)) in self.near.iter().zip(weights).zip(&lesson.graded) {
            if (score - level).abs() < 0.05 {
                said[0] += weight;
                said[1] = said[1].max(near.both());
                said[2] += 1.0 / self.near.len() as f32;
                said[3] += tuned;
                said[4] = said[4].max(near.tuned().both());
            }
        }
        said
    }

    /// Index of the nearest graded answer.
    pub fn nearest(&self) -> usize {
        let order = |a: &usize, b: &usize| self.near[*a].both().total_cmp(&self.near[*b].both()).then(b.cmp(a));
        (0..self.near.len()).max_by(order).unwrap_or_default()
    }

    pub fn nearness(&self, at: usize) -> Near {
        self.near.get(at).copied().unwrap_or_default()
    }
}

/// How far two parts of the general head were apart while it had two; since then just whether there is a reference.
fn prior_doubt(study: &Study) -> f32 {
    let values = study.prior.as_ref().and_then(|prior| prior.values.as_ref());
    if values.is_some() { 0.0 } else { -1.0 }
}

/// Weights of the graded answers, falling with distance; they sum to one.
fn shares(near: &[Near], sharpness: f32) -> Vec<f32> {
    let top = near.iter().map(|near| near.both()).fold(f32::MIN, f32::max);
    let raw: Vec<f32> = near
        .iter()
        .map(|near| (sharpness * (near.both() - top)).exp())
        .collect();
    let total: f32 = raw.iter().sum();
    raw.iter().map(|value| value / total).collect()
}

/// The nearest graded answers.
struct Best {
    nearest: usize,
    /// Mean score of the three nearest.
    three: f32,
    /// Nearest with full points, and with none.
    full: Near,
    none: Near,
}

impl Best {
    fn of(near: &[Near], scores: &[f32]) -> Self {
        let mut order: Vec<usize> = (0..near.len()).collect();
        order.sort_by(|a, b| near[*b].both().total_cmp(&near[*a].both()).then(a.cmp(b)));
        let nearest_of = |is: &dyn Fn(f32) -> bool| {
            let found = order.iter().find(|at| is(scores[**at]));
            found.map_or_else(Near::default, |at| near[*at])
        };
        let three = &order[..order.len().min(3)];
        Self {
            nearest: order[0],
            three: three.iter().map(|at| scores[*at]).sum::<f32>() / three.len() as f32,
            full: nearest_of(&|score| score > 0.99),
            none: nearest_of(&|score| score < 0.01),
        }
    }
}
