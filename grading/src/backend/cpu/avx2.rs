//! Products with AVX2 and FMA: a few rows, value after value, times a panel of 16 columns.
//!
//! Six rows keep twelve registers of sums busy; a value of each row meets the two registers of the panel that two
//! loads have brought. Bytes are widened to 16 bits first: `vpmaddwd` adds two products without rounding or
//! saturating, so the sums are those of every other unit, bit for bit.
//!
//! Why `unsafe` at all: loads and stores of whole registers, and reading rows without a check at each value. What makes
//! it sound: `Avx2` exists only after the processor has said that it has the instructions, arrays are as long as the
//! registers they are moved to and from, and every row is cut to the length of the panel before the loop.

use std::arch::asm;
use std::arch::x86_64::*;

use super::tile::Bytes;

/// Rows that are multiplied at a time.
pub const ROWS: usize = 6;
/// Columns of a panel.
pub const COLUMNS: usize = 16;

/// Proof that the processor has the instructions.
#[derive(Clone, Copy, Debug)]
pub struct Avx2(());

/// `sums = rows · panel`, one function for each number of rows.
macro_rules! by_count {
    ($name:ident, $rows:expr, $panel:expr, $sums:expr) => {
        // SAFETY: `self` proves that the instructions exist.
        unsafe {
            match $rows.len() {
                1 => $name::<1>($rows, $panel, $sums),
                2 => $name::<2>($rows, $panel, $sums),
                3 => $name::<3>($rows, $panel, $sums),
                4 => $name::<4>($rows, $panel, $sums),
                5 => $name::<5>($rows, $panel, $sums),
                6 => $name::<6>($rows, $panel, $sums),
                count => panic!("{count} rows at once"),
            }
        }
    };
}

impl Avx2 {
    pub fn get() -> Option<Self> {
        let has = std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("fma");
        has.then_some(Self(()))
    }

    /// Up to `ROWS` rows, each at least as long as the panel is deep.
    #[inline(always)]
    pub fn singles(self, rows: &[&[f32]], panel: &[[f32; COLUMNS]], sums: &mut [[f32; COLUMNS]; ROWS]) {
        by_count!(singles, rows, panel, sums);
    }

    /// The same in whole numbers: rows and columns hold two 16-bit values side by side.
    #[inline(always)]
    pub fn words(self, rows: &[&[u32]], panel: &[[u32; COLUMNS]], sums: &mut [[i32; COLUMNS]; ROWS]) {
        by_count!(words, rows, panel, sums);
    }

    /// Widens 16 columns of bytes. Of four values in the depth the first and third become a pair, and the second and
    /// fourth: that needs shifts alone.
    #[inline(always)]
    pub fn widen(self, tiles: &[Bytes], panel: &mut [[u32; COLUMNS]]) {
        // SAFETY: `self` proves that the instructions exist.
        unsafe { widen(tiles, panel) };
    }

    /// `values · scale` rounded to whole numbers below 2¹⁵, in the order of `widen`, filled up with zeros.
    #[inline(always)]
    pub fn round(self, values: &[f32], scale: f32, pairs: &mut [u32]) {
        // SAFETY: `self` proves that the instructions exist.
        unsafe { round(values, scale, pairs) };
    }
}

#[target_feature(enable = "avx2,fma")]
fn singles<const R: usize>(rows: &[&[f32]], panel: &[[f32; COLUMNS]], out: &mut [[f32; COLUMNS]; ROWS]) {
    let mut own: [&[f32]; R] = [&[]; R];
    for row in 0..R {
        own[row] = &rows[row][..panel.len()];
    }
    let mut sums = [[_mm256_setzero_ps(); 2]; R];
    for (at, columns) in panel.iter().enumerate() {
        let columns = load(columns);
        for row in 0..R {
            // SAFETY: each row is as long as the panel.
            let value = _mm256_set1_ps(unsafe { *own[row].get_unchecked(at) });
            for side in 0..2 {
                sums[row][side] = _mm256_fmadd_ps(value, columns[side], sums[row][side]);
            }
        }
    }
    for row in 0..R {
        let out = out[row].as_mut_ptr();
        // SAFETY: 16 values of 4 bytes are two registers.
        unsafe {
            _mm256_storeu_ps(out, sums[row][0]);
            _mm256_storeu_ps(out.add(8), sums[row][1]);
        }
    }
}

#[target_feature(enable = "avx2,fma")]
fn words<const R: usize>(rows: &[&[u32]], panel: &[[u32; COLUMNS]], out: &mut [[i32; COLUMNS]; ROWS]) {
    let mut own: [&[u32]; R] = [&[]; R];
    for row in 0..R {
        own[row] = &rows[row][..panel.len()];
    }
    let mut sums = [[_mm256_setzero_si256(); 2]; R];
    for (at, columns) in panel.iter().enumerate() {
        let columns = load_words(columns);
        for row in 0..R {
            // SAFETY: each row is as long as the panel.
            let two = _mm256_set1_epi32(unsafe { *own[row].get_unchecked(at) } as i32);
            let mut first = _mm256_madd_epi16(two, columns[0]);
            let mut second = _mm256_madd_epi16(two, columns[1]);
            // Both products before both sums: taking turns, they get into each other's way, depending on where the loop
            // lies in memory, by up to a tenth. The compiler would choose turns, but moves no sum before this.
            // SAFETY: there is no instruction in it.
            unsafe {
                asm!("/* {0} {1} */", inout(ymm_reg) first, inout(ymm_reg) second,
                    options(pure, nomem, nostack, preserves_flags));
            }
            sums[row][0] = _mm256_add_epi32(sums[row][0], first);
            sums[row][1] = _mm256_add_epi32(sums[row][1], second);
        }
    }
    for row in 0..R {
        let out = out[row].as_mut_ptr().cast::<__m256i>();
        // SAFETY: 16 values of 4 bytes are two registers.
        unsafe {
            _mm256_storeu_si256(out, sums[row][0]);
            _mm256_storeu_si256(out.add(1), sums[row][1]);
        }
    }
}

#[target_feature(enable = "avx2")]
fn widen(tiles: &[Bytes], panel: &mut [[u32; COLUMNS]]) {
    for (tile, pairs) in tiles.iter().zip(panel.as_chunks_mut::<32>().0) {
        for group in 0..16 {
            for side in 0..2 {
                let fours = &tile.0[group * 64 + side * 32..][..32];
                // SAFETY: 32 bytes are one register.
                let fours = unsafe { _mm256_loadu_si256(fours.as_ptr().cast()) };
                let even = _mm256_srai_epi16::<8>(_mm256_slli_epi16::<8>(fours));
                let odd = _mm256_srai_epi16::<8>(fours);
                for (pair, words) in [even, odd].into_iter().enumerate() {
                    let target = &mut pairs[group * 2 + pair][side * 8..][..8];
                    // SAFETY: 8 values of 4 bytes are one register.
                    unsafe { _mm256_storeu_si256(target.as_mut_ptr().cast(), words) };
                }
            }
        }
    }
}

#[target_feature(enable = "avx2,fma")]
fn round(values: &[f32], scale: f32, pairs: &mut [u32]) {
    let (whole, rest) = values.as_chunks::<16>();
    let mut targets = pairs.as_chunks_mut::<8>().0.iter_mut();
    for (values, target) in whole.iter().zip(&mut targets) {
        round_16(values, scale, target);
    }
    let mut last = [0.0; 16];
    last[..rest.len()].copy_from_slice(rest);
    for target in targets {
        round_16(&last, scale, target);
        last = [0.0; 16];
    }
}

#[target_feature(enable = "avx2,fma")]
fn round_16(values: &[f32; 16], scale: f32, pairs: &mut [u32; 8]) {
    let scale = _mm256_set1_ps(scale);
    let [first, second] = load(values);
    let first = _mm256_cvtps_epi32(_mm256_mul_ps(first, scale));
    let second = _mm256_cvtps_epi32(_mm256_mul_ps(second, scale));
    // Packing leaves the fours in the order 0, 2, 1, 3.
    let fours = _mm256_permute4x64_epi64::<0b11_01_10_00>(_mm256_packs_epi32(first, second));
    let (low, high) = (0x0706_0302_0504_0100, 0x0f0e_0b0a_0d0c_0908);
    let swap = _mm256_set_epi64x(high, low, high, low);
    // SAFETY: 8 values of 4 bytes are one register.
    unsafe { _mm256_storeu_si256(pairs.as_mut_ptr().cast(), _mm256_shuffle_epi8(fours, swap)) };
}

#[target_feature(enable = "avx2")]
fn load(columns: &[f32; COLUMNS]) -> [__m256; 2] {
    // SAFETY: 16 values of 4 bytes are two registers.
    unsafe {
        [
            _mm256_loadu_ps(columns.as_ptr()),
            _mm256_loadu_ps(columns.as_ptr().add(8)),
        ]
    }
}

#[target_feature(enable = "avx2")]
fn load_words(columns: &[u32; COLUMNS]) -> [__m256i; 2] {
    let columns = columns.as_ptr().cast::<__m256i>();
    // SAFETY: 16 values of 4 bytes are two registers, and unaligned loads are allowed.
    unsafe { [_mm256_loadu_si256(columns), _mm256_loadu_si256(columns.add(1))] }
}
