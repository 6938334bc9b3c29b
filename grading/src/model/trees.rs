//! Gradient-boosted trees for a share between 0 and 1, small enough to read and to commit.
//!
//! Logistic loss with soft targets, histograms, complete trees of fixed depth. A feature can be
//! bound to a direction, which keeps a model trained on some subjects sensible in others.

use serde::{Deserialize, Serialize};

/// A fitted model: `depth`-level complete trees, level by level.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Trees {
    pub base: f32,
    pub depth: usize,
    /// `2^depth − 1` per tree: feature to look at; go right when its value is above the threshold.
    pub feature: Vec<u8>,
    pub threshold: Vec<f32>,
    /// `2^depth` per tree, added to the log-odds.
    pub leaf: Vec<f32>,
}

/// How to fit.
#[derive(Clone, Debug)]
pub struct Fit {
    pub trees: usize,
    pub depth: usize,
    pub rate: f32,
    pub lambda: f32,
    pub min_weight: f32,
    pub rows: f32,
    pub columns: f32,
    pub seed: u64,
}

impl Default for Fit {
    fn default() -> Self {
        Self {
            trees: 200,
            depth: 3,
            rate: 0.06,
            lambda: 4.0,
            min_weight: 8.0,
            rows: 0.6,
            columns: 0.5,
            seed: 1,
        }
    }
}

const BINS: usize = 40;

pub fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + (-x).exp())
}

impl Trees {
    /// The sum of log-odds for one row.
    pub fn log_odds(&self, row: &[f32]) -> f32 {
        let (splits, leaves) = ((1 << self.depth) - 1, 1 << self.depth);
        let trees = self
            .feature
            .chunks_exact(splits)
            .zip(self.threshold.chunks_exact(splits));
        let sum: f32 = trees
            .zip(self.leaf.chunks_exact(leaves))
            .map(|((feature, threshold), leaf)| {
                let mut node = 0;
                for _ in 0..self.depth {
                    let right = row[usize::from(feature[node])] > threshold[node];
                    node = 2 * node + 1 + usize::from(right);
                }
                leaf[node - splits]
            })
            .sum();
        self.base + sum
    }

    /// Can these trees be asked about rows of this width?
    pub fn fit_rows_of(&self, width: usize) -> bool {
        if self.depth > 12 {
            return false;
        }
        let (splits, leaves) = ((1 << self.depth) - 1, 1 << self.depth);
        let trees = self.leaf.len() / leaves;
        self.leaf.len() == trees * leaves
            && self.feature.len() == trees * splits
            && self.threshold.len() == trees * splits
            && self.feature.iter().all(|feature| usize::from(*feature) < width)
            && self.base.is_finite()
            && self.leaf.iter().all(|leaf| leaf.is_finite())
    }

    pub fn predict(&self, row: &[f32]) -> f32 {
        sigmoid(self.log_odds(row))
    }

    /// Fits to `targets` between 0 and 1. `direction` has one entry per feature.
    pub fn fit(rows: &[Vec<f32>], targets: &[f32], weights: &[f32], direction: &[i8], how: &Fit) -> Self {
        let total: f32 = weights.iter().sum::<f32>().max(1e-6);
        let mean = targets.iter().zip(weights).map(|(t, w)| t * w).sum::<f32>() / total;
        let mean = mean.clamp(0.01, 0.99);
        let base = (mean / (1.0 - mean)).ln();
        let mut trees = Self {
            base,
            depth: how.depth,
            ..Self::default()
        };
        let binned = Binned::new(rows, direction.len());
        let mut log_odds = vec![base; rows.len()];
        let mut random = Random(how.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        for _ in 0..how.trees {
            let sample: Vec<u32> = (0..rows.len() as u32).filter(|_| random.share() < how.rows).collect();
            let mut columns: Vec<usize> = (0..direction.len()).filter(|_| random.share() < how.columns).collect();
            if columns.is_empty() {
                columns.push(random.below(direction.len()));
            }
            let gradients: Vec<(f32, f32)> = sample
                .iter()
                .map(|&row| {
                    let row = row as usize;
                    let p = sigmoid(log_odds[row]);
                    (
                        (targets[row] - p) * weights[row],
                        (p * (1.0 - p)).max(1e-4) * weights[row],
                    )
                })
                .collect();
            let from = trees.leaf.len();
            trees.grow(&binned, &sample, &gradients, &columns, direction, how);
            let new = Self {
                base: 0.0,
                depth: how.depth,
                feature: trees.feature[trees.feature.len() - ((1 << how.depth) - 1)..].to_vec(),
                threshold: trees.threshold[trees.threshold.len() - ((1 << how.depth) - 1)..].to_vec(),
                leaf: trees.leaf[from..].to_vec(),
            };
            for (row, value) in rows.iter().zip(log_odds.iter_mut()) {
                *value += new.log_odds(row);
            }
        }
        trees
    }

    fn grow(
        &mut self,
        binned: &Binned,
        sample: &[u32],
        gradients: &[(f32, f32)],
        columns: &[usize],
        direction: &[i8],
        how: &Fit,
    ) {
        let splits = (1 << how.depth) - 1;
        let mut feature = vec![0u8; splits];
        let mut threshold = vec![f32::MAX; splits];
        let mut bounds = vec![(f32::MIN, f32::MAX); 2 * splits + 1];
        let mut members: Vec<Vec<u32>> = vec![Vec::new(); 2 * splits + 1];
        members[0] = (0..sample.len() as u32).collect();
        for node in 0..splits {
            let own = std::mem::take(&mut members[node]);
            bounds[2 * node + 1] = bounds[node];
            bounds[2 * node + 2] = bounds[node];
            let best = columns
                .iter()
                .filter_map(|&column| {
                    binned.best_split(column, &own, sample, gradients, direction[column], bounds[node], how)
                })
                .max_by(|a, b| a.gain.total_cmp(&b.gain));
            let Some(split) = best else {
                // No useful split: everything goes left, down to one leaf.
                members[2 * node + 1] = own;
                continue;
            };
            feature[node] = split.column as u8;
            threshold[node] = binned.edges[split.column][split.bin];
            if direction[split.column] != 0 {
                let middle = (split.left + split.right) / 2.0;
                let (low, high) = if direction[split.column] > 0 { (1, 2) } else { (2, 1) };
                bounds[2 * node + low].1 = middle;
                bounds[2 * node + high].0 = middle;
            }
            let bins = &binned.bins[split.column];
            let (left, right) = own
                .into_iter()
                .partition(|&at| usize::from(bins[sample[at as usize] as usize]) <= split.bin);
            members[2 * node + 1] = left;
            members[2 * node + 2] = right;
        }
        for leaf in splits..=2 * splits {
            let (g, h) = sum(&members[leaf], gradients);
            let value = (g / (h + how.lambda)).clamp(bounds[leaf].0, bounds[leaf].1);
            self.leaf.push(round(how.rate * value));
        }
        self.feature.extend(feature);
        self.threshold.extend(threshold);
    }
}

/// Five digits are enough and keep the committed file small.
fn round(value: f32) -> f32 {
    (value * 1e5).round() / 1e5
}

fn sum(members: &[u32], gradients: &[(f32, f32)]) -> (f32, f32) {
    members.iter().fold((0.0, 0.0), |(g, h), &at| {
        let (dg, dh) = gradients[at as usize];
        (g + dg, h + dh)
    })
}

struct Split {
    column: usize,
    bin: usize,
    gain: f32,
    left: f32,
    right: f32,
}

/// Feature values as small integers: bin `b` holds values up to and including `edges[b]`.
struct Binned {
    bins: Vec<Vec<u8>>,
    edges: Vec<Vec<f32>>,
}

impl Binned {
    fn new(rows: &[Vec<f32>], columns: usize) -> Self {
        let mut all = Self {
            bins: Vec::new(),
            edges: Vec::new(),
        };
        for column in 0..columns {
            let mut values: Vec<f32> = rows.iter().map(|row| row[column]).collect();
            values.sort_by(f32::total_cmp);
            let mut edges: Vec<f32> = (1..BINS)
                .filter_map(|bin| values.get(bin * values.len() / BINS).copied())
                .map(round)
                .collect();
            edges.dedup();
            let bins = rows
                .iter()
                .map(|row| edges.partition_point(|edge| *edge < row[column]) as u8)
                .collect();
            all.edges.push(edges);
            all.bins.push(bins);
        }
        all
    }

    #[allow(
        clippy::too_many_arguments,
        reason = "an inner loop; a struct would only rename them"
    )]
    fn best_split(
        &self,
        column: usize,
        members: &[u32],
        sample: &[u32],
        gradients: &[(f32, f32)],
        direction: i8,
        bounds: (f32, f32),
        how: &Fit,
    ) -> Option<Split> {
        let mut histogram = [(0.0f32, 0.0f32); BINS + 1];
        let bins = &self.bins[column];
        for &at in members {
            let bin = usize::from(bins[sample[at as usize] as usize]);
            let (g, h) = gradients[at as usize];
            histogram[bin].0 += g;
            histogram[bin].1 += h;
        }
        let (g, h) = histogram
            .iter()
            .fold((0.0, 0.0), |sum, bin| (sum.0 + bin.0, sum.1 + bin.1));
        let value = |g: f32, h: f32| (g / (h + how.lambda)).clamp(bounds.0, bounds.1);
        let gain = |g: f32, h: f32, v: f32| 2.0 * g * v - (h + how.lambda) * v * v;
        let whole = gain(g, h, value(g, h));
        let (mut gl, mut hl) = (0.0, 0.0);
        let mut best: Option<Split> = None;
        for (bin, own) in histogram.iter().enumerate().take(self.edges[column].len()) {
            gl += own.0;
            hl += own.1;
            let (gr, hr) = (g - gl, h - hl);
            if hl < how.min_weight || hr < how.min_weight {
                continue;
            }
            let (left, right) = (value(gl, hl), value(gr, hr));
            if f32::from(direction) * (right - left) < 0.0 {
                continue;
            }
            let gain = gain(gl, hl, left) + gain(gr, hr, right) - whole;
            if gain > 1e-4 && best.as_ref().is_none_or(|best| gain > best.gain) {
                best = Some(Split {
                    column,
                    bin,
                    gain,
                    left,
                    right,
                });
            }
        }
        best
    }
}

/// A small reproducible generator: the same seed gives the same model everywhere.
#[derive(Clone, Debug)]
pub struct Random(pub u64);

impl Random {
    pub fn draw(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    pub fn share(&mut self) -> f32 {
        (self.draw() >> 40) as f32 / (1u64 << 24) as f32
    }

    pub fn below(&mut self, limit: usize) -> usize {
        (self.draw() % limit.max(1) as u64) as usize
    }

    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data() -> (Vec<Vec<f32>>, Vec<f32>) {
        let mut random = Random(7);
        let rows: Vec<Vec<f32>> = (0..2000)
            .map(|_| vec![random.share(), random.share(), random.share()])
            .collect();
        let targets = rows
            .iter()
            .map(|row| f32::from(u8::from(row[0] + 0.5 * row[1] > 0.7)))
            .collect();
        (rows, targets)
    }

    #[test]
    fn learns_a_simple_rule_and_keeps_its_direction() {
        let (rows, targets) = data();
        let weights = vec![1.0; rows.len()];
        let trees = Trees::fit(&rows, &targets, &weights, &[1, 0, 0], &Fit::default());
        let right = rows
            .iter()
            .zip(&targets)
            .filter(|(row, target)| (trees.predict(row) > 0.5) == (**target > 0.5))
            .count();
        assert!(right > 1900, "{right} of 2000");
        for step in 0..20 {
            let low = trees.predict(&[step as f32 / 20.0, 0.4, 0.5]);
            let high = trees.predict(&[(step + 1) as f32 / 20.0, 0.4, 0.5]);
            assert!(high >= low - 1e-6);
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_trees() {
        let (rows, targets) = data();
        let weights = vec![1.0; rows.len()];
        let how = Fit {
            trees: 5,
            ..Fit::default()
        };
        let fit = || Trees::fit(&rows, &targets, &weights, &[0, 0, 0], &how);
        assert_eq!(fit().leaf, fit().leaf);
    }
}
