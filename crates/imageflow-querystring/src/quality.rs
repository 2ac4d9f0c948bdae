//! Quality profiles: a name or percentage, and the pixel density of the screen, to one number per codec.
//!
//! The table's rows are points on a scale; anything between two rows is interpolated.

use imageflow_types::QualityProfile;

/// One number per codec for the same visible quality.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct QualityRow {
    /// Place on the scale, 0 to 100.
    pub percent: f32,
    /// SSIMULACRA 2 score.
    pub ssim2: f32,
    /// mozjpeg quality, 0 to 100.
    pub mozjpeg: f32,
    /// jpegli quality, 0 to 100.
    pub jpegli: f32,
    /// WebP quality, 0 to 100.
    pub webp: f32,
    /// WebP effort, 0 to 6.
    pub webp_method: u8,
    /// AVIF quality, 0 to 100.
    pub avif: f32,
    /// AVIF speed, 0 to 10.
    pub avif_speed: u8,
    /// JPEG XL butteraugli distance, 0 is lossless.
    pub jxl_distance: f32,
    /// JPEG XL effort, 0 to 9.
    pub jxl_effort: u8,
    /// Palette quality below which PNG is lossless instead, 0 to 100.
    pub png_min: u8,
    /// Palette quality to aim for, 0 to 100.
    pub png_max: u8,
    /// Palette search speed, 1 to 10.
    pub png_speed: u8,
}

const fn row(
    scale: [f32; 2],
    jpeg: [f32; 2],
    rest: [f32; 3],
    png: [u8; 3],
    efforts: [u8; 3],
) -> QualityRow {
    let ([percent, ssim2], [mozjpeg, jpegli], [webp, avif, jxl_distance]) = (scale, jpeg, rest);
    let ([png_min, png_max, png_speed], [webp_method, avif_speed, jxl_effort]) = (png, efforts);
    QualityRow {
        percent,
        ssim2,
        mozjpeg,
        jpegli,
        webp,
        webp_method,
        avif,
        avif_speed,
        jxl_distance,
        jxl_effort,
        png_min,
        png_max,
        png_speed,
    }
}

/// percent, ssim2 · mozjpeg, jpegli · WebP, AVIF, JPEG XL distance · PNG least, most, speed · WebP, AVIF, JPEG XL effort.
/// Both scale columns increase strictly.
const ROWS: [QualityRow; 9] = [
    row(
        [0.0, 0.0],
        [0.0, 0.0],
        [0.0, 0.0, 25.0],
        [0, 4, 4],
        [5, 6, 6],
    ),
    row(
        [15.0, 10.0],
        [15.0, 15.0],
        [15.0, 23.0, 13.0],
        [0, 10, 4],
        [6, 6, 5],
    ),
    row(
        [20.0, 30.0],
        [20.0, 20.0],
        [20.0, 34.0, 7.4],
        [0, 20, 4],
        [6, 6, 6],
    ),
    row(
        [34.0, 50.0],
        [34.0, 34.0],
        [34.0, 45.0, 4.3],
        [0, 35, 4],
        [6, 6, 5],
    ),
    row(
        [55.0, 60.0],
        [57.0, 52.0],
        [53.0, 44.0, 3.92],
        [0, 55, 4],
        [5, 6, 5],
    ),
    row(
        [73.0, 70.0],
        [73.0, 73.0],
        [76.0, 55.0, 2.58],
        [50, 100, 4],
        [6, 6, 5],
    ),
    row(
        [91.0, 85.0],
        [91.0, 91.0],
        [93.0, 66.0, 1.0],
        [80, 100, 4],
        [5, 6, 5],
    ),
    row(
        [96.0, 90.0],
        [96.0, 96.0],
        [96.0, 100.0, 0.5],
        [90, 100, 4],
        [5, 6, 0],
    ),
    row(
        [100.0, 100.0],
        [100.0, 100.0],
        [100.0, 100.0, 0.0],
        [100, 100, 4],
        [6, 5, 6],
    ),
];

/// The pixel density the table's numbers are meant for.
const TABLE_DPR: f32 = 3.0;

/// Finds the row of a profile, adjusted to a device pixel ratio (absent means 3, the table's own). Never fails.
#[must_use]
pub fn quality_row(profile: QualityProfile, dpr: Option<f32>) -> QualityRow {
    let row = between(percent_of(profile), |row| row.percent);
    match dpr {
        Some(dpr) if dpr.is_finite() && dpr != TABLE_DPR => {
            let target = row.ssim2 * (TABLE_DPR / dpr.clamp(0.1, 12.0));
            between(target.clamp(10.0, 90.0), |row| row.ssim2)
        }
        _ => row,
    }
}

/// The place of a profile on the scale, 0 to 100.
#[must_use]
pub fn percent_of(profile: QualityProfile) -> f32 {
    match profile {
        QualityProfile::Lowest => 15.0,
        QualityProfile::Low => 20.0,
        QualityProfile::MediumLow => 34.0,
        QualityProfile::Medium => 55.0,
        QualityProfile::Good => 73.0,
        QualityProfile::High => 91.0,
        QualityProfile::Highest => 96.0,
        QualityProfile::Lossless => 100.0,
        QualityProfile::Percent(percent) if percent.is_nan() => 0.0,
        QualityProfile::Percent(percent) => percent.clamp(0.0, 100.0),
    }
}

/// Interpolates the row at a place on one of the scale columns, 0 to 100.
fn between(place: f32, column: fn(&QualityRow) -> f32) -> QualityRow {
    // The row of zeros is only there to interpolate from.
    let [zeros, rows @ ..] = &ROWS;
    let mut lower = zeros;
    for higher in rows {
        if column(higher) == place {
            return *higher;
        }
        if column(higher) > place {
            return mix(lower, higher, place, column);
        }
        lower = higher;
    }
    *lower
}

fn mix(
    lower: &QualityRow,
    higher: &QualityRow,
    place: f32,
    column: fn(&QualityRow) -> f32,
) -> QualityRow {
    let t = (place - column(lower)) / (column(higher) - column(lower));
    let at = |number: fn(&QualityRow) -> f32| number(lower) + t * (number(higher) - number(lower));
    QualityRow {
        percent: place,
        ssim2: at(|r| r.ssim2),
        mozjpeg: at(|r| r.mozjpeg),
        jpegli: at(|r| r.jpegli),
        webp: at(|r| r.webp),
        avif: at(|r| r.avif),
        jxl_distance: at(|r| r.jxl_distance),
        png_min: at(|r| f32::from(r.png_min)) as u8,
        png_max: at(|r| f32::from(r.png_max)) as u8,
        ..*higher
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_found_and_interpolated() {
        assert_eq!(quality_row(QualityProfile::Good, None), ROWS[5]);
        assert_eq!(
            quality_row(QualityProfile::Percent(73.0), Some(3.0)),
            ROWS[5]
        );
        let row = quality_row(QualityProfile::Percent(7.5), None);
        assert_eq!((row.mozjpeg, row.png_max, row.jxl_effort), (7.5, 7, 5));
    }

    #[test]
    fn denser_screens_need_less() {
        assert_eq!(quality_row(QualityProfile::Good, Some(2.0)), ROWS[7]);
        assert!(quality_row(QualityProfile::Good, Some(6.0)).mozjpeg < 73.0);
        for odd in [f32::NAN, f32::INFINITY, 0.0, -1.0, 1e9] {
            let row = quality_row(QualityProfile::Lowest, Some(odd));
            assert!((0.0..=100.0).contains(&row.mozjpeg), "{odd}");
        }
    }
}
