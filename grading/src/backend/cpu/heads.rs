//! Self-attention of one head of one text, in products with panels.

use super::attention::soften;
use super::avx2::{Avx2, COLUMNS, ROWS};
use super::panels::{groups, rows};
use crate::backend::math::{largest, sum};

/// Queries that share a pass over the keys: few enough for their weights to stay in the second cache.
const QUERIES: usize = 4 * ROWS;

/// Memory that lasts from head to head.
#[derive(Default)]
pub struct Scratch {
    /// Panels of 16 keys: `[size]` each.
    keys: Vec<[f32; COLUMNS]>,
    /// Panels of 16 columns: `[length]` each.
    values: Vec<[f32; COLUMNS]>,
    /// `[QUERIES, size]`
    queries: Vec<f32>,
    /// `[QUERIES, keys rounded up to 16]`
    weights: Vec<f32>,
}

/// `text` is `[length, 3 × hidden]`, `out` is `[length, hidden]`; the head's columns begin at `at`.
#[inline(always)]
pub fn attend(avx2: Avx2, text: &[f32], out: &mut [f32], scratch: &mut Scratch, at: usize, size: usize, length: usize) {
    let width = text.len() / length;
    let hidden = width / 3;
    let span = length.next_multiple_of(COLUMNS);
    scratch.keys.resize(span / COLUMNS * size, [0.0; COLUMNS]);
    scratch.values.resize(size.div_ceil(COLUMNS) * length, [0.0; COLUMNS]);
    scratch.queries.resize(QUERIES * size, 0.0);
    scratch.weights.resize(QUERIES * span, 0.0);
    for (token, row) in text.chunks_exact(width).enumerate() {
        let panel = &mut scratch.keys[token / COLUMNS * size..][..size];
        for (keys, key) in panel.iter_mut().zip(&row[hidden + at..]) {
            keys[token % COLUMNS] = *key;
        }
        let row = &row[2 * hidden + at..][..size];
        for (row, panel) in row.chunks(COLUMNS).zip(scratch.values.chunks_exact_mut(length)) {
            match row.try_into() {
                Ok(row) => panel[token] = row,
                Err(_) => panel[token][..row.len()].copy_from_slice(row),
            }
        }
    }
    let scale = 1.0 / (size as f32).sqrt();
    let mut sums = [[0.0; COLUMNS]; ROWS];
    let texts = text.chunks(QUERIES * width);
    for (text, out) in texts.zip(out.chunks_mut(QUERIES * hidden)) {
        let count = text.len() / width;
        for (row, query) in text.chunks_exact(width).zip(scratch.queries.chunks_exact_mut(size)) {
            for (to, from) in query.iter_mut().zip(&row[at..]) {
                *to = from * scale;
            }
        }
        for (keys, column) in scratch.keys.chunks_exact(size).zip((0..).step_by(COLUMNS)) {
            for (first, some) in groups(count) {
                avx2.singles(
                    &rows(&scratch.queries, size, size, first, some)[..some],
                    keys,
                    &mut sums,
                );
                let weights = scratch.weights[first * span..].chunks_exact_mut(span);
                for (weights, sums) in weights.zip(&sums[..some]) {
                    weights[column..][..COLUMNS].copy_from_slice(sums);
                }
            }
        }
        let mut shares = [0.0; QUERIES];
        for (weights, share) in scratch.weights.chunks_exact_mut(span).zip(&mut shares).take(count) {
            // Whole registers: what lies beyond the text becomes too small to count.
            weights[length..].fill(f32::NEG_INFINITY);
            soften(weights, largest(weights));
            *share = 1.0 / sum(weights);
        }
        for (values, column) in scratch.values.chunks_exact(length).zip((0..).step_by(COLUMNS)) {
            let wide = (size - column).min(COLUMNS);
            for (first, some) in groups(count) {
                avx2.singles(
                    &rows(&scratch.weights, span, length, first, some)[..some],
                    values,
                    &mut sums,
                );
                for (row, sums) in (first..first + some).zip(&sums) {
                    let out = &mut out[row * hidden + at + column..][..wide];
                    for (to, sum) in out.iter_mut().zip(sums) {
                        *to = sum * shares[row];
                    }
                }
            }
        }
    }
}
