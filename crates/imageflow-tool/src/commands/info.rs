//! `info FILE…`: what image files are, from their headers.

mod exposure;

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::sync::Arc;

use imageflow_codecs::metadata::{self, Metadata};
use imageflow_codecs::{Bytes, Header, ImageFormat, Input};
use imageflow_core::Context;
use imageflow_pixels::{JobControl, Limits};
use imageflow_types::{FramesInfo, ImageInfoData, Response};
use serde::Serialize;

use super::columns::{bytes, widths};
use crate::cli::LimitFlags;
use crate::job::origin::Origin;
use crate::job::read_stdin;
use crate::say;

/// Flags of `info`.
#[derive(Debug, clap::Args)]
pub(crate) struct Info {
    /// The images; - is standard input
    #[arg(value_name = "FILE", required = true)]
    files: Vec<OsString>,
    /// Print a JSON array instead of a table
    #[arg(long)]
    json: bool,
}

/// What is known of a file.
#[derive(Debug, Serialize)]
struct Facts {
    file: String,
    format: String,
    mime_type: &'static str,
    width: u32,
    height: u32,
    /// EXIF orientation, 1 to 8; width and height are those after it.
    orientation: u8,
    frames: u32,
    /// How long all frames of an animation take together.
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_ms: Option<u64>,
    alpha: bool,
    lossless: bool,
    /// 8, or 16 for anything deeper.
    bits_per_channel: u8,
    bytes: u64,
    icc_profile: bool,
    xmp: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    exif: Option<Exif>,
}

/// What people look for in EXIF.
#[derive(Debug, Default, Serialize, PartialEq, Eq)]
struct Exif {
    #[serde(skip_serializing_if = "Option::is_none")]
    camera: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lens: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    taken: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exposure: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    artist: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    copyright: Option<String>,
    /// Whether it tells where the picture was taken.
    location: bool,
}

/// An entry of the answer.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Entry {
    Known(Box<Facts>),
    Unknown { file: String, error: String },
}

/// Runs the command.
pub(crate) fn run(flags: &Info) -> u8 {
    let mut exit = 0;
    let mut entries = Vec::new();
    for file in &flags.files {
        match facts(file) {
            Ok(facts) => entries.push(Entry::Known(Box::new(facts))),
            Err((error, code)) => {
                let file = file.to_string_lossy().into_owned();
                say::error(&format!("{file}: {error}"));
                exit = code;
                entries.push(Entry::Unknown { file, error });
            }
        }
    }
    let text = if flags.json {
        match serde_json::to_string_pretty(&entries) {
            Ok(text) => text + "\n",
            Err(e) => {
                say::error(&format!("the answer cannot be written as JSON: {e}"));
                return 70;
            }
        }
    } else {
        table(&entries)
    };
    match super::print(&text) {
        0 => exit,
        failed => failed,
    }
}

fn facts(file: &OsStr) -> Result<Facts, (String, u8)> {
    let unreadable = |e: std::io::Error| (e.to_string(), 66);
    let limits = LimitFlags {
        max_input_bytes: 256 << 20,
        ..LimitFlags::default()
    };
    let input = if file == "-" {
        let bytes = read_stdin(&limits).map_err(|e| (e.to_string(), e.exit()))?;
        Input::Memory(Bytes::Shared(bytes.into()))
    } else {
        let origin = Origin::of(Path::new(file), &limits, Arc::default());
        let origin = origin.map_err(|e| (e.to_string(), e.exit()))?;
        origin.input().map_err(unreadable)?
    };
    let no_image = |e: imageflow_codecs::CodecError| (e.to_string(), 65);
    let control = JobControl::new(std::sync::Arc::default(), Limits::default());
    let decoder = imageflow_codecs::open(&input, &control).map_err(no_image)?;
    let header = *decoder.header();
    drop(decoder);
    let alpha =
        imageflow_codecs::may_be_transparent(&input, &header, &control).map_err(no_image)?;
    let blocks = metadata::stored(&input, header.format).map_err(no_image)?;
    let frames = if header.multiple_frames {
        frames(&input).map_err(|e| (e, 65))?
    } else {
        FramesInfo {
            count: 1,
            ..FramesInfo::default()
        }
    };
    let facts = describe(file, &input, &header, &blocks, &frames);
    Ok(Facts { alpha, ..facts })
}

fn describe(
    file: &OsStr,
    input: &Input,
    header: &Header,
    blocks: &Metadata,
    frames: &FramesInfo,
) -> Facts {
    let size = header.oriented();
    let format: ImageFormat = header.format;
    Facts {
        file: file.to_string_lossy().into_owned(),
        format: format.to_string(),
        mime_type: format.mime(),
        width: size.width(),
        height: size.height(),
        orientation: header.orientation,
        frames: frames.count,
        duration_ms: header
            .multiple_frames
            .then(|| frames.delays_ms.iter().map(|ms| u64::from(*ms)).sum()),
        alpha: header.alpha.is_meaningful(),
        lossless: header.lossless,
        bits_per_channel: if header.is_deep { 16 } else { 8 },
        bytes: input.len().unwrap_or(0),
        icc_profile: blocks.icc.is_some(),
        xmp: blocks.xmp.is_some(),
        exif: blocks.exif.as_ref().and_then(|block| exif(block)),
    }
}

/// The engine counts the frames.
fn frames(input: &Input) -> Result<FramesInfo, String> {
    let mut bytes = Vec::new();
    std::io::Read::read_to_end(&mut input.reader(), &mut bytes).map_err(|e| e.to_string())?;
    let mut context = Context::new();
    context
        .add_input(0, Bytes::Shared(bytes.into()))
        .map_err(|e| e.to_string())?;
    let answer = context.send_json("v1/get_image_info", br#"{"io_id":0,"extras":["frames"]}"#);
    if let Some(error) = context.status().error() {
        return Err(error.to_string());
    }
    let info: Response<ImageInfoData> =
        serde_json::from_slice(&answer.body).map_err(|e| e.to_string())?;
    let extras = info.data.image_info.extras;
    Ok(extras.and_then(|extras| extras.frames).unwrap_or_default())
}

/// A damaged block tells nothing.
fn exif(block: &[u8]) -> Option<Exif> {
    use ::exif::{In, Reader, Tag, Value};
    let fields = Reader::new().read_raw(block.to_vec()).ok()?;
    let text = |tag: Tag| {
        let field = fields.get_field(tag, In::PRIMARY)?;
        let shown = match &field.value {
            Value::Rational(values) if exposure::is_measured(tag) => {
                exposure::measured(tag, values.first()?)?
            }
            Value::Ascii(parts) => {
                let joined: Vec<_> = parts.iter().map(|p| String::from_utf8_lossy(p)).collect();
                joined.join(" ")
            }
            _ => field.display_value().with_unit(&fields).to_string(),
        };
        let shown = shown.trim().trim_end_matches('\0').trim().to_owned();
        (!shown.is_empty()).then_some(shown)
    };
    let camera = match (text(Tag::Make), text(Tag::Model)) {
        // Models often begin with the maker.
        (Some(make), Some(model)) if !model.starts_with(&make) => Some(format!("{make} {model}")),
        (make, model) => model.or(make),
    };
    let exposure: Vec<String> = [
        Tag::ExposureTime,
        Tag::FNumber,
        Tag::PhotographicSensitivity,
        Tag::FocalLength,
    ]
    .into_iter()
    .filter_map(|tag| {
        let shown = text(tag)?;
        Some(if tag == Tag::PhotographicSensitivity {
            format!("ISO {shown}")
        } else {
            shown
        })
    })
    .collect();
    Some(Exif {
        camera,
        lens: text(Tag::LensModel),
        taken: text(Tag::DateTimeOriginal).or_else(|| text(Tag::DateTime)),
        exposure: (!exposure.is_empty()).then(|| exposure.join(", ")),
        artist: text(Tag::Artist),
        copyright: text(Tag::Copyright),
        location: fields.get_field(Tag::GPSLatitude, In::PRIMARY).is_some(),
    })
}

/// A line for each file, columns aligned, and what EXIF says below.
fn table(entries: &[Entry]) -> String {
    let head = ["FILE", "FORMAT", "SIZE", "BYTES", "DETAILS"];
    let mut rows: Vec<[String; 5]> = vec![head.map(str::to_owned)];
    let mut notes: Vec<Option<String>> = vec![None];
    for entry in entries {
        // What is unknown was said as an error.
        let Entry::Known(facts) = entry else { continue };
        rows.push([
            facts.file.clone(),
            facts.format.clone(),
            format!("{}×{}", facts.width, facts.height),
            bytes(facts.bytes),
            details(facts),
        ]);
        notes.push(facts.exif.as_ref().and_then(summary));
    }
    if rows.len() == 1 {
        return String::new();
    }
    // Nothing stands behind the last column.
    let [first @ .., _] = widths(&rows);
    let mut text = String::new();
    for (row, note) in rows.iter().zip(notes) {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(first) {
            line.push_str(&format!("{cell:width$}  "));
        }
        line.push_str(&row[4]);
        text.push_str(line.trim_end());
        text.push('\n');
        if let Some(note) = note {
            text.push_str(&format!("  {note}\n"));
        }
    }
    text
}

fn details(facts: &Facts) -> String {
    let mut words = Vec::new();
    if let Some(ms) = facts.duration_ms {
        words.push(format!(
            "{} frames in {:.1} s",
            facts.frames,
            ms as f64 / 1000.0
        ));
    }
    if facts.bits_per_channel > 8 {
        words.push("more than 8 bits".to_owned());
    }
    for (is_so, word) in [
        (facts.alpha, "alpha"),
        (facts.lossless, "lossless"),
        (facts.icc_profile, "ICC profile"),
        (facts.xmp, "XMP"),
    ] {
        words.extend(is_so.then(|| word.to_owned()));
    }
    if facts.orientation != 1 {
        words.push(format!("orientation {}", facts.orientation));
    }
    words.join(", ")
}

fn summary(exif: &Exif) -> Option<String> {
    let location = exif.location.then(|| "with location".to_owned());
    let parts: Vec<String> = [
        exif.camera.clone(),
        exif.lens.clone(),
        exif.exposure.clone(),
        exif.taken.clone(),
        exif.artist.clone(),
        exif.copyright.clone(),
        location,
    ]
    .into_iter()
    .flatten()
    .collect();
    (!parts.is_empty()).then(|| parts.join(" · "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damaged_exif_tells_nothing() {
        assert_eq!(exif(b""), None);
        assert_eq!(exif(b"II*\0\xff\xff\xff\xff"), None);
    }
}
