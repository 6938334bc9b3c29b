//! Every unit of this machine against plain arithmetic.

use super::matrix::{Left, Packed, Put, multiply};
use super::tile::Terms;
use super::unit::Unit;

fn values(count: usize, seed: u32) -> Vec<f32> {
    let mut state = seed.wrapping_mul(2_654_435_761) | 1;
    (0..count)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            (state >> 8) as f32 / (1u32 << 23) as f32 - 1.0
        })
        .collect()
}

struct Collect {
    out: Vec<f32>,
    width: usize,
}

impl Put for Collect {
    fn put<const N: usize>(&mut self, row: usize, column: usize, values: &[f32; N]) {
        let out = &mut self.out[row * self.width..][..self.width];
        out[column..]
            .iter_mut()
            .zip(values)
            .for_each(|(to, value)| *to = *value);
    }
}

fn product(unit: Unit, a: &[f32], weights: &Packed) -> Vec<f32> {
    let width = weights.outputs;
    let out = vec![0.0; a.len() / weights.inputs * width];
    let mut collect = Collect { out, width };
    multiply(&unit.start(), a, weights, &mut Left::default(), &mut collect);
    collect.out
}

/// In double precision; also the sum of magnitudes, to judge errors by.
fn exact(a: &[f32], b: &[f32], inputs: usize) -> Vec<(f64, f64)> {
    let mut out = Vec::new();
    for a in a.chunks_exact(inputs) {
        for b in b.chunks_exact(inputs) {
            let terms = a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b));
            out.push((terms.clone().sum(), terms.map(f64::abs).sum()));
        }
    }
    out
}

const SHAPES: [(usize, usize, usize); 7] = [
    (5, 1, 1),
    (1, 32, 32),
    (16, 64, 16),
    (17, 33, 40),
    (47, 384, 96),
    (130, 40, 7),
    (33, 1536, 33),
];

#[test]
fn pairs_are_as_exact_as_promised() {
    for unit in Unit::all().into_iter().filter(|unit| unit.has_pairs()) {
        for (rows, inputs, outputs) in SHAPES {
            let (a, b) = (values(rows * inputs, 7), values(outputs * inputs, 11));
            let expected = exact(&a, &b, inputs);
            for (terms, error) in [(Terms::Three, 2e-5), (Terms::One, 8e-3)] {
                let found = product(unit, &a, &Packed::pairs(&b, inputs, terms));
                assert_eq!(found.len(), expected.len());
                for (found, (expected, size)) in found.iter().zip(&expected) {
                    let off = (f64::from(*found) - expected).abs();
                    assert!(
                        off <= error * size,
                        "{rows}×{inputs}×{outputs} {terms:?}: {found} {expected}"
                    );
                }
            }
        }
    }
}

#[test]
fn singles_are_exact() {
    for unit in Unit::all().into_iter().filter(|unit| unit.has_singles()) {
        for (rows, inputs, outputs) in SHAPES {
            let (a, b) = (values(rows * inputs, 13), values(outputs * inputs, 17));
            let found = product(unit, &a, &Packed::singles(&b, inputs));
            let expected = exact(&a, &b, inputs);
            assert_eq!(found.len(), expected.len());
            for (found, (expected, size)) in found.iter().zip(expected) {
                let off = (f64::from(*found) - expected).abs();
                assert!(off <= 1e-6 * size, "{rows}×{inputs}×{outputs}: {found} {expected}");
            }
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[test]
fn attention_with_panels_equals_the_formula() {
    let Some(avx2) = super::avx2::Avx2::get() else { return };
    let mut scratch = Default::default();
    for (length, size, heads) in [(1, 32, 2), (5, 64, 1), (150, 32, 3), (33, 24, 2), (16, 7, 1)] {
        let hidden = size * heads;
        let text = values(length * 3 * hidden, 19);
        let mut found = vec![0.0; length * hidden];
        for head in 0..heads {
            super::heads::attend(avx2, &text, &mut found, &mut scratch, head * size, size, length);
        }
        for (at, found) in found.iter().enumerate() {
            let expected = mixed(&text, length, size, at / hidden, at % hidden);
            assert!(
                (f64::from(*found) - expected).abs() <= 1e-6,
                "{length}×{size}: {found} {expected}"
            );
        }
    }
}

/// One value of the attention of a text, in double precision.
#[cfg(target_arch = "x86_64")]
fn mixed(text: &[f32], length: usize, size: usize, query: usize, column: usize) -> f64 {
    let width = text.len() / length;
    let at = |token: usize, part: usize, column: usize| f64::from(text[token * width + part * width / 3 + column]);
    let head = column / size * size;
    let weights = (0..length).map(|key| {
        let score: f64 = (head..head + size).map(|one| at(query, 0, one) * at(key, 1, one)).sum();
        (score / (size as f64).sqrt()).exp()
    });
    let total: f64 = weights.clone().sum();
    weights
        .enumerate()
        .map(|(key, weight)| weight * at(key, 2, column))
        .sum::<f64>()
        / total
}

#[test]
fn bytes_are_the_same_on_every_unit_and_close() {
    for (rows, inputs, outputs) in SHAPES {
        let (a, b) = (values(rows * inputs, 3), values(outputs * inputs, 5));
        let weights = Packed::bytes(&b, inputs);
        let expected = exact(&a, &b, inputs);
        let first = product(Unit::Plain, &a, &weights);
        for (found, (expected, size)) in first.iter().zip(&expected) {
            assert!(
                (f64::from(*found) - expected).abs() <= 0.02 * size,
                "{found} {expected}"
            );
        }
        for unit in Unit::all() {
            let found = product(unit, &a, &weights);
            assert!(
                first.iter().zip(&found).all(|(a, b)| a.to_bits() == b.to_bits()),
                "{}",
                unit.name()
            );
        }
    }
}

#[test]
fn a_row_does_not_depend_on_the_others() {
    let (inputs, outputs) = (96, 64);
    let (a, b) = (values(45 * inputs, 9), values(outputs * inputs, 2));
    for unit in Unit::all() {
        let mut all = vec![Packed::bytes(&b, inputs)];
        if unit.has_pairs() {
            all.push(Packed::pairs(&b, inputs, Terms::Three));
            all.push(Packed::pairs(&b, inputs, Terms::One));
        }
        if unit.has_singles() {
            all.push(Packed::singles(&b, inputs));
        }
        for weights in all {
            let together = product(unit, &a, &weights);
            for (row, expected) in a.chunks_exact(inputs).zip(together.chunks_exact(outputs)) {
                assert_eq!(product(unit, row, &weights), expected);
            }
        }
    }
}
