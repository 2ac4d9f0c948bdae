//! A profile reduced to what a transform needs, so that nothing else in it can be in the way.
//!
//! Profiles in the wild have damaged texts, versions nobody defined, intents out of range; their colours are fine. What is
//! read are the tags of ICC.1:2022 §8 that lead from device to connection space, of header versions 1, 2, 4 and 5 alike:
//! they mean the same in all of them.

/// Bytes of the header, and where the tag table begins.
const HEADER: usize = 128;
const VERSION: std::ops::Range<usize> = 8..12;
const CLASS: std::ops::Range<usize> = 12..16;
const DATE: std::ops::Range<usize> = 24..36;
const SIGNATURE: std::ops::Range<usize> = 36..40;
const INTENT: std::ops::Range<usize> = 64..68;
/// Most entries of a tag table that are looked at; profiles have a few dozen.
const MAX_TAGS: usize = 1000;
const V2: [u8; 4] = [2, 0x40, 0, 0];
const V4: [u8; 4] = [4, 0x40, 0, 0];

/// Tables from device to connection space.
pub(super) const TABLES: [&[u8; 4]; 3] = [b"A2B0", b"A2B1", b"A2B2"];
const OTHERS: [&[u8; 4]; 9] = [
    b"rXYZ", b"gXYZ", b"bXYZ", b"rTRC", b"gTRC", b"bTRC", b"kTRC", b"wtpt", b"chad",
];
/// Classes of profiles that describe no device: links, effects, named colours.
const NO_DEVICE: [&[u8]; 3] = [b"link", b"abst", b"nmcl"];

/// The profile with its colour tags alone, without the tables named in `without`.
///
/// # Errors
/// When it is no profile, or none of a device.
pub(super) fn sound(icc: &[u8], without: &[&[u8; 4]]) -> Result<Vec<u8>, String> {
    let header = icc.get(..HEADER).ok_or_else(|| {
        format!(
            "{} bytes are too few for the header of an ICC profile",
            icc.len()
        )
    })?;
    if header.get(SIGNATURE) != Some(b"acsp") {
        return Err("it lacks the signature of an ICC profile".to_owned());
    }
    if header
        .get(CLASS)
        .is_some_and(|class| NO_DEVICE.contains(&class))
    {
        return Err("the ICC profile is for no device".to_owned());
    }
    let mut header = header.to_vec();
    if let Some(class) = header.get_mut(CLASS) {
        class.copy_from_slice(b"mntr");
    }
    let version = match header.get(VERSION.start) {
        Some(0 | 1 | 3) => Some(V2),
        Some(2 | 4) => None,
        _ => Some(V4),
    };
    if let Some((target, version)) = header.get_mut(VERSION).zip(version) {
        target.copy_from_slice(&version);
    }
    // Neither says anything of colours, nor does the class.
    for range in [DATE, INTENT] {
        if let Some(target) = header.get_mut(range) {
            target.fill(0);
        }
    }
    // A date that a calendar has: 2000-01-01.
    if let Some(date) = header.get_mut(DATE.start..DATE.start + 6) {
        date.copy_from_slice(&[7, 0xD0, 0, 1, 0, 1]);
    }
    let tags = tags(icc, without);
    let mut at = HEADER + 4 + tags.len() * 12;
    let mut out = header;
    let count = u32::try_from(tags.len()).unwrap_or(0);
    out.extend(count.to_be_bytes());
    for (name, data) in &tags {
        out.extend(name);
        for number in [at, data.len()] {
            out.extend(u32::try_from(number).unwrap_or(u32::MAX).to_be_bytes());
        }
        at += data.len().next_multiple_of(4);
    }
    for (_, data) in &tags {
        out.extend(*data);
        out.resize(out.len().next_multiple_of(4), 0);
    }
    let length = u32::try_from(out.len()).unwrap_or(u32::MAX);
    if let Some(size) = out.get_mut(..4) {
        size.copy_from_slice(&length.to_be_bytes());
    }
    Ok(out)
}

/// The colour tags that lie within the profile, each of them once.
fn tags<'a>(icc: &'a [u8], without: &[&[u8; 4]]) -> Vec<([u8; 4], &'a [u8])> {
    let number = |at: usize| {
        let bytes = icc.get(at..at.checked_add(4)?)?.try_into().ok()?;
        usize::try_from(u32::from_be_bytes(bytes)).ok()
    };
    let mut tags: Vec<([u8; 4], &[u8])> = Vec::new();
    for entry in 0..number(HEADER).unwrap_or(0).min(MAX_TAGS) {
        let at = HEADER + 4 + entry * 12;
        let Some(Ok(name)) = icc.get(at..at + 4).map(<[u8; 4]>::try_from) else {
            break;
        };
        let is_wanted = (OTHERS.contains(&&name) || TABLES.contains(&&name))
            && !without.contains(&&name)
            && tags.iter().all(|(known, _)| *known != name);
        let data = || icc.get(number(at + 4)?..number(at + 4)?.checked_add(number(at + 8)?)?);
        if let Some(data) = is_wanted.then(data).flatten() {
            tags.push((name, data));
        }
    }
    tags
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use moxcms::ColorProfile;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn any_version_and_damaged_text_keep_their_colours() {
        let icc = ColorProfile::new_display_p3().encode().unwrap();
        for version in [
            [0, 0, 0, 0],
            [1, 0, 0, 0],
            [3, 0, 0, 0],
            [5, 0, 0, 0],
            [9, 9, 9, 9],
        ] {
            let mut odd = icc.clone();
            odd[VERSION].copy_from_slice(&version);
            odd[INTENT].copy_from_slice(&[9; 4]);
            odd[DATE].fill(0xFF);
            let at = odd.windows(4).position(|w| w == b"desc").unwrap();
            odd[at + 4..at + 12].fill(0xFF);
            let parsed = ColorProfile::new_from_slice(&sound(&odd, &[]).unwrap()).unwrap();
            assert!(parsed.is_matrix_shaper(), "{version:?}");
        }
    }

    #[test]
    fn what_is_no_profile_is_said_to_be_none() {
        assert!(sound(b"junk", &[]).unwrap_err().contains("too few"));
        assert!(sound(&[0; 200], &[]).unwrap_err().contains("signature"));
        let mut link = ColorProfile::new_srgb().encode().unwrap();
        link[CLASS].copy_from_slice(b"link");
        assert!(sound(&link, &[]).unwrap_err().contains("no device"));
    }

    proptest! {
        #[test]
        fn any_bytes_give_an_answer(at in 0usize..500, with: u8, cut in 0usize..700) {
            let mut icc = ColorProfile::new_srgb().encode().unwrap();
            if let Some(byte) = icc.get_mut(at) {
                *byte = with;
            }
            icc.truncate(cut);
            if let Ok(sound) = sound(&icc, &[]) {
                prop_assert!(sound.len() <= icc.len() * 2 + 200);
            }
        }
    }
}
