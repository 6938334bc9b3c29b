//! What runs the encoder, and the few operations burn lacks a fast version of.
//!
//! `Encoder` is all the rest of the crate sees: tokens in, vectors out. `burn` runs the real model
//! on any burn backend; `flex` has our own kernels for the processor, `cpu` its fastest ones; `fake` is for tests.

mod burn;
mod cpu;
mod fake;
mod flex;
mod kernels;
mod math;

pub use self::burn::{BurnEncoder, devices};
pub use self::fake::{FakeEncoder, PANIC_WORD};
pub use self::kernels::Kernels;
pub(crate) use self::math::{dot, dot_lanes, erf, exp, sum};
use crate::GradingError;

/// The processor's arithmetic unit in use: `amx`, `vnni`, `avx2` or `plain`.
pub fn unit_name() -> &'static str {
    cpu::Unit::best().name()
}

/// Turns token ids into vectors. Owned by one thread.
pub trait Encoder: Send {
    /// One result per text, in order. A result depends on its own text only.
    fn encode(&mut self, texts: &[&[u32]]) -> Result<Vec<Encoded>, GradingError>;

    /// Length of the vectors.
    fn hidden(&self) -> usize;
}

/// How the vector of a text comes from those of its tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pooling {
    #[default]
    Mean,
    /// The vector of the opening marker.
    First,
}

/// What the encoder knows about one text.
#[derive(Clone, Debug, Default)]
pub struct Encoded {
    /// One vector of length 1 per token, one after the other: `[tokens × hidden]`.
    pub states: Vec<f32>,
    /// The mean of the token states, or the first of them, scaled to length 1: `[hidden]`.
    pub pooled: Vec<f32>,
    /// The same of the layers with the head's adapter; without one the same as `pooled`.
    pub tuned: Vec<f32>,
}

impl Encoded {
    /// From the raw token states of one text.
    pub(crate) fn from_states(states: Vec<f32>, hidden: usize) -> Self {
        Self::pooled_by(Pooling::Mean, states, hidden)
    }

    pub(crate) fn pooled_by(pooling: Pooling, mut states: Vec<f32>, hidden: usize) -> Self {
        let pooled = pooling.pool(&states, hidden);
        states.chunks_exact_mut(hidden).for_each(scale_to_one);
        Self {
            states,
            tuned: pooled.clone(),
            pooled,
        }
    }
}

impl Pooling {
    /// The vector of a text from its raw token states, of length 1.
    pub(crate) fn pool(self, states: &[f32], hidden: usize) -> Vec<f32> {
        let mut pooled = vec![0.0; hidden];
        let count = match self {
            Self::Mean => usize::MAX,
            Self::First => 1,
        };
        for state in states.chunks_exact(hidden).take(count) {
            pooled.iter_mut().zip(state).for_each(|(sum, value)| *sum += value);
        }
        scale_to_one(&mut pooled);
        pooled
    }
}

fn scale_to_one(vector: &mut [f32]) {
    let length = dot(vector, vector).sqrt();
    if length > 1e-12 {
        vector.iter_mut().for_each(|value| *value /= length);
    }
}
