//! One transformer block on the processor: products in blocks, everything else on the way past.
//!
//! Rows go through the second half some 128 at a time, so that their intermediate values stay in the
//! processor's second cache while the weights stream by.

use pulp::{Arch, NullaryFnOnce};

use super::attention;
#[cfg(target_arch = "x86_64")]
use super::heads;
use super::matrix::{Left, Packed, Put, multiply};
use super::tile::Terms;
use super::unit::{Running, Unit};
use crate::backend::math::{dot_lanes, gelu, sum};

/// The weights of a block.
pub struct Parts<'a> {
    pub qkv: &'a Packed,
    pub qkv_bias: &'a [f32],
    pub out: &'a Packed,
    pub out_bias: &'a [f32],
    pub attention_norm: Norm<'a>,
    pub up: &'a Packed,
    pub up_bias: &'a [f32],
    pub down: &'a Packed,
    pub down_bias: &'a [f32],
    pub norm: Norm<'a>,
    pub heads: usize,
    /// How exact attention is.
    pub terms: Terms,
}

#[derive(Clone, Copy)]
pub struct Norm<'a> {
    pub gamma: &'a [f32],
    pub beta: &'a [f32],
    pub eps: f32,
}

/// Memory that lasts from block to block.
#[derive(Default)]
pub struct Workspace {
    left: Left,
    qkv: Vec<f32>,
    context: Vec<f32>,
    inner: Vec<f32>,
    tiles: attention::Scratch,
    #[cfg(target_arch = "x86_64")]
    heads: heads::Scratch,
    plain: crate::backend::flex::Scratch,
}

/// Runs the block on `x`, `[tokens, hidden]`, in place.
pub fn run(unit: Unit, parts: &Parts<'_>, x: &mut [f32], lengths: &[usize], work: &mut Workspace) {
    let running = unit.start();
    Arch::new().dispatch(Run {
        running: &running,
        parts,
        x,
        lengths,
        work,
    });
}

struct Run<'a, 'w> {
    running: &'a Running,
    parts: &'a Parts<'w>,
    x: &'a mut [f32],
    lengths: &'a [usize],
    work: &'a mut Workspace,
}

impl NullaryFnOnce for Run<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self {
            running,
            parts,
            x,
            lengths,
            work,
        } = self;
        let rows = running.rows();
        let hidden = parts.out.outputs;
        let width = parts.qkv.outputs;
        work.qkv.resize(x.len() / hidden * width, 0.0);
        for (x, out) in x.chunks(rows * hidden).zip(work.qkv.chunks_mut(rows * width)) {
            let mut store = Store {
                out,
                width,
                bias: parts.qkv_bias,
            };
            multiply(running, x, parts.qkv, &mut work.left, &mut store);
        }
        work.context.resize(x.len(), 0.0);
        let (mut qkv, mut context) = (work.qkv.as_slice(), work.context.as_mut_slice());
        let size = hidden / parts.heads;
        for &length in lengths {
            let (text, later) = qkv.split_at(length * width);
            let (done, open) = context.split_at_mut(length * hidden);
            for head in 0..parts.heads {
                let at = head * size;
                match running {
                    #[cfg(target_arch = "x86_64")]
                    Running::Avx2(avx2) => heads::attend(*avx2, text, done, &mut work.heads, at, size, length),
                    _ if running.has_pairs() => {
                        attention::attend(running, parts.terms, text, done, &mut work.tiles, at, size, length);
                    }
                    _ => crate::backend::flex::attend(text, done, &mut work.plain, length, at, size),
                }
            }
            (qkv, context) = (later, open);
        }
        for (x, context) in x.chunks_mut(rows * hidden).zip(work.context.chunks(rows * hidden)) {
            let mut add = Add {
                out: &mut *x,
                width: hidden,
                bias: parts.out_bias,
            };
            multiply(running, context, parts.out, &mut work.left, &mut add);
            norm_rows(x, &parts.attention_norm);
            let inner = parts.up.outputs;
            work.inner.resize(x.len() / hidden * inner, 0.0);
            let mut gelu = Gelu {
                out: &mut work.inner,
                width: inner,
                bias: parts.up_bias,
            };
            multiply(running, x, parts.up, &mut work.left, &mut gelu);
            let mut add = Add {
                out: &mut *x,
                width: hidden,
                bias: parts.down_bias,
            };
            multiply(running, &work.inner, parts.down, &mut work.left, &mut add);
            norm_rows(x, &parts.norm);
        }
    }
}

#[inline(always)]
fn norm_rows(rows: &mut [f32], norm: &Norm<'_>) {
    for row in rows.chunks_exact_mut(norm.gamma.len()) {
        norm_row(row, norm.gamma, norm.beta, norm.eps);
    }
}

/// Layer normalisation of one row.
#[inline(always)]
pub fn norm_row(row: &mut [f32], gamma: &[f32], beta: &[f32], eps: f32) {
    let count = row.len() as f32;
    let mean = sum(row) / count;
    for value in row.iter_mut() {
        *value -= mean;
    }
    let scale = 1.0 / (dot_lanes(row, row) / count + eps).sqrt();
    for ((value, gamma), beta) in row.iter_mut().zip(gamma).zip(beta) {
        *value = *value * scale * gamma + beta;
    }
}

macro_rules! put {
    ($(#[$doc:meta])* $name:ident, |$to:ident, $sum:ident| $change:expr) => {
        $(#[$doc])*
        struct $name<'a> {
            out: &'a mut [f32],
            width: usize,
            bias: &'a [f32],
        }

        impl Put for $name<'_> {
            #[inline(always)]
            fn put<const N: usize>(&mut self, row: usize, column: usize, values: &[f32; N]) {
                let bias = &self.bias[column..];
                let out = &mut self.out[row * self.width + column..];
                if let (Some(out), Some(bias)) = (out.first_chunk_mut::<N>(), bias.first_chunk::<N>()) {
                    // In two steps, since the compiler does not see that `out` and `bias` lie apart.
                    let mut sums = *values;
                    for at in 0..N {
                        sums[at] += bias[at];
                    }
                    for at in 0..N {
                        let ($to, $sum) = (&mut out[at], sums[at]);
                        $change;
                    }
                } else {
                    // As many as there are biases: the rest lies beyond the matrix.
                    for (($to, value), bias) in out.iter_mut().zip(values).zip(bias) {
                        let $sum = value + bias;
                        $change;
                    }
                }
            }
        }
    };
}

put!(
    /// `out = product + bias`
    Store,
    |to, sum| *to = sum
);
put!(
    /// `out = out + product + bias`
    Add,
    |to, sum| *to += sum
);
put!(
    /// `out = gelu(product + bias)`
    Gelu,
    |to, sum| *to = gelu(sum)
);
