//! Quoted text in expressions.

/// What the backslashes in a quoted text stand for: the escapes of C, and any other letter for itself.
pub(crate) fn unescape(raw: &str) -> String {
    if !raw.contains('\\') {
        return raw.to_owned();
    }
    let mut bytes = Vec::with_capacity(raw.len());
    let mut rest = raw.bytes().peekable();
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        let Some(escaped) = rest.next() else { break };
        match escaped {
            b'n' => bytes.push(b'\n'),
            b't' => bytes.push(b'\t'),
            b'r' => bytes.push(b'\r'),
            b'a' => bytes.push(7),
            b'b' => bytes.push(8),
            b'v' => bytes.push(11),
            b'f' => bytes.push(12),
            b'x' if rest.peek().is_some_and(u8::is_ascii_hexdigit) => {
                bytes.push(digits(&mut rest, 16, 2, 0));
            }
            b'0'..=b'7' => bytes.push(digits(&mut rest, 8, 2, u32::from(escaped - b'0'))),
            other => bytes.push(other),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn digits(
    rest: &mut std::iter::Peekable<std::str::Bytes<'_>>,
    radix: u32,
    most: usize,
    first: u32,
) -> u8 {
    let mut value = first;
    for _ in 0..most {
        let Some(digit) = rest
            .peek()
            .and_then(|byte| char::from(*byte).to_digit(radix))
        else {
            break;
        };
        value = value * radix + digit;
        rest.next();
    }
    u8::try_from(value & 0xff).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::unescape;

    #[test]
    fn escapes_are_those_of_c_and_other_letters_stand_for_themselves() {
        assert_eq!(unescape(r#"a\n\t\\\'\"\d\x41\101"#), "a\n\t\\'\"dAA");
        assert_eq!(unescape("é\\"), "é");
    }
}
