//! Self-attention of one head of one text, in blocks on tile registers.

use super::tile::{Block, Pairs, Terms, put_pair, put_row, put_rows, transpose};
use super::unit::Running;
use crate::backend::math::{exp, largest, sum};

/// Memory that lasts from head to head.
#[derive(Default)]
pub struct Scratch {
    queries: Vec<Pairs>,
    keys: Vec<Pairs>,
    values: Vec<Pairs>,
    /// Weights of 32 queries: `[32, keys rounded up to 32]`, and packed.
    weights: Vec<f32>,
    packed: Vec<Pairs>,
}

/// `text` is `[length, 3 × hidden]`, `out` is `[length, hidden]`; the head's columns begin at `at`.
#[inline(always)]
pub fn attend(
    running: &Running,
    terms: Terms,
    text: &[f32],
    out: &mut [f32],
    scratch: &mut Scratch,
    at: usize,
    size: usize,
    length: usize,
) {
    let width = text.len() / length;
    let hidden = width / 3;
    let tiles = terms.tiles();
    let panels = length.div_ceil(16);
    let depth = size.div_ceil(Pairs::DEPTH); // steps over the head's size
    let span = length.div_ceil(32); // steps over the keys, and pairs of blocks of them
    let blocks = 2 * size.div_ceil(32);
    let panel = depth * tiles;
    reset(&mut scratch.queries, panels * panel);
    reset(&mut scratch.keys, 2 * span * panel);
    reset(&mut scratch.values, blocks * span * tiles);
    reset(&mut scratch.packed, 2 * span * tiles);
    scratch.weights.clear();
    scratch.weights.resize(32 * 32 * span, 0.0);
    let scale = 1.0 / (size as f32).sqrt();
    for (token, row) in text.chunks_exact(width).enumerate() {
        let query = &mut scratch.queries[token / 16 * panel..][..panel];
        put_rows(&row[at..at + size], scale, token % 16, query, terms);
        let key = &mut scratch.keys[token / 16 * panel..][..panel];
        put_rows(&row[hidden + at..][..size], 1.0, token % 16, key, terms);
    }
    scratch.keys.iter_mut().for_each(transpose);
    for block in 0..size.div_ceil(16) {
        let columns = 2 * hidden + at + block * 16;
        let count = (size - block * 16).min(16);
        let row = |token: usize| {
            let mut values = [0.0f32; 16];
            if token < length {
                values[..count].copy_from_slice(&text[token * width + columns..][..count]);
            }
            values
        };
        for step in 0..span {
            let tiles = &mut scratch.values[(block * span + step) * tiles..][..tiles];
            for pair in 0..16.min(length - 32 * step) {
                let token = 32 * step + pair;
                put_pair(&row(token), &row(token + 16), pair, tiles);
            }
        }
    }
    let mut block = Block::new();
    for first in (0..panels).step_by(2) {
        let count = (panels - first).min(2);
        let rows = length.min((first + 2) * 16) - first * 16;
        let queries = &scratch.queries[first * panel..][..count * panel];
        for (keys, column) in scratch.keys.chunks_exact(2 * panel).zip((0..).step_by(32)) {
            running.pairs(terms, queries, count, keys, depth, &mut block);
            for (bits, weights) in block
                .0
                .chunks_exact(32)
                .zip(scratch.weights.chunks_exact_mut(32 * span))
                .take(rows)
            {
                let weights = &mut weights[column..column + 32];
                weights
                    .iter_mut()
                    .zip(bits)
                    .for_each(|(to, bits)| *to = f32::from_bits(*bits));
            }
        }
        let mut shares = [0.0f32; 32];
        for (row, weights) in scratch.weights.chunks_exact_mut(32 * span).take(rows).enumerate() {
            let (own, beyond) = weights.split_at_mut(length);
            let most = largest(own);
            soften(own, most);
            shares[row] = 1.0 / sum(own);
            beyond.fill(0.0);
            let panel = &mut scratch.packed[row / 16 * span * tiles..][..span * tiles];
            for (values, tiles) in weights.chunks_exact(32).zip(panel.chunks_exact_mut(tiles)) {
                if let Ok(values) = values.try_into() {
                    put_row(values, row % 16, tiles);
                }
            }
        }
        let weights = &scratch.packed[..count * span * tiles];
        for (values, column) in scratch.values.chunks_exact(2 * span * tiles).zip((0..).step_by(32)) {
            running.pairs(terms, weights, count, values, span, &mut block);
            let wide = (size - column).min(32);
            for (row, bits) in block.0.chunks_exact(32).take(rows).enumerate() {
                let out = &mut out[(first * 16 + row) * hidden + at + column..][..wide];
                let share = shares[row];
                for (to, bits) in out.iter_mut().zip(bits) {
                    *to = f32::from_bits(*bits) * share;
                }
            }
        }
    }
}

/// e^(x − most), sixteen at a time.
#[inline(always)]
pub fn soften(values: &mut [f32], most: f32) {
    let mut chunks = values.chunks_exact_mut(16);
    for values in &mut chunks {
        for value in values {
            *value = exp(*value - most);
        }
    }
    for value in chunks.into_remainder() {
        *value = exp(*value - most);
    }
}

/// Zeros: what lies beyond the text must not be garbage that could be no number at all.
#[inline(always)]
fn reset(tiles: &mut Vec<Pairs>, count: usize) {
    tiles.clear();
    tiles.resize(count, Pairs::ZERO);
}
