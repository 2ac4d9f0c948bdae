//! Colours of the wire → pixel bytes.

use imageflow_pixels::ops::Bgra;
use imageflow_types::{Color, ColorSrgb};

use crate::error::{Error, ErrorKind};

/// Reads a colour: 3, 4, 6 or 8 hexadecimal digits, optional `#`, RGB(A) order.
///
/// # Errors
/// [`ErrorKind::InvalidArgument`] for other digits or lengths.
pub(crate) fn parse(color: &Color) -> Result<Bgra, Error> {
    match color {
        Color::Transparent => Ok(Bgra::TRANSPARENT),
        Color::Black => Ok(Bgra([0, 0, 0, 255])),
        Color::Srgb(ColorSrgb::Hex(text)) => parse_hex(text),
    }
}

fn parse_hex(text: &str) -> Result<Bgra, Error> {
    let digits = text.strip_prefix('#').unwrap_or(text);
    let values: Option<Vec<u8>> = digits
        .chars()
        .map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok()))
        .collect();
    let Some(values) = values else {
        return Err(Error::new(
            ErrorKind::InvalidArgument,
            format!("Color Not Hexadecimal: '{text}' has other characters than 0-9 and A-F"),
        ));
    };
    let pair = |i: usize| {
        values
            .get(i)
            .zip(values.get(i + 1))
            .map_or(255, |(high, low)| high * 16 + low)
    };
    let double = |i: usize| values.get(i).map_or(255, |v| v * 17);
    match values.len() {
        3 | 4 => Ok(Bgra([double(2), double(1), double(0), double(3)])),
        6 | 8 => Ok(Bgra([pair(4), pair(2), pair(0), pair(6)])),
        n => Err(Error::new(
            ErrorKind::InvalidArgument,
            format!(
                "Color Format Incorrect: '{text}' has {n} digits; give RGB, RGBA, RRGGBB or RRGGBBAA"
            ),
        )),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn short_and_long_forms() {
        assert_eq!(parse_hex("#fff").unwrap(), Bgra([255; 4]));
        assert_eq!(parse_hex("1234").unwrap(), Bgra([0x33, 0x22, 0x11, 0x44]));
        assert_eq!(parse_hex("0A0b0C").unwrap(), Bgra([0x0C, 0x0B, 0x0A, 255]));
        assert!(
            parse_hex("")
                .unwrap_err()
                .message()
                .starts_with("Color Format Incorrect")
        );
        assert!(
            parse_hex("é12")
                .unwrap_err()
                .message()
                .starts_with("Color Not Hexadecimal")
        );
    }
}
