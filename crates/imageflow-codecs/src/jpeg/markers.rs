//! The metadata segments that change pixels: EXIF orientation, the ICC profile, Adobe's marker.

use crate::metadata::exif_orientation_app1;

/// Pieces of profiles that are kept: one more than a profile has.
const MAX_PIECES: usize = 256;

/// Metadata segments.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Markers {
    /// What EXIF says of the orientation, if anything.
    pub(super) orientation: Option<u8>,
    /// Profile chunks: number, count, bytes.
    icc: Vec<(u8, u8, Vec<u8>)>,
    /// Adobe's marker is there: CMYK is stored with 255 for no ink.
    pub(super) adobe: bool,
}

impl Markers {
    /// Takes the payload of an APP1 segment: EXIF, or something else that is ignored.
    pub(super) fn add_app1(&mut self, payload: &[u8]) {
        self.orientation = self.orientation.or_else(|| exif_orientation_app1(payload));
    }

    /// Takes the payload of an APP2 segment: a piece of an ICC profile, or something else that is ignored.
    pub(super) fn add_app2(&mut self, payload: &[u8]) {
        if let Some([number, count, rest @ ..]) = payload.strip_prefix(b"ICC_PROFILE\0")
            && self.icc.len() < MAX_PIECES
        {
            self.icc.push((*number, *count, rest.to_vec()));
        }
    }

    /// Takes the payload of an APP14 segment.
    #[cfg(not(feature = "mozjpeg"))]
    pub(super) fn add_app14(&mut self, payload: &[u8]) {
        self.adobe |= payload.starts_with(b"Adobe");
    }

    /// The profile, when all its chunks are there once and agree; else it counts as absent (ICC.1:2010 annex B.4).
    pub(super) fn profile(&self) -> Option<Vec<u8>> {
        let count = self.icc.first()?.1;
        let mut chunks: Vec<&(u8, u8, Vec<u8>)> = self.icc.iter().collect();
        chunks.sort_by_key(|chunk| chunk.0);
        let agree =
            |(chunk, number): (&&(u8, u8, Vec<u8>), u8)| chunk.0 == number && chunk.1 == count;
        let complete = chunks.len() == usize::from(count) && chunks.iter().zip(1..).all(agree);
        complete.then(|| {
            chunks
                .into_iter()
                .flat_map(|chunk| chunk.2.iter().copied())
                .collect()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profiles_need_all_their_chunks() {
        let chunk =
            |number, count, byte| [b"ICC_PROFILE\0".as_slice(), &[number, count, byte]].concat();
        let mut markers = Markers::default();
        markers.add_app2(&chunk(2, 2, 8));
        assert_eq!(markers.profile(), None);
        markers.add_app2(&chunk(1, 2, 7));
        assert_eq!(markers.profile(), Some(vec![7, 8]));
        markers.add_app2(&chunk(1, 2, 7));
        assert_eq!(markers.profile(), None);
    }

    #[test]
    fn pieces_that_make_no_profile_are_not_kept_without_end() {
        let mut markers = Markers::default();
        for number in 0..2000u32 {
            let head = [number as u8, 255, 0];
            markers.add_app2(&[b"ICC_PROFILE\0".as_slice(), &head].concat());
        }
        assert_eq!((markers.icc.len(), markers.profile()), (MAX_PIECES, None));
    }
}
