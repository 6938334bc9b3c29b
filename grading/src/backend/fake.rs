//! A stand-in for the encoder: each token id gets a fixed pseudo-random vector. For tests.

use super::{Encoded, Encoder};
use crate::GradingError;

const HIDDEN: usize = 32;

/// The fake encoder panics on a text of this one word, so that tests can see what happens then.
pub const PANIC_WORD: &str = "panicbutton";

/// Deterministic, needs no files. Same words → same vectors; it understands nothing.
#[derive(Debug, Default)]
pub struct FakeEncoder;

impl Encoder for FakeEncoder {
    fn encode(&mut self, texts: &[&[u32]]) -> Result<Vec<Encoded>, GradingError> {
        let button = crate::prepare::hash_id(PANIC_WORD);
        Ok(texts
            .iter()
            .map(|ids| {
                assert!(ids.len() != 3 || ids[1] != button, "the panic button was pressed");
                let states = ids.iter().flat_map(|&id| vector(id)).collect();
                Encoded::from_states(states, HIDDEN)
            })
            .collect())
    }

    fn hidden(&self) -> usize {
        HIDDEN
    }
}

fn vector(id: u32) -> impl Iterator<Item = f32> {
    let mut state = u64::from(id).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    (0..HIDDEN).map(move |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) as f32 / (1u64 << 23) as f32 - 1.0
    })
}
