//! The encoder's blocks on this machine's processor, for the `flex` backend.
//!
//! Single precision runs on tile registers where there are some: each factor is split into two
//! bfloat16 parts, and three products of parts make one exact to about 2⁻¹⁷; sums are single
//! precision. With AVX2 and nothing wider, rows are multiplied as they are (`panels`); elsewhere burn's
//! own product does it. Bytes (`Precision::Int8`) are rounded per row of activations and per column of
//! weights, so that no row's result depends on another's, and summed as whole numbers, so that every
//! unit gives the same result.

pub mod layer;
pub mod matrix;
pub mod tile;
pub mod unit;

mod attention;
#[cfg(target_arch = "x86_64")]
#[allow(
    unsafe_code,
    reason = "loads and stores of whole registers; argued at the head of the file"
)]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod heads;
#[cfg(target_arch = "x86_64")]
mod panels;
#[cfg(target_arch = "x86_64")]
#[allow(
    unsafe_code,
    reason = "no stable intrinsics for tile registers; argued at the head of the file"
)]
mod tiles;
#[cfg(target_arch = "x86_64")]
#[allow(
    unsafe_code,
    reason = "loads and stores of whole registers; lengths are checked by slicing"
)]
mod vnni;

pub use unit::Unit;

#[cfg(test)]
mod tests;
