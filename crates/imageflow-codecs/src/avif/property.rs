//! Item properties (ISO/IEC 23008-12 §6.5, AVIF 1.1 §2): what is true of an item besides its data.

use super::bmff::{Fields, Kind};
use super::coding::{CodePoints, Sampling};

/// One property of `ipco`.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Property {
    /// `ispe`: columns and rows before any transformation.
    Extents(u32, u32),
    /// `clap`: the part that is shown.
    Aperture(Aperture),
    /// `irot`: quarter turns anti-clockwise.
    Rotation(u8),
    /// `imir`: 0 exchanges top and bottom, 1 left and right.
    Mirror(u8),
    /// `colr` with code points.
    CodePoints(CodePoints),
    /// `colr` with an ICC profile.
    Profile(Vec<u8>),
    /// `auxC`: what an auxiliary picture is for.
    Auxiliary {
        /// Whether it is alpha.
        alpha: bool,
    },
    /// `av1C`: what the decoder will find.
    Codec(Codec),
    /// `clli`: the brightest pixel in cd/m²; 0 when unknown.
    LightLevel(u16),
    /// `a1op`: the operating point of a scalable picture.
    OperatingPoint(u8),
    /// One that changes nothing here.
    Harmless,
    /// One this reader does not know.
    Unknown(Kind),
}

/// The part of `av1C` that says how much memory a picture takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Codec {
    pub(super) sampling: Sampling,
    /// Whether samples have more than 8 bits.
    pub(super) deep: bool,
}

/// `clap` (ISO/IEC 14496-12 §12.1.4): sizes and the offset of the centre, as fractions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Aperture {
    width: (u32, u32),
    height: (u32, u32),
    x: (i32, u32),
    y: (i32, u32),
}

impl Aperture {
    /// First column, first row, columns, rows; `None` when that is not inside a picture of this size, or begins within a
    /// pixel: such an aperture is not valid, and browsers show the whole picture.
    pub(super) fn within(&self, width: u32, height: u32) -> Option<(u32, u32, u32, u32)> {
        let (x, columns) = side(width, self.width, self.x)?;
        let (y, rows) = side(height, self.height, self.y)?;
        Some((x, y, columns, rows))
    }
}

/// First sample and number of samples along one axis: the aperture is centred on `(full − 1)/2 + offset`, so it begins at
/// `full/2 + offset − length/2`.
fn side(full: u32, length: (u32, u32), offset: (i32, u32)) -> Option<(u32, u32)> {
    let length = length.0.checked_div(length.1).filter(|whole| *whole > 0)?;
    // Twice the start, over the offset's denominator; i128 holds any of it.
    let denominator = i128::from(offset.1);
    let room = i128::from(full).checked_sub(i128::from(length))?;
    let twice = room
        .checked_mul(denominator)?
        .checked_add(i128::from(offset.0).checked_mul(2)?)?;
    let unit = denominator.checked_mul(2)?;
    if twice.checked_rem_euclid(unit)? != 0 {
        return None;
    }
    let start = u32::try_from(twice.checked_div(unit)?).ok()?;
    (start.checked_add(length)? <= full).then_some((start, length))
}

impl Property {
    /// Reads one; a damaged one is unknown.
    pub(super) fn read(kind: Kind, body: Fields<'_>) -> Property {
        Property::known(kind, body).unwrap_or(Property::Unknown(kind))
    }

    fn known(kind: Kind, mut body: Fields<'_>) -> Option<Property> {
        Some(match &kind {
            b"ispe" => {
                body.version()?;
                Property::Extents(body.u32()?, body.u32()?)
            }
            b"clap" => Property::Aperture(Aperture {
                width: (body.u32()?, body.u32()?),
                height: (body.u32()?, body.u32()?),
                x: (body.u32()?.cast_signed(), body.u32()?),
                y: (body.u32()?.cast_signed(), body.u32()?),
            }),
            b"irot" => Property::Rotation(body.u8()? & 3),
            b"imir" => Property::Mirror(body.u8()? & 1),
            b"colr" => color(body)?,
            b"auxC" => {
                body.version()?;
                Property::Auxiliary {
                    alpha: is_alpha(body.text()?),
                }
            }
            b"av1C" => Property::Codec(codec(body)?),
            b"clli" => Property::LightLevel(body.u16()?),
            b"a1op" => Property::OperatingPoint(body.u8()?),
            // All layers: what is decoded anyhow.
            b"lsel" if body.u16()? == 0xFFFF => Property::Harmless,
            b"pixi" | b"pasp" | b"a1lx" | b"mdcv" | b"cclv" | b"amve" | b"rref" | b"crtt"
            | b"mdft" | b"udes" => Property::Harmless,
            _ => return None,
        })
    }
}

/// The body of `colr`; a kind of colour information that is not known is harmless.
pub(super) fn color(mut body: Fields<'_>) -> Option<Property> {
    Some(match &body.kind()? {
        b"nclx" => Property::CodePoints(CodePoints {
            primaries: body.u16()?,
            transfer: body.u16()?,
            matrix: body.u16()?,
            full_range: body.u8()? & 0x80 != 0,
        }),
        b"prof" | b"rICC" => Property::Profile(body.rest().to_vec()),
        _ => Property::Harmless,
    })
}

/// The body of `av1C` (AV1-ISOBMFF §2.3.3).
pub(super) fn codec(mut body: Fields<'_>) -> Option<Codec> {
    body.bytes(2)?;
    let flags = body.u8()?;
    let set = |bit: u8| flags & bit != 0;
    Some(Codec {
        sampling: Sampling::of(set(0x10), set(0x08), set(0x04)),
        deep: set(0x40),
    })
}

/// Whether the URN of an auxiliary picture means alpha (MIAF §7.3.5.2, and HEVC's, which is in use too).
pub(super) fn is_alpha(urn: &[u8]) -> bool {
    urn == b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha" || urn == b"urn:mpeg:hevc:2015:auxid:1"
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn aperture(numbers: [u32; 8]) -> Aperture {
        let bytes: Vec<u8> = numbers.iter().flat_map(|v| v.to_be_bytes()).collect();
        match Property::read(*b"clap", Fields::new(&bytes)) {
            Property::Aperture(aperture) => aperture,
            other => unreachable!("{other:?}"),
        }
    }

    #[test]
    fn an_aperture_is_centred_and_offset() {
        let centred = aperture([4, 1, 2, 1, 0, 1, 0, 1]);
        assert_eq!(centred.within(10, 6), Some((3, 2, 4, 2)));
        assert_eq!(centred.within(4, 2), Some((0, 0, 4, 2)));
        assert_eq!(centred.within(3, 2), None);
        assert_eq!(centred.within(9, 6), None, "it would begin at 2.5");
        let half = aperture([4, 1, 2, 1, 1, 2, (-1i32).cast_unsigned(), 1]);
        assert_eq!(half.within(9, 6), Some((3, 1, 4, 2)));
        assert_eq!(half.within(9, 3), None);
        assert_eq!(aperture([4, 0, 2, 1, 0, 1, 0, 1]).within(10, 6), None);
        assert_eq!(aperture([4, 1, 2, 1, 0, 0, 0, 1]).within(10, 6), None);
    }

    #[test]
    fn damaged_properties_are_unknown() {
        assert_eq!(
            Property::read(*b"irot", Fields::new(b"")),
            Property::Unknown(*b"irot")
        );
        assert_eq!(
            Property::read(*b"irot", Fields::new(&[7])),
            Property::Rotation(3)
        );
        assert_eq!(
            Property::read(*b"what", Fields::new(b"abc")),
            Property::Unknown(*b"what")
        );
    }

    proptest! {
        #[test]
        fn an_aperture_stays_inside(numbers in prop::array::uniform8(any::<u32>()), small in prop::array::uniform8(0u32..9), width in 1u32..40, height in 1u32..40) {
            for numbers in [numbers, small] {
                if let Some((x, y, columns, rows)) = aperture(numbers).within(width, height) {
                    prop_assert!(x + columns <= width && y + rows <= height && columns > 0 && rows > 0);
                }
            }
        }

        #[test]
        fn any_bytes_are_a_property(which in 0usize..12, bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let kinds = [
                b"ispe", b"clap", b"irot", b"imir", b"colr", b"auxC", b"av1C", b"clli", b"a1op", b"lsel", b"pixi", b"????",
            ];
            Property::read(*kinds[which], Fields::new(&bytes));
        }
    }
}
