//! What of a source's metadata a policy lets through, in the form that the output can hold.
//!
//! Rights stand in EXIF, IPTC, XMP and texts. A policy that keeps them keeps them all: EXIF gets an artist and a notice from
//! wherever there are some; XMP gets what others than EXIF say; JPEG keeps IPTC. What finds no place is noted.

use imageflow_pixels::{JobControl, NoteKind};

use super::collect::Blocks;
use super::directory::Directories;
use super::embed::jpeg;
use super::rights::Rights;
use super::{Metadata, exif, iptc, upright, xmp};
use crate::format::ImageFormat;

/// Most bytes of IPTC's records in a JPEG segment, with what is around them.
const MAX_RECORDS: usize = 65_000;

/// The rights of a source.
struct Sources {
    exif: Rights,
    /// XMP, IPTC and texts together.
    others: Rights,
    iptc: Rights,
}

impl Sources {
    fn of(blocks: &Blocks) -> Sources {
        let iptc = blocks.iptc.as_deref().map(iptc::rights).unwrap_or_default();
        let mut others = blocks.xmp.as_deref().map(xmp::rights).unwrap_or_default();
        others.absorb(&iptc);
        others.absorb(&blocks.texts);
        Sources {
            exif: blocks.exif.as_deref().map(exif::rights).unwrap_or_default(),
            others,
            iptc,
        }
    }

    /// EXIF of an artist and a notice, from wherever there are some.
    fn makers(&self) -> Option<Vec<u8>> {
        let artist = self.exif.creator().or_else(|| self.others.creator());
        let notice = self.exif.notice().or(self.others.notice());
        exif::makers(artist.as_deref(), notice)
    }

    fn all(&self) -> Rights {
        let mut all = self.exif.clone();
        all.absorb(&self.others);
        all
    }
}

/// Rights alone.
pub(super) fn copyright(blocks: &Blocks, target: ImageFormat, control: &JobControl) -> Metadata {
    let sources = Sources::of(blocks);
    let packet = |rights: &Rights| (!rights.is_empty()).then(|| xmp::packet(rights));
    let mut kept = Metadata::default();
    if target.holds_exif() {
        kept.exif = sources.makers();
        kept.xmp = packet(&sources.others);
    } else {
        kept.xmp = packet(&sources.all());
    }
    if target == ImageFormat::Jpeg && !sources.iptc.is_empty() {
        kept.iptc = Some(iptc::records(&sources.iptc));
    }
    too_large(blocks, control);
    fitting(kept, target, control)
}

/// Everything but what no longer fits the picture.
pub(super) fn all(blocks: Blocks, target: ImageFormat, control: &JobControl) -> Metadata {
    let sources = Sources::of(&blocks);
    too_large(&blocks, control);
    let mut kept = Metadata {
        exif: blocks.exif.as_deref().and_then(exif::settled),
        xmp: blocks.xmp.map(upright),
        iptc: blocks.iptc,
        icc: None,
    };
    // What only IPTC and texts say goes where it can be read.
    let mut missing = if target.holds_exif() {
        kept.exif = kept.exif.or_else(|| sources.makers());
        Rights::default()
    } else {
        sources.exif.clone()
    };
    missing.absorb(&sources.iptc);
    missing.absorb(&blocks.texts);
    let says_all = |xmp: &Vec<u8>| {
        let known = xmp::rights(xmp);
        let mut together = known.clone();
        together.absorb(&missing);
        together == known
    };
    if !missing.is_empty() && !kept.xmp.as_ref().is_some_and(says_all) {
        let description = xmp::description(&missing);
        let old = kept.xmp.as_deref();
        let with = old.and_then(|old| xmp::with_description(old, &description));
        kept.xmp = match (with, kept.xmp) {
            (Some(with), _) => Some(with),
            (None, old) => {
                if old.is_some() {
                    let text = "XMP of the source has no end to add rights at and is left out";
                    control.note(NoteKind::Metadata, text);
                }
                Some(xmp::wrapped(&description))
            }
        };
    }
    if !target.holds_exif() && kept.exif.take().is_some() {
        left_out(control, "EXIF", target, "has no place for it");
    }
    if target != ImageFormat::Jpeg && kept.iptc.take().is_some() {
        left_out(control, "IPTC", target, "has no place for it");
    }
    fitting(kept, target, control)
}

fn too_large(blocks: &Blocks, control: &JobControl) {
    for name in &blocks.too_large {
        let text = format!("{name} of the source is too large and left out");
        control.note(NoteKind::Metadata, text);
    }
}

fn left_out(control: &JobControl, what: &str, target: ImageFormat, why: &str) {
    let text = format!("{what} is left out: {target} {why}");
    control.note(NoteKind::Metadata, text);
}

/// What the format can hold of it.
fn fitting(mut kept: Metadata, target: ImageFormat, control: &JobControl) -> Metadata {
    if !target.carries_metadata() {
        if !kept.is_empty() {
            left_out(control, "metadata", target, "has no place for it");
        }
        return Metadata::default();
    }
    if target != ImageFormat::Jpeg {
        return kept;
    }
    let fits = |exif: &Vec<u8>| jpeg::EXIF.len() + exif.len() <= jpeg::MAX_SEGMENT;
    if let Some(exif) = kept.exif.take_if(|exif| !fits(exif)) {
        let described = Directories::open(&exif[..]).and_then(|mut all| all.described());
        kept.exif = described.filter(fits);
        let text = if kept.exif.is_some() {
            "EXIF does not fit a JPEG segment: the maker's note and what else is large are left out"
        } else {
            "EXIF does not fit a JPEG segment and is left out"
        };
        control.note(NoteKind::Metadata, text);
    }
    if kept
        .xmp
        .as_deref()
        .is_some_and(|xmp| !jpeg::fits_packet(xmp))
    {
        let text = "XMP does not fit a JPEG segment: most of it is in extended XMP, which not every program reads";
        control.note(NoteKind::Metadata, text);
    }
    if kept
        .iptc
        .take_if(|records| records.len() > MAX_RECORDS)
        .is_some()
    {
        left_out(control, "IPTC", target, "holds less in a segment");
    }
    kept
}
