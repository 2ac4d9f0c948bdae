//! Which colours a PNG means: cICP before iCCP before sRGB before gAMA with cHRM (PNG third edition §4.3, without the
//! chunks a newer one overrides). What cannot be used is left out, and the next one counts. The brightest pixel of PQ is
//! what cLLI says.

use std::io::Read;

use imageflow_pixels::JobControl;

use super::chunks::Ancillary;
use crate::color::{Embedded, HdrTransform, RgbTransform, embedded, leave_out, signalled};
use crate::decoder::DecodeOptions;
use crate::error::CodecError;
use crate::format::ImageFormat;

/// Transfer functions of ITU-T H.273 whose light may be brighter than white.
const PQ: u8 = 16;
const HLG: u8 = 18;
const SRGB: (u8, u8) = (1, 13);
/// cLLI counts in 0.0001 cd/m² (PNG third edition §11.3.2.8).
const CLLI_UNITS_PER_NIT: u32 = 10000;
/// gAMA and cHRM count in this.
const UNIT: f32 = 100_000.0;
/// Bytes a profile may have.
const MAX_PROFILE: u64 = 16 << 20;
const FORMAT: ImageFormat = ImageFormat::Png;

/// The transform to sRGB; `None` when the pixels are sRGB already.
///
/// # Errors
/// [`CodecError::ColorProfile`] when something is unusable and the options ask for an error.
pub(super) fn transform(
    chunks: &Ancillary,
    gray_pixels: bool,
    options: &DecodeOptions,
    control: &JobControl,
) -> Result<Option<RgbTransform>, CodecError> {
    if options.discard_color_profile {
        return Ok(None);
    }
    if let Some(points) = chunks.cicp {
        match code_points(points, chunks.peak) {
            Ok(transform) => return Ok(transform),
            Err(message) => leave_out(FORMAT, message, options, control)?,
        }
    }
    if let Some(chunk) = &chunks.iccp {
        match inflate(chunk) {
            Ok(icc) => match embedded(FORMAT, &icc, gray_pixels, options, control)? {
                Embedded::LeftOut => {}
                used => return Ok(used.transform()),
            },
            Err(message) => leave_out(FORMAT, message, options, control)?,
        }
    }
    if chunks.is_srgb {
        return Ok(None);
    }
    let profile = chunks
        .gamma
        .zip(chunks.chromaticities)
        .and_then(|(gamma, points)| signalled::from_gamma(gamma as f32 / UNIT, &primaries(points)));
    Ok(profile.and_then(|profile| RgbTransform::from_profile(&profile).ok().flatten()))
}

/// What cICP asks for.
fn code_points(
    [primaries, transfer, matrix, full_range]: [u8; 4],
    peak: Option<u32>,
) -> Result<Option<RgbTransform>, String> {
    if matrix != 0 {
        return Err(format!(
            "its cICP chunk names matrix {matrix}, but the samples of a PNG are R, G, B"
        ));
    }
    if full_range != 1 {
        return Err("its cICP chunk says that samples have the range of video".to_owned());
    }
    if (primaries, transfer) == SRGB {
        return Ok(None);
    }
    let unknown = || {
        format!(
            "its cICP chunk names primaries {primaries} with transfer function {transfer}, which are not known"
        )
    };
    if matches!(transfer, PQ | HLG) {
        let nits = peak.map(|peak| peak / CLLI_UNITS_PER_NIT);
        let nits = nits.and_then(|nits| u16::try_from(nits).ok());
        let hdr =
            HdrTransform::from_code_points(primaries, transfer, nits.filter(|nits| *nits > 0));
        return hdr
            .map(|hdr| Some(RgbTransform::from_hdr(hdr)))
            .ok_or_else(unknown);
    }
    let profile = signalled::from_code_points(primaries, transfer).ok_or_else(unknown)?;
    RgbTransform::from_profile(&profile)
}

/// The profile of an iCCP chunk.
pub(crate) fn inflate(chunk: &[u8]) -> Result<Vec<u8>, String> {
    const SIZE: usize = 4;
    let end = chunk.iter().position(|byte| *byte == 0);
    let packed = end.and_then(|end| chunk.get(end + 1..)?.split_first());
    let Some((0, packed)) = packed else {
        return Err("its iCCP chunk has no compressed profile".to_owned());
    };
    let mut icc = Vec::new();
    let mut inflater = flate2::read::ZlibDecoder::new(packed);
    // A profile begins with its size, so no more than that is inflated.
    let size = inflater.by_ref().take(SIZE as u64).read_to_end(&mut icc);
    let size = size.ok().and_then(|_| icc.first_chunk::<SIZE>().copied());
    let size = size.map(|size| u64::from(u32::from_be_bytes(size)));
    match size {
        None => Err("the profile cannot be decompressed".to_owned()),
        Some(size) if size > MAX_PROFILE => Err(format!(
            "a profile of {size} bytes exceeds the limit of {MAX_PROFILE}"
        )),
        Some(size) => {
            // What is there of a truncated profile may suffice.
            let _ = inflater
                .take(size.saturating_sub(SIZE as u64))
                .read_to_end(&mut icc);
            Ok(icc)
        }
    }
}

fn primaries([wx, wy, rx, ry, gx, gy, bx, by]: [u32; 8]) -> signalled::Primaries {
    let point = |x: u32, y: u32| (x as f32 / UNIT, y as f32 / UNIT);
    signalled::Primaries {
        white: point(wx, wy),
        red: point(rx, ry),
        green: point(gx, gy),
        blue: point(bx, by),
    }
}
