//! Texts that are known to be secret, wherever they stand.

use url::form_urlencoded;

use super::MASK;

/// A shorter text would be found in half of all words.
const SHORTEST: usize = 4;

/// The longest that is found also where a body was cut off within it, in bytes.
pub(in crate::run_log) const LONGEST: usize = 8 * 1024;

/// Texts that are to be masked, in every spelling that they may take: as they are, in JSON, in a form, in a URL.
#[derive(Clone, Default)]
pub(in crate::run_log) struct Hidden {
    spellings: Vec<String>,
}

impl Hidden {
    /// Adds a text. One of fewer than four bytes is not masked.
    pub(in crate::run_log) fn add(&mut self, text: &str) {
        if text.len() < SHORTEST {
            return;
        }
        let json = serde_json::to_string(text).unwrap_or_default();
        let json = json.trim_matches('"').to_owned();
        let form: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
        let url = form.replace('+', "%20");
        let lower = lower_hex(&url);
        for spelling in [text.to_owned(), json, form, url, lower] {
            if !self.spellings.contains(&spelling) {
                self.spellings.push(spelling);
            }
        }
        // One text may be a part of another.
        self.spellings
            .sort_by_key(|spelling| usize::MAX - spelling.len());
    }

    /// The text without them.
    pub(in crate::run_log) fn text(&self, text: String) -> String {
        let masked = |text: String, secret: &String| {
            if text.contains(secret.as_str()) {
                text.replace(secret.as_str(), MASK)
            } else {
                text
            }
        };
        self.spellings.iter().fold(text, masked)
    }

    /// The bytes without them, text or not.
    pub(in crate::run_log) fn bytes(&self, bytes: Vec<u8>) -> Vec<u8> {
        self.spellings.iter().fold(bytes, |bytes, secret| {
            replaced(bytes, secret.as_bytes(), MASK.as_bytes())
        })
    }
}

fn replaced(bytes: Vec<u8>, secret: &[u8], mask: &[u8]) -> Vec<u8> {
    let mut found = bytes.windows(secret.len()).enumerate();
    if !found.any(|(_, window)| window == secret) {
        return bytes;
    }
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes.as_slice();
    while let Some(&first) = rest.first() {
        if let Some(after) = rest.strip_prefix(secret) {
            out.extend_from_slice(mask);
            rest = after;
        } else {
            out.push(first);
            rest = rest.get(1..).unwrap_or_default();
        }
    }
    out
}

/// Percent-encoding with small letters.
fn lower_hex(text: &str) -> String {
    let mut left = 0;
    let lower = |letter: char| {
        if letter == '%' {
            left = 3;
        }
        let hex = left > 0;
        left = usize::saturating_sub(left, 1);
        if hex {
            letter.to_ascii_lowercase()
        } else {
            letter
        }
    };
    text.chars().map(lower).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_secret_is_masked_in_every_spelling() {
        let mut hidden = Hidden::default();
        hidden.add("p\"w /Ö");
        hidden.add("abc");
        for text in [
            "x p\"w /Ö y",
            "{\"a\":\"p\\\"w /Ö\"}",
            "a=p%22w+%2F%C3%96",
            "a=p%22w%20%2F%C3%96",
            "a=p%22w%20%2f%c3%96",
        ] {
            let masked = hidden.text(text.to_owned());
            assert!(masked.contains("***") && !masked.contains('w'), "{masked}");
            assert_eq!(hidden.bytes(text.as_bytes().to_vec()), masked.as_bytes());
        }
        assert_eq!(
            hidden.text("abc".to_owned()),
            "abc",
            "too short to be masked"
        );
    }

    #[test]
    fn bytes_that_are_no_text_are_masked_too() {
        let mut hidden = Hidden::default();
        hidden.add("hunter2");
        let masked = hidden.bytes(b"\xff\x00hunter2\xfehunter".to_vec());
        assert_eq!(masked, b"\xff\x00***\xfehunter");
    }

    #[test]
    fn the_longer_of_two_secrets_goes_first() {
        let mut hidden = Hidden::default();
        hidden.add("hunter");
        hidden.add("hunter2-more");
        assert_eq!(hidden.text("hunter2-more hunter".to_owned()), "*** ***");
    }
}
