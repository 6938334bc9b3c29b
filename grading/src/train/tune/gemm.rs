//! A matrix product for training, forwards and backwards.
//!
//! Every element is one chain of fused multiply–adds in a fixed order, whatever the width of the
//! registers: the same numbers on every processor, so training is reproducible byte for byte.

use pulp::{Arch, NullaryFnOnce};

/// Columns are worked on in blocks of this many; `n` must be a multiple of it.
pub const LANES: usize = 16;
/// Rows worked on at once: with two registers of eight lanes each, what they sum up fits a processor's sixteen.
const ROWS: usize = 6;
/// Rows after which the right matrix starts anew: so many of the left one stay in the second cache.
const STRIPE: usize = 16 * ROWS;

/// `a` seen as a matrix: element (row, column) is at `row * rows + column * columns`.
#[derive(Clone, Copy)]
pub struct View<'a> {
    pub data: &'a [f32],
    pub rows: usize,
    pub columns: usize,
}

impl<'a> View<'a> {
    /// Row after row, `width` wide.
    pub fn plain(data: &'a [f32], width: usize) -> Self {
        Self {
            data,
            rows: width,
            columns: 1,
        }
    }

    /// The same matrix turned over its diagonal.
    pub fn turned(data: &'a [f32], width: usize) -> Self {
        Self {
            data,
            rows: 1,
            columns: width,
        }
    }
}

/// `c[m × n] += a[m × k] · b[k × n]`; `b` and `c` lie row after row.
pub fn add_product(a: View<'_>, b: &[f32], c: &mut [f32], m: usize, n: usize, k: usize) {
    assert!(n.is_multiple_of(LANES) && b.len() >= k * n && c.len() >= m * n);
    assert!(m == 0 || k == 0 || a.data.len() > (m - 1) * a.rows + (k - 1) * a.columns);
    Arch::new().dispatch(Product { a, b, c, m, n, k });
}

/// A closure would not be inlined, and so not be compiled for wide registers.
struct Product<'a> {
    a: View<'a>,
    b: &'a [f32],
    c: &'a mut [f32],
    m: usize,
    n: usize,
    k: usize,
}

impl NullaryFnOnce for Product<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { a, b, c, m, n, k } = self;
        let mut panels = vec![[0.0f32; ROWS]; k * (STRIPE / ROWS)];
        for stripe in (0..m).step_by(STRIPE) {
            let rows = STRIPE.min(m - stripe);
            // The rows of each block side by side, so that the inner loop reads straight on.
            for (block, panel) in panels.chunks_exact_mut(k.max(1)).enumerate().take(rows.div_ceil(ROWS)) {
                for r in 0..ROWS.min(rows - block * ROWS) {
                    let row = (stripe + block * ROWS + r) * a.rows;
                    let values = a.data[row..].iter().step_by(a.columns);
                    for (to, value) in panel.iter_mut().zip(values) {
                        to[r] = *value;
                    }
                }
            }
            for column in (0..n).step_by(LANES) {
                for (block, panel) in panels.chunks_exact(k.max(1)).enumerate().take(rows.div_ceil(ROWS)) {
                    let first = stripe + block * ROWS;
                    let rows = &mut c[first * n..m.min(first + ROWS) * n];
                    add_block(panel, &b[column..], rows, column, n);
                }
            }
        }
    }
}

/// Adds a panel times 16 columns of `b` to as many rows of `c` as are there.
#[inline(always)]
fn add_block(panel: &[[f32; ROWS]], b: &[f32], c: &mut [f32], column: usize, n: usize) {
    let mut sums = [[0.0f32; LANES]; ROWS];
    for (sum, row) in sums.iter_mut().zip(c.chunks_exact(n)) {
        sum.copy_from_slice(&row[column..column + LANES]);
    }
    for (left, right) in panel.iter().zip(b.chunks(n)) {
        let Some(right) = right.first_chunk::<LANES>() else {
            break;
        };
        for r in 0..ROWS {
            for lane in 0..LANES {
                sums[r][lane] = left[r].mul_add(right[lane], sums[r][lane]);
            }
        }
    }
    for (sum, row) in sums.iter().zip(c.chunks_exact_mut(n)) {
        row[column..column + LANES].copy_from_slice(sum);
    }
}

/// `[rows × columns]` → `[columns × rows]`.
pub fn turn(matrix: &[f32], rows: usize, columns: usize) -> Vec<f32> {
    let mut turned = vec![0.0; rows * columns];
    for (at, row) in matrix.chunks_exact(columns).enumerate().take(rows) {
        for (column, value) in row.iter().enumerate() {
            turned[column * rows + at] = *value;
        }
    }
    turned
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::trees::Random;

    #[test]
    fn agrees_with_the_definition_both_ways_round() {
        let mut random = Random(3);
        let mut draw = |count: usize| -> Vec<f32> { (0..count).map(|_| random.share() - 0.5).collect() };
        let (m, n, k) = (19, 32, 11);
        let (a, b) = (draw(m * k), draw(k * n));
        let mut plain = vec![1.0; m * n];
        add_product(View::plain(&a, k), &b, &mut plain, m, n, k);
        let a_turned = turn(&a, m, k);
        let mut turned = vec![1.0; m * n];
        add_product(View::turned(&a_turned, m), &b, &mut turned, m, n, k);
        assert_eq!(plain, turned);
        for row in 0..m {
            for column in 0..n {
                let exact: f64 = 1.0
                    + (0..k)
                        .map(|at| f64::from(a[row * k + at]) * f64::from(b[at * n + column]))
                        .sum::<f64>();
                assert!((f64::from(plain[row * n + column]) - exact).abs() < 1e-5);
            }
        }
    }
}
