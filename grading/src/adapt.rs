//! Learning from the teacher's grades of one question.
//!
//! A Gaussian process on what the general head got wrong: answers like one the teacher graded move
//! towards that grade, answers like none keep the general suggestion. Exact, no training loop;
//! its three settings are chosen by marginal likelihood on a small grid.

use std::cmp::Ordering;

use crate::backend::dot;
use crate::study::Study;
use crate::text::trigram_cosine;

/// More graded answers than this no longer change much but cost time; the first ones are used.
pub const MOST: usize = 120;

/// How alike two answers are: cosines of sentence embeddings (as they come, and with the head's adapter) and of character
/// trigrams.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Near {
    pub cosine: f32,
    pub tuned: f32,
    pub trigrams: f32,
}

impl Near {
    pub fn of(a: &Study, b: &Study) -> Self {
        Self {
            cosine: dot(&a.pooled, &b.pooled),
            tuned: dot(&a.tuned, &b.tuned),
            trigrams: trigram_cosine(&a.prepared.trigrams, &b.prepared.trigrams),
        }
    }

    /// Both in one number, at most 1.
    pub fn both(self) -> f32 {
        0.5 * (self.cosine + self.trigrams)
    }

    /// The same as the adapter sees it.
    pub fn tuned(self) -> Self {
        Self {
            cosine: self.tuned,
            ..self
        }
    }

    /// Every answer beside every other, `[answer][answer]`.
    pub fn matrix(answers: &[&Study]) -> Vec<Vec<Self>> {
        let mut all = vec![vec![Self::default(); answers.len()]; answers.len()];
        for i in 0..answers.len() {
            for j in 0..=i {
                let near = Self::of(answers[i], answers[j]);
                all[i][j] = near;
                all[j][i] = near;
            }
        }
        all
    }
}

/// What was learnt for one question.
#[derive(Clone)]
pub struct Residual {
    setting: Setting,
    /// Lower Cholesky factor of the kernel matrix, row by row.
    factor: Vec<Vec<f64>>,
    alpha: Vec<f64>,
    /// What each example would be told if it were not among the examples.
    pub left_out: Vec<f32>,
}

#[derive(Clone, Copy, Debug)]
struct Setting {
    length: f64,
    signal: f64,
    noise: f64,
}

/// Variance of what all answers of a question share: how much milder or stricter this teacher is.
const COMMON: f64 = 0.03;

impl Residual {
    /// From what was off for each example, `near` telling how alike they are; `None` when there are too
    /// few to learn from.
    pub fn fit(near: &[Vec<Near>], errors: &[f32]) -> Option<Self> {
        if errors.len() < 3 {
            return None;
        }
        let errors: Vec<f64> = errors.iter().map(|error| f64::from(*error)).collect();
        let mut best: Option<(f64, Setting, Vec<Vec<f64>>, Vec<f64>)> = None;
        for length in [0.35, 0.6, 1.0] {
            // The shape of the kernel is the same for all signals and noises.
            let shape: Vec<Vec<f64>> = near
                .iter()
                .map(|row| row.iter().map(|near| shape(*near, length)).collect())
                .collect();
            for signal in [0.03, 0.1, 0.25] {
                for noise in [0.01, 0.04, 0.12] {
                    let setting = Setting { length, signal, noise };
                    let matrix = shape.iter().enumerate().map(|(i, row)| {
                        let kernel = row.iter().enumerate().map(|(j, shape)| {
                            let own = if i == j { noise } else { 0.0 };
                            COMMON + signal * shape + own
                        });
                        kernel.collect()
                    });
                    let Some(factor) = cholesky(matrix.collect()) else {
                        continue;
                    };
                    let alpha = solve(&factor, &errors);
                    let fit: f64 = errors.iter().zip(&alpha).map(|(e, a)| e * a).sum();
                    let size: f64 = factor.iter().enumerate().map(|(i, row)| row[i].ln()).sum();
                    let likelihood = -0.5 * fit - size;
                    let better = |best: &(f64, _, _, _)| likelihood.total_cmp(&best.0) == Ordering::Greater;
                    if best.as_ref().is_none_or(better) {
                        best = Some((likelihood, setting, factor, alpha));
                    }
                }
            }
        }
        let (_, setting, factor, alpha) = best?;
        let left_out = (0..errors.len())
            .map(|at| {
                let mut unit = vec![0.0; errors.len()];
                unit[at] = 1.0;
                let precision: f64 = forward(&factor, &unit).iter().map(|v| v * v).sum();
                (errors[at] - alpha[at] / precision) as f32
            })
            .collect();
        Some(Self {
            setting,
            factor,
            alpha,
            left_out,
        })
    }

    /// How much to add for an answer this near to the examples, and the variance left.
    pub fn predict(&self, near: &[Near]) -> (f32, f32) {
        let Setting { length, signal, noise } = self.setting;
        let kernel: Vec<f64> = near.iter().map(|near| COMMON + signal * shape(*near, length)).collect();
        let mean: f64 = kernel.iter().zip(&self.alpha).map(|(k, a)| k * a).sum();
        let half = forward(&self.factor, &kernel);
        let known: f64 = half.iter().map(|v| v * v).sum();
        let left = COMMON + signal + noise - known;
        (mean as f32, left.max(1e-4) as f32)
    }
}

/// The kernel without its size: half by embedding, half by trigrams; 1 for the same answer.
fn shape(near: Near, length: f64) -> f64 {
    let distance = (2.0 - 2.0 * f64::from(near.cosine)).max(0.0);
    0.5 * (-distance / (2.0 * length * length)).exp() + 0.5 * f64::from(near.trigrams)
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

    fn study(text: &str) -> Study {
        let prepared = Preparer::fake().prepare(text).expect("plain text");
        let encoded = FakeEncoder.encode(&[&prepared.tokens.ids]).expect("fake").remove(0);
        Study::plain(Embedded { prepared, encoded })
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
        let graded = [
            ("the salt stays behind in the dish", 0.5),
            ("the salt stays behind in a pan", 0.5),
            ("magnets pull the iron out", -0.5),
            ("a magnet pulls iron out", -0.5),
        ]
        .map(|(text, error)| (study(text), error));
        let texts: Vec<&Study> = graded.iter().map(|(text, _)| text).collect();
        let errors = graded.each_ref().map(|(_, error)| *error);
        let residual = Residual::fit(&Near::matrix(&texts), &errors).expect("four are enough");
        let predict = |text: &str| {
            let answer = study(text);
            let near: Vec<Near> = texts.iter().map(|text| Near::of(text, &answer)).collect();
            residual.predict(&near)
        };
        let (up, _) = predict("salt stays behind in the pan");
        let (down, _) = predict("the magnet pulls the iron out");
        let (far, unsure) = predict("zebras quietly juggle violins");
        let (_, sure) = predict("the salt stays behind in the dish");
        assert!(up > 0.1 && down < -0.1 && far.abs() < 0.1, "{up} {down} {far}");
        assert!(unsure > sure);
        // Left out, an example is told by its like.
        assert!(residual.left_out[0] > 0.0 && residual.left_out[2] < 0.0);
        assert!(Residual::fit(&Near::matrix(&texts[..1]), &errors[..1]).is_none());
    }
}
