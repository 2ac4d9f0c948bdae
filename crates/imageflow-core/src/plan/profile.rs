//! Frames in other colours than sRGB: what their decoder is told, and the profile that goes along to the encoder.

use std::sync::Arc;

use imageflow_codecs::color::{Gamut, display_p3_profile};
use imageflow_codecs::metadata::embedded_rgb_profile;
use imageflow_types::ColorProfile;

use super::expand::Expander;
use super::ir::{Id, Op};
use super::probe::Probe;
use crate::error::{Error, ErrorKind};

/// The profile of a frame that is not in sRGB; an index into the expander's list.
pub(super) type ProfileId = usize;

impl Expander<'_> {
    /// The profile pixels of an input will have, before any conversion of ours; tells the decoder to leave them alone.
    pub(super) fn source_profile(
        &self,
        io_id: i32,
        probe: &mut Probe,
    ) -> Result<Option<Arc<Vec<u8>>>, Error> {
        if probe.colors == ColorProfile::Srgb || probe.options.discard_color_profile {
            return Ok(None);
        }
        let entry = self.planning.io.input(io_id)?;
        let profile = embedded_rgb_profile(&entry.input, probe.header.format)?;
        probe.options.discard_color_profile = profile.is_some();
        Ok(profile.map(Arc::new))
    }

    /// Converts what was decoded to the colours asked for; returns the frame and its profile.
    pub(super) fn in_colors(
        &mut self,
        input: Id,
        wanted: ColorProfile,
        source: Option<Arc<Vec<u8>>>,
    ) -> Result<(Id, Option<ProfileId>), Error> {
        match wanted {
            ColorProfile::Srgb => Ok((input, None)),
            ColorProfile::Keep => {
                let profile = source.map(|icc| self.profile(icc));
                Ok((input, profile))
            }
            ColorProfile::DisplayP3 => {
                let target = display_p3_profile()
                    .map_err(|text| Error::new(ErrorKind::ColorProfileError, text))?;
                let to = Gamut::DisplayP3;
                let id = self.add(Op::ConvertColors { from: source, to }, input)?;
                Ok((id, Some(self.profile(Arc::new(target)))))
            }
        }
    }

    /// Converts a frame to sRGB, for a file that has no place for its profile.
    pub(super) fn in_srgb(&mut self, input: Id, profile: ProfileId) -> Result<Id, Error> {
        let from = self.profiles.get(profile).cloned();
        self.add(
            Op::ConvertColors {
                from,
                to: Gamut::Srgb,
            },
            input,
        )
    }

    fn profile(&mut self, icc: Arc<Vec<u8>>) -> ProfileId {
        let same = self.profiles.iter().position(|known| *known == icc);
        same.unwrap_or_else(|| {
            self.profiles.push(icc);
            self.profiles.len() - 1
        })
    }
}
