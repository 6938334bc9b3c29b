//! How numbers lie in memory for block products: tiles of 16 rows × 64 bytes.
//!
//! Left operands (`rows`) keep 16 rows of 32 halves or 64 bytes. Right operands (`columns`) keep,
//! for 16 outputs, what belongs together in the depth side by side, so one tile times another adds
//! 16 × 16 scalar products. A single-precision value is carried as its rounding to bfloat16 and, for
//! three terms, the rounding of what that lost: together 16 bits of mantissa.

/// 16 rows of 16 pairs of bfloat16. Value `n` of 32 is paired with value `n + 16`, left and right alike: any order of
/// the depth gives the same products, and this one needs no shuffling.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
pub struct Pairs(pub [u32; 256]);

/// 16 rows of 64 signed bytes.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
pub struct Bytes(pub [i8; 1024]);

/// A product: 32 rows × 32 columns, the bits of `f32` or of `i32`.
#[repr(C, align(64))]
pub struct Block(pub [u32; 1024]);

impl Block {
    pub const SIDE: usize = 32;

    pub fn new() -> Self {
        Self([0; 1024])
    }
}

impl Pairs {
    pub const ZERO: Self = Self([0; 256]);
    /// Values in the depth of one tile.
    pub const DEPTH: usize = 32;
}

impl Bytes {
    pub const ZERO: Self = Self([0; 1024]);
    pub const DEPTH: usize = 64;
}

/// How many bfloat16 products stand for one single-precision product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Terms {
    One,
    /// a·b ≈ lost(a)·b + a·b + a·lost(b), each factor rounded: relative error about 2⁻¹⁷.
    Three,
}

impl Terms {
    /// Tiles for each step in the depth.
    pub fn tiles(self) -> usize {
        match self {
            Self::One => 1,
            Self::Three => 2,
        }
    }
}

/// The bits of `x` rounded to bfloat16 (to nearest, ties to even), in the upper half; the lower is garbage.
#[inline(always)]
fn rounded(x: f32) -> u32 {
    let bits = x.to_bits();
    bits.wrapping_add(0x7fff + ((bits >> 16) & 1))
}

#[inline(always)]
fn pair(first: u32, second: u32) -> u32 {
    (first >> 16) | (second & 0xffff_0000)
}

#[inline(always)]
fn lost(x: f32) -> f32 {
    x - f32::from_bits(rounded(x) & 0xffff_0000)
}

/// Writes 32 values as row `row` of a step's tiles.
#[inline(always)]
pub fn put_row(values: &[f32; 32], row: usize, tiles: &mut [Pairs]) {
    let (first, second) = values.split_at(16);
    if let (Ok(first), Ok(second)) = (first.try_into(), second.try_into()) {
        put_pair(first, second, row, tiles);
    }
}

/// One row of a left operand: `panel` holds the tiles of its 16 rows, step after step.
#[inline(always)]
pub fn put_rows(values: &[f32], scale: f32, row: usize, panel: &mut [Pairs], terms: Terms) {
    for (values, tiles) in values.chunks(Pairs::DEPTH).zip(panel.chunks_exact_mut(terms.tiles())) {
        let mut padded = [0.0f32; 32];
        if let Ok(values) = <&[f32; 32]>::try_from(values) {
            for at in 0..32 {
                padded[at] = values[at] * scale;
            }
        } else {
            for (to, from) in padded.iter_mut().zip(values) {
                *to = from * scale;
            }
        }
        put_row(&padded, row, tiles);
    }
}

/// Turns the tiles of 16 rows into those of 16 columns of a right operand.
#[inline(always)]
pub fn transpose(tile: &mut Pairs) {
    let rows = tile.0;
    for (at, target) in tile.0.iter_mut().enumerate() {
        *target = rows[(at % 16) * 16 + at / 16];
    }
}

/// 16 pairs as row `row` of a step's tiles: halves of a row of the left operand, or two rows of a right operand that
/// stands on its side (`[depth, outputs]`).
#[inline(always)]
pub fn put_pair(first: &[f32; 16], second: &[f32; 16], row: usize, tiles: &mut [Pairs]) {
    let mut high = [0u32; 16];
    for at in 0..16 {
        high[at] = pair(rounded(first[at]), rounded(second[at]));
    }
    tiles[0].0[row * 16..][..16].copy_from_slice(&high);
    if let Some(tile) = tiles.get_mut(1) {
        let mut low = [0u32; 16];
        for at in 0..16 {
            low[at] = pair(rounded(lost(first[at])), rounded(lost(second[at])));
        }
        tile.0[row * 16..][..16].copy_from_slice(&low);
    }
}

/// What one step of a byte is worth in a row, and its inverse.
#[inline(always)]
pub fn byte_steps(values: &[f32]) -> (f32, f32) {
    let mut lanes = [0.0f32; 16];
    for values in values.chunks_exact(16) {
        for lane in 0..16 {
            lanes[lane] = lanes[lane].max(values[lane].abs());
        }
    }
    let rest = values.chunks_exact(16).remainder();
    let most = lanes
        .iter()
        .copied()
        .chain(rest.iter().map(|value| value.abs()))
        .fold(0.0, f32::max);
    (most / 127.0, if most > 0.0 { 127.0 / most } else { 0.0 })
}

/// Rounds a row to bytes and returns what one step of a byte is worth.
#[inline(always)]
pub fn put_bytes(values: &[f32], row: usize, panel: &mut [Bytes]) -> f32 {
    let (step, inverse) = byte_steps(values);
    for (values, tile) in values.chunks(Bytes::DEPTH).zip(panel) {
        let target = &mut tile.0[row * 64..][..64];
        if let Ok(values) = <&[f32; 64]>::try_from(values) {
            for (to, from) in target.iter_mut().zip(values) {
                *to = byte(from * inverse);
            }
        } else {
            target.fill(0);
            for (to, from) in target.iter_mut().zip(values) {
                *to = byte(from * inverse);
            }
        }
    }
    step
}

/// Nearest whole number, for |x| ≤ 127. Adding this constant leaves it in the lowest bits.
#[inline(always)]
fn byte(x: f32) -> i8 {
    (x + 12_582_912.0).to_bits() as i8
}

/// Turns the bytes of 16 rows into those of 16 columns, four in the depth side by side.
#[inline(always)]
pub fn transpose_bytes(tile: &mut Bytes) {
    let rows = tile.0;
    for column in 0..16 {
        for depth in 0..64 {
            tile.0[(depth / 4) * 64 + column * 4 + depth % 4] = rows[column * 64 + depth];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_roundings_keep_sixteen_bits() {
        for x in [1.0f32, -7.654_321, 1e-3, 123.456, -0.999_999, 1e20] {
            let high = f32::from_bits(rounded(x) & 0xffff_0000);
            let low = f32::from_bits(rounded(lost(x)) & 0xffff_0000);
            assert!((high - x).abs() <= x.abs() / 256.0);
            assert!((high + low - x).abs() <= x.abs() / 65_536.0, "{x} {high} {low}");
        }
    }

    #[test]
    fn bytes_are_rounded_to_nearest() {
        let found: Vec<i8> = [-127.0, -0.6, -0.4, 0.0, 0.4, 1.5, 2.5, 126.7].map(byte).to_vec();
        assert_eq!(found, [-127, -1, 0, 0, 0, 2, 2, 127]);
    }
}
