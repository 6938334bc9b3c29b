//! Learning from the teacher's grades of one question.
//!
//! A Gaussian process on what the general head got wrong: answers like one the teacher graded move
//! towards that grade, answers like none keep the general suggestion. Exact, no training loop;
//! its three settings are chosen by marginal likelihood on a small grid.

use std::sync::Arc;

use crate::backend::dot;
use crate::study::Study;
use crate::text::trigram_cosine;

/// More graded answers than this no longer change much but cost time; the first ones are used.
const MOST: usize = 80;

/// A graded answer with what the general head thought of it.
pub struct Example {
    pub text: Arc<Study>,
    pub prior: f32,
    pub score: f32,
}

/// What was learnt for one question.
pub struct Residual {
    examples: Vec<Example>,
    setting: Setting,
    /// Lower Cholesky factor of the kernel matrix, row by row.
    factor: Vec<Vec<f64>>,
    alpha: Vec<f64>,
}

#[derive(Clone, Copy, Debug)]
struct Setting {
    length: f64,
    signal: f64,
    noise: f64,
}

impl Residual {
    /// `None` when there are too few examples to learn from.
    pub fn fit(examples: Vec<Example>) -> Option<Self> {
        let mut examples = examples;
        examples.truncate(MOST);
        if examples.len() < 3 {
            return None;
        }
        let (near, like): (Vec<Vec<f64>>, Vec<Vec<f64>>) = examples
            .iter()
            .map(|a| {
                let row = |of: fn(&Study, &Study) -> f64| -> Vec<f64> {
                    examples.iter().map(|b| of(&a.text, &b.text)).collect()
                };
                (row(distance), row(likeness))
            })
            .unzip();
        let errors: Vec<f64> = examples
            .iter()
            .map(|example| f64::from(example.score - example.prior))
            .collect();
        let mut best: Option<(f64, Setting, Vec<Vec<f64>>, Vec<f64>)> = None;
        for length in [0.35, 0.6, 1.0] {
            for signal in [0.02, 0.06, 0.15] {
                for noise in [0.01, 0.03, 0.08] {
                    let setting = Setting { length, signal, noise };
                    let matrix = (0..errors.len())
                        .map(|i| {
                            (0..errors.len())
                                .map(|j| {
                                    let kernel = setting.kernel(near[i][j], like[i][j]);
                                    kernel + if i == j { noise } else { 0.0 }
                                })
                                .collect()
                        })
                        .collect();
                    let Some(factor) = cholesky(matrix) else { continue };
                    let alpha = solve(&factor, &errors);
                    let fit: f64 = errors.iter().zip(&alpha).map(|(e, a)| e * a).sum();
                    let size: f64 = factor.iter().enumerate().map(|(i, row)| row[i].ln()).sum();
                    let likelihood = -0.5 * fit - size;
                    if best.as_ref().is_none_or(|best| likelihood > best.0) {
                        best = Some((likelihood, setting, factor, alpha));
                    }
                }
            }
        }
        let (_, setting, factor, alpha) = best?;
        Some(Self {
            examples,
            setting,
            factor,
            alpha,
        })
    }

    /// How much to add to the general suggestion, and the variance left.
    pub fn predict(&self, answer: &Study) -> (f32, f32) {
        let kernel: Vec<f64> = self
            .examples
            .iter()
            .map(|example| {
                self.setting
                    .kernel(distance(&example.text, answer), likeness(&example.text, answer))
            })
            .collect();
        let mean: f64 = kernel.iter().zip(&self.alpha).map(|(k, a)| k * a).sum();
        let half = forward(&self.factor, &kernel);
        let known: f64 = half.iter().map(|v| v * v).sum();
        let left = self.setting.signal + self.setting.noise - known;
        (mean as f32, left.max(1e-4) as f32)
    }
}

impl Setting {
    fn kernel(&self, distance: f64, likeness: f64) -> f64 {
        let near = (-distance / (2.0 * self.length * self.length)).exp();
        self.signal * (0.5 * near + 0.5 * likeness)
    }
}

/// Squared distance of the sentence embeddings.
fn distance(a: &Study, b: &Study) -> f64 {
    (2.0 - 2.0 * f64::from(dot(&a.pooled, &b.pooled))).max(0.0)
}

fn likeness(a: &Study, b: &Study) -> f64 {
    f64::from(trigram_cosine(&a.prepared.trigrams, &b.prepared.trigrams))
}

fn cholesky(mut matrix: Vec<Vec<f64>>) -> Option<Vec<Vec<f64>>> {
    for i in 0..matrix.len() {
        for j in 0..=i {
            let sum: f64 = (0..j).map(|k| matrix[i][k] * matrix[j][k]).sum();
            let value = matrix[i][j] - sum;
            matrix[i][j] = if i == j {
                if value <= 1e-12 {
                    return None;
                }
                value.sqrt()
            } else {
                value / matrix[j][j]
            };
        }
    }
    Some(matrix)
}

fn forward(factor: &[Vec<f64>], right: &[f64]) -> Vec<f64> {
    let mut out = Vec::with_capacity(right.len());
    for (i, row) in factor.iter().enumerate() {
        let sum: f64 = row.iter().zip(&out).map(|(l, x): (&f64, &f64)| l * x).sum();
        out.push((right[i] - sum) / row[i]);
    }
    out
}

fn solve(factor: &[Vec<f64>], right: &[f64]) -> Vec<f64> {
    let mut x = forward(factor, right);
    for i in (0..x.len()).rev() {
        let sum: f64 = (i + 1..x.len()).map(|k| factor[k][i] * x[k]).sum();
        x[i] = (x[i] - sum) / factor[i][i];
    }
    x
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::{Encoder, FakeEncoder};
    use crate::cache::Embedded;
    use crate::prepare::Preparer;

    fn study(text: &str) -> Arc<Study> {
        let prepared = Preparer::fake().prepare(text).expect("plain text");
        let encoded = FakeEncoder.encode(&[&prepared.tokens.ids]).expect("fake").remove(0);
        Arc::new(Study::plain(Embedded { prepared, encoded }))
    }

    #[test]
    fn solving_undoes_multiplying() {
        let matrix = vec![vec![4.0, 2.0, 0.5], vec![2.0, 5.0, 1.0], vec![0.5, 1.0, 3.0]];
        let x = [1.0, -2.0, 0.5];
        let right: Vec<f64> = matrix
            .iter()
            .map(|row| row.iter().zip(x).map(|(a, b)| a * b).sum())
            .collect();
        let found = solve(&cholesky(matrix).expect("positive definite"), &right);
        assert!(found.iter().zip(x).all(|(a, b)| (a - b).abs() < 1e-9));
    }

    #[test]
    fn answers_like_a_graded_one_move_towards_its_grade() {
        let example = |text: &str, score| Example {
            text: study(text),
            prior: 0.5,
            score,
        };
        let residual = Residual::fit(vec![
            example("the salt stays behind in the dish", 1.0),
            example("the salt stays behind in a pan", 1.0),
            example("magnets pull the iron out", 0.0),
            example("a magnet pulls iron out", 0.0),
        ])
        .expect("four are enough");
        let (up, _) = residual.predict(&study("salt stays behind in the pan"));
        let (down, _) = residual.predict(&study("the magnet pulls the iron out"));
        let (far, unsure) = residual.predict(&study("zebras quietly juggle violins"));
        let (_, sure) = residual.predict(&study("the salt stays behind in the dish"));
        assert!(up > 0.1 && down < -0.1 && far.abs() < 0.1, "{up} {down} {far}");
        assert!(unsure > sure);
        assert!(Residual::fit(vec![example("one", 1.0)]).is_none());
    }
}
