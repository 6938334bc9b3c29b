//! Products of small blocks on the processor's tile registers (Intel AMX). Here, in `vnni` and in `avx2` is all the `unsafe` there is.
//!
//! Why `unsafe` at all: Rust has no stable intrinsics for these instructions. What makes it sound:
//! `Tiles` exists only after the processor has said that it has the instructions and the kernel has
//! agreed to keep the registers; a `Session` lives on one thread and configures the registers before
//! any use; every product checks that its slices hold exactly what the loop will read, and writes
//! one `Block` that it borrows mutably. The compiler never uses tile registers on its own.

use std::arch::asm;
use std::arch::x86_64::__cpuid_count;
use std::marker::PhantomData;
use std::sync::OnceLock;

use super::tile::{Block, Bytes, Pairs, Terms};

/// Proof that this process may use tile registers.
#[derive(Clone, Copy, Debug)]
pub struct Tiles(());

impl Tiles {
    /// Asks the processor and the kernel, once.
    pub fn get() -> Option<Self> {
        static HAVE: OnceLock<bool> = OnceLock::new();
        HAVE.get_or_init(|| has_instructions() && kernel_agrees())
            .then_some(Self(()))
    }

    /// Configures the registers of this thread; they are given back when the session is dropped.
    pub fn start(self) -> Session {
        let mut config = Config([0; 64]);
        config.0[0] = 1; // the only palette: eight tiles
        for tile in 0..8 {
            config.0[16 + 2 * tile] = 64; // bytes in a row
            config.0[48 + tile] = 16; // rows
        }
        // SAFETY: `self` proves that the instruction exists; it reads the 64 bytes given.
        unsafe { asm!("ldtilecfg [{}]", in(reg) config.0.as_ptr(), options(nostack, readonly)) };
        Session(PhantomData)
    }
}

#[repr(C, align(64))]
struct Config([u8; 64]);

fn has_instructions() -> bool {
    // Leaf 7: bits 22, 24 and 25 of EDX are AMX-BF16, AMX-TILE and AMX-INT8. The wide vector
    // instructions come along on every processor that has these, but the rest of the path needs them.
    let wanted = 1 << 22 | 1 << 24 | 1 << 25;
    std::arch::is_x86_feature_detected!("avx512f") && __cpuid_count(7, 0).edx & wanted == wanted
}

/// Linux keeps tile registers across thread switches only for processes that asked for it.
#[cfg(target_os = "linux")]
fn kernel_agrees() -> bool {
    const ARCH_PRCTL: i64 = 158;
    const REQUEST_PERMISSION: u64 = 0x1023;
    const TILE_DATA: u64 = 18;
    let result: i64;
    // SAFETY: this system call takes two numbers, touches no memory of ours, and fails with an error
    // number where it is unknown.
    unsafe {
        asm!("syscall", inlateout("rax") ARCH_PRCTL => result, in("rdi") REQUEST_PERMISSION, in("rsi") TILE_DATA,
            out("rcx") _, out("r11") _, options(nostack));
    }
    result == 0
}

#[cfg(not(target_os = "linux"))]
fn kernel_agrees() -> bool {
    false
}

/// Configured tile registers of the current thread.
pub struct Session(PhantomData<*const ()>);

impl Drop for Session {
    fn drop(&mut self) {
        // SAFETY: a session exists only where the instruction does.
        unsafe { asm!("tilerelease", options(nomem, nostack)) };
    }
}

// Registers: tmm0–3 collect the four quarters of the block, tmm4–5 hold tiles of `a`, tmm6–7 of `b`.
macro_rules! two_panels {
    ($product:literal, $a:expr, $b:expr, $steps:expr, $out:expr) => {
        asm!(
            "tilezero tmm0", "tilezero tmm1", "tilezero tmm2", "tilezero tmm3",
            "2:",
            "tileloadd tmm4, [{a0} + {s}*1]",
            "tileloadd tmm6, [{b0} + {s}*1]",
            "tileloadd tmm7, [{b1} + {s}*1]",
            concat!($product, " tmm0, tmm4, tmm6"),
            "tileloadd tmm5, [{a1} + {s}*1]",
            concat!($product, " tmm1, tmm4, tmm7"),
            concat!($product, " tmm2, tmm5, tmm6"),
            concat!($product, " tmm3, tmm5, tmm7"),
            "add {a0}, 1024", "add {a1}, 1024", "add {b0}, 1024", "add {b1}, 1024",
            "dec {n}",
            "jnz 2b",
            "tilestored [{c} + {cs}*1], tmm0",
            "tilestored [{c} + {cs}*1 + 64], tmm1",
            "tilestored [{c} + {cs}*1 + 2048], tmm2",
            "tilestored [{c} + {cs}*1 + 2112], tmm3",
            a0 = inout(reg) $a => _, a1 = inout(reg) $a.add(1024 * $steps) => _,
            b0 = inout(reg) $b => _, b1 = inout(reg) $b.add(1024 * $steps) => _,
            s = in(reg) 64usize, n = inout(reg) $steps => _, c = in(reg) $out, cs = in(reg) 128usize,
            out("tmm0") _, out("tmm1") _, out("tmm2") _, out("tmm3") _,
            out("tmm4") _, out("tmm5") _, out("tmm6") _, out("tmm7") _, options(nostack)
        )
    };
}

macro_rules! one_panel {
    ($product:literal, $a:expr, $b:expr, $steps:expr, $out:expr) => {
        asm!(
            "tilezero tmm0", "tilezero tmm1",
            "2:",
            "tileloadd tmm4, [{a0} + {s}*1]",
            "tileloadd tmm6, [{b0} + {s}*1]",
            "tileloadd tmm7, [{b1} + {s}*1]",
            concat!($product, " tmm0, tmm4, tmm6"),
            concat!($product, " tmm1, tmm4, tmm7"),
            "add {a0}, 1024", "add {b0}, 1024", "add {b1}, 1024",
            "dec {n}",
            "jnz 2b",
            "tilestored [{c} + {cs}*1], tmm0",
            "tilestored [{c} + {cs}*1 + 64], tmm1",
            a0 = inout(reg) $a => _, b0 = inout(reg) $b => _, b1 = inout(reg) $b.add(1024 * $steps) => _,
            s = in(reg) 64usize, n = inout(reg) $steps => _, c = in(reg) $out, cs = in(reg) 128usize,
            out("tmm0") _, out("tmm1") _, out("tmm4") _, out("tmm6") _, out("tmm7") _, options(nostack)
        )
    };
}

impl Session {
    /// `out = a · b` for one or two panels of 16 rows and two blocks of 16 columns, `steps` × 32 values deep.
    /// With three terms each step holds two tiles, the rounded values and what rounding lost.
    pub fn pairs(&self, terms: Terms, a: &[Pairs], panels: usize, b: &[Pairs], steps: usize, out: &mut Block) {
        check(a.len(), panels, b.len(), steps, terms.tiles());
        let (a, b, out) = (a.as_ptr().cast::<u8>(), b.as_ptr().cast::<u8>(), out.0.as_mut_ptr());
        // SAFETY: see the head of the file; `check` has compared the lengths with what is read.
        unsafe {
            match (terms, panels) {
                (Terms::One, 1) => one_panel!("tdpbf16ps", a, b, steps, out),
                (Terms::One, _) => two_panels!("tdpbf16ps", a, b, steps, out),
                (Terms::Three, 1) => three_terms_one_panel(a, b, steps, out),
                (Terms::Three, _) => three_terms_two_panels(a, b, steps, out),
            }
        }
    }

    /// The same for signed bytes, 64 values a step; the block holds 32-bit integers.
    pub fn bytes(&self, a: &[Bytes], panels: usize, b: &[Bytes], steps: usize, out: &mut Block) {
        check(a.len(), panels, b.len(), steps, 1);
        let (a, b, out) = (a.as_ptr().cast::<u8>(), b.as_ptr().cast::<u8>(), out.0.as_mut_ptr());
        // SAFETY: as above.
        unsafe {
            match panels {
                1 => one_panel!("tdpbssd", a, b, steps, out),
                _ => two_panels!("tdpbssd", a, b, steps, out),
            }
        }
    }
}

fn check(a: usize, panels: usize, b: usize, steps: usize, tiles: usize) {
    assert!(
        steps > 0 && (panels == 1 || panels == 2),
        "a block has one or two panels"
    );
    assert!(
        a == panels * steps * tiles && b == 2 * steps * tiles,
        "the panels are not of one depth"
    );
}

/// Each step: lost·rounded, rounded·rounded, rounded·lost, in this order for every value.
unsafe fn three_terms_two_panels(a: *const u8, b: *const u8, steps: usize, out: *mut u32) {
    // SAFETY: the caller has checked that `a` and `b` hold 2 × steps × 2 tiles of 1024 bytes.
    unsafe {
        asm!(
            "tilezero tmm0", "tilezero tmm1", "tilezero tmm2", "tilezero tmm3",
            "2:",
            "tileloadd tmm4, [{a0} + {s}*1 + 1024]",
            "tileloadd tmm6, [{b0} + {s}*1]",
            "tileloadd tmm7, [{b1} + {s}*1]",
            "tdpbf16ps tmm0, tmm4, tmm6",
            "tileloadd tmm5, [{a1} + {s}*1 + 1024]",
            "tdpbf16ps tmm1, tmm4, tmm7",
            "tdpbf16ps tmm2, tmm5, tmm6",
            "tileloadd tmm4, [{a0} + {s}*1]",
            "tdpbf16ps tmm3, tmm5, tmm7",
            "tileloadd tmm5, [{a1} + {s}*1]",
            "tdpbf16ps tmm0, tmm4, tmm6",
            "tdpbf16ps tmm1, tmm4, tmm7",
            "tdpbf16ps tmm2, tmm5, tmm6",
            "tileloadd tmm6, [{b0} + {s}*1 + 1024]",
            "tdpbf16ps tmm3, tmm5, tmm7",
            "tileloadd tmm7, [{b1} + {s}*1 + 1024]",
            "tdpbf16ps tmm0, tmm4, tmm6",
            "tdpbf16ps tmm1, tmm4, tmm7",
            "tdpbf16ps tmm2, tmm5, tmm6",
            "tdpbf16ps tmm3, tmm5, tmm7",
            "add {a0}, 2048", "add {a1}, 2048", "add {b0}, 2048", "add {b1}, 2048",
            "dec {n}",
            "jnz 2b",
            "tilestored [{c} + {cs}*1], tmm0",
            "tilestored [{c} + {cs}*1 + 64], tmm1",
            "tilestored [{c} + {cs}*1 + 2048], tmm2",
            "tilestored [{c} + {cs}*1 + 2112], tmm3",
            a0 = inout(reg) a => _, a1 = inout(reg) a.add(2048 * steps) => _,
            b0 = inout(reg) b => _, b1 = inout(reg) b.add(2048 * steps) => _,
            s = in(reg) 64usize, n = inout(reg) steps => _, c = in(reg) out, cs = in(reg) 128usize,
            out("tmm0") _, out("tmm1") _, out("tmm2") _, out("tmm3") _,
            out("tmm4") _, out("tmm5") _, out("tmm6") _, out("tmm7") _, options(nostack)
        );
    }
}

unsafe fn three_terms_one_panel(a: *const u8, b: *const u8, steps: usize, out: *mut u32) {
    // SAFETY: the caller has checked that `a` holds steps × 2 tiles and `b` twice as many.
    unsafe {
        asm!(
            "tilezero tmm0", "tilezero tmm1",
            "2:",
            "tileloadd tmm5, [{a0} + {s}*1 + 1024]",
            "tileloadd tmm6, [{b0} + {s}*1]",
            "tileloadd tmm7, [{b1} + {s}*1]",
            "tdpbf16ps tmm0, tmm5, tmm6",
            "tdpbf16ps tmm1, tmm5, tmm7",
            "tileloadd tmm4, [{a0} + {s}*1]",
            "tdpbf16ps tmm0, tmm4, tmm6",
            "tdpbf16ps tmm1, tmm4, tmm7",
            "tileloadd tmm6, [{b0} + {s}*1 + 1024]",
            "tileloadd tmm7, [{b1} + {s}*1 + 1024]",
            "tdpbf16ps tmm0, tmm4, tmm6",
            "tdpbf16ps tmm1, tmm4, tmm7",
            "add {a0}, 2048", "add {b0}, 2048", "add {b1}, 2048",
            "dec {n}",
            "jnz 2b",
            "tilestored [{c} + {cs}*1], tmm0",
            "tilestored [{c} + {cs}*1 + 64], tmm1",
            a0 = inout(reg) a => _, b0 = inout(reg) b => _, b1 = inout(reg) b.add(2048 * steps) => _,
            s = in(reg) 64usize, n = inout(reg) steps => _, c = in(reg) out, cs = in(reg) 128usize,
            out("tmm0") _, out("tmm1") _, out("tmm4") _, out("tmm5") _, out("tmm6") _, out("tmm7") _,
            options(nostack)
        );
    }
}
