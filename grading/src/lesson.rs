//! What the graded answers of one question teach, and what they say about another answer of it: numbers
//! free of the question's scale, the same with and without reference answers.

mod names;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

pub use self::names::{COUNT, DIRECTION, NAMES};
use self::names::{PASSED, TUNED};
use crate::adapt::{MOST, Near, Residual};
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

struct Learnt {
    /// Of the prior's errors; of the distances from the mean.
    moved: Residual,
    plain: Residual,
    tuned: Residual,
    /// How well the last did on the graded answers: mean error and correlation.
    tuned_did: [f32; 2],
    /// The first numbers: those of the question.
    question: [f32; 14],
    bias: f32,
    /// Mean embedding of the answers above the mean, and of the others.
    centres: [Vec<f32>; 2],
    /// The content stems of each graded answer, and of all with full points.
    stems: Vec<Vec<String>>,
    right_stems: BTreeSet<String>,
    /// How often a word stands in answers above the mean, and in the others (each answer weighs the same
    /// within its side).
    words: HashMap<String, [f32; 2]>,
    sides: [f32; 2],
    length: f32,
    length_of_full: f32,
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
        let prior = prior_or(answer, self.mean);
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

fn prior_or(study: &Study, mean: f32) -> f32 {
    study.prior.as_ref().map_or(mean, |prior| prior.expected)
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

/// See `Learnt::beside_right`.
#[derive(Default)]
struct Beside {
    cosine: f32,
    /// Share of the content words of the right answer that are said; the same both ways; with a wrong one.
    recall: f32,
    both: f32,
    wrong: f32,
    /// Share of the answer's content words that some right answer has.
    known: f32,
}

impl Learnt {
    fn fit(graded: &[(Arc<Study>, f32)], mean: f32) -> Option<Self> {
        let count = graded.len() as f32;
        let texts: Vec<&Study> = graded.iter().map(|(text, _)| text.as_ref()).collect();
        let scores: Vec<f32> = graded.iter().map(|(_, score)| *score).collect();
        let priors: Vec<f32> = texts.iter().map(|text| prior_or(text, mean)).collect();
        let errors: Vec<f32> = scores.iter().zip(&priors).map(|(s, p)| s - p).collect();
        let off: Vec<f32> = scores.iter().map(|score| score - mean).collect();
        let near = Near::matrix(&texts);
        let moved = Residual::fit(&near, &errors)?;
        let plain = Residual::fit(&near, &off)?;
        let near_tuned: Vec<Vec<Near>> = near
            .iter()
            .map(|row| row.iter().map(|near| near.tuned()).collect())
            .collect();
        let plain_head = texts.iter().all(|text| text.tuned == text.pooled);
        let tuned = if plain_head {
            moved.clone()
        } else {
            Residual::fit(&near_tuned, &errors)?
        };

        let said: Vec<f32> = priors.iter().zip(&moved.left_out).map(|(p, c)| p + c).collect();
        let said_tuned: Vec<f32> = priors.iter().zip(&tuned.left_out).map(|(p, c)| p + c).collect();
        let others = |at: usize| (0..texts.len()).filter(move |other| *other != at);
        let nearest: Vec<(f32, f32)> = (0..texts.len())
            .map(|at| {
                let best = others(at).fold((f32::MIN, 0.0), |best, other| {
                    let likeness = near[at][other].both();
                    if likeness > best.0 {
                        (likeness, scores[other])
                    } else {
                        best
                    }
                });
                (best.0, (best.1 - scores[at]).abs())
            })
            .collect();
        let average = |values: &mut dyn Iterator<Item = f32>| values.sum::<f32>() / count;
        let share = |is: &dyn Fn(f32) -> bool| scores.iter().filter(|score| is(**score)).count() as f32 / count;
        let has_prior = texts.iter().all(|text| text.prior.is_some());
        let error = |at: &[f32]| average(&mut at.iter().zip(&scores).map(|(a, s)| (a - s).abs()));
        let question = [
            count.ln(),
            mean,
            average(&mut off.iter().map(|off| off * off)).sqrt(),
            share(&|score| score > 0.99),
            share(&|score| score < 0.01),
            0.0,
            f32::from(u8::from(has_prior)),
            error(&priors),
            if has_prior { correlation(&priors, &scores) } else { 0.0 },
            error(&said),
            correlation(&said, &scores),
            average(&mut plain.left_out.iter().zip(&off).map(|(a, b)| (a - b).abs())),
            average(&mut nearest.iter().map(|(_, error)| *error)),
            average(&mut nearest.iter().map(|(likeness, _)| *likeness)),
        ];

        let high = |score: f32| usize::from(score <= mean);
        let mut centres = [0, 1].map(|_| vec![0.0; texts[0].pooled.len()]);
        let mut sides = [0.0f32; 2];
        let mut words: HashMap<String, [f32; 2]> = HashMap::new();
        for (text, score) in texts.iter().zip(&scores) {
            let side = high(*score);
            sides[side] += 1.0;
            for (sum, value) in centres[side].iter_mut().zip(&text.pooled) {
                *sum += value;
            }
            for stem in stems(text) {
                words.entry(stem.to_owned()).or_default()[side] += 1.0;
            }
        }
        for centre in &mut centres {
            let length = dot(centre, centre).sqrt().max(1e-6);
            centre.iter_mut().for_each(|value| *value /= length);
        }
        let owned = |text: &&Study| -> Vec<String> { stems(text).into_iter().map(str::to_owned).collect() };
        let all_stems: Vec<Vec<String>> = texts.iter().map(owned).collect();
        let right = all_stems.iter().zip(&scores).filter(|(_, score)| **score > 0.99);
        let right_stems = right.flat_map(|(stems, _)| stems.iter().cloned()).collect();
        let log_words = |text: &Study| (1.0 + text.prepared.words.len() as f32).ln();
        let full: Vec<f32> = texts
            .iter()
            .zip(&scores)
            .filter(|(_, score)| **score > 0.99)
            .map(|(text, _)| log_words(text))
            .collect();
        let length = average(&mut texts.iter().map(|text| log_words(text)));
        Some(Self {
            bias: errors.iter().sum::<f32>() / (count + 4.0),
            length_of_full: if full.is_empty() {
                length
            } else {
                full.iter().sum::<f32>() / full.len() as f32
            },
            moved,
            plain,
            tuned,
            tuned_did: [error(&said_tuned), correlation(&said_tuned, &scores)],
            question,
            centres,
            stems: all_stems,
            right_stems,
            words,
            sides,
            length,
        })
    }

    /// Answers with full points taken as further references: the best match with any of them or a reference.
    fn beside_right(&self, answer: &Study, near: &[Near], scores: &[f32]) -> Beside {
        let own = stems(answer);
        let compared = answer.prior.as_ref().and_then(|prior| prior.values.as_ref());
        let value = |name: &str| compared.map_or(0.0, |values| values[index(name)]);
        let known = own.iter().filter(|stem| self.right_stems.contains(**stem)).count();
        let mut beside = Beside {
            cosine: value("best_cosine"),
            recall: value("word_recall"),
            known: known as f32 / own.len().max(1) as f32,
            ..Beside::default()
        };
        for ((text, near), score) in self.stems.iter().zip(near).zip(scores) {
            let shared = text
                .iter()
                .filter(|stem| own.binary_search(&stem.as_str()).is_ok())
                .count() as f32;
            let both = 2.0 * shared / (text.len() + own.len()).max(1) as f32;
            if *score > 0.99 {
                beside.cosine = beside.cosine.max(near.cosine);
                beside.recall = beside.recall.max(shared / text.len().max(1) as f32);
                beside.both = beside.both.max(both);
            } else if *score < 0.01 {
                beside.wrong = beside.wrong.max(both);
            }
        }
        beside
    }

    /// Log-odds of the words for "above the mean", a few words counting fully; and the share of content
    /// words that no graded answer has.
    fn words_say(&self, answer: &Study) -> (f32, f32) {
        let stems = stems(answer);
        let (mut sum, mut known) = (0.0f32, 0usize);
        for stem in &stems {
            if let Some(counts) = self.words.get(*stem) {
                known += 1;
                let rate = |side: usize| (counts[side] + 0.5) / (self.sides[side] + 1.0);
                sum += (rate(0) / rate(1)).ln().clamp(-2.0, 2.0);
            }
        }
        let count = stems.len().max(1) as f32;
        (sum / count.sqrt(), 1.0 - known as f32 / count)
    }
}

/// Content stems of an answer, each once, in order of the alphabet.
fn stems(study: &Study) -> Vec<&str> {
    let words = study.prepared.words.iter().filter(|word| word.is_content());
    let mut stems: Vec<&str> = words.map(|word| word.stem.as_str()).collect();
    stems.sort_unstable();
    stems.dedup();
    stems
}

fn correlation(a: &[f32], b: &[f32]) -> f32 {
    let pairs: Vec<(f64, f64)> = a.iter().zip(b).map(|(a, b)| (f64::from(*a), f64::from(*b))).collect();
    crate::evaluate::pearson(&pairs) as f32
}
