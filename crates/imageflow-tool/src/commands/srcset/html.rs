//! The HTML of a responsive picture.

use std::ffi::OsStr;
use std::fmt;

/// A file of the picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Variant {
    pub(super) url: String,
    pub(super) width: i32,
    pub(super) height: i32,
    pub(super) mime_type: String,
}

/// A `<picture>`. The files of one format follow each other; those of the last are for browsers that know no other.
#[derive(Debug)]
pub(super) struct Picture<'a> {
    pub(super) variants: &'a [Variant],
    pub(super) sizes: &'a str,
    pub(super) alt: &'a str,
}

impl fmt::Display for Picture<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let formats: Vec<&[Variant]> = self
            .variants
            .chunk_by(|a, b| a.mime_type == b.mime_type)
            .collect();
        let Some((last, better)) = formats.split_last() else {
            return Ok(());
        };
        let sizes = escaped(self.sizes);
        writeln!(f, "<picture>")?;
        for format in better {
            let mime_type = &format[0].mime_type;
            let files = srcset(format);
            writeln!(
                f,
                "  <source type=\"{mime_type}\" srcset=\"{files}\" sizes=\"{sizes}\">"
            )?;
        }
        // The size of the largest, so that the page does not jump; the one in the middle where srcset is unknown.
        let largest = &last[last.len() - 1];
        let middle = &last[last.len() / 2];
        writeln!(
            f,
            "  <img src=\"{}\" srcset=\"{}\" sizes=\"{sizes}\" width=\"{}\" height=\"{}\" alt=\"{}\" loading=\"lazy\" decoding=\"async\">",
            escaped(&middle.url),
            srcset(last),
            largest.width,
            largest.height,
            escaped(self.alt)
        )?;
        writeln!(f, "</picture>")
    }
}

fn srcset(format: &[Variant]) -> String {
    let files: Vec<String> = format
        .iter()
        .map(|variant| format!("{} {}w", escaped(&variant.url), variant.width))
        .collect();
    files.join(", ")
}

/// Text inside a quoted attribute.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('"', "&quot;")
        .replace('<', "&lt;")
}

/// A file name as a segment of a URL (RFC 3986, section 2.3), which has no space or comma, as `srcset` wants it.
pub(super) fn url(name: &OsStr) -> String {
    let mut url = String::with_capacity(name.len());
    for byte in name.as_encoded_bytes() {
        let byte = *byte;
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            url.push(char::from(byte));
        } else {
            url.push_str(&format!("%{byte:02X}"));
        }
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variant(url: &str, width: i32, mime_type: &str) -> Variant {
        Variant {
            url: url.to_owned(),
            width,
            height: width / 2,
            mime_type: mime_type.to_owned(),
        }
    }

    #[test]
    fn the_best_format_comes_first_and_the_last_is_the_image() {
        let variants = [
            variant("a-400.webp", 400, "image/webp"),
            variant("a-800.webp", 800, "image/webp"),
            variant("a-400.jpg", 400, "image/jpeg"),
            variant("a-800.jpg", 800, "image/jpeg"),
        ];
        let picture = Picture {
            variants: &variants,
            sizes: "50vw",
            alt: "\"A\" & <B>",
        };
        assert_eq!(
            picture.to_string(),
            "<picture>\n  <source type=\"image/webp\" srcset=\"a-400.webp 400w, a-800.webp 800w\" sizes=\"50vw\">\n  \
             <img src=\"a-800.jpg\" srcset=\"a-400.jpg 400w, a-800.jpg 800w\" sizes=\"50vw\" width=\"800\" height=\"400\" \
             alt=\"&quot;A&quot; &amp; &lt;B>\" loading=\"lazy\" decoding=\"async\">\n</picture>\n"
        );
    }

    #[test]
    fn names_become_urls() {
        assert_eq!(url(OsStr::new("a b,c-é.jpg")), "a%20b%2Cc-%C3%A9.jpg");
    }
}
