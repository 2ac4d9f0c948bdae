//! Hexadecimal text to bytes.

/// Decodes digits of any case.
///
/// # Errors
/// A sentence saying what is wrong.
pub(super) fn decode(text: &str) -> Result<Vec<u8>, String> {
    if !text.len().is_multiple_of(2) {
        return Err("hex: Odd number of digits".to_owned());
    }
    let digit = |byte: u8| {
        char::from(byte)
            .to_digit(16)
            .and_then(|value| u8::try_from(value).ok())
    };
    let pairs = text.as_bytes().chunks_exact(2).map(|pair| match pair {
        [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
        _ => None,
    });
    pairs
        .collect::<Option<Vec<u8>>>()
        .ok_or_else(|| wrong_digit(text))
}

fn wrong_digit(text: &str) -> String {
    let wrong = text
        .char_indices()
        .find(|(_, character)| !character.is_ascii_hexdigit());
    let (position, character) = wrong.unwrap_or_default();
    format!("hex: Invalid character {character:?} at position {position}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_of_any_case_are_read() {
        assert_eq!(decode("00fFAb1c"), Ok(vec![0, 255, 0xAB, 0x1C]));
        assert_eq!(decode(""), Ok(vec![]));
    }

    #[test]
    fn wrong_digits_are_named() {
        assert_eq!(decode("abc"), Err("hex: Odd number of digits".to_owned()));
        assert_eq!(
            decode("ab0z"),
            Err("hex: Invalid character 'z' at position 3".to_owned())
        );
        assert_eq!(
            decode("aaé"),
            Err("hex: Invalid character 'é' at position 2".to_owned())
        );
    }
}
