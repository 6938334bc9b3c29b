//! A BERT encoder for inference: weights and forward pass, generic over burn's backends.
//!
//! Texts are packed: all tokens of a batch form one `[tokens, hidden]` tensor, without padding. Only
//! attention looks at where one text ends and the next begins.

use burn::tensor::{Tensor, TensorData};

use super::BertConfig;
use crate::GradingError;
use crate::backend::Kernels;
use crate::grader::Precision;
use crate::weights::SafeTensors;

/// Weights on a device. Clones share them.
#[derive(Clone, Debug)]
pub struct BertEncoder<B: Kernels> {
    embedding: std::sync::Arc<Embedding>,
    norm: Norm<B>,
    layers: Vec<Layer<B>>,
    heads: usize,
    hidden: usize,
    device: B::Device,
}

/// Looked up by the processor, row by row: a matrix product would waste the whole vocabulary.
#[derive(Debug)]
struct Embedding {
    /// `[vocabulary, hidden]`
    words: Vec<f32>,
    /// `[positions, hidden]`, with the (only) segment's embedding already added.
    positions: Vec<f32>,
}

#[derive(Clone, Debug)]
pub struct Norm<B: Kernels> {
    pub gamma: Tensor<B, 1>,
    pub beta: Tensor<B, 1>,
    pub eps: f32,
}

/// One transformer block.
#[derive(Clone, Debug)]
pub struct Layer<B: Kernels> {
    /// Queries, keys and values side by side: hidden to 3 × hidden.
    pub qkv: B::Matrix,
    pub qkv_bias: Tensor<B, 1>,
    pub out: B::Matrix,
    pub out_bias: Tensor<B, 1>,
    pub attention_norm: Norm<B>,
    pub up: B::Matrix,
    pub up_bias: Tensor<B, 1>,
    pub down: B::Matrix,
    pub down_bias: Tensor<B, 1>,
    pub norm: Norm<B>,
}

impl<B: Kernels> BertEncoder<B> {
    /// Reads the weights tensor by tensor, so the file is never in memory as a whole.
    pub fn load(config: &BertConfig, file: &mut SafeTensors, device: &B::Device) -> Result<Self, GradingError> {
        Self::load_as(config, file, device, Precision::F32)
    }

    /// The same with matrix products in another precision.
    pub fn load_as(
        config: &BertConfig,
        file: &mut SafeTensors,
        device: &B::Device,
        precision: Precision,
    ) -> Result<Self, GradingError> {
        let (hidden, inner) = (config.hidden_size, config.intermediate_size);
        let words = file.read("embeddings.word_embeddings.weight", &[config.vocab_size, hidden])?;
        let mut positions = file.read(
            "embeddings.position_embeddings.weight",
            &[config.max_position_embeddings, hidden],
        )?;
        let segment = file.read_prefix("embeddings.token_type_embeddings.weight", hidden)?;
        for row in positions.chunks_exact_mut(hidden) {
            row.iter_mut().zip(&segment).for_each(|(value, add)| *value += add);
        }
        let mut load = Loader {
            file,
            device,
            precision,
            eps: config.layer_norm_eps as f32,
        };
        let norm = load.norm("embeddings.LayerNorm", hidden)?;
        let layers = (0..config.num_hidden_layers)
            .map(|number| {
                let at = |name: &str| format!("encoder.layer.{number}.{name}");
                let parts = ["query", "key", "value"].map(|part| at(&format!("attention.self.{part}")));
                Ok(Layer {
                    qkv: load.side_by_side(&parts, hidden, hidden)?,
                    qkv_bias: load.joined_bias(&parts, hidden)?,
                    out: load.side_by_side(&[at("attention.output.dense")], hidden, hidden)?,
                    out_bias: load.joined_bias(&[at("attention.output.dense")], hidden)?,
                    attention_norm: load.norm(&at("attention.output.LayerNorm"), hidden)?,
                    up: load.side_by_side(&[at("intermediate.dense")], hidden, inner)?,
                    up_bias: load.joined_bias(&[at("intermediate.dense")], inner)?,
                    down: load.side_by_side(&[at("output.dense")], inner, hidden)?,
                    down_bias: load.joined_bias(&[at("output.dense")], hidden)?,
                    norm: load.norm(&at("output.LayerNorm"), hidden)?,
                })
            })
            .collect::<Result<Vec<_>, GradingError>>()?;
        Ok(Self {
            embedding: std::sync::Arc::new(Embedding { words, positions }),
            norm,
            layers,
            heads: config.num_attention_heads,
            hidden,
            device: device.clone(),
        })
    }

    pub fn hidden(&self) -> usize {
        self.hidden
    }

    /// Token ids of each text → the last layer's token states, `[all tokens, hidden]`, packed in
    /// the order of the texts.
    pub fn forward(&self, texts: &[&[u32]]) -> Result<Tensor<B, 2>, GradingError> {
        let lengths: Vec<usize> = texts.iter().map(|ids| ids.len()).collect();
        let rows: usize = lengths.iter().sum();
        let mut input = Vec::with_capacity(rows * self.hidden);
        for ids in texts {
            self.embedding.look_up(ids, self.hidden, &mut input)?;
        }
        let x = Tensor::from_data(TensorData::new(input, [rows, self.hidden]), &self.device);
        let mut x = B::norm(x, &self.norm.gamma, &self.norm.beta, self.norm.eps);
        for layer in &self.layers {
            x = B::layer(layer, x, &lengths, self.heads);
        }
        Ok(x)
    }
}

impl Embedding {
    fn look_up(&self, ids: &[u32], hidden: usize, into: &mut Vec<f32>) -> Result<(), GradingError> {
        if ids.len() * hidden > self.positions.len() {
            return Err(GradingError::TooLarge(format!("a text has {} tokens", ids.len())));
        }
        for (&id, position) in ids.iter().zip(self.positions.chunks_exact(hidden)) {
            let start = id as usize * hidden;
            let word = self.words.get(start..start + hidden).ok_or_else(|| {
                GradingError::ModelBroken(format!("the tokenizer gave token {id}, which the weights lack"))
            })?;
            into.extend(word.iter().zip(position).map(|(word, position)| word + position));
        }
        Ok(())
    }
}

impl<B: Kernels> Layer<B> {
    /// Operation by operation.
    pub fn plain(&self, x: Tensor<B, 2>, lengths: &[usize], heads: usize) -> Tensor<B, 2> {
        let qkv = B::product(x.clone(), &self.qkv);
        let context = B::packed_attention(qkv, &self.qkv_bias, lengths, heads);
        let attended = B::product(context, &self.out);
        let x = self.attention_norm.of_sum(attended, &self.out_bias, x);
        let inner = B::bias_gelu(B::product(x.clone(), &self.up), &self.up_bias);
        let down = B::product(inner, &self.down);
        self.norm.of_sum(down, &self.down_bias, x)
    }
}

impl<B: Kernels> Norm<B> {
    fn of_sum(&self, y: Tensor<B, 2>, bias: &Tensor<B, 1>, residual: Tensor<B, 2>) -> Tensor<B, 2> {
        B::add_norm(y, bias, residual, &self.gamma, &self.beta, self.eps)
    }
}

struct Loader<'a, B: Kernels> {
    file: &'a mut SafeTensors,
    device: &'a B::Device,
    precision: Precision,
    eps: f32,
}

impl<B: Kernels> Loader<'_, B> {
    fn vector(&self, values: Vec<f32>) -> Tensor<B, 1> {
        let length = values.len();
        Tensor::from_data(TensorData::new(values, [length]), self.device)
    }

    fn norm(&mut self, name: &str, size: usize) -> Result<Norm<B>, GradingError> {
        let gamma = self.file.read(&format!("{name}.weight"), &[size])?;
        let beta = self.file.read(&format!("{name}.bias"), &[size])?;
        Ok(Norm {
            gamma: self.vector(gamma),
            beta: self.vector(beta),
            eps: self.eps,
        })
    }

    fn joined_bias(&mut self, names: &[String], size: usize) -> Result<Tensor<B, 1>, GradingError> {
        let mut all = Vec::with_capacity(names.len() * size);
        for name in names {
            all.extend(self.file.read(&format!("{name}.bias"), &[size])?);
        }
        Ok(self.vector(all))
    }

    /// The file stores `[outputs, inputs]`: one below the other they are `[outputs of all names, inputs]`.
    fn side_by_side(&mut self, names: &[String], inputs: usize, outputs: usize) -> Result<B::Matrix, GradingError> {
        let mut all = Vec::with_capacity(names.len() * outputs * inputs);
        for name in names {
            all.extend(self.file.read(&format!("{name}.weight"), &[outputs, inputs])?);
        }
        Ok(B::matrix(all, inputs, self.precision, self.device))
    }
}
