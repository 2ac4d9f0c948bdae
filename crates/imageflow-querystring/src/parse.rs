//! Text to [`Instructions`]: total, every problem becomes a [`Warning`].
//!
//! The text is read as the query part of a URL. Keys that are understood are *consumed*; known keys that remain are
//! reported as ignored, so a value that is not understood gives two warnings.

use imageflow_types::{Issue, IssueKind};

use crate::instructions::Instructions;
use crate::keys::{self, Key};
use crate::limits;
use crate::srcset;
use crate::values::{self, CropGravity, FitMode, Flip, QuarterTurns, WhiteBalance};
use crate::warning::Warning;

/// Reads a querystring (without the leading `?`). Beyond the [limits](crate::limits) nothing is read but a warning made.
#[must_use]
pub fn parse(text: &str) -> (Instructions, Vec<Warning>) {
    if let Err(too_long) = limits::check_bytes(text) {
        return (Instructions::default(), vec![too_long.warning()]);
    }
    let mut reader = Reader::new(text);
    let mut wishes = Instructions::default();
    read_size(&mut reader, &mut wishes);
    read_window(&mut reader, &mut wishes);
    read_color(&mut reader, &mut wishes);
    read_encoding(&mut reader, &mut wishes);
    if let Some((key, commands)) = reader.srcset() {
        match limits::check_srcset(key, &commands) {
            Ok(()) => srcset::apply(&commands, &mut wishes, &mut reader.warnings),
            Err(too_long) => reader.warnings.push(too_long.warning()),
        }
    }
    (wishes, reader.finish())
}

/// The `srcset` that [`parse`] reads, as it reads it, and the name of its key.
pub(crate) fn srcset_of(text: &str) -> Option<(&'static str, String)> {
    Reader::new(text).srcset()
}

/// Lists the problems of a querystring in the words of the validation endpoint.
#[must_use]
pub fn validate(text: &str) -> Vec<Issue> {
    parse(text).1.into_iter().map(Issue::from).collect()
}

fn read_size(reader: &mut Reader, wishes: &mut Instructions) {
    wishes.w = reader.first(&["width", "w"], |t| t.parse().ok());
    wishes.h = reader.first(&["height", "h"], |t| t.parse().ok());
    wishes.max_width = reader.read("maxwidth", |t| t.parse().ok());
    wishes.max_height = reader.read("maxheight", |t| t.parse().ok());
    wishes.zoom = reader.first(&["zoom", "dpr", "dppx"], values::pixel_ratio);
    let crop_is_smart = reader.test("crop", values::SMART);
    wishes.mode = read_mode(reader, crop_is_smart);
    wishes.scale = reader.read("scale", values::ScaleMode::from_word);
    wishes.anchor = reader.read("anchor", values::anchor);
    wishes.crop_gravity = reader.read("c.gravity", values::crop_gravity);
    if crop_is_smart && wishes.crop_gravity.is_none() {
        wishes.crop_gravity = Some(CropGravity::Smart);
    }
}

fn read_mode(reader: &mut Reader, crop_is_smart: bool) -> Option<FitMode> {
    let mode = reader.read_odd("mode", |text| {
        if text.eq_ignore_ascii_case("none") {
            Reading::Good(None)
        } else if text.eq_ignore_ascii_case("carve") {
            Reading::Odd(Some(FitMode::Stretch))
        } else {
            FitMode::from_word(text).map_or(Reading::Bad, |mode| Reading::Good(Some(mode)))
        }
    });
    let mut mode = mode.flatten();
    // Both words are consumed even when a mode is set already.
    if reader.test("stretch", "fill") && mode.is_none() {
        mode = Some(FitMode::Stretch);
    }
    if (reader.test("crop", "auto") || crop_is_smart) && mode.is_none() {
        mode = Some(FitMode::Crop);
    }
    mode
}

fn read_window(reader: &mut Reader, wishes: &mut Instructions) {
    if let Some(rectangle) = reader.read("c", values::floats) {
        wishes.crop = Some(rectangle);
        wishes.crop_x_units = Some(100.0);
        wishes.crop_y_units = Some(100.0);
    } else {
        wishes.crop = read_crop(reader);
        wishes.crop_x_units = reader.read("cropxunits", values::finite_f64);
        wishes.crop_y_units = reader.read("cropyunits", values::finite_f64);
    }
    wishes.trim_threshold = reader.read("trim.threshold", |t| t.parse().ok());
    wishes.trim_percent_padding = reader.read("trim.percentpadding", values::finite_f32);
    wishes.source_rotate = reader.angle("srotate");
    wishes.rotate = reader.angle("rotate");
    let flip = |text: &str| Flip::from_word(text);
    wishes.source_flip = reader.read("sflip", flip).filter(|f| *f != Flip::None);
    wishes.flip = reader.read("flip", flip).filter(|f| *f != Flip::None);
    wishes.auto_rotate = reader.read("autorotate", values::truth);
    wishes.frame = reader.first(&["frame", "page"], |t| t.parse().ok());
    wishes.ignore_icc = reader.read("ignoreicc", values::truth);
    wishes.ignore_icc_errors = reader.read("ignore_icc_errors", values::truth);
    wishes.min_precise_scaling_ratio =
        reader.read("decoder.min_precise_scaling_ratio", values::finite_f32);
}

fn read_crop(reader: &mut Reader) -> Option<[f64; 4]> {
    // The forgiving reading is a second attempt: its failure is reported on top of the first one's.
    reader
        .read("crop", values::floats)
        .or_else(|| reader.read("crop", values::forgiving_floats))
}

fn read_color(reader: &mut Reader, wishes: &mut Instructions) {
    wishes.down_filter = reader.read("down.filter", values::filter);
    wishes.up_filter = reader.read("up.filter", values::filter);
    wishes.down_colorspace = reader.read("down.colorspace", values::Colorspace::from_word);
    wishes.up_colorspace = reader.read("up.colorspace", values::Colorspace::from_word);
    wishes.sharpen = reader.read("f.sharpen", values::finite_f32);
    wishes.sharpen_when = reader.read("f.sharpen_when", values::Sharpening::from_word);
    wishes.background = reader.read("bgcolor", values::color);
    wishes.round_corners = reader.read("s.roundcorners", values::corner_radii);
    wishes.alpha = reader.read("s.alpha", values::finite_f32);
    wishes.brightness = reader.read("s.brightness", values::finite_f32);
    wishes.contrast = reader.read("s.contrast", values::finite_f32);
    wishes.saturation = reader.read("s.saturation", values::finite_f32);
    wishes.sepia = reader.read("s.sepia", values::truth);
    wishes.grayscale = reader.read("s.grayscale", values::Grayscale::from_word);
    wishes.white_balance =
        reader.read_odd("a.balancewhite", |text| {
            match WhiteBalance::from_word(text) {
                Some(WhiteBalance::Area) => Reading::Good(WhiteBalance::Area),
                Some(other) => Reading::Odd(other),
                None => Reading::Bad,
            }
        });
    wishes.red_dot = reader.read("watermark_red_dot", values::truth);
}

fn read_encoding(reader: &mut Reader, wishes: &mut Instructions) {
    wishes.format = reader.first(&["format", "thumbnail"], values::Format::from_word);
    wishes.quality = reader.read("quality", |t| t.parse().ok());
    let quality = wishes.quality;
    wishes.profile = reader
        .read("qp", |text| {
            if text.eq_ignore_ascii_case("quality") {
                Some(quality.map(|q| values::percent(q as f32)))
            } else {
                values::profile(text).map(Some)
            }
        })
        .flatten();
    let zoom = wishes.zoom;
    let ratio = |text: &str| {
        let words = ["dpr", "dppx", "zoom"];
        if words.iter().any(|w| text.eq_ignore_ascii_case(w)) {
            Some(zoom)
        } else {
            values::pixel_ratio(text).map(Some)
        }
    };
    // Both are always consumed, unlike other pairs of spellings.
    let dpr = reader.read("qp.dpr", ratio).flatten();
    let dppx = reader.read("qp.dppx", ratio).flatten();
    wishes.profile_dpr = dpr.or(dppx);
    wishes.lossless = reader.read("lossless", values::truth_or_keep);
    wishes.accept_webp = reader.read("accept.webp", values::truth);
    wishes.accept_avif = reader.read("accept.avif", values::truth);
    wishes.accept_jxl = reader.read("accept.jxl", values::truth);
    wishes.accept_color_profiles = reader.read("accept.color_profiles", values::truth);
    wishes.jpeg_quality = reader.read("jpeg.quality", |t| t.parse().ok());
    wishes.jpeg_progressive = reader.read("jpeg.progressive", values::truth);
    wishes.jpeg_turbo = reader.read("jpeg.turbo", values::truth);
    wishes.jpeg_li = reader.read("jpeg.li", values::truth);
    wishes.subsampling = reader.read("subsampling", |text| {
        let number = text.parse().ok()?;
        [411, 420, 422, 444].contains(&number).then_some(number)
    });
    wishes.webp_quality = reader.read("webp.quality", values::finite_f32);
    wishes.webp_lossless = reader.read("webp.lossless", values::truth_or_keep);
    wishes.png_quality = reader.read("png.quality", |t| t.parse().ok());
    wishes.png_min_quality = reader.read("png.min_quality", |t| t.parse().ok());
    wishes.png_quantization_speed = reader.read("png.quantization_speed", |t| t.parse().ok());
    wishes.png_libpng = reader.read("png.libpng", values::truth);
    wishes.png_max_deflate = reader.read("png.max_deflate", values::truth);
    wishes.png_lossless = reader.read("png.lossless", values::truth_or_keep);
    wishes.avif_quality = reader.read("avif.quality", values::finite_f32);
    wishes.avif_speed = reader.read("avif.speed", |t| t.parse().ok());
    wishes.jxl_quality = reader.read("jxl.quality", values::finite_f32);
    wishes.jxl_distance = reader.read("jxl.distance", values::finite_f32);
    wishes.jxl_effort = reader.read("jxl.effort", |t| t.parse().ok());
    wishes.jxl_lossless = reader.read("jxl.lossless", values::truth_or_keep);
    wishes.max_bytes = reader.read("max_bytes", |t| t.parse().ok());
    wishes.ssimulacra2 = reader.read("ssimulacra2", values::finite_f32);
    wishes.metadata = reader.read("metadata", values::MetadataWord::from_word);
    wishes.colors = reader.read("profile", values::ColorWord::from_word);
}

/// What became of a value.
enum Reading<T> {
    /// Understood.
    Good(T),
    /// Understood with a complaint.
    Odd(T),
    /// Not understood.
    Bad,
}

/// A known key of the text, first occurrence.
struct Entry {
    key: &'static Key,
    value: String,
    consumed: bool,
}

/// What a warning calls the part of a command that a `#` cuts off.
pub const FRAGMENT: &str = "#";

/// Hands out values by key and collects warnings.
struct Reader {
    entries: Vec<Entry>,
    warnings: Vec<Warning>,
}

impl Reader {
    fn new(text: &str) -> Self {
        let mut reader = Self {
            entries: Vec::new(),
            warnings: Vec::new(),
        };
        let (text, fragment) = query_part(text);
        if let Some(fragment) = fragment {
            let problem = Warning::new(IssueKind::UnrecognizedKey, FRAGMENT, fragment);
            reader.warnings.push(problem);
        }
        for (name, value) in pairs(&text) {
            let name = name.to_lowercase();
            let problem = match keys::find(&name) {
                None => IssueKind::UnrecognizedKey,
                Some(key) if reader.entries.iter().any(|e| e.key.name == key.name) => {
                    IssueKind::DuplicateKeyError
                }
                Some(key) => {
                    reader.entries.push(Entry {
                        key,
                        value,
                        consumed: false,
                    });
                    continue;
                }
            };
            reader.warnings.push(Warning::new(problem, name, value));
        }
        reader
    }

    fn entry(&mut self, name: &str) -> Option<&mut Entry> {
        debug_assert!(keys::find(name).is_some(), "{name} is not in the table");
        self.entries.iter_mut().find(|e| e.key.name == name)
    }

    fn read_odd<T>(&mut self, name: &str, read: impl Fn(&str) -> Reading<T>) -> Option<T> {
        let entry = self.entry(name)?;
        let text = entry.value.trim();
        if text.is_empty() || entry.consumed {
            return None;
        }
        let (value, complaint) = match read(text) {
            Reading::Good(value) => (Some(value), false),
            Reading::Odd(value) => (Some(value), true),
            Reading::Bad => (None, true),
        };
        let complaint = complaint.then(|| Warning::new(IssueKind::InvalidValueError, name, text));
        entry.consumed = value.is_some();
        self.warnings.extend(complaint);
        value
    }

    fn read<T>(&mut self, name: &str, read: impl Fn(&str) -> Option<T>) -> Option<T> {
        self.read_odd(name, |text| read(text).map_or(Reading::Bad, Reading::Good))
    }

    /// Reads the first key whose value is understood; the keys after it stay unconsumed.
    fn first<T>(&mut self, names: &[&str], read: impl Fn(&str) -> Option<T>) -> Option<T> {
        names.iter().find_map(|name| self.read(name, &read))
    }

    /// Consumes a key if it has this value; says nothing about other values.
    fn test(&mut self, name: &str, word: &str) -> bool {
        let Some(entry) = self.entry(name) else {
            return false;
        };
        let equal = entry.value.trim().eq_ignore_ascii_case(word);
        entry.consumed |= equal;
        equal
    }

    /// Reads degrees. What is not close to a quarter turn is used all the same, with a complaint, and stays
    /// unconsumed.
    fn angle(&mut self, name: &str) -> Option<QuarterTurns> {
        let degrees: f32 = self.read(name, |t| t.parse().ok())?;
        if degrees % 90.0 > 0.1 {
            let entry = self.entry(name)?;
            entry.consumed = false;
            let text = entry.value.trim().to_owned();
            self.warnings
                .push(Warning::new(IssueKind::InvalidValueError, name, text));
        }
        Some(QuarterTurns::from_degrees(degrees))
    }

    /// Takes the text of `srcset`, or of `short` when there is no `srcset` at all.
    fn srcset(&mut self) -> Option<(&'static str, String)> {
        let name = if self.entry("srcset").is_some() {
            "srcset"
        } else {
            "short"
        };
        self.read(name, |text| Some((name, text.to_owned())))
    }

    fn finish(mut self) -> Vec<Warning> {
        self.warnings.extend(
            self.entries
                .into_iter()
                .filter(|e| !e.consumed && !e.value.trim().is_empty())
                .map(|e| Warning::new(IssueKind::IgnoredKey, e.key.name, e.value)),
        );
        self.warnings
    }
}

/// The query part of a URL, and the fragment behind a `#` when something is lost with it: a browser never sends it.
fn query_part(text: &str) -> (String, Option<String>) {
    let mut text: String = text
        .trim_end_matches(|c| c <= ' ')
        .chars()
        .filter(|c| !matches!(c, '\t' | '\r' | '\n'))
        .collect();
    let Some(at) = text.find('#') else {
        return (text, None);
    };
    let fragment = text.split_off(at).split_off(1);
    let is_lost = !fragment.trim_matches('&').is_empty() || text.ends_with('=');
    (text, is_lost.then_some(fragment))
}

/// Splits the query part of a URL into decoded names and values.
fn pairs(text: &str) -> impl Iterator<Item = (String, String)> {
    let segments: Vec<(String, String)> = text
        .split('&')
        .filter(|segment| !segment.is_empty())
        .map(|segment| {
            let (name, value) = segment.split_once('=').unwrap_or((segment, ""));
            (decode(name), decode(value))
        })
        .collect();
    segments.into_iter()
}

/// Undoes percent-encoding; `+` is a space, bytes that are not UTF-8 become replacement characters.
fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        bytes.push(match (byte, tail) {
            (b'+', _) => b' ',
            (b'%', [high, low, after @ ..]) => match (hex_digit(*high), hex_digit(*low)) {
                (Some(high), Some(low)) => {
                    rest = after;
                    high * 16 + low
                }
                _ => byte,
            },
            _ => byte,
        });
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte)
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;
    use crate::keys::{Grammar, all};

    fn warnings(text: &str) -> Vec<(IssueKind, String, String)> {
        parse(text)
            .1
            .into_iter()
            .map(|w| (w.kind, w.key, w.value))
            .collect()
    }

    #[test]
    fn every_example_of_the_table_is_understood() {
        for key in all() {
            for example in key.grammar.examples() {
                let text = format!("{}={example}", key.name);
                // Two words are understood with a complaint.
                let odd = key.name == "a.balancewhite" && !matches!(example, "area" | "true");
                assert_eq!(parse(&text).1.len(), usize::from(odd), "{text}");
            }
        }
    }

    #[test]
    fn keys_without_a_grammar_are_ignored() {
        for key in all().filter(|k| k.grammar == Grammar::Unsupported) {
            let text = format!("{}=5", key.name);
            let expected = (IssueKind::IgnoredKey, key.name.to_owned(), "5".to_owned());
            assert_eq!(warnings(&text), [expected], "{text}");
        }
    }

    #[test]
    fn stand_ins_yield_to_the_key_they_stand_in_for() {
        assert_eq!(parse("w=2&width=1").0.w, Some(1));
        assert_eq!(parse("width=x&w=2").0.w, Some(2));
        assert_eq!(
            warnings("w=2&width=1"),
            [(IssueKind::IgnoredKey, "w".to_owned(), "2".to_owned())]
        );
    }

    #[test]
    fn the_text_is_a_url_query() {
        assert_eq!(parse("&&w=%31%32&&").0.w, Some(12));
        assert_eq!(
            parse("h=+7+#&w=5").0,
            Instructions {
                h: Some(7),
                ..Instructions::default()
            }
        );
        assert_eq!(decode("%zz%4"), "%zz%4");
        assert_eq!(decode("%ff%C3%A9"), "\u{fffd}é");
    }

    #[test]
    fn what_a_hash_cuts_off_is_reported() {
        let cut = |text: &str, fragment: &str| {
            let expected = (
                IssueKind::UnrecognizedKey,
                FRAGMENT.to_owned(),
                fragment.to_owned(),
            );
            assert_eq!(warnings(text), [expected], "{text}");
        };
        cut("w=5#h=6", "h=6");
        cut("bgcolor=#ff0000&w=40", "ff0000&w=40");
        cut("bgcolor=#", "");
        cut("#w=5", "w=5");
        for text in ["w=5#", "w=5&#&", "bgcolor=%23fff", ""] {
            assert_eq!(warnings(text), [], "{text}");
        }
    }

    #[test]
    fn a_bad_value_is_reported_twice_and_the_first_of_two_counts() {
        let kinds: Vec<IssueKind> = warnings("w=a&w=5").into_iter().map(|w| w.0).collect();
        assert_eq!(
            kinds,
            [
                IssueKind::DuplicateKeyError,
                IssueKind::InvalidValueError,
                IssueKind::IgnoredKey
            ]
        );
        assert_eq!(parse("w=a&w=5").0.w, None);
    }
}
