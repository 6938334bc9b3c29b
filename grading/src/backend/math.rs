//! Small loops written so that the compiler can use wide registers. Sums run in a fixed order of
//! sixteen lanes, so results do not depend on where a value lies in a batch.

use pulp::{Arch, NullaryFnOnce};

const LANES: usize = 16;

/// Scalar product.
pub fn dot(a: &[f32], b: &[f32]) -> f32 {
    Arch::new().dispatch(Dot(a, b))
}

/// A closure would not be inlined, and so not be compiled for wide registers.
struct Dot<'a>(&'a [f32], &'a [f32]);

impl NullaryFnOnce for Dot<'_> {
    type Output = f32;

    #[inline(always)]
    fn call(self) -> f32 {
        dot_lanes(self.0, self.1)
    }
}

#[inline(always)]
pub fn dot_lanes(a: &[f32], b: &[f32]) -> f32 {
    let mut lanes = [0.0f32; LANES];
    let (a_chunks, b_chunks) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let tail: f32 = a_chunks
        .remainder()
        .iter()
        .zip(b_chunks.remainder())
        .map(|(x, y)| x * y)
        .sum();
    for (x, y) in a_chunks.zip(b_chunks) {
        for lane in 0..LANES {
            lanes[lane] += x[lane] * y[lane];
        }
    }
    sum_lanes(&lanes) + tail
}

#[inline(always)]
pub fn sum(a: &[f32]) -> f32 {
    let mut lanes = [0.0f32; LANES];
    let chunks = a.chunks_exact(LANES);
    let tail: f32 = chunks.remainder().iter().sum();
    for x in chunks {
        for lane in 0..LANES {
            lanes[lane] += x[lane];
        }
    }
    sum_lanes(&lanes) + tail
}

/// A function of its own, since the compiler would otherwise arrange the loops before it for the pairs in here.
#[inline(never)]
fn sum_lanes(lanes: &[f32; LANES]) -> f32 {
    let mut width = LANES / 2;
    let mut lanes = *lanes;
    while width > 0 {
        for lane in 0..width {
            lanes[lane] += lanes[lane + width];
        }
        width /= 2;
    }
    lanes[0]
}

/// The largest value; minus infinity of none.
#[inline(always)]
pub fn largest(values: &[f32]) -> f32 {
    let mut lanes = [f32::NEG_INFINITY; 16];
    let chunks = values.chunks_exact(16);
    let tail = chunks.remainder().iter().copied().fold(f32::NEG_INFINITY, f32::max);
    for values in chunks {
        for lane in 0..16 {
            // Not `max`, which takes care of values that are no numbers.
            if values[lane] > lanes[lane] {
                lanes[lane] = values[lane];
            }
        }
    }
    lanes.into_iter().fold(tail, f32::max)
}

/// e^x for x ≤ 0 or moderate x, to about one unit in the last place (Cephes polynomial).
#[inline(always)]
pub fn exp(x: f32) -> f32 {
    let x = x.clamp(-87.0, 88.0);
    // Adding this constant rounds to a whole number and leaves it in the lowest bits. Unlike a cast, that runs in wide
    // registers: casts saturate, and additions of integers are checked.
    const WHOLE: f32 = 12_582_912.0;
    let shifted = x.mul_add(std::f32::consts::LOG2_E, WHOLE);
    let n = shifted - WHOLE;
    let r = n.mul_add(-0.693_359_4, x);
    let r = n.mul_add(2.121_944_4e-4, r);
    let mut p = 1.987_569_1e-4f32;
    for c in [1.398_199_9e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_5e-1, 0.5] {
        p = p.mul_add(r, c);
    }
    let p = p.mul_add(r * r, r) + 1.0;
    p * f32::from_bits(shifted.to_bits().wrapping_add(127) << 23)
}

/// The error function to about 2e-7, as a ratio of polynomials.
#[inline(always)]
pub fn erf(x: f32) -> f32 {
    let x = x.clamp(-4.0, 4.0);
    let y = x * x;
    let mut p = -2.726_142_3e-10f32;
    for c in [
        2.770_681_4e-8,
        -2.101_024e-6,
        -5.692_506_5e-5,
        -7.349_906_3e-4,
        -2.954_6e-3,
        -1.609_603_3e-2,
    ] {
        p = p.mul_add(y, c);
    }
    let mut q = -1.456_607_2e-5f32;
    for c in [-2.133_740_6e-4, -1.682_827e-3, -7.373_329_2e-3, -1.426_473_9e-2] {
        q = q.mul_add(y, c);
    }
    x * p / q
}

#[inline(always)]
pub fn gelu(x: f32) -> f32 {
    0.5 * x * (1.0 + erf(x * std::f32::consts::FRAC_1_SQRT_2))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// erf by its Taylor series in f64.
    fn erf_series(x: f64) -> f64 {
        let (mut term, mut sum) = (x, x);
        for n in 1..200 {
            term *= -x * x / f64::from(n);
            sum += term / f64::from(2 * n + 1);
        }
        sum * 2.0 / std::f64::consts::PI.sqrt()
    }

    #[test]
    fn exp_and_erf_are_exact_to_single_precision() {
        for step in -400..=400 {
            let x = step as f32 / 100.0;
            assert!((f64::from(erf(x)) - erf_series(f64::from(x))).abs() < 4e-7, "erf {x}");
            let exact = f64::from(x).exp();
            assert!((f64::from(exp(x)) / exact - 1.0).abs() < 3e-7, "exp {x}");
        }
        assert!(exp(-1000.0) < 1e-37 && exp(0.0) == 1.0);
        assert!((erf(9.0) - 1.0).abs() < 1e-6);
    }

    #[test]
    fn sums_do_not_lose_the_tail() {
        let a: Vec<f32> = (0..37).map(|n| n as f32).collect();
        assert_eq!(sum(&a), 666.0);
        assert_eq!(dot(&a, &a), a.iter().map(|x| x * x).sum::<f32>());
    }
}
