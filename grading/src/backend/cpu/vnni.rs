//! Products of bytes with AVX-512 VNNI, for processors without tile registers. The sums are whole
//! numbers, so the result is the same, bit for bit, as that of `tiles` and of `plain`.

use std::arch::x86_64::{
    __m512i, _mm512_dpbusd_epi32, _mm512_loadu_si512, _mm512_set1_epi32, _mm512_setzero_si512, _mm512_storeu_si512,
    _mm512_sub_epi32,
};

use super::tile::{Block, Bytes};

/// Proof that the processor has the instructions.
#[derive(Clone, Copy, Debug)]
pub struct Vnni(());

impl Vnni {
    pub fn get() -> Option<Self> {
        let has = std::arch::is_x86_feature_detected!("avx512f") && std::arch::is_x86_feature_detected!("avx512vnni");
        has.then_some(Self(()))
    }

    /// As `Session::bytes`.
    pub fn bytes(self, a: &[Bytes], panels: usize, b: &[Bytes], steps: usize, out: &mut Block) {
        assert!(
            a.len() == panels * steps && b.len() == 2 * steps,
            "the panels are not of one depth"
        );
        for (panel, a) in a.chunks_exact(steps).enumerate() {
            for half in 0..2 {
                // SAFETY: `self` proves that the instructions exist.
                unsafe { eight_rows(a, half * 8, b, &mut out.0[(panel * 16 + half * 8) * 32..][..8 * 32]) };
            }
        }
    }
}

/// Rows `first..first + 8` of a panel times two blocks of 16 columns.
#[target_feature(enable = "avx512f,avx512vnni")]
fn eight_rows(a: &[Bytes], first: usize, b: &[Bytes], out: &mut [u32]) {
    // The instruction multiplies unsigned by signed bytes: 128 is added to each left value and, by way
    // of the two sums in `extra`, 128 times the column is taken off again.
    let shift = _mm512_set1_epi32(0x8080_8080_u32 as i32);
    let mut sums = [[_mm512_setzero_si512(); 2]; 8];
    let mut extra = [_mm512_setzero_si512(); 2];
    let (left, right) = b.split_at(a.len());
    for ((a, left), right) in a.iter().zip(left).zip(right) {
        for group in 0..16 {
            let columns = [load(&left.0, group), load(&right.0, group)];
            for side in 0..2 {
                extra[side] = _mm512_dpbusd_epi32(extra[side], shift, columns[side]);
            }
            for (row, sums) in sums.iter_mut().enumerate() {
                let at = (first + row) * 64 + group * 4;
                let four = i32::from_le_bytes([a.0[at] as u8, a.0[at + 1] as u8, a.0[at + 2] as u8, a.0[at + 3] as u8]);
                let four = _mm512_set1_epi32(four ^ 0x8080_8080_u32 as i32);
                for side in 0..2 {
                    sums[side] = _mm512_dpbusd_epi32(sums[side], four, columns[side]);
                }
            }
        }
    }
    for (sums, out) in sums.iter().zip(out.chunks_exact_mut(32)) {
        for (side, out) in out.chunks_exact_mut(16).enumerate() {
            let sum = _mm512_sub_epi32(sums[side], extra[side]);
            // SAFETY: `out` is 16 values of 4 bytes, which is what is written.
            unsafe { _mm512_storeu_si512(out.as_mut_ptr().cast(), sum) };
        }
    }
}

#[target_feature(enable = "avx512f")]
fn load(bytes: &[i8; 1024], group: usize) -> __m512i {
    let bytes: &[i8] = &bytes[group * 64..][..64];
    // SAFETY: the slice is 64 bytes long, which is what is read.
    unsafe { _mm512_loadu_si512(bytes.as_ptr().cast()) }
}
