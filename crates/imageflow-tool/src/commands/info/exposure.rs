//! What cameras measure, as photographers write it: 1/78 s, f/2.8, 4.2 mm.

use ::exif::{Rational, Tag};

/// Times from here on are written as decimals, shorter ones as fractions of a second.
const FRACTIONS_BELOW: f64 = 0.3;

/// Whether [`measured`] knows how to write a field.
pub(super) fn is_measured(tag: Tag) -> bool {
    tag == Tag::ExposureTime || tag == Tag::FNumber || tag == Tag::FocalLength
}

/// The value and its unit; `None` when it is no number above 0.
pub(super) fn measured(tag: Tag, value: &Rational) -> Option<String> {
    let number = value.to_f64();
    if !number.is_finite() || number <= 0.0 {
        return None;
    }
    Some(match tag {
        Tag::ExposureTime => time(number),
        Tag::FNumber => format!("f/{}", tenths(number)),
        _ => format!("{} mm", tenths(number)),
    })
}

fn time(seconds: f64) -> String {
    let fraction = (1.0 / seconds).round();
    if seconds >= FRACTIONS_BELOW {
        format!("{} s", tenths(seconds))
    } else {
        format!("1/{fraction} s")
    }
}

/// At most one decimal.
fn tenths(number: f64) -> String {
    let rounded = (number * 10.0).round() / 10.0;
    if rounded == 0.0 {
        format!("{number:.2}")
    } else {
        rounded.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_fractions_or_decimals() {
        let time = |num, denom| measured(Tag::ExposureTime, &Rational { num, denom });
        for (num, denom, shown) in [
            (12_864_963, 1_000_000_000, "1/78 s"),
            (10, 1250, "1/125 s"),
            (1, 8000, "1/8000 s"),
            (1, 4, "1/4 s"),
            (1, 2, "0.5 s"),
            (13, 10, "1.3 s"),
            (30, 1, "30 s"),
            (333_333, 1_000_000, "0.3 s"),
        ] {
            assert_eq!(time(num, denom).as_deref(), Some(shown));
        }
        assert_eq!(time(0, 1), None);
        assert_eq!(time(1, 0), None);
    }

    #[test]
    fn lenses_have_one_decimal_at_most() {
        let shown = |tag, num, denom| measured(tag, &Rational { num, denom });
        assert_eq!(shown(Tag::FNumber, 28, 10).as_deref(), Some("f/2.8"));
        assert_eq!(shown(Tag::FNumber, 8, 1).as_deref(), Some("f/8"));
        let long = shown(Tag::FocalLength, 4_199_999, 1_000_000);
        assert_eq!(long.as_deref(), Some("4.2 mm"));
    }
}
