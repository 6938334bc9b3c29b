//! A transformer block whose matrices may each have a product of two thin ones added: forwards, and the gradients of
//! the thin ones by hand. The block itself stays as it is.

use std::ops::Range;

use pulp::{Arch, NullaryFnOnce};

use super::attention::{Attention, attend, attend_back};
use super::gemm::{View, add_product, turn};
use crate::GradingError;
use crate::backend::{erf, sum};
use crate::model::BertConfig;
use crate::weights::SafeTensors;

/// Queries, keys and values side by side; attention's output; up; down.
pub const MATRICES: usize = 4;

/// A linear map that stays as it is.
pub struct Linear {
    pub inputs: usize,
    pub outputs: usize,
    /// `[outputs, inputs]`, and turned.
    rows: Vec<f32>,
    turned: Vec<f32>,
    bias: Vec<f32>,
}

impl Linear {
    pub fn new(inputs: usize, rows: Vec<f32>, bias: Vec<f32>) -> Self {
        let outputs = bias.len();
        Self {
            inputs,
            outputs,
            turned: turn(&rows, outputs, inputs),
            rows,
            bias,
        }
    }
}

pub struct Norm {
    pub gamma: Vec<f32>,
    pub beta: Vec<f32>,
    pub eps: f32,
}

pub struct Block {
    pub linear: [Linear; MATRICES],
    pub norms: [Norm; 2],
    pub heads: usize,
}

/// The thin matrices beside one linear map, in the flat parameters: `down` is `[inputs, rank]`, `up` is `[rank, outputs]`.
#[derive(Clone, Debug)]
pub struct Place {
    pub down: Range<usize>,
    pub up: Range<usize>,
}

/// What a block's backward pass needs again.
pub struct Trace {
    x: Vec<f32>,
    qkv: Vec<f32>,
    attention: Attention,
    first: Normed,
    /// Before GELU, and after.
    raw: Vec<f32>,
    inner: Vec<f32>,
    second: Normed,
    /// What each `down` made of its input: `[tokens, rank]`.
    thin: [Vec<f32>; MATRICES],
    pub out: Vec<f32>,
}

impl Block {
    /// Reads block `number` of an encoder's weights.
    pub fn read(config: &BertConfig, file: &mut SafeTensors, number: usize) -> Result<Self, GradingError> {
        let (hidden, inner) = (config.hidden_size, config.intermediate_size);
        let mut linear = |names: &[&str], inputs: usize, outputs: usize| -> Result<Linear, GradingError> {
            let (mut rows, mut bias) = (Vec::new(), Vec::new());
            for name in names {
                let name = format!("encoder.layer.{number}.{name}");
                rows.extend(file.read(&format!("{name}.weight"), &[outputs, inputs])?);
                bias.extend(file.read(&format!("{name}.bias"), &[outputs])?);
            }
            Ok(Linear::new(inputs, rows, bias))
        };
        let parts = ["attention.self.query", "attention.self.key", "attention.self.value"];
        let linear = [
            linear(&parts, hidden, hidden)?,
            linear(&["attention.output.dense"], hidden, hidden)?,
            linear(&["intermediate.dense"], hidden, inner)?,
            linear(&["output.dense"], inner, hidden)?,
        ];
        let mut norm = |name: &str| -> Result<Norm, GradingError> {
            let name = format!("encoder.layer.{number}.{name}.LayerNorm");
            Ok(Norm {
                gamma: file.read(&format!("{name}.weight"), &[hidden])?,
                beta: file.read(&format!("{name}.bias"), &[hidden])?,
                eps: config.layer_norm_eps as f32,
            })
        };
        let norms = [norm("attention.output")?, norm("output")?];
        Ok(Self {
            linear,
            norms,
            heads: config.num_attention_heads,
        })
    }

    /// `x` is `[tokens, hidden]`, texts of these lengths one after the other.
    pub fn forward(&self, values: &[f32], places: &[Place; MATRICES], x: Vec<f32>, lengths: &[usize]) -> Trace {
        let apply = |which: usize, x: &[f32]| self.linear[which].forward(values, &places[which], x);
        let (qkv, thin_qkv) = apply(0, &x);
        let attention = attend(&qkv, lengths, self.heads);
        let (mut attended, thin_out) = apply(1, &attention.context);
        add(&mut attended, &x);
        let first = self.norms[0].forward(attended);
        let (raw, thin_up) = apply(2, &first.out);
        let mut inner = raw.clone();
        Arch::new().dispatch(Gelu(&mut inner));
        let (mut down, thin_down) = apply(3, &inner);
        add(&mut down, &first.out);
        let mut second = self.norms[1].forward(down);
        Trace {
            out: std::mem::take(&mut second.out),
            x,
            qkv,
            attention,
            first,
            raw,
            inner,
            second,
            thin: [thin_qkv, thin_out, thin_up, thin_down],
        }
    }

    /// From the gradient by the output to that by the input (`None` unless `wanted`); adds those by the thin matrices.
    pub fn backward(
        &self,
        values: &[f32],
        places: &[Place; MATRICES],
        trace: &Trace,
        lengths: &[usize],
        mut d: Vec<f32>,
        gradient: &mut [f32],
        wanted: bool,
    ) -> Option<Vec<f32>> {
        let mut back = |which: usize, x: &[f32], d: &[f32], wanted: bool| {
            self.linear[which].backward(values, &places[which], (x, &trace.thin[which]), d, gradient, wanted)
        };
        self.norms[1].backward(&trace.second, &mut d);
        let mut inner = back(3, &trace.inner, &d, true)?;
        Arch::new().dispatch(GeluBack {
            raw: &trace.raw,
            d: &mut inner,
        });
        add(&mut d, &back(2, &trace.first.out, &inner, true)?);
        self.norms[0].backward(&trace.first, &mut d);
        let context = back(1, &trace.attention.context, &d, true)?;
        let qkv = attend_back(&trace.qkv, &trace.attention, &context, lengths, self.heads);
        let mut x = back(0, &trace.x, &qkv, wanted)?;
        add(&mut x, &d);
        Some(x)
    }
}

impl Linear {
    /// The result, and what `down` made of the input.
    fn forward(&self, values: &[f32], place: &Place, x: &[f32]) -> (Vec<f32>, Vec<f32>) {
        let (inputs, outputs) = (self.inputs, self.outputs);
        let count = x.len() / inputs;
        let rank = place.down.len() / inputs;
        let mut out = self.bias.repeat(count);
        add_product(View::plain(x, inputs), &self.turned, &mut out, count, outputs, inputs);
        let mut thin = vec![0.0; count * rank];
        let (down, up) = (&values[place.down.clone()], &values[place.up.clone()]);
        add_product(View::plain(x, inputs), down, &mut thin, count, rank, inputs);
        add_product(View::plain(&thin, rank), up, &mut out, count, outputs, rank);
        (out, thin)
    }

    fn backward(
        &self,
        values: &[f32],
        place: &Place,
        (x, thin): (&[f32], &[f32]),
        d: &[f32],
        gradient: &mut [f32],
        wanted: bool,
    ) -> Option<Vec<f32>> {
        let (inputs, outputs) = (self.inputs, self.outputs);
        let count = d.len() / outputs;
        let rank = place.down.len() / inputs;
        let (down, up) = (&values[place.down.clone()], &values[place.up.clone()]);
        let d_up = &mut gradient[place.up.clone()];
        add_product(View::turned(thin, rank), d, d_up, rank, outputs, count);
        let mut d_thin = vec![0.0; count * rank];
        add_product(
            View::plain(d, outputs),
            &turn(up, rank, outputs),
            &mut d_thin,
            count,
            rank,
            outputs,
        );
        let d_down = &mut gradient[place.down.clone()];
        add_product(View::turned(x, inputs), &d_thin, d_down, inputs, rank, count);
        wanted.then(|| {
            let mut d_x = vec![0.0; count * inputs];
            add_product(View::plain(d, outputs), &self.rows, &mut d_x, count, inputs, outputs);
            add_product(
                View::plain(&d_thin, rank),
                &turn(down, inputs, rank),
                &mut d_x,
                count,
                inputs,
                rank,
            );
            d_x
        })
    }
}

/// Rows of mean 0 and variance 1, what they were divided by, and the result.
struct Normed {
    rows: Vec<f32>,
    inverse: Vec<f32>,
    out: Vec<f32>,
}

impl Norm {
    fn forward(&self, mut rows: Vec<f32>) -> Normed {
        let mut inverse = Vec::with_capacity(rows.len() / self.gamma.len());
        let mut out = vec![0.0; rows.len()];
        Arch::new().dispatch(NormRows {
            norm: self,
            rows: &mut rows,
            inverse: &mut inverse,
            out: &mut out,
        });
        Normed { rows, inverse, out }
    }

    /// The gradient by the result becomes that by the input.
    fn backward(&self, normed: &Normed, d: &mut [f32]) {
        Arch::new().dispatch(NormBack { norm: self, normed, d });
    }
}

fn add(to: &mut [f32], from: &[f32]) {
    to.iter_mut().zip(from).for_each(|(to, from)| *to += from);
}

// Structs, not closures: see `backend::flex`.

struct NormRows<'a> {
    norm: &'a Norm,
    rows: &'a mut [f32],
    inverse: &'a mut Vec<f32>,
    out: &'a mut [f32],
}

impl NullaryFnOnce for NormRows<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Norm { gamma, beta, eps } = self.norm;
        let width = gamma.len();
        for (row, out) in self.rows.chunks_exact_mut(width).zip(self.out.chunks_exact_mut(width)) {
            let mean = sum(row) / width as f32;
            row.iter_mut().for_each(|value| *value -= mean);
            let inverse = 1.0 / (crate::backend::dot_lanes(row, row) / width as f32 + eps).sqrt();
            row.iter_mut().for_each(|value| *value *= inverse);
            for ((out, value), (gamma, beta)) in out.iter_mut().zip(row.iter()).zip(gamma.iter().zip(beta)) {
                *out = value.mul_add(*gamma, *beta);
            }
            self.inverse.push(inverse);
        }
    }
}

struct NormBack<'a> {
    norm: &'a Norm,
    normed: &'a Normed,
    d: &'a mut [f32],
}

impl NullaryFnOnce for NormBack<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let width = self.norm.gamma.len();
        let rows = self.normed.rows.chunks_exact(width).zip(&self.normed.inverse);
        for (d, (row, inverse)) in self.d.chunks_exact_mut(width).zip(rows) {
            d.iter_mut().zip(&self.norm.gamma).for_each(|(d, gamma)| *d *= gamma);
            let mean = sum(d) / width as f32;
            let along = crate::backend::dot_lanes(d, row) / width as f32;
            for (d, value) in d.iter_mut().zip(row) {
                *d = inverse * (*d - mean - value * along);
            }
        }
    }
}

/// The share of the normal distribution below `x`.
#[inline(always)]
fn below(x: f32) -> f32 {
    0.5 * (1.0 + erf(x * std::f32::consts::FRAC_1_SQRT_2))
}

struct Gelu<'a>(&'a mut [f32]);

impl NullaryFnOnce for Gelu<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        for value in self.0.iter_mut() {
            *value *= below(*value);
        }
    }
}

struct GeluBack<'a> {
    raw: &'a [f32],
    d: &'a mut [f32],
}

impl NullaryFnOnce for GeluBack<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        /// 1 / √(2π)
        const PEAK: f32 = 0.398_942_3;
        for (d, x) in self.d.iter_mut().zip(self.raw) {
            *d *= below(*x) + x * PEAK * crate::backend::exp(-0.5 * x * x);
        }
    }
}
