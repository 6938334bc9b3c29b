//! Operations of the encoder that are worth a kernel of their own; the defaults use burn alone.

use burn::tensor::backend::Backend;
use burn::tensor::{Tensor, TensorData, activation};

use crate::grader::Precision;
use crate::model::encoder::Layer;

/// A burn backend that can run the encoder. Override what you can do faster.
pub trait Kernels: Backend {
    /// The weights of a linear map, in whatever order this backend likes to read them.
    type Matrix: Clone + std::fmt::Debug + Send + Sync;

    /// From `[outputs, inputs]`. A backend that lacks a precision takes the next better one.
    fn matrix(values: Vec<f32>, inputs: usize, precision: Precision, device: &Self::Device) -> Self::Matrix;

    /// `x · matrix`, `[rows, inputs]` to `[rows, outputs]`.
    fn product(x: Tensor<Self, 2>, matrix: &Self::Matrix) -> Tensor<Self, 2>;

    /// One transformer block on packed texts: `x` is `[tokens, hidden]`.
    fn layer(layer: &Layer<Self>, x: Tensor<Self, 2>, lengths: &[usize], heads: usize) -> Tensor<Self, 2> {
        layer.plain(x, lengths, heads)
    }

    /// Layer normalisation of each row.
    fn norm(x: Tensor<Self, 2>, gamma: &Tensor<Self, 1>, beta: &Tensor<Self, 1>, eps: f32) -> Tensor<Self, 2> {
        plain_norm(x, gamma, beta, eps)
    }

    /// `layer_norm(y + bias + residual)`
    fn add_norm(
        y: Tensor<Self, 2>,
        bias: &Tensor<Self, 1>,
        residual: Tensor<Self, 2>,
        gamma: &Tensor<Self, 1>,
        beta: &Tensor<Self, 1>,
        eps: f32,
    ) -> Tensor<Self, 2> {
        Self::norm(y + bias.clone().unsqueeze() + residual, gamma, beta, eps)
    }

    /// `gelu(x + bias)`, the exact one with the error function.
    fn bias_gelu(x: Tensor<Self, 2>, bias: &Tensor<Self, 1>) -> Tensor<Self, 2> {
        activation::gelu(x + bias.clone().unsqueeze())
    }

    /// Self-attention within each text. `qkv` is `[tokens, 3 × hidden]` without its bias;
    /// the result is `[tokens, hidden]`.
    fn packed_attention(
        qkv: Tensor<Self, 2>,
        bias: &Tensor<Self, 1>,
        lengths: &[usize],
        heads: usize,
    ) -> Tensor<Self, 2> {
        plain_attention(qkv, bias, lengths, heads)
    }
}

#[cfg(any(feature = "wgpu", feature = "cuda"))]
macro_rules! plain_kernels {
    ($backend:ty) => {
        impl Kernels for $backend {
            type Matrix = Tensor<Self, 2>;

            fn matrix(values: Vec<f32>, inputs: usize, _: Precision, device: &Self::Device) -> Self::Matrix {
                plain_matrix(values, inputs, device)
            }

            fn product(x: Tensor<Self, 2>, matrix: &Self::Matrix) -> Tensor<Self, 2> {
                x.matmul(matrix.clone())
            }
        }
    };
}

#[cfg(feature = "wgpu")]
plain_kernels!(burn::backend::Wgpu);

#[cfg(feature = "cuda")]
plain_kernels!(burn::backend::Cuda);

/// `[outputs, inputs]` as a tensor of `[inputs, outputs]`.
pub fn plain_matrix<B: Backend>(values: Vec<f32>, inputs: usize, device: &B::Device) -> Tensor<B, 2> {
    let outputs = values.len() / inputs;
    let mut turned = vec![0.0; values.len()];
    for (output, row) in values.chunks_exact(inputs).enumerate() {
        for (value, target) in row.iter().zip(turned.iter_mut().skip(output).step_by(outputs)) {
            *target = *value;
        }
    }
    Tensor::from_data(TensorData::new(turned, [inputs, outputs]), device)
}

/// Layer normalisation in burn's own operations.
pub fn plain_norm<B: Backend>(x: Tensor<B, 2>, gamma: &Tensor<B, 1>, beta: &Tensor<B, 1>, eps: f32) -> Tensor<B, 2> {
    let mean = x.clone().mean_dim(1);
    let centred = x - mean;
    let variance = centred.clone().powi_scalar(2).mean_dim(1);
    centred / (variance + eps).sqrt() * gamma.clone().unsqueeze() + beta.clone().unsqueeze()
}

/// Attention in burn's own operations, text by text.
pub fn plain_attention<B: Backend>(
    qkv: Tensor<B, 2>,
    bias: &Tensor<B, 1>,
    lengths: &[usize],
    heads: usize,
) -> Tensor<B, 2> {
    let qkv = qkv + bias.clone().unsqueeze();
    let hidden = qkv.dims()[1] / 3;
    let size = hidden / heads;
    let mut start = 0;
    let parts = lengths
        .iter()
        .map(|&length| {
            let rows = qkv.clone().slice([start..start + length, 0..3 * hidden]);
            start += length;
            // [length, 3·hidden] → three times [heads, length, size]
            let [q, k, v] = [0, 1, 2].map(|part| {
                rows.clone()
                    .slice([0..length, part * hidden..(part + 1) * hidden])
                    .reshape([length, heads, size])
                    .swap_dims(0, 1)
            });
            let scores = q.matmul(k.swap_dims(1, 2)) / (size as f64).sqrt();
            let mixed: Tensor<B, 3> = activation::softmax(scores, 2).matmul(v);
            mixed.swap_dims(0, 1).reshape([length, hidden])
        })
        .collect();
    Tensor::cat(parts, 0)
}
