//! The named resampling filters.
//!
//! Cubics: Mitchell & Netravali, "Reconstruction filters in computer graphics", 1988. Robidoux constants: N. Robidoux.
//! J1: Abramowitz & Stegun 9.4 as rational approximations, |error| < 1e-8.

use std::f64::consts::PI;

/// A filter by name.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs)]
pub enum Filter {
    RobidouxFast,
    Robidoux,
    RobidouxSharp,
    Ginseng,
    GinsengSharp,
    Lanczos,
    LanczosSharp,
    Lanczos2,
    Lanczos2Sharp,
    Cubic,
    CubicSharp,
    CatmullRom,
    Mitchell,
    CubicBSpline,
    Hermite,
    Jinc,
    Triangle,
    Box,
    Fastest,
    NCubic,
    NCubicSharp,
}

/// The shape of a kernel.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Shape {
    Cubic { b: f64, c: f64 },
    Sinc,
    SincJinc,
    Jinc,
    Tent,
    Box,
}

/// A kernel: its shape, the half-width in which taps are visited, and a stretch of its argument.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Kernel {
    shape: Shape,
    window: f64,
    blur: f64,
}

const ROBIDOUX: Shape = Shape::Cubic {
    b: 0.378_215_755_093_998_7,
    c: 0.310_892_122_453_000_7,
};
const ROBIDOUX_SHARP: Shape = Shape::Cubic {
    b: 0.262_014_512_399_014_2,
    c: 0.368_992_743_800_492_9,
};
const SHARP_3: f64 = 0.981_250_564_426_935_6;
const SHARP_2: f64 = 0.954_996_363_978_548_5;

impl Filter {
    /// The kernel of this name.
    pub fn kernel(self) -> Kernel {
        let (shape, window, blur) = match self {
            Filter::RobidouxFast => (ROBIDOUX, 1.05, 1.0),
            Filter::Robidoux => (ROBIDOUX, 2.0, 1.0),
            Filter::RobidouxSharp => (ROBIDOUX_SHARP, 2.0, 1.0),
            Filter::Ginseng => (Shape::SincJinc, 3.0, 1.0),
            Filter::GinsengSharp => (Shape::SincJinc, 3.0, SHARP_3),
            Filter::Lanczos => (Shape::Sinc, 3.0, 1.0),
            Filter::LanczosSharp => (Shape::Sinc, 3.0, SHARP_3),
            Filter::Lanczos2 => (Shape::Sinc, 2.0, 1.0),
            Filter::Lanczos2Sharp => (Shape::Sinc, 2.0, SHARP_2),
            Filter::Cubic => (Shape::Cubic { b: 0.0, c: 1.0 }, 2.0, 1.0),
            Filter::CubicSharp => (Shape::Cubic { b: 0.0, c: 1.0 }, 2.0, SHARP_2),
            Filter::CatmullRom => (Shape::Cubic { b: 0.0, c: 0.5 }, 2.0, 1.0),
            Filter::Mitchell => (
                Shape::Cubic {
                    b: 1.0 / 3.0,
                    c: 1.0 / 3.0,
                },
                2.0,
                1.0,
            ),
            Filter::CubicBSpline => (Shape::Cubic { b: 1.0, c: 0.0 }, 2.0, 1.0),
            Filter::Hermite => (Shape::Cubic { b: 0.0, c: 0.0 }, 1.0, 1.0),
            Filter::Jinc => (Shape::Jinc, 6.0, 1.0),
            Filter::Triangle => (Shape::Tent, 1.0, 1.0),
            Filter::Box => (Shape::Box, 0.5, 1.0),
            Filter::Fastest => (ROBIDOUX, 0.74, 0.74),
            Filter::NCubic => (ROBIDOUX, 2.5, 1.0 / 1.168_577_762_083_693_3),
            Filter::NCubicSharp => (ROBIDOUX_SHARP, 2.5, 1.0 / 1.105_822_933_719_019),
        };
        Kernel {
            shape,
            window,
            blur,
        }
    }

    /// Every filter.
    pub const ALL: [Filter; 21] = [
        Filter::RobidouxFast,
        Filter::Robidoux,
        Filter::RobidouxSharp,
        Filter::Ginseng,
        Filter::GinsengSharp,
        Filter::Lanczos,
        Filter::LanczosSharp,
        Filter::Lanczos2,
        Filter::Lanczos2Sharp,
        Filter::Cubic,
        Filter::CubicSharp,
        Filter::CatmullRom,
        Filter::Mitchell,
        Filter::CubicBSpline,
        Filter::Hermite,
        Filter::Jinc,
        Filter::Triangle,
        Filter::Box,
        Filter::Fastest,
        Filter::NCubic,
        Filter::NCubicSharp,
    ];
}

impl Kernel {
    /// Half-width in which taps are visited, in output-scale pixels.
    pub fn window(&self) -> f64 {
        self.window
    }

    /// The kernel's value at distance `x`.
    pub fn at(&self, x: f64) -> f64 {
        let t = x.abs() / self.blur;
        match self.shape {
            Shape::Cubic { b, c } => cubic(t, b, c),
            Shape::Sinc if t == 0.0 => 1.0,
            Shape::Sinc if t > self.window => 0.0,
            Shape::Sinc => {
                self.window * (PI * t / self.window).sin() * (PI * t).sin() / (PI * PI * t * t)
            }
            Shape::SincJinc if t == 0.0 => 1.0,
            Shape::SincJinc if t > 3.0 => 0.0,
            Shape::SincJinc => {
                let j = 1.219_669_891_266_504_5 * PI * t / self.window;
                2.0 * bessel_j1(j) / j * (PI * t).sin() / (PI * t)
            }
            Shape::Jinc if t == 0.0 => PI / 2.0,
            Shape::Jinc => bessel_j1(PI * t) / t,
            Shape::Tent => (1.0 - t).max(0.0),
            Shape::Box => f64::from(u8::from(
                x / self.blur >= -self.window && x / self.blur < self.window,
            )),
        }
    }

    /// Ratio of the kernel's negative to its positive area: the sharpening it does by itself.
    pub fn negative_ratio(&self) -> f64 {
        let step = self.window / 50.0;
        let mut last = self.at(-step);
        let (mut positive, mut negative) = (0.0, 0.0);
        for k in 0..=52 {
            let value = self.at(f64::from(k) * step);
            let area = (last + value) / 2.0 * step;
            if area > 0.0 {
                positive += area
            } else {
                negative -= area
            }
            last = value;
        }
        negative / positive
    }
}

fn cubic(t: f64, b: f64, c: f64) -> f64 {
    if t < 1.0 {
        (1.0 - b / 3.0) + t * t * ((-3.0 + 2.0 * b + c) + t * (2.0 - 1.5 * b - c))
    } else if t < 2.0 {
        (4.0 * b / 3.0 + 4.0 * c)
            + t * ((-8.0 * c - 2.0 * b) + t * ((b + 5.0 * c) + t * (-b / 6.0 - c)))
    } else {
        0.0
    }
}

fn poly(y: f64, c: &[f64]) -> f64 {
    c.iter().rev().fold(0.0, |v, k| v * y + k)
}

/// Bessel function of the first kind, order 1.
fn bessel_j1(x: f64) -> f64 {
    let ax = x.abs();
    if ax < 8.0 {
        let y = x * x;
        let p = poly(
            y,
            &[
                72_362_614_232.0,
                -7_895_059_235.0,
                242_396_853.1,
                -2_972_611.439,
                15_704.482_60,
                -30.160_366_06,
            ],
        );
        let q = poly(
            y,
            &[
                144_725_228_442.0,
                2_300_535_178.0,
                18_583_304.74,
                99_447.433_94,
                376.999_139_7,
                1.0,
            ],
        );
        return x * p / q;
    }
    let z = 8.0 / ax;
    let y = z * z;
    let p = poly(
        y,
        &[
            1.0,
            0.183_105e-2,
            -0.351_639_649_6e-4,
            0.245_752_017_4e-5,
            -0.240_337_019e-6,
        ],
    );
    let q = poly(
        y,
        &[
            0.046_874_999_95,
            -0.200_269_087_3e-3,
            0.844_919_909_6e-5,
            -0.882_289_87e-6,
            0.105_787_412e-6,
        ],
    );
    let phase = ax - 2.356_194_491;
    let value = (std::f64::consts::FRAC_2_PI / ax).sqrt() * (phase.cos() * p - z * phase.sin() * q);
    if x < 0.0 { -value } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn natural_negative_ratios_are_those_of_the_table() {
        for (filter, ratio) in [
            (Filter::Robidoux, 0.0270),
            (Filter::RobidouxFast, 0.0),
            (Filter::RobidouxSharp, 0.0392),
            (Filter::Ginseng, 0.1319),
            (Filter::GinsengSharp, 0.1316),
            (Filter::Lanczos, 0.1373),
            (Filter::LanczosSharp, 0.1369),
            (Filter::Lanczos2, 0.0760),
            (Filter::Cubic, 0.1335),
            (Filter::CatmullRom, 0.0715),
            (Filter::Mitchell, 0.0315),
            (Filter::Hermite, 0.0),
            (Filter::Jinc, 0.1392),
            (Filter::NCubic, 0.0262),
            (Filter::NCubicSharp, 0.0383),
            (Filter::Fastest, 0.0),
        ] {
            let got = filter.kernel().negative_ratio();
            assert!(
                (got - ratio).abs() < 6e-5,
                "{filter:?}: {got} against {ratio}"
            );
        }
    }

    #[test]
    fn j1_matches_known_values() {
        // Abramowitz & Stegun, table 9.1.
        for (x, want) in [
            (1.0, 0.440_050_585_7),
            (5.0, -0.327_579_137_6),
            (10.0, 0.043_472_746_17),
        ] {
            assert!((bessel_j1(x) - want).abs() < 1e-8);
        }
    }
}
