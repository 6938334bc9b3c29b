//! Self-attention within each text, forwards and backwards.

use std::ops::Range;

use pulp::{Arch, NullaryFnOnce};

use crate::backend::{dot_lanes, exp};

/// What attention found, and with which weights.
pub struct Attention {
    /// `[tokens, hidden]`
    pub context: Vec<f32>,
    /// Text after text, head after head: `[length, length]`.
    weights: Vec<f32>,
}

/// `qkv` is `[tokens, 3 × hidden]`.
pub fn attend(qkv: &[f32], lengths: &[usize], heads: usize) -> Attention {
    let mut found = Attention {
        context: vec![0.0; qkv.len() / 3],
        weights: vec![0.0; heads * lengths.iter().map(|length| length * length).sum::<usize>()],
    };
    Arch::new().dispatch(Attend {
        qkv,
        found: &mut found,
        lengths,
        heads,
    });
    found
}

/// From the gradient by the context to that by `qkv`.
pub fn attend_back(qkv: &[f32], found: &Attention, d: &[f32], lengths: &[usize], heads: usize) -> Vec<f32> {
    let mut out = vec![0.0; qkv.len()];
    Arch::new().dispatch(AttendBack {
        qkv,
        found,
        d,
        out: &mut out,
        lengths,
        heads,
    });
    out
}

/// Where the parts of a head lie.
struct Shape {
    hidden: usize,
    /// Numbers of one head.
    size: usize,
}

impl Shape {
    #[inline(always)]
    fn of(qkv: &[f32], lengths: &[usize], heads: usize) -> Self {
        let hidden = qkv.len() / 3 / lengths.iter().sum::<usize>().max(1);
        Self {
            hidden,
            size: hidden / heads,
        }
    }

    #[inline(always)]
    fn scale(&self) -> f32 {
        1.0 / (self.size as f32).sqrt()
    }

    /// Query (0), key (1) or value (2) of a token.
    #[inline(always)]
    fn place(&self, token: usize, which: usize, head: usize) -> Range<usize> {
        let at = (3 * token + which) * self.hidden + head * self.size;
        at..at + self.size
    }

    #[inline(always)]
    fn context(&self, token: usize, head: usize) -> Range<usize> {
        let at = token * self.hidden + head * self.size;
        at..at + self.size
    }
}

struct Attend<'a> {
    qkv: &'a [f32],
    found: &'a mut Attention,
    lengths: &'a [usize],
    heads: usize,
}

impl NullaryFnOnce for Attend<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let shape = Shape::of(self.qkv, self.lengths, self.heads);
        let scale = shape.scale();
        let mut weights = self.found.weights.as_mut_slice();
        let mut start = 0;
        for &length in self.lengths {
            for head in 0..self.heads {
                let part = |token: usize, which: usize| &self.qkv[shape.place(start + token, which, head)];
                let (own, rest) = std::mem::take(&mut weights).split_at_mut(length * length);
                weights = rest;
                for (token, row) in own.chunks_exact_mut(length).enumerate() {
                    let mut most = f32::MIN;
                    for (other, weight) in row.iter_mut().enumerate() {
                        *weight = scale * dot_lanes(part(token, 0), part(other, 1));
                        most = most.max(*weight);
                    }
                    row.iter_mut().for_each(|weight| *weight = exp(*weight - most));
                    let share = 1.0 / row.iter().sum::<f32>();
                    row.iter_mut().for_each(|weight| *weight *= share);
                    let out = &mut self.found.context[shape.context(start + token, head)];
                    for (other, weight) in row.iter().enumerate() {
                        out.iter_mut()
                            .zip(part(other, 2))
                            .for_each(|(out, value)| *out += weight * value);
                    }
                }
            }
            start += length;
        }
    }
}

struct AttendBack<'a> {
    qkv: &'a [f32],
    found: &'a Attention,
    d: &'a [f32],
    out: &'a mut [f32],
    lengths: &'a [usize],
    heads: usize,
}

impl NullaryFnOnce for AttendBack<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let shape = Shape::of(self.qkv, self.lengths, self.heads);
        let scale = shape.scale();
        let mut weights = self.found.weights.as_slice();
        let mut start = 0;
        let mut slopes = Vec::new();
        for &length in self.lengths {
            slopes.resize(length, 0.0);
            for head in 0..self.heads {
                let place = |token: usize, which: usize| shape.place(start + token, which, head);
                let (own, rest) = weights.split_at(length * length);
                weights = rest;
                for (token, row) in own.chunks_exact(length).enumerate() {
                    let d = &self.d[shape.context(start + token, head)];
                    let mut mean = 0.0;
                    for (other, (slope, weight)) in slopes.iter_mut().zip(row).enumerate() {
                        *slope = dot_lanes(d, &self.qkv[place(other, 2)]);
                        mean += weight * *slope;
                        let out = &mut self.out[place(other, 2)];
                        out.iter_mut().zip(d).for_each(|(out, d)| *out += weight * d);
                    }
                    for (other, (slope, weight)) in slopes.iter().zip(row).enumerate() {
                        let slope = scale * weight * (slope - mean);
                        let key = &self.qkv[place(other, 1)];
                        let out = &mut self.out[place(token, 0)];
                        out.iter_mut().zip(key).for_each(|(out, key)| *out += slope * key);
                        let query = &self.qkv[place(token, 0)];
                        let out = &mut self.out[place(other, 1)];
                        out.iter_mut().zip(query).for_each(|(out, query)| *out += slope * query);
                    }
                }
            }
            start += length;
        }
    }
}
