//! Which samples the decoder is asked for, and how they become sRGB.
//!
//! A file says its colours by an ICC profile or by numbers. XYB files are converted by the decoder to the colours the numbers
//! say, or to sRGB where there is a profile; everything else comes as it is stored. What is not sRGB then is converted here:
//! numbers from 16 bits, because linear light and HDR band in 8, profiles from 8 as for all formats.

use std::borrow::Cow;

use imageflow_pixels::JobControl;
use jxl::api::{
    Endianness, ExtraChannel, JxlBasicInfo, JxlColorEncoding, JxlColorProfile, JxlColorType,
    JxlDataFormat, JxlDecoder, JxlPixelFormat, JxlPrimaries, JxlTransferFunction, JxlWhitePoint,
};
use moxcms::DataColorSpace;

use super::stream::malformed;
use crate::color::{
    CmykTransform, HdrTransform, RgbTransform, WideTransform, embedded, embedded_cmyk, leave_out,
    signalled,
};
use crate::decoder::DecodeOptions;
use crate::error::CodecError;
use crate::format::ImageFormat;

/// The most light PQ can say, in cd/m².
const PQ_PEAK_NITS: f32 = 10_000.0;

const EIGHT: JxlDataFormat = JxlDataFormat::U8 { bit_depth: 8 };

/// What the decoder's rows hold, and how they become B, G, R, A bytes in sRGB.
#[derive(Debug)]
pub(super) enum Conversion {
    /// B, G, R, A bytes.
    Bytes(Option<RgbTransform>),
    /// R, G, B, A of 16 bits.
    Wide(WideTransform),
    /// C, M, Y, K bytes; alpha, if any, is in a plane of its own.
    Inks(CmykTransform),
}

impl Conversion {
    /// Bytes of one pixel of the decoder's rows.
    pub(super) fn bytes_per_pixel(&self) -> usize {
        match self {
            Conversion::Bytes(_) | Conversion::Inks(_) => 4,
            Conversion::Wide(_) => 8,
        }
    }

    /// Chooses for a decoder that has read its header, and tells the decoder.
    ///
    /// # Errors
    /// [`CodecError::ColorProfile`] for a profile that cannot be used, when that was to be an error.
    pub(super) fn choose(
        decoder: &mut JxlDecoder,
        options: &DecodeOptions,
        control: &JobControl,
    ) -> Result<Conversion, CodecError> {
        let info = decoder
            .basic_info()
            .ok_or_else(|| malformed("no image header"))?
            .clone();
        if is_cmyk(decoder, &info) {
            return cmyk(decoder, &info, options, control);
        }
        let gray = decoder
            .current_pixel_format()
            .is_some_and(|format| format.color_type.is_grayscale());
        set_format(decoder, &info, JxlColorType::Bgra, EIGHT)?;
        let peak = info.tone_mapping.intensity_target;
        let profile = decoder
            .output_color_profile()
            .filter(|_| !options.discard_color_profile);
        let conversion = match profile {
            None => Conversion::Bytes(None),
            Some(JxlColorProfile::Icc(icc)) => {
                let embedded = embedded(ImageFormat::Jxl, icc, gray, options, control)?;
                Conversion::Bytes(embedded.transform())
            }
            Some(profile) => match to_srgb(profile, peak) {
                Ok(conversion) => conversion,
                Err(message) => {
                    leave_out(ImageFormat::Jxl, message, options, control)?;
                    Conversion::Bytes(None)
                }
            },
        };
        if let Conversion::Wide(_) = conversion {
            let sixteen = JxlDataFormat::U16 {
                endianness: Endianness::native(),
                bit_depth: 16,
            };
            set_format(decoder, &info, JxlColorType::Rgba, sixteen)?;
        }
        Ok(conversion)
    }
}

/// Whether the colour channels are inks and the black one is there.
fn is_cmyk(decoder: &JxlDecoder, info: &JxlBasicInfo) -> bool {
    decoder
        .embedded_color_profile()
        .is_some_and(JxlColorProfile::is_cmyk)
        && info
            .extra_channels
            .iter()
            .any(|channel| channel.ec_type == ExtraChannel::Black)
}

fn cmyk(
    decoder: &mut JxlDecoder,
    info: &JxlBasicInfo,
    options: &DecodeOptions,
    control: &JobControl,
) -> Result<Conversion, CodecError> {
    set_format(decoder, info, JxlColorType::Cmyk, EIGHT)?;
    let icc = match decoder.embedded_color_profile() {
        Some(JxlColorProfile::Icc(icc)) => Some(icc.as_slice()),
        _ => None,
    };
    let transform = embedded_cmyk(ImageFormat::Jxl, icc, options, control)?;
    // ISO 18181-1: 0 is full ink.
    Ok(Conversion::Inks(transform.inverted(true)))
}

/// Position of the alpha channel among the extra channels.
pub(super) fn alpha_channel(info: &JxlBasicInfo) -> Option<usize> {
    info.extra_channels
        .iter()
        .position(|channel| channel.ec_type == ExtraChannel::Alpha)
}

fn set_format(
    decoder: &mut JxlDecoder,
    info: &JxlBasicInfo,
    color_type: JxlColorType,
    data_format: JxlDataFormat,
) -> Result<(), CodecError> {
    let mut extra_channel_format = vec![None; info.extra_channels.len()];
    if color_type == JxlColorType::Cmyk
        && let Some(alpha) =
            alpha_channel(info).and_then(|index| extra_channel_format.get_mut(index))
    {
        *alpha = Some(EIGHT);
    }
    decoder
        .set_pixel_format(JxlPixelFormat {
            color_type,
            color_data_format: Some(data_format),
            extra_channel_format,
        })
        .map_err(malformed)
}

/// The conversion from the colours the decoder hands out. `peak_nits` is what the file names as the light of full signal.
fn to_srgb(profile: &JxlColorProfile, peak_nits: f32) -> Result<Conversion, String> {
    let encoding = match profile {
        JxlColorProfile::Icc(icc) => {
            return Ok(Conversion::Bytes(crate::color::rgb_transform(icc)?));
        }
        JxlColorProfile::Simple(encoding) => encoding,
    };
    if is_srgb(encoding) {
        return Ok(Conversion::Bytes(None));
    }
    let profile = match code_points(encoding) {
        Some((primaries, transfer, true)) => {
            // The whole range of PQ is what a file has that names no peak.
            let peak = (peak_nits > 0.0 && peak_nits < PQ_PEAK_NITS).then_some(peak_nits as u16);
            let hdr = HdrTransform::from_code_points(primaries, transfer, peak)
                .ok_or("its code points have no meaning")?;
            return Ok(Conversion::Wide(WideTransform::from_hdr(hdr)));
        }
        Some((primaries, transfer, false)) => signalled::from_code_points(primaries, transfer)
            .ok_or("its code points have no meaning")?,
        None => {
            let icc = profile
                .try_as_icc()
                .map(Cow::into_owned)
                .ok_or("its numbers describe no colour space")?;
            crate::color::parse(&icc)?
        }
    };
    if profile.color_space == DataColorSpace::Gray {
        return Ok(Conversion::Bytes(RgbTransform::from_profile(&profile)?));
    }
    WideTransform::from_profile(&profile).map(Conversion::Wide)
}

fn is_srgb(encoding: &JxlColorEncoding) -> bool {
    matches!(
        encoding,
        JxlColorEncoding::RgbColorSpace {
            white_point: JxlWhitePoint::D65,
            primaries: JxlPrimaries::SRGB,
            transfer_function: JxlTransferFunction::SRGB,
            ..
        } | JxlColorEncoding::GrayscaleColorSpace {
            white_point: JxlWhitePoint::D65,
            transfer_function: JxlTransferFunction::SRGB,
            ..
        }
    )
}

/// Primaries and transfer function of an HDR encoding in H.273's code points, and whether there is colour; gray has the
/// primaries of sRGB.
fn code_points(encoding: &JxlColorEncoding) -> Option<(u8, u8, bool)> {
    let (white, primaries, transfer, colour) = match encoding {
        JxlColorEncoding::RgbColorSpace {
            white_point,
            primaries,
            transfer_function,
            ..
        } => (white_point, primaries, transfer_function, true),
        JxlColorEncoding::GrayscaleColorSpace {
            white_point,
            transfer_function,
            ..
        } => (white_point, &JxlPrimaries::SRGB, transfer_function, false),
        JxlColorEncoding::XYB { .. } => return None,
    };
    let primaries = match (white, primaries) {
        (JxlWhitePoint::D65, JxlPrimaries::SRGB) => 1,
        (JxlWhitePoint::D65, JxlPrimaries::BT2100) => 9,
        (JxlWhitePoint::DCI, JxlPrimaries::P3) => 11,
        (JxlWhitePoint::D65, JxlPrimaries::P3) => 12,
        _ => return None,
    };
    let transfer = match transfer {
        JxlTransferFunction::PQ => 16,
        JxlTransferFunction::HLG => 18,
        _ => return None,
    };
    Some((primaries, transfer, colour))
}
