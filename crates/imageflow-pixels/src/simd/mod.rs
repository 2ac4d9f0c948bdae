//! The dispatch table: every kernel once, written for the optimiser in [`kernels`], compiled for each instruction set.
//!
//! The scalar compilation is the definition of correct. The level is a value, so tests can run every level; a level can only
//! be made after detection, which is what makes the calls sound. Kernels use fused multiply-add where the level has it, so
//! float results of two levels differ by rounding (bounded in tests), bytes by at most one step.

mod kernels;
mod score;
mod shrink;
#[cfg(target_arch = "x86_64")]
mod x86_64;

use kernels as k;

pub(crate) use kernels::LINEAR;
pub(crate) use score::REACH;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Debug)]
enum Level {
    Scalar,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// AVX2 and the byte permutes of AVX-512 VBMI.
    #[cfg(target_arch = "x86_64")]
    Vbmi,
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
        if std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("fma")
        {
            return Some(SimdLevel(Level::Avx2));
        }
        None
    }

    /// AVX2, FMA and AVX-512 VBMI, when the machine has them.
    pub fn vbmi() -> Option<SimdLevel> {
        #[cfg(target_arch = "x86_64")]
        if Self::avx2().is_some()
            && std::arch::is_x86_feature_detected!("avx512f")
            && std::arch::is_x86_feature_detected!("avx512bw")
            && std::arch::is_x86_feature_detected!("avx512vl")
            && std::arch::is_x86_feature_detected!("avx512vbmi")
        {
            return Some(SimdLevel(Level::Vbmi));
        }
        None
    }

    /// The best level of this machine. The environment variable `IMAGEFLOW_SIMD` (`scalar`, `avx2`) lowers it, for tests and
    /// for instruction counts that can be compared between machines.
    pub fn detect() -> SimdLevel {
        match std::env::var_os("IMAGEFLOW_SIMD") {
            Some(name) if name == "scalar" => Self::SCALAR,
            Some(name) if name == "avx2" => Self::avx2().unwrap_or(Self::SCALAR),
            _ => Self::vbmi().or_else(Self::avx2).unwrap_or(Self::SCALAR),
        }
    }

    /// The instruction set extensions its kernels are compiled for.
    pub fn features(self) -> &'static [&'static str] {
        match self.0 {
            Level::Scalar => &[],
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => &["avx2", "fma"],
            #[cfg(target_arch = "x86_64")]
            Level::Vbmi => &["avx2", "fma", "avx512vbmi"],
        }
    }

    /// Every level this machine has, scalar first.
    pub fn all() -> Vec<SimdLevel> {
        std::iter::once(Self::SCALAR)
            .chain(Self::avx2())
            .chain(Self::vbmi())
            .collect()
    }
}

/// Defines a public kernel that runs the same source compiled for the level it is given.
macro_rules! kernels {
    ($($(#[$doc:meta])* $name:ident = $module:ident ( $($arg:ident : $ty:ty),* $(,)? );)*) => { $(
        $(#[$doc])*
        #[allow(clippy::too_many_arguments)]
        pub fn $name(level: SimdLevel, $($arg: $ty),*) {
            #[cfg(target_arch = "x86_64")]
            if level.0 >= Level::Avx2 {
                #[target_feature(enable = "avx2,fma,bmi1,bmi2,popcnt")]
                fn avx2($($arg: $ty),*) {
                    $module::$name::<true>($($arg),*);
                }
                // SAFETY: a `SimdLevel` of AVX2 is only made by `SimdLevel::avx2`, after detection of AVX2 and FMA; every
                // processor with AVX2 has BMI1, BMI2 and POPCNT.
                return unsafe { avx2($($arg),*) };
            }
            let _ = level;
            $module::$name::<false>($($arg),*);
        }
    )* };
}

kernels! {
    /// [`linearize`] by arithmetic.
    linearize_by_polynomial = k(src: &[u8], dst: &mut [f32]);
    /// Straight sRGB BGRA bytes → premultiplied linear light floats. Lengths must be equal multiples of 4.
    linearize_alpha = k(src: &[u8], dst: &mut [f32]);
    /// Bytes → floats 0..1 without a transfer function. Lengths must be equal.
    unit = k(src: &[u8], dst: &mut [f32]);
    /// Straight BGRA bytes → premultiplied floats 0..1 without a transfer function.
    unit_alpha = k(src: &[u8], dst: &mut [f32]);
    /// Filters one row horizontally; see [`crate::resample::Weights`] for `starts` and `weights`. `src` has 16 finite floats
    /// of padding behind its last pixel.
    horizontal = k(src: &[f32], starts: &[u32], weights: &[f32], dst: &mut [f32]);
    /// [`horizontal4`] as the compiler sees it.
    horizontal4_portable = k(src: [&[f32]; 4], starts: &[u32], weights: &[f32], dst: [&mut [f32]; 4]);
    /// The colours of four rows of opaque BGRA bytes, packed into three rows of as many pixels: each pixel's twelve colours
    /// in their order, four to a row.
    pack_colors4 = k(src: [&[u8]; 4], dst: [&mut [u8]; 3]);
    /// [`horizontal_colors4`] as the compiler sees it.
    horizontal_colors4_portable = k(src: [&[f32]; 3], starts: &[u32], weights: &[f32], dst: [&mut [f32]; 4]);
    /// Weighted sum of rows.
    vertical = k(rows: &[&[f32]], weights: &[f32], dst: &mut [f32]);
    /// Linear light floats → sRGB bytes with the fourth 255.
    encode_srgb = k(src: &[f32], dst: &mut [u8]);
    /// Premultiplied linear light floats → straight sRGB bytes; fully transparent pixels become 0,0,0,0.
    encode_srgb_alpha = k(src: &[f32], dst: &mut [u8]);
    /// Floats 0..1 → bytes with the fourth 255, no transfer function.
    encode_unit = k(src: &[f32], dst: &mut [u8]);
    /// Premultiplied floats 0..1 → straight bytes, no transfer function.
    encode_unit_alpha = k(src: &[f32], dst: &mut [u8]);
    /// `dst = src + matte·(1 − alpha)` on premultiplied floats, in place. Alpha that a filter took out of range is brought back first.
    under_matte = k(row: &mut [f32], matte: [f32; 4]);
    /// Source-over of premultiplied floats, `under = image + under·(1 − alpha)`; alpha above 0.994 replaces. Alpha
    /// that a filter took out of range is brought back first. Lengths must be equal multiples of 4.
    draw_over = k(image: &[f32], under: &mut [f32]);
    /// Adds up blocks of `n` pixels of one row into `dst`, which it first clears when `first`.
    box_sum = k(src: &[f32], n: usize, first: bool, dst: &mut [f32]);
    /// [`pack_rgb`] as the compiler sees it.
    pack_rgb_portable = k(src: &[u8], dst: &mut [u8]);
    /// Linear-light means of blocks of `n`×`n` luma pixels of 4:2:0 YCbCr planes (full range BT.601, as JFIF), as BGRA
    /// floats: `ceil(width / n)` blocks. `luma` has `n` rows, or fewer at the bottom; `cb` and `cr` one for two of them.
    shrink_420 = shrink(luma: &[&[u8]], cb: &[&[u8]], cr: &[&[u8]], n: usize, width: usize, dst: &mut [f32]);
    /// Linear red, green and blue planes → the XYB of SSIMULACRA2, shifted and scaled to about 0..1. Lengths must be equal.
    positive_xyb = score(linear: [&[f32]; 3], dst: [&mut [f32]; 3]);
    /// Blurs nine rows of two planes vertically: the planes, their squares and their product.
    blur_down = score(a: [&[f32]; 9], b: [&[f32]; 9], dst: [&mut [f32]; 5]);
    /// Blurs what [`blur_down`] made horizontally and adds the errors of a row to six sums: structure, artefact, lost detail,
    /// each plain and to the fourth. `blurred` has four values before the row's first and four behind its last.
    add_errors = score(blurred: [&[f32]; 5], a: &[f32], b: &[f32], sums: &mut [f64; 6]);
}

/// sRGB bytes → linear light floats, channel by channel (the fourth too): for opaque frames. Lengths must be equal.
pub fn linearize(level: SimdLevel, src: &[u8], dst: &mut [f32]) {
    #[cfg(target_arch = "x86_64")]
    if level.0 == Level::Vbmi {
        let whole = src.len() / 64 * 64;
        // SAFETY: a `SimdLevel` of VBMI is only made by `SimdLevel::vbmi`, after detection of all its features.
        unsafe { x86_64::lookup(&LINEAR_PLANES, &src[..whole], &mut dst[..whole]) }
        return linearize_by_polynomial(level, &src[whole..], &mut dst[whole..]);
    }
    linearize_by_polynomial(level, src, dst);
}

/// The bytes of the linear values of all 256 bytes.
#[cfg(target_arch = "x86_64")]
static LINEAR_PLANES: x86_64::BytePlanes = x86_64::BytePlanes::new(&k::LINEAR);

/// [`horizontal`] for four rows at once, each weight loaded once.
pub fn horizontal4(
    level: SimdLevel,
    src: [&[f32]; 4],
    starts: &[u32],
    weights: &[f32],
    dst: [&mut [f32]; 4],
) {
    #[cfg(target_arch = "x86_64")]
    if level.0 >= Level::Avx2 {
        // SAFETY: levels from AVX2 up are only made after detection of AVX2 and FMA.
        return unsafe { x86_64::horizontal4(src, starts, weights, dst) };
    }
    horizontal4_portable(level, src, starts, weights, dst);
}

/// [`horizontal4`] for four opaque rows whose colours lie in three, as [`pack_colors4`] puts them. The fourth channel of what
/// comes out is 1.
pub fn horizontal_colors4(
    level: SimdLevel,
    src: [&[f32]; 3],
    starts: &[u32],
    weights: &[f32],
    dst: [&mut [f32]; 4],
) {
    #[cfg(target_arch = "x86_64")]
    if level.0 >= Level::Avx2 {
        // SAFETY: levels from AVX2 up are only made after detection of AVX2 and FMA.
        return unsafe { x86_64::horizontal_colors4(src, starts, weights, dst) };
    }
    horizontal_colors4_portable(level, src, starts, weights, dst);
}

/// Asks for bytes that will be read soon, so that they are in the first-level cache by then.
pub fn prefetch(bytes: &[u8]) {
    #[cfg(target_arch = "x86_64")]
    x86_64::prefetch(bytes);
    #[cfg(not(target_arch = "x86_64"))]
    let _ = bytes;
}

/// BGRA bytes → packed RGB; the fourth byte is dropped. `dst` has three bytes for four of `src`.
pub fn pack_rgb(level: SimdLevel, src: &[u8], dst: &mut [u8]) {
    #[cfg(target_arch = "x86_64")]
    if level.0 >= Level::Avx2 {
        // SAFETY: levels from AVX2 up are only made after detection of AVX2, which includes SSSE3.
        let done = unsafe { x86_64::pack_rgb(src, dst) };
        return pack_rgb_portable(level, &src[done * 4..], &mut dst[done * 3..]);
    }
    pack_rgb_portable(level, src, dst);
}

#[cfg(test)]
mod tests;
