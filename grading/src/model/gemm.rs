//! A small matrix product for the interaction network, forwards and backwards.
//!
//! Every element is one chain of fused multiply–adds in a fixed order, whatever the width of the
//! registers: the same numbers on every processor, so training is reproducible byte for byte.

use pulp::{Arch, NullaryFnOnce};

/// Columns are worked on in blocks of this many; `n` must be a multiple of it.
pub const LANES: usize = 16;
const ROWS: usize = 8;

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
        let mut row = 0;
        while row + ROWS <= m {
            block::<ROWS>(a, b, c, row, n, k);
            row += ROWS;
        }
        while row < m {
            block::<1>(a, b, c, row, n, k);
            row += 1;
        }
    }
}

#[inline(always)]
fn block<const R: usize>(a: View<'_>, b: &[f32], c: &mut [f32], row: usize, n: usize, k: usize) {
    for column in (0..n).step_by(LANES) {
        let mut sums = [[0.0f32; LANES]; R];
        for (r, sum) in sums.iter_mut().enumerate() {
            let at = (row + r) * n + column;
            sum.copy_from_slice(&c[at..at + LANES]);
        }
        for step in 0..k {
            let at = step * n + column;
            let mut right = [0.0f32; LANES];
            right.copy_from_slice(&b[at..at + LANES]);
            for (r, sum) in sums.iter_mut().enumerate() {
                let left = a.data[(row + r) * a.rows + step * a.columns];
                for (sum, right) in sum.iter_mut().zip(&right) {
                    *sum = left.mul_add(*right, *sum);
                }
            }
        }
        for (r, sum) in sums.iter().enumerate() {
            let at = (row + r) * n + column;
            c[at..at + LANES].copy_from_slice(sum);
        }
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
