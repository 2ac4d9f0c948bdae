//! `srcset`: the files of a responsive picture, from one decode, and the `<picture>` that shows them.

mod html;

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use imageflow_codecs::{ImageFormat, webp};
use imageflow_pixels::{ControlError, JobControl, Limits};
use imageflow_querystring::parse;
use imageflow_querystring::values::Format;

use self::html::{Picture, Variant};
use super::renditions::Renditions;
use super::warnings;
use crate::cli::{Everyday, LimitFlags};
use crate::error::{Failure, ToolError};
use crate::job::interrupt::Interrupt;
use crate::job::origin::Origin;
use crate::job::temporary;
use crate::say;

/// Flags of `srcset`.
#[derive(Debug, clap::Args)]
pub(crate) struct Srcset {
    /// The image
    #[arg(value_name = "IMAGE")]
    input: PathBuf,
    /// Widths in pixels; those above the image's own are left out
    #[arg(
        long,
        value_name = "W,W,…",
        value_delimiter = ',',
        default_value = "400,800,1200,1600"
    )]
    widths: Vec<u32>,
    /// Formats, the best first; auto is JPEG, or PNG for an image with transparency, for every browser
    #[arg(
        long,
        value_name = "F,F,…",
        value_delimiter = ',',
        default_values_t = usual_formats()
    )]
    formats: Vec<String>,
    /// What else to do, for example "quality=80"; w and h give the proportions of a crop
    #[arg(
        short,
        long,
        value_name = "STRING",
        default_value = "",
        hide_default_value = true,
        allow_hyphen_values = true
    )]
    command: String,
    /// Where the files go
    #[arg(long, value_name = "DIR")]
    out_dir: PathBuf,
    /// Write the HTML to a file instead of standard output
    #[arg(long, value_name = "FILE")]
    html: Option<OsString>,
    /// How wide the picture is shown, as CSS says it
    #[arg(long, value_name = "SIZES", default_value = "100vw")]
    sizes: String,
    /// What the picture shows, for those who do not see it
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "",
        hide_default_value = true
    )]
    alt: String,
    /// What comes before the names of files in the HTML, for example /images/
    #[arg(
        long,
        value_name = "URL",
        default_value = "",
        hide_default_value = true
    )]
    url_prefix: String,
    /// Refuse to replace files that exist
    #[arg(long)]
    no_clobber: bool,
    /// Refuse a command with unknown keys or values, instead of a warning
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    limits: LimitFlags,
}

/// The small formats that this build writes, and one for every browser.
fn usual_formats() -> Vec<String> {
    let all = [
        ("avif", ImageFormat::Avif.can_encode()),
        ("webp", webp::CAN_ENCODE_LOSSY),
        ("auto", true),
    ];
    let written = all.into_iter().filter(|(_, is_written)| *is_written);
    written.map(|(word, _)| word.to_owned()).collect()
}

/// Runs the command.
pub(crate) fn run(flags: &Srcset, everyday: &Everyday) -> u8 {
    match make(flags, everyday) {
        Ok(html) => match &flags.html {
            None => super::print(&html),
            Some(file) => match written(Path::new(file), html.as_bytes()) {
                Ok(()) => 0,
                Err(failure) => refused(&failure),
            },
        },
        Err(failure) => refused(&failure),
    }
}

fn refused(failure: &Failure) -> u8 {
    say::error(&failure.text);
    failure.exit
}

fn usage(text: String) -> Failure {
    Failure { text, exit: 64 }
}

fn make(flags: &Srcset, everyday: &Everyday) -> Result<String, Failure> {
    let stop = Arc::new(AtomicBool::new(false));
    let interrupt = Interrupt::watch(&stop);
    made(flags, everyday, &stop, &interrupt).map_err(|failure| Failure {
        exit: interrupt.exit_code().unwrap_or(failure.exit),
        ..failure
    })
}

fn made(
    flags: &Srcset,
    everyday: &Everyday,
    stop: &Arc<AtomicBool>,
    interrupt: &Interrupt,
) -> Result<String, Failure> {
    for warning in warnings::checked(&flags.command, flags.strict)? {
        say::warning(&warning);
    }
    let origin = Origin::of(&flags.input, &flags.limits, stop.clone())?;
    let formats = formats(flags, &origin)?;
    let mut renditions = Renditions {
        commands: commands(flags, &formats)?,
        limits: Arc::new(flags.limits.clone()),
    };
    // Widths above the image's own come out as that width: one of them is enough.
    let plan = renditions.explain(&origin)?;
    let mut seen = BTreeSet::new();
    let kept: Vec<bool> = plan
        .outputs
        .iter()
        .map(|output| seen.insert((output.preferred_extension.clone(), output.w)))
        .collect();
    let mut keep = kept.iter();
    renditions
        .commands
        .retain(|_| keep.next().copied().unwrap_or(true));

    let stem = flags.input.file_stem().unwrap_or_default();
    let name = |extension: &str, width: i64| {
        let mut name = stem.to_owned();
        name.push(format!("-{width}.{extension}"));
        name
    };
    if flags.no_clobber {
        for output in &plan.outputs {
            let path = flags
                .out_dir
                .join(name(&output.preferred_extension, i64::from(output.w)));
            if path.exists() {
                return Err(Failure {
                    text: format!("{} exists (--no-clobber)", path.display()),
                    exit: 74,
                });
            }
        }
    }
    // The signals reach the job too.
    let images = renditions.render(&origin, |cancel| drop(Interrupt::watch(&cancel)))?;
    let mut variants = Vec::with_capacity(images.len());
    for image in images {
        if interrupt.exit_code().is_some() {
            return Err(ToolError::Ended {
                what: "writing the files".to_owned(),
                source: ControlError::Cancelled.into(),
            }
            .into());
        }
        let file = name(&image.extension, i64::from(image.width));
        let path = flags.out_dir.join(&file);
        written(&path, &image.bytes)?;
        if !everyday.quiet {
            let size = super::columns::bytes(image.bytes.len() as u64);
            say::note(&format!(
                "{} ({}×{}, {size})",
                path.display(),
                image.width,
                image.height
            ));
        }
        variants.push(Variant {
            url: format!("{}{}", flags.url_prefix, html::url(&file)),
            width: image.width,
            height: image.height,
            mime_type: image.mime_type,
        });
    }
    let picture = Picture {
        variants: &variants,
        sizes: &flags.sizes,
        alt: &flags.alt,
    };
    Ok(picture.to_string())
}

/// The formats as command strings name them, the one for every browser last.
fn formats(flags: &Srcset, origin: &Origin) -> Result<Vec<&'static str>, Failure> {
    let mut formats = Vec::new();
    for given in &flags.formats {
        let given = given.trim().to_ascii_lowercase();
        let word = match given.as_str() {
            "auto" => fallback(&flags.input, origin)?,
            "keep" => return Err(usage("--formats: keep is no format; use auto".to_owned())),
            word => Format::WORDS.iter().find(|known| **known == word).ok_or_else(|| {
                usage(format!("--formats: there is no {given}; there are avif, webp, jpg, png, gif, jxl and auto"))
            })?,
        };
        if !formats.contains(&word) {
            formats.push(word);
        }
    }
    Ok(formats)
}

/// The format that every browser shows: JPEG, or PNG where it would lose transparency.
fn fallback(input: &Path, origin: &Origin) -> Result<&'static str, Failure> {
    let opened = origin.input().map_err(|e| Failure::unreadable(input, &e))?;
    let control = JobControl::new(Arc::default(), Limits::default());
    let no_image = |e: imageflow_codecs::CodecError| Failure {
        text: format!("{}: {e}", input.display()),
        exit: 65,
    };
    let decoder = imageflow_codecs::open(&opened, &control).map_err(no_image)?;
    let header = *decoder.header();
    drop(decoder);
    let has_alpha = imageflow_codecs::may_be_transparent(&opened, &header, &control);
    Ok(if has_alpha.map_err(no_image)? {
        "png"
    } else {
        "jpg"
    })
}

/// Every format in every width, narrow ones first.
fn commands(flags: &Srcset, formats: &[&str]) -> Result<Vec<String>, Failure> {
    let mut widths = flags.widths.clone();
    widths.sort_unstable();
    widths.dedup();
    if widths.first().is_none_or(|width| *width == 0) {
        return Err(usage(
            "--widths: expected numbers above 0, such as 400,800".to_owned(),
        ));
    }
    let wishes = parse(&flags.command).0;
    let proportion = match (wishes.w, wishes.h) {
        (Some(w), Some(h)) if w > 0 && h > 0 => Some(f64::from(h) / f64::from(w)),
        (None, None) => None,
        _ => {
            return Err(usage(
                "--command: give both w and h, which are taken as proportions, or neither"
                    .to_owned(),
            ));
        }
    };
    let mut commands = Vec::new();
    for format in formats {
        for width in &widths {
            let mut command = format!("w={width}");
            if let Some(proportion) = proportion {
                command.push_str(&format!("&h={}", (f64::from(*width) * proportion).round()));
            }
            command.push_str(&format!("&format={format}"));
            if !flags.command.is_empty() {
                // Of a key that is given twice, the first counts.
                command.push_str(&format!("&{}", flags.command));
            }
            commands.push(command);
        }
    }
    Ok(commands)
}

fn written(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    temporary::write(path, bytes).map_err(|e| Failure::unwritable(path, &e))
}
