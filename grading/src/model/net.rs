//! A small network that reads an answer against a reference, token by token.
//!
//! ```text
//!  token states ─▶ projection ─▶ each token beside what it finds in the other text ─▶ compare
//!      ─▶ mean and maximum over the tokens, both ways ─▶ with the features ─▶ log-odds
//! ```
//!
//! (A decomposable attention model.) The encoder stays as it is; all that is learnt is here. Weights
//! are kept as 16-bit fractions of a power of two, so what is measured is exactly what is shipped.

use serde::{Deserialize, Serialize};

use super::gemm::{LANES, View, add_product};
use crate::GradingError;
use crate::backend::{dot_lanes, exp};

/// Width of all inner layers.
pub const WIDTH: usize = 64;
/// Numbers beside the state of a token: see `signals`.
pub const SIGNALS: usize = 16;
/// What the comparing layer sees of a token.
pub(crate) const COMPARED: usize = 4 * WIDTH + SIGNALS;
/// Length of a projected token.
pub(crate) const LENGTH: f32 = 4.0;
/// Tokens of a text that are read.
pub const MOST_TOKENS: usize = 96;

/// Tokens of one text: states row after row, and the signals of each.
#[derive(Clone, Copy)]
pub struct Tokens<'a> {
    pub states: &'a [f32],
    pub signals: &'a [[f32; SIGNALS]],
}

/// Where each layer lies in the parameters.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    pub hidden: usize,
    /// Inputs of the last hidden layer, rounded up to whole blocks.
    pub joined: usize,
    /// Start of: projection, its bias, sharpness, comparison, its bias, joint layer, its bias,
    /// output, its bias; then the end.
    pub at: [usize; 10],
}

impl Layout {
    pub fn new(hidden: usize, features: usize) -> Self {
        let joined = 4 * WIDTH + features.next_multiple_of(LANES);
        let sizes = [
            hidden * WIDTH,
            WIDTH,
            1,
            COMPARED * WIDTH,
            WIDTH,
            joined * WIDTH,
            WIDTH,
            WIDTH,
            1,
        ];
        let mut at = [0; 10];
        for (part, size) in sizes.iter().enumerate() {
            at[part + 1] = at[part] + size;
        }
        Self { hidden, joined, at }
    }

    pub fn part<'a>(&self, values: &'a [f32], part: usize) -> &'a [f32] {
        &values[self.at[part]..self.at[part + 1]]
    }

    pub fn part_mut<'a>(&self, values: &'a mut [f32], part: usize) -> &'a mut [f32] {
        &mut values[self.at[part]..self.at[part + 1]]
    }
}

pub(crate) const PROJECT: usize = 0;
pub(crate) const SHARPNESS: usize = 2;
pub(crate) const COMPARE: usize = 3;
pub(crate) const JOIN: usize = 5;
pub(crate) const OUTPUT: usize = 7;

/// A fitted network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "File", into = "File")]
pub struct Net {
    pub(crate) hidden: usize,
    /// Mean and spread of the features where it was trained.
    pub(crate) mean: Vec<f32>,
    pub(crate) spread: Vec<f32>,
    pub(crate) values: Vec<f32>,
}

impl Net {
    pub(crate) fn layout(&self) -> Layout {
        Layout::new(self.hidden, self.mean.len())
    }

    /// Log-odds of full points; `None` when a text has no tokens to read.
    pub fn log_odds(&self, answer: Tokens<'_>, reference: Tokens<'_>, features: &[f32]) -> Option<f32> {
        let layout = self.layout();
        let (a, r) = (answer.signals.len(), reference.signals.len());
        if a == 0 || r == 0 || features.len() != self.mean.len() || answer.states.len() != a * self.hidden {
            return None;
        }
        let (x, _) = self.project(&layout, answer.states, a);
        let (y, _) = self.project(&layout, reference.states, r);
        let sharpness = layout.part(&self.values, SHARPNESS)[0];
        let scores = scores(&x, &y, a, r, sharpness);
        let mut joined = vec![0.0; layout.joined];
        let mut scratch = vec![0.0; COMPARED * a.max(r)];
        for (side, (own, other, count, signals)) in [(&x, &y, a, answer.signals), (&y, &x, r, reference.signals)]
            .into_iter()
            .enumerate()
        {
            let found = attend(&scores, other, a, r, side == 1);
            compared(own, &found, signals, &mut scratch[..COMPARED * count]);
            let hidden = self.compare(&layout, &scratch, count);
            let (mean, rest) = joined[2 * side * WIDTH..].split_at_mut(WIDTH);
            gather(&hidden, count, mean, &mut rest[..WIDTH]);
        }
        self.standard(features, &mut joined[4 * WIDTH..]);
        let mut inner = layout.part(&self.values, JOIN + 1).to_vec();
        add_product(
            View::plain(&joined, layout.joined),
            layout.part(&self.values, JOIN),
            &mut inner,
            1,
            WIDTH,
            layout.joined,
        );
        inner.iter_mut().for_each(|value| *value = value.max(0.0));
        let output = layout.part(&self.values, OUTPUT);
        Some(dot_lanes(&inner, output) + layout.part(&self.values, OUTPUT + 1)[0])
    }

    /// Features on the scale of the training data.
    pub(crate) fn standard(&self, features: &[f32], out: &mut [f32]) {
        let scales = self.mean.iter().zip(&self.spread);
        for ((to, value), (mean, spread)) in out.iter_mut().zip(features).zip(scales) {
            *to = ((value - mean) / spread).clamp(-6.0, 6.0);
        }
    }

    /// Projected tokens, all of one length, and what they were divided by.
    pub(crate) fn project(&self, layout: &Layout, states: &[f32], count: usize) -> (Vec<f32>, Vec<f32>) {
        let mut out = layout.part(&self.values, PROJECT + 1).repeat(count);
        add_product(
            View::plain(states, layout.hidden),
            layout.part(&self.values, PROJECT),
            &mut out,
            count,
            WIDTH,
            layout.hidden,
        );
        let mut lengths = Vec::with_capacity(count);
        for row in out.chunks_exact_mut(WIDTH) {
            let length = (dot_lanes(row, row).sqrt() / LENGTH).max(1e-6);
            row.iter_mut().for_each(|value| *value /= length);
            lengths.push(length);
        }
        (out, lengths)
    }

    pub(crate) fn compare(&self, layout: &Layout, compared: &[f32], count: usize) -> Vec<f32> {
        let mut out = layout.part(&self.values, COMPARE + 1).repeat(count);
        add_product(
            View::plain(compared, COMPARED),
            layout.part(&self.values, COMPARE),
            &mut out,
            count,
            WIDTH,
            COMPARED,
        );
        out.iter_mut().for_each(|value| *value = value.max(0.0));
        out
    }

    /// Rounds the weights to what the file can hold.
    pub(crate) fn round(&mut self) {
        let layout = self.layout();
        for part in 0..9 {
            let values = layout.part_mut(&mut self.values, part);
            let unit = unit(exponent(values));
            values
                .iter_mut()
                .for_each(|value| *value = steps(*value, unit) as f32 * unit);
        }
    }
}

/// Similarity of every answer token to every reference token: `[a × r]`.
pub(crate) fn scores(x: &[f32], y: &[f32], a: usize, r: usize, sharpness: f32) -> Vec<f32> {
    let mut out = Vec::with_capacity(a * r);
    for own in x.chunks_exact(WIDTH) {
        out.extend(y.chunks_exact(WIDTH).map(|other| sharpness * dot_lanes(own, other)));
    }
    out
}

/// Softmax of the scores over the other text: `[own tokens × other tokens]`.
pub(crate) fn shares(scores: &[f32], a: usize, r: usize, turned: bool) -> Vec<f32> {
    let (own, other) = if turned { (r, a) } else { (a, r) };
    let mut out = vec![0.0; own * other];
    for (at, row) in out.chunks_exact_mut(other).enumerate() {
        for (to, value) in row.iter_mut().enumerate() {
            *value = if turned {
                scores[to * r + at]
            } else {
                scores[at * r + to]
            };
        }
        let most = row.iter().copied().fold(f32::MIN, f32::max);
        row.iter_mut().for_each(|value| *value = exp(*value - most));
        let total: f32 = row.iter().sum();
        row.iter_mut().for_each(|value| *value /= total);
    }
    out
}

/// What each token finds in the other text.
fn attend(scores: &[f32], other: &[f32], a: usize, r: usize, turned: bool) -> Vec<f32> {
    let (own, others) = if turned { (r, a) } else { (a, r) };
    let shares = shares(scores, a, r, turned);
    let mut found = vec![0.0; own * WIDTH];
    add_product(View::plain(&shares, others), other, &mut found, own, WIDTH, others);
    found
}

/// A token, what it found, their difference and product, and its signals.
pub(crate) fn compared(own: &[f32], found: &[f32], signals: &[[f32; SIGNALS]], out: &mut [f32]) {
    let rows = own.chunks_exact(WIDTH).zip(found.chunks_exact(WIDTH)).zip(signals);
    for (row, ((x, y), signals)) in out.chunks_exact_mut(COMPARED).zip(rows) {
        for at in 0..WIDTH {
            row[at] = x[at];
            row[WIDTH + at] = y[at];
            row[2 * WIDTH + at] = (x[at] - y[at]).abs();
            row[3 * WIDTH + at] = x[at] * y[at];
        }
        row[4 * WIDTH..].copy_from_slice(signals);
    }
}

/// Mean and maximum over the tokens; returns which token had the maximum.
pub(crate) fn gather(hidden: &[f32], count: usize, mean: &mut [f32], most: &mut [f32]) -> [u32; WIDTH] {
    let mut which = [0; WIDTH];
    most.copy_from_slice(&hidden[..WIDTH]);
    for (token, row) in hidden.chunks_exact(WIDTH).enumerate().take(count) {
        for at in 0..WIDTH {
            mean[at] += row[at] / count as f32;
            if row[at] > most[at] {
                most[at] = row[at];
                which[at] = token as u32;
            }
        }
    }
    which
}

/// As it lies in `head.json`.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct File {
    hidden: usize,
    width: usize,
    mean: Vec<f32>,
    spread: Vec<f32>,
    /// One power of two per layer.
    exponents: Vec<i32>,
    /// Sixteen bits per weight, little-endian, as hexadecimal.
    weights: String,
}

fn exponent(values: &[f32]) -> i32 {
    let most = values.iter().fold(1e-9f32, |most, value| most.max(value.abs()));
    (-40..=40).find(|power| 2f32.powi(*power) >= most).unwrap_or(40)
}

fn unit(exponent: i32) -> f32 {
    2f32.powi(exponent - 15)
}

fn steps(value: f32, unit: f32) -> i16 {
    (value / unit).round().clamp(-32767.0, 32767.0) as i16
}

impl From<Net> for File {
    fn from(net: Net) -> Self {
        let layout = net.layout();
        let mut bytes = Vec::with_capacity(2 * net.values.len());
        let mut exponents = Vec::new();
        for part in 0..9 {
            let values = layout.part(&net.values, part);
            let exponent = exponent(values);
            exponents.push(exponent);
            bytes.extend(
                values
                    .iter()
                    .flat_map(|value| steps(*value, unit(exponent)).to_le_bytes()),
            );
        }
        Self {
            hidden: net.hidden,
            width: WIDTH,
            mean: net.mean,
            spread: net.spread,
            exponents,
            weights: hex::encode(bytes),
        }
    }
}

impl TryFrom<File> for Net {
    type Error = GradingError;

    fn try_from(file: File) -> Result<Self, GradingError> {
        let broken = |what: &str| GradingError::ModelBroken(format!("a network of the head {what}; train it again"));
        let layout = Layout::new(file.hidden, file.mean.len());
        let bytes = hex::decode(&file.weights).map_err(|_| broken("is not hexadecimal"))?;
        let fits = file.width == WIDTH
            && file.exponents.len() == 9
            && file.spread.len() == file.mean.len()
            && file.spread.iter().all(|spread| *spread > 0.0)
            && bytes.len() == 2 * layout.at[9];
        if !fits {
            return Err(broken("has another shape than this program's"));
        }
        let mut values: Vec<f32> = bytes
            .chunks_exact(2)
            .map(|pair| f32::from(i16::from_le_bytes([pair[0], pair[1]])))
            .collect();
        for (part, exponent) in file.exponents.iter().enumerate() {
            let unit = unit(*exponent);
            layout
                .part_mut(&mut values, part)
                .iter_mut()
                .for_each(|value| *value *= unit);
        }
        Ok(Self {
            hidden: file.hidden,
            mean: file.mean,
            spread: file.spread,
            values,
        })
    }
}
