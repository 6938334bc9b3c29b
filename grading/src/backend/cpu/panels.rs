//! Products with panels: 16 columns of the right operand side by side, value after value in the depth. Left operands
//! are rows as they are; bytes are widened to 16 bits, two in the depth side by side.

use super::avx2::{Avx2, COLUMNS, ROWS};
use super::matrix::Put;
use super::tile::{Bytes, byte_steps};

/// Memory that lasts from product to product.
#[derive(Default)]
pub struct Scratch {
    /// A left operand and what one step of a byte is worth in each row.
    rows: Vec<u32>,
    scales: Vec<f32>,
    /// A panel of the right operand.
    panel: Vec<[u32; COLUMNS]>,
}

/// `values · panels`, handed to `put` in pieces.
#[inline(always)]
pub fn multiply(avx2: Avx2, values: &[f32], inputs: usize, panels: &[[f32; COLUMNS]], put: &mut impl Put) {
    let mut sums = [[0.0; COLUMNS]; ROWS];
    for (panel, column) in panels.chunks_exact(inputs).zip((0..).step_by(COLUMNS)) {
        for (first, size) in groups(values.len() / inputs) {
            avx2.singles(&rows(values, inputs, inputs, first, size)[..size], panel, &mut sums);
            for (row, sums) in (first..first + size).zip(&sums) {
                put.put(row, column, sums);
            }
        }
    }
}

/// `values · bytes`, handed to `put` in pieces. `tiles` are those of `steps` in the depth, for 16 columns after another.
#[inline(always)]
pub fn multiply_bytes(
    avx2: Avx2,
    values: &[f32],
    inputs: usize,
    (tiles, scales, steps): (&[Bytes], &[f32], usize),
    scratch: &mut Scratch,
    put: &mut impl Put,
) {
    let count = values.len() / inputs;
    let depth = steps * Bytes::DEPTH / 2;
    scratch.rows.resize(count * depth, 0);
    scratch.scales.resize(count, 0.0);
    scratch.panel.resize(depth, [0; COLUMNS]);
    for (at, values) in values.chunks_exact(inputs).enumerate() {
        let (step, inverse) = byte_steps(values);
        scratch.scales[at] = step;
        avx2.round(values, inverse, &mut scratch.rows[at * depth..][..depth]);
    }
    let mut sums = [[0; COLUMNS]; ROWS];
    for (number, (tiles, scales)) in tiles
        .chunks_exact(steps)
        .zip(scales.as_chunks::<COLUMNS>().0)
        .enumerate()
    {
        avx2.widen(tiles, &mut scratch.panel);
        for (first, size) in groups(count) {
            let group = rows(&scratch.rows, depth, depth, first, size);
            avx2.words(&group[..size], &scratch.panel, &mut sums);
            for (row, sums) in (first..first + size).zip(&sums) {
                let own = scratch.scales[row];
                let mut values = [0.0; COLUMNS];
                for ((to, sum), scale) in values.iter_mut().zip(sums).zip(scales) {
                    *to = *sum as f32 * (own * scale);
                }
                put.put(row, number * COLUMNS, &values);
            }
        }
    }
}

/// Rows of a left operand that are multiplied together.
#[inline(always)]
pub fn rows<T>(values: &[T], stride: usize, depth: usize, first: usize, count: usize) -> [&[T]; ROWS] {
    let mut rows: [&[T]; ROWS] = [&[]; ROWS];
    for row in 0..count {
        rows[row] = &values[(first + row) * stride..][..depth];
    }
    rows
}

/// `count` rows in groups of at most `ROWS`, none much smaller than the others: the first row and the size of each.
#[inline(always)]
pub fn groups(count: usize) -> impl Iterator<Item = (usize, usize)> {
    let mut first = 0;
    std::iter::from_fn(move || {
        let left = count - first;
        let size = left.div_ceil(left.div_ceil(ROWS).max(1));
        first += size;
        (size > 0).then_some((first - size, size))
    })
}
