//! The headers that an author adds.

use std::fmt;

use thiserror::Error;

/// The most bytes of one header's value. Clients and proxies refuse larger ones, each with a failure
/// of its own.
const MOST_VALUE_BYTES: usize = 8 * 1024;

/// The most bytes of all names and values of a reply.
const MOST_BYTES: usize = 32 * 1024;

/// Headers that no client would take.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum HeadersTooLarge {
    /// One value is too long.
    #[error("the value of the header `{name}` has {bytes} bytes; {MOST_VALUE_BYTES} are the most")]
    Value {
        /// The header.
        name: String,
        /// How long it is.
        bytes: usize,
    },
    /// Together they are too long.
    #[error("the headers have more than {MOST_BYTES} bytes together")]
    Together,
}

/// Keeps count of the headers of one reply.
#[derive(Debug, Default)]
pub(super) struct HeaderBytes {
    taken: usize,
}

impl HeaderBytes {
    /// Takes one more header.
    ///
    /// # Errors
    /// When its value or all headers together are too long.
    pub(super) fn take(&mut self, name: &str, value: &str) -> Result<(), HeadersTooLarge> {
        if value.len() > MOST_VALUE_BYTES {
            return Err(HeadersTooLarge::Value {
                name: name.to_owned(),
                bytes: value.len(),
            });
        }
        self.taken = self.taken.saturating_add(name.len() + value.len());
        if self.taken > MOST_BYTES {
            return Err(HeadersTooLarge::Together);
        }
        Ok(())
    }
}

/// Headers that frame a message: whoever sends it sets them (RFC 9110, 7.6.1 and RFC 9112, 6).
const FRAMING: [&str; 8] = [
    "connection",
    "content-length",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Whether a header, in lower case, frames the message, so that no author sets it.
#[must_use]
pub fn is_framing(name: &str) -> bool {
    FRAMING.contains(&name)
}

/// Whether a reply's header, in lower case, is the gateway's own business.
#[must_use]
pub fn is_gateways_own(name: &str) -> bool {
    is_framing(name) || matches!(name, "x-request-id" | "idempotency-replayed")
}

/// What happened to a header on its way to the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeaderNote {
    /// Control characters such as CR and LF were taken out of its value.
    Cleaned(String),
    /// It was left out: its name is none, or it is the gateway's business.
    Dropped(String),
}

impl fmt::Display for HeaderNote {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cleaned(name) => {
                write!(
                    formatter,
                    "control characters were taken out of the header `{name}`"
                )
            }
            Self::Dropped(name) => write!(formatter, "the header `{name}` was left out"),
        }
    }
}

/// A header as it may go on the wire: the name in lower case, the value without control characters
/// and without white space around it. None where it must not go at all.
#[must_use]
pub fn check_header(name: &str, value: &str) -> (Option<(String, String)>, Option<HeaderNote>) {
    let lower = name.to_ascii_lowercase();
    if !is_token(&lower) || is_gateways_own(&lower) {
        return (None, Some(HeaderNote::Dropped(name.to_owned())));
    }
    // A script's last line end is no attempt at anything.
    let trimmed = value.trim();
    let clean: String = trimmed
        .chars()
        .filter(|&character| character == '\t' || !character.is_control())
        .collect();
    let note = (clean.len() != trimmed.len()).then(|| HeaderNote::Cleaned(lower.clone()));
    (Some((lower, clean)), note)
}

/// RFC 9110 section 5.6.2.
fn is_token(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !name.is_empty() && name.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_never_pass() {
        for value in [
            "a\r\nSet-Cookie: x=1",
            "a\nb",
            "a\rb",
            "a\0b",
            "a\u{7f}b",
            "a\u{85}b",
        ] {
            let (header, note) = check_header("X-A", value);
            let (name, value) = header.unwrap();
            assert_eq!(name, "x-a");
            assert!(!value.chars().any(char::is_control), "{value:?}");
            assert_eq!(note, Some(HeaderNote::Cleaned("x-a".to_owned())));
        }
    }

    #[test]
    fn a_usual_value_passes_unchanged_and_without_a_note() {
        for (value, expected) in [
            ("a b", "a b"),
            (" a\n", "a"),
            ("a\tb", "a\tb"),
            ("grün", "grün"),
            ("", ""),
        ] {
            let (header, note) = check_header("x-a", value);
            assert_eq!(header, Some(("x-a".to_owned(), expected.to_owned())));
            assert_eq!(note, None);
        }
    }

    #[test]
    fn one_value_and_all_headers_together_are_bound() {
        let mut bytes = HeaderBytes::default();
        assert_eq!(bytes.take("x-a", &"v".repeat(8192)), Ok(()));
        let error = HeaderBytes::default().take("x-a", &"v".repeat(8193));
        let error = error.unwrap_err().to_string();
        assert!(
            error.contains("`x-a` has 8193 bytes; 8192 are the most"),
            "{error}"
        );
        // Names count too: three more fill it but for 21 bytes.
        for name in ["x-b", "x-c", "x-d"] {
            assert_eq!(bytes.take(name, &"v".repeat(8181)), Ok(()));
        }
        assert_eq!(bytes.take("x-e", &"v".repeat(15)), Ok(()));
        assert_eq!(bytes.take("x-f", ""), Ok(()));
        assert_eq!(bytes.take("x", ""), Err(HeadersTooLarge::Together));
    }

    #[test]
    fn what_frames_the_message_is_left_to_the_gateway() {
        for name in [
            "Content-Length",
            "transfer-encoding",
            "Connection",
            "X-Request-Id",
            "Idempotency-Replayed",
            "",
            "a b",
            "a:",
            "ä",
            "a\r\nb",
        ] {
            let (header, note) = check_header(name, "1");
            assert_eq!(header, None, "{name}");
            assert_eq!(note, Some(HeaderNote::Dropped(name.to_owned())));
        }
    }
}
