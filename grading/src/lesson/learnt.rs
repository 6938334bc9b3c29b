//! What can be said of the graded answers of one question by themselves.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use crate::adapt::{Near, Residual};
use crate::backend::dot;
use crate::features::index;
use crate::study::Study;

/// What the graded answers teach, before another answer is looked at.
pub(super) struct Learnt {
    /// Of the prior's errors; of the distances from the mean.
    pub moved: Residual,
    pub plain: Residual,
    pub tuned: Residual,
    /// How well the last did on the graded answers: mean error and correlation.
    pub tuned_did: [f32; 2],
    /// The first numbers: those of the question.
    pub question: [f32; 14],
    pub bias: f32,
    /// Mean embedding of the answers above the mean, and of the others.
    pub centres: [Vec<f32>; 2],
    /// The content stems of each graded answer, and of all with full points.
    stems: Vec<Vec<String>>,
    right_stems: BTreeSet<String>,
    words: Words,
    pub length: f32,
    pub length_of_full: f32,
}

/// See `Learnt::beside_right`.
#[derive(Default)]
pub(super) struct Beside {
    pub cosine: f32,
    /// Share of the content words of the right answer that are said; the same both ways; with a wrong one.
    pub recall: f32,
    pub both: f32,
    pub wrong: f32,
    /// Share of the answer's content words that some right answer has.
    pub known: f32,
}

impl Learnt {
    /// `None` when too few are graded.
    pub fn fit(graded: &[(Arc<Study>, f32)], mean: f32) -> Option<Self> {
        let count = graded.len() as f32;
        let texts: Vec<&Study> = graded.iter().map(|(text, _)| text.as_ref()).collect();
        let scores: Vec<f32> = graded.iter().map(|(_, score)| *score).collect();
        let priors: Vec<f32> = texts.iter().map(|text| text.prior_or(mean)).collect();
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
        let mut words = Words::default();
        for (text, score) in texts.iter().zip(&scores) {
            let side = high(*score);
            for (sum, value) in centres[side].iter_mut().zip(&text.pooled) {
                *sum += value;
            }
            words.add(text, side);
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
            length,
        })
    }

    /// Answers with full points taken as further references: the best match with any of them or a reference.
    pub fn beside_right(&self, answer: &Study, near: &[Near], scores: &[f32]) -> Beside {
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

    /// See `Words::say`.
    pub fn words_say(&self, answer: &Study) -> (f32, f32) {
        self.words.say(answer)
    }
}

/// How often a word stands in answers above the mean, and in the others (each answer weighs the same within its side).
#[derive(Default)]
struct Words {
    counts: HashMap<String, [f32; 2]>,
    sides: [f32; 2],
}

impl Words {
    fn add(&mut self, text: &Study, side: usize) {
        self.sides[side] += 1.0;
        for stem in stems(text) {
            self.counts.entry(stem.to_owned()).or_default()[side] += 1.0;
        }
    }

    /// Log-odds of the words for "above the mean", a few words counting fully; and the share of content
    /// words that no graded answer has.
    fn say(&self, answer: &Study) -> (f32, f32) {
        let stems = stems(answer);
        let (mut sum, mut known) = (0.0f32, 0usize);
        for stem in &stems {
            if let Some(counts) = self.counts.get(*stem) {
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
