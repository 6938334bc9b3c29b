//! All texts of the data, and what the lower layers of the encoder make of them: computed once, learnt on many times.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicUsize, Ordering};

use burn_flex::Flex;

use super::block::Block;
use super::gemm::LANES;
use crate::GradingError;
use crate::backend::Pooling;
use crate::grader::GraderConfig;
use crate::model::{BertConfig, BertEncoder};
use crate::prepare::Preparer;
use crate::weights::{ModelFiles, SafeTensors};

/// Place of a text in `Texts`.
pub type TextId = u32;

/// Layers that are adapted.
pub const LAYERS: usize = 2;
/// Tokens of a text that are learnt from; what is learnt is applied to the whole text.
const MOST_TOKENS: usize = 96;

/// Each text once.
#[derive(Default)]
pub struct Texts {
    all: Vec<String>,
    ids: HashMap<String, TextId>,
}

impl Texts {
    /// The place of a text, a new one if it is not known.
    pub fn put(&mut self, text: &str) -> TextId {
        if let Some(id) = self.ids.get(text) {
            return *id;
        }
        let id = self.all.len() as TextId;
        self.all.push(text.to_owned());
        self.ids.insert(text.to_owned(), id);
        id
    }

    pub fn get(&self, id: TextId) -> &str {
        &self.all[id as usize]
    }
}

/// States of all texts before the adapted layers, and these layers.
pub struct Lower {
    pub hidden: usize,
    pub first_layer: usize,
    pub blocks: Vec<Block>,
    pooling: Pooling,
    /// Of each text, `[tokens, hidden]`.
    states: Vec<Vec<f32>>,
    /// The same of longer texts read only as far as is learnt from.
    short: HashMap<TextId, Vec<f32>>,
}

/// How much of a text is read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    Short,
    Whole,
}

impl Lower {
    /// Reads all texts through the lower layers.
    pub fn load(
        texts: &Texts,
        config: &GraderConfig,
        threads: usize,
        progress: &mut dyn FnMut(&str),
    ) -> Result<Self, GradingError> {
        let files = ModelFiles::open(&config.model_dir)?;
        let shape = BertConfig::load(&files.config)?;
        let preparer = Preparer::load(&files.tokenizer, shape.max_position_embeddings)?;
        let mut weights = SafeTensors::open(&files.weights)?;
        let model = BertEncoder::<Flex>::load(&shape, &mut weights, &Default::default())?;
        let first_layer = shape.num_hidden_layers.saturating_sub(LAYERS);
        let blocks = (first_layer..shape.num_hidden_layers)
            .map(|number| Block::read(&shape, &mut weights, number))
            .collect::<Result<Vec<_>, _>>()?;
        if [shape.hidden_size, shape.intermediate_size]
            .iter()
            .any(|size| !size.is_multiple_of(LANES))
        {
            return Err(GradingError::ModelBroken(format!(
                "an encoder whose layers are no multiples of {LANES} wide cannot be adapted"
            )));
        }
        let ids = (texts.all.iter())
            .map(|text| Ok(preparer.prepare(text)?.tokens.ids))
            .collect::<Result<Vec<_>, GradingError>>()?;
        let long: Vec<TextId> = (0..)
            .zip(&ids)
            .filter(|(_, ids)| ids.len() > MOST_TOKENS)
            .map(|(id, _)| id)
            .collect();
        let begun: Vec<Vec<u32>> = long
            .iter()
            .map(|id| ids[*id as usize][..MOST_TOKENS].to_vec())
            .collect();
        progress(&format!("{} texts, lower layers", ids.len()));
        let short = through(&model, &begun, first_layer, threads)?;
        Ok(Self {
            hidden: shape.hidden_size,
            first_layer,
            blocks,
            pooling: files.pooling,
            states: through(&model, &ids, first_layer, threads)?,
            short: long.into_iter().zip(short).collect(),
        })
    }

    #[cfg(test)]
    pub fn made(hidden: usize, blocks: Vec<Block>, texts: Vec<Vec<f32>>) -> Self {
        Self {
            hidden,
            first_layer: 0,
            blocks,
            pooling: Pooling::Mean,
            states: texts,
            short: HashMap::new(),
        }
    }

    /// The states of some texts one after the other, and how many tokens each has.
    pub fn states(&self, texts: &[TextId], extent: Extent) -> (Vec<f32>, Vec<usize>) {
        let (mut states, mut lengths) = (Vec::new(), Vec::new());
        for text in texts {
            let short = self.short.get(text).filter(|_| extent == Extent::Short);
            let own = short.unwrap_or(&self.states[*text as usize]);
            states.extend_from_slice(own);
            lengths.push(own.len() / self.hidden);
        }
        (states, lengths)
    }

    /// How many of a text's tokens its vector is made of.
    pub fn read(&self, tokens: usize) -> usize {
        match self.pooling {
            Pooling::Mean => tokens,
            Pooling::First => 1,
        }
    }
}

/// `[tokens, hidden]` of each text, worked on by length.
fn through(
    model: &BertEncoder<Flex>,
    ids: &[Vec<u32>],
    layers: usize,
    threads: usize,
) -> Result<Vec<Vec<f32>>, GradingError> {
    let mut order: Vec<usize> = (0..ids.len()).collect();
    order.sort_by_key(|at| ids[*at].len());
    let chunks: Vec<&[usize]> = order.chunks(64).collect();
    let next = AtomicUsize::new(0);
    let found: Mutex<Vec<Vec<f32>>> = Mutex::new(vec![Vec::new(); ids.len()]);
    let work = || -> Result<(), GradingError> {
        let model = model.clone();
        while let Some(chunk) = chunks.get(next.fetch_add(1, Ordering::Relaxed)) {
            let texts: Vec<&[u32]> = chunk.iter().map(|at| ids[*at].as_slice()).collect();
            let states = model.lower(&texts, layers)?.into_data().into_vec::<f32>();
            let states = states.map_err(|error| GradingError::Device(format!("no values came back: {error:?}")))?;
            let mut rest = states.as_slice();
            let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
            for at in *chunk {
                let (own, others) = rest.split_at(ids[*at].len() * model.hidden());
                rest = others;
                found[*at] = own.to_vec();
            }
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..threads.max(1)).map(|_| scope.spawn(work)).collect();
        for thread in threads {
            thread
                .join()
                .map_err(|_| GradingError::Crashed("the lower layers could not be computed".into()))??;
        }
        Ok::<(), GradingError>(())
    })?;
    Ok(found.into_inner().unwrap_or_else(PoisonError::into_inner))
}
