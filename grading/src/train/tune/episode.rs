//! What the adapter learns from: some answers of a question are graded, and each answer is told by its like.
//!
//! An answer's expected score is the mean of the scores of graded answers and references (which have full points),
//! weighted by how alike their embeddings are; what the closest reference alone promises has a weight of its own. The
//! loss is the cross-entropy of that expectation, and half as much that of the promise.

use crate::backend::dot;
use crate::model::trees::sigmoid;

/// Sharpness of the weights (a logarithm); offset and slope (a logarithm) of what a reference promises; the likeness
/// (through a sigmoid) of the promise itself.
pub const SCALARS: usize = 4;
pub const START: [f32; SCALARS] = [2.5, 0.0, 3.0, -1.0];

/// Cosine with a reference at which nothing is known.
const EVEN: f32 = 0.6;
/// Nothing is said with more certainty; beyond, the gradient goes on as if it were.
const LEAST: f32 = 1e-3;

/// Answers of one question, then its references.
pub struct Episode<'a> {
    /// Of the answers.
    pub scores: &'a [f32],
    /// Which answers are graded.
    pub graded: &'a [bool],
    /// Vectors of length 1, `[answers + references, width]`.
    pub vectors: &'a [f32],
    pub width: usize,
}

impl Episode<'_> {
    fn vector(&self, at: usize) -> &[f32] {
        &self.vectors[at * self.width..(at + 1) * self.width]
    }

    /// Mean loss of the answers; adds the gradients by the vectors and the scalars, times `share`.
    pub fn loss(&self, scalars: &[f32], share: f32, by_vector: &mut [f32], by_scalar: &mut [f32]) -> f32 {
        let answers = self.scores.len();
        let texts = self.vectors.len() / self.width;
        let sharpness = scalars[0].exp();
        let slope = scalars[2].exp();
        let floor = sigmoid(scalars[3]);
        let each = share / answers as f32;
        let mut loss = 0.0;
        for (at, &truth) in self.scores.iter().enumerate() {
            let own = self.vector(at);
            let closest = (answers..texts)
                .map(|other| (other, dot(own, self.vector(other))))
                .max_by(|a, b| a.1.total_cmp(&b.1));
            let promise = closest.map_or(0.5, |(_, cosine)| sigmoid(scalars[1] + slope * (cosine - EVEN)));
            let promise = promise.clamp(LEAST, 1.0 - LEAST);
            let others: Vec<(usize, f32, f32)> = (0..texts)
                .filter(|&other| other >= answers || (other != at && self.graded[other]))
                .map(|other| {
                    let score = self.scores.get(other).copied().unwrap_or(1.0);
                    (other, dot(own, self.vector(other)), score)
                })
                .collect();
            let top = others.iter().map(|other| other.1).fold(floor, f32::max);
            let weight = |likeness: f32| (sharpness * (likeness - top)).exp();
            let total: f32 = weight(floor) + others.iter().map(|other| weight(other.1)).sum::<f32>();
            let stays = weight(floor) / total;
            let expected = stays * promise + others.iter().map(|o| weight(o.1) / total * o.2).sum::<f32>();
            let expected = expected.clamp(LEAST, 1.0 - LEAST);
            loss += entropy(truth, expected) / answers as f32;

            let d_expected = each * (expected - truth) / (expected * (1.0 - expected));
            let mut d_sharpness = 0.0;
            let (before, from_at) = by_vector.split_at_mut(at * self.width);
            let (d_own, after) = from_at.split_at_mut(self.width);
            let mut push = |other: usize, d: f32| {
                let d_other = match other.checked_sub(at + 1) {
                    Some(place) => &mut after[place * self.width..(place + 1) * self.width],
                    None => &mut before[other * self.width..(other + 1) * self.width],
                };
                for ((d_own, d_other), (own, other)) in
                    (d_own.iter_mut().zip(d_other)).zip(own.iter().zip(self.vector(other)))
                {
                    *d_own += d * other;
                    *d_other += d * own;
                }
            };
            for (other, likeness, score) in &others {
                let d = d_expected * weight(*likeness) / total * (score - expected);
                d_sharpness += d * likeness;
                push(*other, d * sharpness);
            }
            let d_floor = d_expected * stays * (promise - expected);
            d_sharpness += d_floor * floor;
            by_scalar[0] += d_sharpness * sharpness;
            by_scalar[3] += d_floor * sharpness * floor * (1.0 - floor);
            let Some((reference, cosine)) = closest else {
                continue;
            };
            loss += 0.5 * entropy(truth, promise) / answers as f32;
            let d = d_expected * stays * promise * (1.0 - promise) + 0.5 * each * (promise - truth);
            by_scalar[1] += d;
            by_scalar[2] += d * slope * (cosine - EVEN);
            push(reference, d * slope);
        }
        loss
    }
}

fn entropy(truth: f32, said: f32) -> f32 {
    -(truth * said.ln() + (1.0 - truth) * (1.0 - said).ln())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::trees::Random;

    #[test]
    fn gradients_are_those_of_the_loss() {
        let mut random = Random(5);
        let width = 24;
        let vectors: Vec<f32> = (0..7 * width).map(|_| 0.5 * (random.share() - 0.3)).collect();
        let (scores, graded) = ([1.0, 0.0, 0.5, 1.0, 0.0], [true, true, false, true, false]);
        // With two references, and with none.
        for texts in [7, 5] {
            let of = |vectors: &[f32], scalars: &[f32]| {
                let episode = Episode {
                    scores: &scores,
                    graded: &graded,
                    vectors: &vectors[..texts * width],
                    width,
                };
                let (mut by_vector, mut by_scalar) = (vec![0.0; texts * width], vec![0.0; SCALARS]);
                let loss = episode.loss(scalars, 1.0, &mut by_vector, &mut by_scalar);
                (loss, by_vector, by_scalar)
            };
            let scalars = [1.5, 0.1, 1.2, -0.5];
            let (_, by_vector, by_scalar) = of(&vectors, &scalars);
            let close = |slope: f32, said: f32| (slope - said).abs() < 1e-3 + 0.02 * slope.abs();
            for at in 0..SCALARS {
                let moved = |by: f32| {
                    let mut scalars = scalars;
                    scalars[at] += by;
                    of(&vectors, &scalars).0
                };
                let slope = (moved(1e-2) - moved(-1e-2)) / 2e-2;
                assert!(
                    close(slope, by_scalar[at]),
                    "scalar {at}: {slope} and {}",
                    by_scalar[at]
                );
            }
            for _ in 0..40 {
                let at = random.below(texts * width);
                let moved = |by: f32| {
                    let mut vectors = vectors.clone();
                    vectors[at] += by;
                    of(&vectors, &scalars).0
                };
                let slope = (moved(1e-2) - moved(-1e-2)) / 2e-2;
                assert!(
                    close(slope, by_vector[at]),
                    "vector {at}: {slope} and {}",
                    by_vector[at]
                );
            }
        }
    }
}
