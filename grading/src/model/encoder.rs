//! A BERT encoder for inference: weights and forward pass, generic over burn's backends.
//!
//! Texts are packed: all tokens of a batch form one `[tokens, hidden]` tensor, without padding. Only
//! attention looks at where one text ends and the next begins.

use burn::tensor::{Tensor, TensorData};

use super::BertConfig;
use super::adapter::{Adapter, Thin};
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
    /// The last layers once more, with an adapter.
    tuned: Vec<Layer<B>>,
    heads: usize,
    hidden: usize,
    device: B::Device,
}

/// What the encoder makes of packed texts.
pub struct States<B: Kernels> {
    /// The last layer's, `[all tokens, hidden]`.
    pub last: Tensor<B, 2>,
    /// The same of the layers with the adapter, where there is one.
    pub tuned: Option<Tensor<B, 2>>,
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
        Self::load_with(config, file, device, precision, None)
    }

    /// The same with what a head's adapter adds to the last layers.
    pub fn load_with(
        config: &BertConfig,
        file: &mut SafeTensors,
        device: &B::Device,
        precision: Precision,
        adapter: Option<&Adapter>,
    ) -> Result<Self, GradingError> {
        let hidden = config.hidden_size;
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
        let last = config.num_hidden_layers;
        let layers = (0..last)
            .map(|number| load.layer(config, number, None))
            .collect::<Result<Vec<_>, GradingError>>()?;
        let tuned = match adapter {
            None => Vec::new(),
            Some(adapter) if adapter.first_layer < last && last - adapter.first_layer == adapter.layers.len() => {
                (adapter.first_layer..last)
                    .zip(&adapter.layers)
                    .map(|(number, thin)| load.layer(config, number, Some((thin, adapter.rank))))
                    .collect::<Result<Vec<_>, GradingError>>()?
            }
            Some(_) => {
                return Err(GradingError::ModelBroken(format!(
                    "the adapter of the grading head was made for an encoder with another number of layers than {last}"
                )));
            }
        };
        Ok(Self {
            embedding: std::sync::Arc::new(Embedding { words, positions }),
            norm,
            layers,
            tuned,
            heads: config.num_attention_heads,
            hidden,
            device: device.clone(),
        })
    }

    pub fn hidden(&self) -> usize {
        self.hidden
    }

    /// Token ids of each text → token states, packed in the order of the texts.
    pub fn forward(&self, texts: &[&[u32]]) -> Result<States<B>, GradingError> {
        let lengths: Vec<usize> = texts.iter().map(|ids| ids.len()).collect();
        let shared = self.layers.len() - self.tuned.len();
        let x = self.run(self.embed(texts)?, &self.layers[..shared], &lengths);
        let tuned = (!self.tuned.is_empty()).then(|| self.run(x.clone(), &self.tuned, &lengths));
        Ok(States {
            last: self.run(x, &self.layers[shared..], &lengths),
            tuned,
        })
    }

    /// The states before layer `layers`.
    pub fn lower(&self, texts: &[&[u32]], layers: usize) -> Result<Tensor<B, 2>, GradingError> {
        let lengths: Vec<usize> = texts.iter().map(|ids| ids.len()).collect();
        Ok(self.run(self.embed(texts)?, &self.layers[..layers], &lengths))
    }

    fn run(&self, x: Tensor<B, 2>, layers: &[Layer<B>], lengths: &[usize]) -> Tensor<B, 2> {
        (layers.iter()).fold(x, |x, layer| B::layer(layer, x, lengths, self.heads))
    }

    fn embed(&self, texts: &[&[u32]]) -> Result<Tensor<B, 2>, GradingError> {
        let rows: usize = texts.iter().map(|ids| ids.len()).sum();
        let mut input = Vec::with_capacity(rows * self.hidden);
        for ids in texts {
            self.embedding.look_up(ids, self.hidden, &mut input)?;
        }
        let x = Tensor::from_data(TensorData::new(input, [rows, self.hidden]), &self.device);
        Ok(B::norm(x, &self.norm.gamma, &self.norm.beta, self.norm.eps))
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

    /// One block, with the thin matrices of an adapter and their rank.
    fn layer(
        &mut self,
        config: &BertConfig,
        number: usize,
        thin: Option<(&[Thin; 4], usize)>,
    ) -> Result<Layer<B>, GradingError> {
        let (hidden, inner) = (config.hidden_size, config.intermediate_size);
        let at = |name: &str| format!("encoder.layer.{number}.{name}");
        let parts = ["query", "key", "value"].map(|part| at(&format!("attention.self.{part}")));
        let (attended, up, down) = (
            [at("attention.output.dense")],
            [at("intermediate.dense")],
            [at("output.dense")],
        );
        let add = |which: usize| thin.map(|(thin, rank)| (&thin[which], rank));
        Ok(Layer {
            qkv: self.side_by_side(&parts, hidden, hidden, add(0))?,
            qkv_bias: self.joined_bias(&parts, hidden)?,
            out: self.side_by_side(&attended, hidden, hidden, add(1))?,
            out_bias: self.joined_bias(&attended, hidden)?,
            attention_norm: self.norm(&at("attention.output.LayerNorm"), hidden)?,
            up: self.side_by_side(&up, hidden, inner, add(2))?,
            up_bias: self.joined_bias(&up, inner)?,
            down: self.side_by_side(&down, inner, hidden, add(3))?,
            down_bias: self.joined_bias(&down, hidden)?,
            norm: self.norm(&at("output.LayerNorm"), hidden)?,
        })
    }

    /// The file stores `[outputs, inputs]`: one below the other they are `[outputs of all names, inputs]`.
    fn side_by_side(
        &mut self,
        names: &[String],
        inputs: usize,
        outputs: usize,
        thin: Option<(&Thin, usize)>,
    ) -> Result<B::Matrix, GradingError> {
        let mut all = Vec::with_capacity(names.len() * outputs * inputs);
        for name in names {
            all.extend(self.file.read(&format!("{name}.weight"), &[outputs, inputs])?);
        }
        if let Some((thin, rank)) = thin {
            thin.add_to(&mut all, inputs, rank)?;
        }
        Ok(B::matrix(all, inputs, self.precision, self.device))
    }
}
