//! Our own kernels for the processor. Rows are independent of each other, and each works in place.

use std::cell::RefCell;
use std::sync::Arc;

use burn::tensor::{Tensor, TensorPrimitive};
use burn_flex::{Flex, FlexTensor};
use pulp::{Arch, NullaryFnOnce};

use super::cpu::Unit;
use super::cpu::layer::{Norm, Parts, Workspace, norm_row, run};
use super::cpu::matrix::Packed;
use super::cpu::tile::Terms;
use super::kernels::{Kernels, plain_matrix};
use super::math::{exp, gelu, largest, sum};
use crate::grader::Precision;
use crate::model::encoder::Layer;

/// Weights as the processor likes them.
#[derive(Clone, Debug)]
pub enum Matrix {
    /// For burn's own product.
    Plain(Tensor<Flex, 2>),
    Packed(Arc<Packed>, Terms),
}

thread_local! {
    static WORK: RefCell<Workspace> = RefCell::default();
}

fn open<const D: usize>(tensor: Tensor<Flex, D>) -> FlexTensor {
    let tensor = tensor.into_primitive().tensor();
    if tensor.is_contiguous() && tensor.layout().start_offset() == 0 {
        tensor
    } else {
        tensor.to_contiguous()
    }
}

fn close(tensor: FlexTensor) -> Tensor<Flex, 2> {
    Tensor::from_primitive(TensorPrimitive::Float(tensor))
}

impl Kernels for Flex {
    type Matrix = Matrix;

    fn matrix(values: Vec<f32>, inputs: usize, precision: Precision, device: &Self::Device) -> Matrix {
        let unit = Unit::best();
        let halves = unit.has_pairs();
        match precision {
            Precision::Int8 => Matrix::Packed(Arc::new(Packed::bytes(&values, inputs)), Terms::One),
            Precision::Bf16 if halves => pairs(&values, inputs, Terms::One),
            Precision::F32 if halves => pairs(&values, inputs, Terms::Three),
            _ if unit.has_singles() => Matrix::Packed(Arc::new(Packed::singles(&values, inputs)), Terms::Three),
            _ => Matrix::Plain(plain_matrix(values, inputs, device)),
        }
    }

    fn product(x: Tensor<Self, 2>, matrix: &Matrix) -> Tensor<Self, 2> {
        match matrix {
            Matrix::Plain(matrix) => x.matmul(matrix.clone()),
            Matrix::Packed(..) => unreachable!("packed weights are read by `layer` alone"),
        }
    }

    fn layer(layer: &Layer<Self>, x: Tensor<Self, 2>, lengths: &[usize], heads: usize) -> Tensor<Self, 2> {
        let (Matrix::Packed(qkv, terms), Matrix::Packed(out, _), Matrix::Packed(up, _), Matrix::Packed(down, _)) =
            (&layer.qkv, &layer.out, &layer.up, &layer.down)
        else {
            return layer.plain(x, lengths, heads);
        };
        let mut x = open(x);
        let vectors = [
            &layer.qkv_bias,
            &layer.out_bias,
            &layer.attention_norm.gamma,
            &layer.attention_norm.beta,
            &layer.up_bias,
            &layer.down_bias,
            &layer.norm.gamma,
            &layer.norm.beta,
        ]
        .map(|vector| open(vector.clone()));
        let [
            qkv_bias,
            out_bias,
            gamma,
            beta,
            up_bias,
            down_bias,
            last_gamma,
            last_beta,
        ] = vectors.each_ref().map(FlexTensor::storage::<f32>);
        let parts = Parts {
            qkv,
            qkv_bias,
            out,
            out_bias,
            attention_norm: Norm {
                gamma,
                beta,
                eps: layer.attention_norm.eps,
            },
            up,
            up_bias,
            down,
            down_bias,
            norm: Norm {
                gamma: last_gamma,
                beta: last_beta,
                eps: layer.norm.eps,
            },
            heads,
            terms: *terms,
        };
        WORK.with_borrow_mut(|work| run(Unit::best(), &parts, x.storage_mut::<f32>(), lengths, work));
        close(x)
    }

    fn norm(x: Tensor<Self, 2>, gamma: &Tensor<Self, 1>, beta: &Tensor<Self, 1>, eps: f32) -> Tensor<Self, 2> {
        let (mut x, gamma, beta) = (open(x), open(gamma.clone()), open(beta.clone()));
        let (gamma, beta) = (gamma.storage::<f32>(), beta.storage::<f32>());
        let rows = x.storage_mut::<f32>();
        Arch::new().dispatch(NormRows {
            rows,
            add: None,
            gamma,
            beta,
            eps,
        });
        close(x)
    }

    fn add_norm(
        y: Tensor<Self, 2>,
        bias: &Tensor<Self, 1>,
        residual: Tensor<Self, 2>,
        gamma: &Tensor<Self, 1>,
        beta: &Tensor<Self, 1>,
        eps: f32,
    ) -> Tensor<Self, 2> {
        let (mut y, residual, bias) = (open(y), open(residual), open(bias.clone()));
        let (gamma, beta) = (open(gamma.clone()), open(beta.clone()));
        let (gamma, beta) = (gamma.storage::<f32>(), beta.storage::<f32>());
        let (bias, residual) = (bias.storage::<f32>(), residual.storage::<f32>());
        let rows = y.storage_mut::<f32>();
        Arch::new().dispatch(NormRows {
            rows,
            add: Some((bias, residual)),
            gamma,
            beta,
            eps,
        });
        close(y)
    }

    fn bias_gelu(x: Tensor<Self, 2>, bias: &Tensor<Self, 1>) -> Tensor<Self, 2> {
        let (mut x, bias) = (open(x), open(bias.clone()));
        let bias = bias.storage::<f32>();
        let rows = x.storage_mut::<f32>();
        Arch::new().dispatch(GeluRows { rows, bias });
        close(x)
    }

    fn packed_attention(
        qkv: Tensor<Self, 2>,
        bias: &Tensor<Self, 1>,
        lengths: &[usize],
        heads: usize,
    ) -> Tensor<Self, 2> {
        let [tokens, width] = qkv.dims();
        let (mut qkv, bias) = (open(qkv), open(bias.clone()));
        let bias = bias.storage::<f32>();
        let hidden = width / 3;
        let mut out = vec![0.0f32; tokens * hidden];
        let rows = qkv.storage_mut::<f32>();
        Arch::new().dispatch(|| {
            for row in rows.chunks_exact_mut(width) {
                row.iter_mut().zip(bias).for_each(|(value, bias)| *value += bias);
            }
        });
        let mut scratch = Scratch::default();
        let (mut rows, mut target) = (&*rows, out.as_mut_slice());
        for &length in lengths {
            let (text, rest) = rows.split_at(length * width);
            let (done, open) = target.split_at_mut(length * hidden);
            for head in 0..heads {
                let size = hidden / heads;
                Arch::new().dispatch(Attend {
                    text,
                    out: &mut *done,
                    scratch: &mut scratch,
                    length,
                    at: head * size,
                    size,
                });
            }
            (rows, target) = (rest, open);
        }
        Tensor::from_data(
            burn::tensor::TensorData::new(out, [tokens, hidden]),
            &Default::default(),
        )
    }
}

fn pairs(values: &[f32], inputs: usize, terms: Terms) -> Matrix {
    Matrix::Packed(Arc::new(Packed::pairs(values, inputs, terms)), terms)
}

// Structs, not closures: the compiler need not inline a closure into the function that may use wide registers, and where
// it does not, everything in it runs in narrow ones, several times slower.

struct NormRows<'a> {
    rows: &'a mut [f32],
    /// Bias and residual, added first.
    add: Option<(&'a [f32], &'a [f32])>,
    gamma: &'a [f32],
    beta: &'a [f32],
    eps: f32,
}

impl NullaryFnOnce for NormRows<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let width = self.gamma.len();
        if let Some((bias, residual)) = self.add {
            for (row, add) in self.rows.chunks_exact_mut(width).zip(residual.chunks_exact(width)) {
                for ((value, bias), add) in row.iter_mut().zip(bias).zip(add) {
                    *value += bias + add;
                }
            }
        }
        for row in self.rows.chunks_exact_mut(width) {
            norm_row(row, self.gamma, self.beta, self.eps);
        }
    }
}

struct GeluRows<'a> {
    rows: &'a mut [f32],
    bias: &'a [f32],
}

impl NullaryFnOnce for GeluRows<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        for row in self.rows.chunks_exact_mut(self.bias.len()) {
            for (value, bias) in row.iter_mut().zip(self.bias) {
                *value = gelu(*value + bias);
            }
        }
    }
}

struct Attend<'a> {
    text: &'a [f32],
    out: &'a mut [f32],
    scratch: &'a mut Scratch,
    length: usize,
    at: usize,
    size: usize,
}

impl NullaryFnOnce for Attend<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        attend(self.text, self.out, self.scratch, self.length, self.at, self.size);
    }
}

/// Memory of `attend`.
#[derive(Default)]
pub struct Scratch {
    /// Keys of one head, transposed: `[size, length]`.
    keys: Vec<f32>,
    /// One row of attention weights: `[length]`.
    weights: Vec<f32>,
}

/// One head of one text: `text` is `[length, 3 × hidden]`, `out` is `[length, hidden]`.
#[inline(always)]
pub fn attend(text: &[f32], out: &mut [f32], scratch: &mut Scratch, length: usize, at: usize, size: usize) {
    let width = text.len() / length;
    let hidden = width / 3;
    scratch.keys.clear();
    scratch.keys.resize(size * length, 0.0);
    for (token, row) in text.chunks_exact(width).enumerate() {
        let key = &row[hidden + at..hidden + at + size];
        for (value, target) in key.iter().zip(scratch.keys.iter_mut().skip(token).step_by(length)) {
            *target = *value;
        }
    }
    let scale = 1.0 / (size as f32).sqrt();
    for (row, out) in text.chunks_exact(width).zip(out.chunks_exact_mut(hidden)) {
        let weights = &mut scratch.weights;
        weights.clear();
        weights.resize(length, 0.0);
        let query = &row[at..at + size];
        let mut start = 0;
        while start + 64 <= length {
            scores::<64>(query, &scratch.keys, length, start, weights);
            start += 64;
        }
        while start + 16 <= length {
            scores::<16>(query, &scratch.keys, length, start, weights);
            start += 16;
        }
        for (query, keys) in query.iter().zip(scratch.keys.chunks_exact(length)) {
            for (weight, key) in weights[start..].iter_mut().zip(&keys[start..]) {
                *weight = query.mul_add(*key, *weight);
            }
        }
        for weight in weights.iter_mut() {
            *weight *= scale;
        }
        let most = largest(weights);
        for weight in weights.iter_mut() {
            *weight = exp(*weight - most);
        }
        let share = 1.0 / sum(weights);
        let out = &mut out[at..at + size];
        let values = 2 * hidden + at;
        // Sizes that fit into registers, and any other.
        match size {
            32 => mix::<32>(weights, text, width, values, out),
            64 => mix::<64>(weights, text, width, values, out),
            _ => {
                out.fill(0.0);
                for (weight, row) in weights.iter().zip(text.chunks_exact(width)) {
                    for (out, value) in out.iter_mut().zip(&row[values..values + size]) {
                        *out = weight.mul_add(*value, *out);
                    }
                }
            }
        }
        for out in out.iter_mut() {
            *out *= share;
        }
    }
}

/// Scores of `N` keys from `start` on, kept in registers while the head's size goes by.
#[inline(always)]
fn scores<const N: usize>(query: &[f32], keys: &[f32], length: usize, start: usize, weights: &mut [f32]) {
    let mut sums = [0.0f32; N];
    for (query, keys) in query.iter().zip(keys.chunks_exact(length)) {
        let keys = &keys[start..start + N];
        for (sum, key) in sums.iter_mut().zip(keys) {
            *sum = query.mul_add(*key, *sum);
        }
    }
    weights[start..start + N].copy_from_slice(&sums);
}

/// The weighted sum of all values of a head of size `N`.
#[inline(always)]
fn mix<const N: usize>(weights: &[f32], text: &[f32], width: usize, at: usize, out: &mut [f32]) {
    let mut sums = [0.0f32; N];
    for (weight, row) in weights.iter().zip(text.chunks_exact(width)) {
        for (sum, value) in sums.iter_mut().zip(&row[at..at + N]) {
            *sum = weight.mul_add(*value, *sum);
        }
    }
    out.copy_from_slice(&sums);
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::{Distribution, Tolerance};

    type Plain = burn_flex::Flex;

    fn random<const D: usize>(shape: [usize; D]) -> Tensor<Plain, D> {
        Tensor::random(shape, Distribution::Normal(0.0, 1.0), &Default::default())
    }

    /// The same backend without the overrides, to compare with.
    fn assert_close(ours: Tensor<Plain, 2>, plain: Tensor<Plain, 2>) {
        ours.into_data()
            .assert_approx_eq::<f32>(&plain.into_data(), Tolerance::absolute(2e-5));
    }

    #[test]
    fn attention_equals_the_plain_formula() {
        let (qkv, bias) = (random([12, 3 * 32]), random([3 * 32]));
        let ours = Flex::packed_attention(qkv.clone(), &bias, &[5, 1, 6], 4);
        assert_close(ours, super::super::kernels::plain_attention(qkv, &bias, &[5, 1, 6], 4));
        // Heads of 32, and lengths that leave something over after blocks of 64 and of 16.
        let (qkv, bias) = (random([185, 3 * 64]), random([3 * 64]));
        let ours = Flex::packed_attention(qkv.clone(), &bias, &[150, 35], 2);
        assert_close(ours, super::super::kernels::plain_attention(qkv, &bias, &[150, 35], 2));
    }

    #[test]
    fn norm_and_gelu_equal_the_plain_formula() {
        let (x, bias, residual) = (random([7, 40]), random([40]), random([7, 40]));
        let (gamma, beta) = (random([40]), random([40]));
        let ours = Flex::add_norm(x.clone(), &bias, residual.clone(), &gamma, &beta, 1e-12);
        let sum = x.clone() + bias.clone().unsqueeze() + residual;
        assert_close(ours, super::super::kernels::plain_norm(sum, &gamma, &beta, 1e-12));
        let plain = burn::tensor::activation::gelu(x.clone() + bias.clone().unsqueeze());
        assert_close(Flex::bias_gelu(x, &bias), plain);
    }
}
