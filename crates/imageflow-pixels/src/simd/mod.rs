//! The dispatch table: every kernel once, written for the optimiser in [`kernels`], compiled for each instruction set.
//!
//! The scalar compilation is the definition of correct. The level is a value, so tests can run every level; a level can only
//! be made after detection, which is what makes the calls sound. Kernels use fused multiply-add where the level has it, so
//! float results of two levels differ by rounding (bounded in tests), bytes by at most one step.

mod kernels;

use kernels as k;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Level {
    Scalar,
    #[cfg(target_arch = "x86_64")]
    Avx2,
}

/// An instruction set that this machine was found to have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SimdLevel(Level);

impl SimdLevel {
    /// Plain Rust, no instruction set assumed beyond the target's own.
    pub const SCALAR: SimdLevel = SimdLevel(Level::Scalar);

    /// AVX2 and FMA, when the machine has them.
    pub fn avx2() -> Option<SimdLevel> {
        #[cfg(target_arch = "x86_64")]
        if std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("fma") {
            return Some(SimdLevel(Level::Avx2));
        }
        None
    }

    /// The best level of this machine. The environment variable `IMAGEFLOW_SIMD` (`scalar`, `avx2`) lowers it, for tests and
    /// for instruction counts that can be compared between machines.
    pub fn detect() -> SimdLevel {
        match std::env::var_os("IMAGEFLOW_SIMD") {
            Some(name) if name == "scalar" => Self::SCALAR,
            _ => Self::avx2().unwrap_or(Self::SCALAR),
        }
    }

    /// Every level this machine has, scalar first.
    pub fn all() -> Vec<SimdLevel> {
        std::iter::once(Self::SCALAR).chain(Self::avx2()).collect()
    }
}

/// Defines a public kernel that runs the same source compiled for the level it is given.
macro_rules! kernels {
    ($($(#[$doc:meta])* $name:ident ( $($arg:ident : $ty:ty),* $(,)? );)*) => { $(
        $(#[$doc])*
        #[allow(clippy::too_many_arguments)]
        pub fn $name(level: SimdLevel, $($arg: $ty),*) {
            #[cfg(target_arch = "x86_64")]
            if level.0 == Level::Avx2 {
                #[target_feature(enable = "avx2,fma,bmi1,bmi2,popcnt")]
                fn avx2($($arg: $ty),*) {
                    k::$name::<true>($($arg),*);
                }
                // SAFETY: a `SimdLevel` of AVX2 is only made by `SimdLevel::avx2`, after detection of AVX2 and FMA; every
                // processor with AVX2 has BMI1, BMI2 and POPCNT.
                return unsafe { avx2($($arg),*) };
            }
            let _ = level;
            k::$name::<false>($($arg),*);
        }
    )* };
}

kernels! {
    /// sRGB bytes → linear light floats, channel by channel (the fourth too): for opaque frames. Lengths must be equal.
    linearize(src: &[u8], dst: &mut [f32]);
    /// Straight sRGB BGRA bytes → premultiplied linear light floats. Lengths must be equal multiples of 4.
    linearize_alpha(src: &[u8], dst: &mut [f32]);
    /// Bytes → floats 0..1 without a transfer function. Lengths must be equal.
    unit(src: &[u8], dst: &mut [f32]);
    /// Straight BGRA bytes → premultiplied floats 0..1 without a transfer function.
    unit_alpha(src: &[u8], dst: &mut [f32]);
    /// Filters one row horizontally; see [`crate::resample::Weights`] for `starts` and `weights`. `src` has 16 finite floats
    /// of padding behind its last pixel.
    horizontal(src: &[f32], starts: &[u32], weights: &[f32], dst: &mut [f32]);
    /// The same for four rows at once, each weight loaded once.
    horizontal4(src: [&[f32]; 4], starts: &[u32], weights: &[f32], dst: [&mut [f32]; 4]);
    /// Weighted sum of rows.
    vertical(rows: &[&[f32]], weights: &[f32], dst: &mut [f32]);
    /// Linear light floats → sRGB bytes with the fourth 255.
    encode_srgb(src: &[f32], dst: &mut [u8]);
    /// Premultiplied linear light floats → straight sRGB bytes; fully transparent pixels become 0,0,0,0.
    encode_srgb_alpha(src: &[f32], dst: &mut [u8]);
    /// Floats 0..1 → bytes with the fourth 255, no transfer function.
    encode_unit(src: &[f32], dst: &mut [u8]);
    /// Premultiplied floats 0..1 → straight bytes, no transfer function.
    encode_unit_alpha(src: &[f32], dst: &mut [u8]);
    /// `dst = src + matte·(1 − alpha)` on premultiplied floats, in place.
    under_matte(row: &mut [f32], matte: [f32; 4]);
    /// Adds up blocks of `n` pixels of one row into `dst`, which it first clears when `first`.
    box_sum(src: &[f32], n: usize, first: bool, dst: &mut [f32]);
    /// Linear-light means of 2×2 blocks of a 4:2:0 YCbCr row pair (full range BT.601, as JFIF): two luma rows, one chroma row
    /// each, to BGRA floats. `width` luma pixels count; an odd last column is a block one pixel wide.
    /// `single_row` says that the second luma row does not exist.
    shrink_420(y0: &[u8], y1: &[u8], cb: &[u8], cr: &[u8], width: usize, single_row: bool, dst: &mut [f32]);
}

#[cfg(test)]
mod tests;
