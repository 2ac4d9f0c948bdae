//! Base64 (RFC 4648, section 4): standard alphabet, padded.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const NO_SYMBOL: u8 = 0xFF;

/// Value of every byte as a symbol.
static VALUES: [u8; 256] = {
    let mut values = [NO_SYMBOL; 256];
    let mut index = 0;
    while index < ALPHABET.len() {
        values[ALPHABET[index] as usize] = index as u8;
        index += 1;
    }
    values
};

/// Encodes with padding.
pub fn encode(bytes: &[u8]) -> String {
    let symbol =
        |bits: u32| char::from(ALPHABET.get((bits & 63) as usize).copied().unwrap_or(b'='));
    let mut text = String::with_capacity(bytes.len().div_ceil(3).saturating_mul(4));
    for group in bytes.chunks(3) {
        let byte = |index: usize| u32::from(group.get(index).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        text.push(symbol(bits >> 18));
        text.push(symbol(bits >> 12));
        text.push(if group.len() > 1 {
            symbol(bits >> 6)
        } else {
            '='
        });
        text.push(if group.len() > 2 { symbol(bits) } else { '=' });
    }
    text
}

/// Decodes padded text without whitespace.
///
/// # Errors
/// A sentence saying what is wrong and where.
pub fn decode(text: &str) -> Result<Vec<u8>, String> {
    let padding = text
        .bytes()
        .rev()
        .take(2)
        .take_while(|byte| *byte == b'=')
        .count();
    let symbols = text
        .as_bytes()
        .get(..text.len().saturating_sub(padding))
        .unwrap_or_default();
    let mut bytes = Vec::with_capacity(symbols.len().saturating_mul(3) / 4);
    for (index, group) in symbols.chunks(4).enumerate() {
        let mut bits = 0u32;
        for (place, symbol) in group.iter().enumerate() {
            let value = VALUES
                .get(usize::from(*symbol))
                .copied()
                .unwrap_or(NO_SYMBOL);
            if value == NO_SYMBOL {
                let offset = index.saturating_mul(4).saturating_add(place);
                return Err(format!("base64: Invalid symbol {symbol}, offset {offset}."));
            }
            bits |= u32::from(value) << (18 - 6 * place);
        }
        let [_, first, second, third] = bits.to_be_bytes();
        match group.len() {
            4 => bytes.extend([first, second, third]),
            3 => bytes.extend([first, second]),
            2 => bytes.push(first),
            _ => {}
        }
        let unused_bits = match group.len() {
            3 => u32::from(third),
            2 => u32::from(second) << 8 | u32::from(third),
            _ => 0,
        };
        if unused_bits != 0 {
            let offset = symbols.len().saturating_sub(1);
            let symbol = group.last().copied().unwrap_or_default();
            return Err(format!(
                "base64: Invalid last symbol {symbol}, offset {offset}."
            ));
        }
    }
    if symbols.len() % 4 == 1 {
        return Err(format!("base64: Invalid input length: {}", text.len()));
    }
    if !text.len().is_multiple_of(4) {
        return Err("base64: Invalid padding".to_owned());
    }
    Ok(bytes)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn rfc_4648_examples_go_both_ways() {
        let pairs = [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("foobar", "Zm9vYmFy"),
        ];
        for (plain, encoded) in pairs {
            assert_eq!(encode(plain.as_bytes()), encoded);
            assert_eq!(decode(encoded).unwrap(), plain.as_bytes());
        }
    }

    #[test]
    fn all_bytes_survive() {
        for length in 0..300usize {
            let bytes: Vec<u8> = (0..length).map(|i| (i * 37 + length) as u8).collect();
            assert_eq!(decode(&encode(&bytes)).unwrap(), bytes);
        }
    }

    #[test]
    fn wrong_text_is_refused() {
        assert_eq!(
            decode("!!!!").unwrap_err(),
            "base64: Invalid symbol 33, offset 0."
        );
        assert_eq!(
            decode("Zm9v Zm9v").unwrap_err(),
            "base64: Invalid symbol 32, offset 4."
        );
        assert_eq!(decode("Zg").unwrap_err(), "base64: Invalid padding");
        assert_eq!(
            decode("Zm9vY").unwrap_err(),
            "base64: Invalid input length: 5"
        );
        assert_eq!(
            decode("Zh==").unwrap_err(),
            "base64: Invalid last symbol 104, offset 1."
        );
        assert_eq!(
            decode("Zg=A").unwrap_err(),
            "base64: Invalid symbol 61, offset 2."
        );
        assert!(decode("====").is_err());
    }
}
