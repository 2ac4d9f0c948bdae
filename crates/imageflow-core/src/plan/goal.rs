//! `max_bytes` and `ssimulacra2` of a preset → a goal that its encoder can be led to.

use imageflow_codecs::EncoderSettings;
use imageflow_codecs::png::PngSettings;
use imageflow_types::EncoderPreset;

use super::ir::Ir;
use crate::error::{Error, ErrorKind};

/// What the file that is written should be like; the encoder's quality follows from it. At least one wish is there.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Goal {
    /// The largest file wanted.
    pub(crate) max_bytes: Option<u64>,
    /// The score wanted, 0 to 100.
    pub(crate) ssimulacra2: Option<f32>,
    /// The lowest quality that may be written, 1 to 100.
    pub(crate) lowest_quality: u8,
}

/// The goal of a preset whose encoder is `settings`.
///
/// # Errors
/// [`ErrorKind::InvalidArgument`] for wishes out of range, and for encoders without a quality.
pub(super) fn goal(
    preset: &EncoderPreset,
    settings: &EncoderSettings,
) -> Result<Option<Goal>, Error> {
    let (max_bytes, ssimulacra2) = wishes(preset);
    let field = match (max_bytes, ssimulacra2) {
        (None, None) => return Ok(None),
        (Some(_), _) => "max_bytes",
        (None, Some(_)) => "ssimulacra2",
    };
    let invalid = |text: String| Err(Error::new(ErrorKind::InvalidArgument, text));
    if max_bytes == Some(0) {
        return invalid("max_bytes is 0; it is the size of a file, at least 1".into());
    }
    if let Some(score) = ssimulacra2
        && !(0.0..=100.0).contains(&score)
    {
        return invalid(format!(
            "ssimulacra2 is {score}; it is a score from 0 to 100"
        ));
    }
    let format = settings.format();
    if settings.with_quality(100).is_none() {
        let lossless = match settings {
            EncoderSettings::Gif(_) => "",
            _ => "lossless ",
        };
        return invalid(format!(
            "{field} needs an encoder with a quality, and {lossless}{format} has none: use mozjpeg, libjpegturbo, webplossy \
             or pngquant, or a format of jpeg, webp, avif or png with lossless false"
        ));
    }
    if ssimulacra2.is_some() && !format.can_decode() {
        let text = format!(
            "ssimulacra2 looks at the file that was written, but {format} decoding is not part of this build: use max_bytes \
             or another format"
        );
        return Err(Error::new(ErrorKind::CodecDisabledError, text));
    }
    Ok(Some(Goal {
        max_bytes,
        ssimulacra2,
        lowest_quality: least_quality(preset, settings).clamp(1, 100),
    }))
}

/// The least palette quality a client asks for; that of a quality profile does not count, since the goal replaces it.
fn least_quality(preset: &EncoderPreset, settings: &EncoderSettings) -> u8 {
    let is_profile = match preset {
        EncoderPreset::Auto(_) => true,
        EncoderPreset::Format(p) => p.quality_profile.is_some(),
        _ => false,
    };
    match settings {
        EncoderSettings::Png(PngSettings::Palette { min_quality, .. }) if !is_profile => {
            *min_quality
        }
        _ => 1,
    }
}

fn wishes(preset: &EncoderPreset) -> (Option<u64>, Option<f32>) {
    match preset {
        EncoderPreset::Auto(p) => (p.max_bytes, p.ssimulacra2),
        EncoderPreset::Format(p) => (p.max_bytes, p.ssimulacra2),
        EncoderPreset::LibjpegTurbo(p) => (p.max_bytes, p.ssimulacra2),
        EncoderPreset::Mozjpeg(p) => (p.max_bytes, p.ssimulacra2),
        EncoderPreset::Pngquant(p) => (p.max_bytes, p.ssimulacra2),
        EncoderPreset::WebpLossy(p) => (p.max_bytes, p.ssimulacra2),
        EncoderPreset::Libpng(_)
        | EncoderPreset::Lodepng(_)
        | EncoderPreset::WebpLossless
        | EncoderPreset::Gif => (None, None),
    }
}

impl Ir {
    /// Refuses goals of `animated` outputs.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`].
    pub(crate) fn refuse_goals(&self, animated: &[i32]) -> Result<(), Error> {
        let found = (self.encodes.iter())
            .find(|encode| encode.goal.is_some() && animated.contains(&encode.io_id));
        match found {
            None => Ok(()),
            Some(encode) => {
                let text = "max_bytes and ssimulacra2 are for still pictures, and this output is an animation: decode \
                            with select_frame, or leave them out";
                let error = Error::new(ErrorKind::InvalidArgument, text);
                Err(error.at_io(encode.io_id).at_node(&encode.node))
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use imageflow_codecs::gif::GifSettings;

    use super::*;
    use crate::plan::ir::EncodeOp;

    #[test]
    fn goals_of_animations_are_refused() {
        let goal = Goal {
            max_bytes: Some(1),
            ssimulacra2: None,
            lowest_quality: 1,
        };
        let encode = |io_id, goal| EncodeOp {
            io_id,
            input: 0,
            settings: EncoderSettings::Gif(GifSettings::default()),
            metadata: Default::default(),
            goal,
            node: "node".into(),
        };
        let mut ir = Ir::default();
        ir.encodes = vec![encode(1, None), encode(2, Some(goal))];
        assert!(ir.refuse_goals(&[1]).is_ok());
        let error = ir.refuse_goals(&[1, 2]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        assert!(error.to_string().contains("are for still pictures"));
    }
}
