//! The `srcset` mini-language: commands separated by commas, arguments by hyphens, run left to right.

use imageflow_types::{BoolKeep, IssueKind};

use crate::instructions::Instructions;
use crate::limits::shown;
use crate::values::{self, FitMode, Format, ScaleMode};
use crate::warning::Warning;

const CROP_HELP: [&str; 4] = [
    "srcset=crop-[x1],y1,x2,y2",
    "srcset=crop-x1,[y1],x2,y2",
    "srcset=crop-x1,y1,[x2],y2",
    "srcset=crop-x1,y1,x2,[y2]",
];
const PROFILE_HELP: &str =
    "qp-[lowest|low|medium|good|high|highest|lossless|number] or qp-dpr-[number]";

/// Runs the commands of a trimmed, non-empty `srcset`.
pub(crate) fn apply(text: &str, wishes: &mut Instructions, warnings: &mut Vec<Warning>) {
    let mut run = Run {
        text: shown(text),
        wishes,
        warnings,
        modes: 0,
        formats: 0,
    };
    for command in text.to_ascii_lowercase().split(',') {
        let arguments: Vec<&str> = command.trim().split('-').collect();
        if let Some((name, arguments)) = arguments.split_first() {
            run.command(name, arguments);
        }
    }
    if run.modes > 1 {
        run.complain(
            "srcset",
            format!("multiple modes specified: {}", shown(text)),
        );
    }
    if run.formats > 1 {
        run.complain(
            "srcset",
            format!("multiple formats specified: {}", shown(text)),
        );
    }
}

struct Run<'a> {
    text: &'a str,
    wishes: &'a mut Instructions,
    warnings: &'a mut Vec<Warning>,
    modes: usize,
    formats: usize,
}

impl Run<'_> {
    fn complain(&mut self, key: &str, value: impl AsRef<str>) {
        let value = shown(value.as_ref());
        self.warnings
            .push(Warning::new(IssueKind::InvalidValueError, key, value));
    }

    fn command(&mut self, name: &str, arguments: &[&str]) {
        // Sic: whatever the command, it sets the mode first, so a `fit-` must come last to count.
        self.wishes.mode = Some(FitMode::Max);
        match name {
            "fit" => self.fit(arguments),
            "crop" => self.crop(arguments),
            "upscale" => self.wishes.scale = Some(ScaleMode::Both),
            "sharp" | "sharpen" => self.sharpen(arguments),
            "qp" => self.profile(arguments),
            "lossy" | "lossless" => {
                self.wishes.lossless = Some(values::bool_keep(name == "lossless"));
                self.wishes.format = Some(Format::Auto);
            }
            _ => {
                if let Some(format) = Format::from_word(name) {
                    self.formats += 1;
                    self.wishes.format = Some(format);
                    self.tune(format, arguments);
                } else {
                    self.size(name);
                }
            }
        }
    }

    fn size(&mut self, word: &str) {
        let number = || word.get(..word.len().checked_sub(1)?)?.parse::<f32>().ok();
        // The casts saturate and take NaN to 0.
        let pixels = || number().map(|n| n.round() as i32);
        let understood = match word.as_bytes().last() {
            Some(b'w') => pixels().map(|w| self.wishes.w = Some(w)),
            Some(b'h') => pixels().map(|h| self.wishes.h = Some(h)),
            Some(b'x') => number()
                .filter(|n| n.is_finite())
                .map(|zoom| self.wishes.zoom = Some(zoom)),
            _ => {
                let text = self.text;
                return self.complain(
                    "srcset=command,command,[unrecognized]",
                    format!("unrecognized command: {word} from srcset={text}"),
                );
            }
        };
        if understood.is_none() {
            self.complain("srcset=[value][w|h|x]", word);
        }
    }

    fn fit(&mut self, arguments: &[&str]) {
        let mode = match arguments.first() {
            Some(&"pad") => FitMode::Pad,
            Some(&("crop" | "cover")) => FitMode::Crop,
            Some(&("max" | "scale" | "contain")) => FitMode::Max,
            Some(&("distort" | "fill")) => FitMode::Stretch,
            other => {
                let value = other.map_or("missing fit mode", |_| self.text);
                return self.complain("srcset=fit-[pad|crop|max|distort]", value);
            }
        };
        self.modes += 1;
        self.wishes.mode = Some(mode);
    }

    fn crop(&mut self, arguments: &[&str]) {
        let Ok(arguments) = <[&str; 4]>::try_from(arguments) else {
            return self.complain("srcset=crop-x1,y1,x2,y2", "crop requires 4 parameters");
        };
        let mut rectangle = [0.0; 4];
        for ((value, argument), help) in rectangle.iter_mut().zip(arguments).zip(CROP_HELP) {
            match argument.parse() {
                Ok(number) => *value = number,
                Err(_) => return self.complain(help, argument),
            }
        }
        self.wishes.crop = Some(rectangle);
        self.wishes.crop_x_units = Some(100.0);
        self.wishes.crop_y_units = Some(100.0);
    }

    fn sharpen(&mut self, arguments: &[&str]) {
        let Some(argument) = arguments.first() else {
            return self.complain("srcset=sharpen-[0-100]", "missing sharpen value");
        };
        match values::finite_f32(argument) {
            Some(percent) => self.wishes.sharpen = Some(percent),
            None => self.complain("srcset=sharpen-", *argument),
        }
    }

    fn profile(&mut self, arguments: &[&str]) {
        let text = self.text;
        match (arguments.first(), arguments.get(1)) {
            (Some(&("dpr" | "dppx")), None) => self.complain(
                PROFILE_HELP,
                format!("qp-dpr- must be followed by a number: {text}"),
            ),
            (Some(&("dpr" | "dppx")), Some(ratio)) => {
                match values::finite_f32(ratio.strip_suffix('x').unwrap_or(ratio)) {
                    Some(ratio) => self.wishes.profile_dpr = Some(ratio.max(0.0)),
                    None => self.complain(
                        PROFILE_HELP,
                        format!("qp-dpr- must be followed by a valid number, got {ratio} instead"),
                    ),
                }
            }
            (first, _) => match first.and_then(|word| values::profile(word)) {
                Some(profile) => self.wishes.profile = Some(profile),
                None => self.complain(
                    PROFILE_HELP,
                    format!("qp not followed by a profile name or dpr: {text}"),
                ),
            },
        }
    }

    /// Reads the arguments behind a format word.
    fn tune(&mut self, format: Format, arguments: &[&str]) {
        let (help, most) = match format {
            Format::Webp => ("srcset=webp-[quality|lossless|keep|s[number]|q[number]]", 2),
            Format::Jxl => (
                "srcset=jxl-[quality|lossless|keep|d[number]|e[number]|q[number]]",
                4,
            ),
            Format::Avif => ("srcset=avif-[quality|s[number]|q[number]]", 2),
            Format::Jpeg => ("srcset=jpeg-[quality]", 2),
            Format::Png => ("srcset=png-[quality|lossless]", 3),
            Format::Auto => ("srcset=auto", 1),
            Format::Gif => ("srcset=gif", 0),
            Format::Keep => (
                "srcset=[format]-[quality|lossless|keep|s[number]|q[number]|d[number]]",
                0,
            ),
        };
        if arguments.len() > most {
            self.complain(help, format!("too many arguments:{}", self.text));
        }
        let mut tuning = Tuning {
            lossless: self.wishes.lossless,
            ..Tuning::default()
        };
        for argument in arguments {
            if tuning.read(format, argument).is_none() {
                self.complain(help, *argument);
            }
        }
        tuning.store(format, self.wishes);
    }
}

/// What the arguments behind a format word ask for.
#[derive(Default)]
struct Tuning {
    lossless: Option<BoolKeep>,
    quality: Option<f32>,
    progressive: Option<bool>,
    min_quality: Option<u8>,
    speed: Option<u8>,
    distance: Option<f32>,
    effort: Option<u8>,
}

impl Tuning {
    /// Reads one argument; `None` when it is not understood for this format.
    fn read(&mut self, format: Format, argument: &str) -> Option<()> {
        match argument {
            "lossless" | "l" => self.lossless = Some(BoolKeep::True),
            "lossy" => self.lossless = Some(BoolKeep::False),
            "keep" => self.lossless = Some(BoolKeep::Keep),
            "progressive" | "baseline" if format == Format::Jpeg => {
                self.progressive = Some(argument == "progressive");
            }
            _ => {
                if let Some(quality) = values::finite_f32(argument) {
                    self.quality = Some(quality);
                } else if let Some(quality) = argument.strip_prefix("mq") {
                    let quality = values::finite_f32(quality).filter(|_| format == Format::Png)?;
                    self.min_quality = Some(quality.clamp(0.0, 100.0) as u8);
                } else if let Some(quality) = argument.strip_prefix('q') {
                    self.quality = Some(values::finite_f32(quality)?);
                } else if let Some(speed) = argument.strip_prefix('s') {
                    self.speed = Some(speed.parse().ok().filter(|_| format == Format::Avif)?);
                } else if let Some(distance) = argument.strip_prefix('d') {
                    let distance = values::finite_f32(distance);
                    self.distance = Some(distance.filter(|_| format == Format::Jxl)?);
                } else if let Some(effort) = argument.strip_prefix('e') {
                    self.effort = Some(effort.parse().ok().filter(|_| format == Format::Jxl)?);
                } else {
                    return None;
                }
            }
        }
        Some(())
    }

    /// Stores what was asked for. The casts truncate and saturate.
    fn store(self, format: Format, wishes: &mut Instructions) {
        match format {
            Format::Webp => {
                wishes.webp_lossless = self.lossless.or(wishes.webp_lossless);
                wishes.webp_quality = self.quality.or(wishes.webp_quality);
            }
            Format::Jxl => {
                wishes.jxl_lossless = self.lossless.or(wishes.jxl_lossless);
                wishes.jxl_quality = self.quality.or(wishes.jxl_quality);
                wishes.jxl_distance = self.distance.or(wishes.jxl_distance);
                wishes.jxl_effort = self.effort.or(wishes.jxl_effort);
            }
            Format::Avif => {
                wishes.avif_quality = self.quality.or(wishes.avif_quality);
                wishes.avif_speed = self.speed.or(wishes.avif_speed);
            }
            Format::Jpeg => {
                wishes.jpeg_quality = self.quality.map(|q| q as i32).or(wishes.jpeg_quality);
                wishes.jpeg_progressive = self.progressive.or(wishes.jpeg_progressive);
            }
            Format::Png => {
                wishes.png_lossless = self.lossless.or(wishes.png_lossless);
                wishes.png_quality = self.quality.map(|q| q as u8).or(wishes.png_quality);
                wishes.png_min_quality = self.min_quality.or(wishes.png_min_quality);
            }
            Format::Auto => wishes.lossless = self.lossless,
            Format::Gif | Format::Keep => {}
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use crate::parse;

    fn canonical(text: &str) -> String {
        parse(text).0.to_canonical()
    }

    #[test]
    fn the_last_command_decides_the_mode() {
        assert_eq!(canonical("srcset=fit-crop,100w"), "mode=max&w=100");
        assert_eq!(canonical("srcset=100w,fit-crop"), "mode=crop&w=100");
    }

    #[test]
    fn formats_take_arguments() {
        assert_eq!(
            canonical("srcset=png-90-mq50"),
            "format=png&mode=max&png.min_quality=50&png.quality=90"
        );
        assert_eq!(
            canonical("lossless=keep&srcset=webp"),
            "format=webp&lossless=keep&mode=max&webp.lossless=keep"
        );
    }

    #[test]
    fn nonsense_warns_and_sets_nothing() {
        for text in [
            "srcset=webp-s5",
            "srcset=w",
            "srcset=nanx",
            "srcset=crop-a-b-c-d",
        ] {
            assert_eq!(parse(text).1.len(), 1, "{text}");
        }
        assert_eq!(parse("srcset=é,x-é").1.len(), 2);
    }
}
