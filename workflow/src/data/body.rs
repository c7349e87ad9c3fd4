//! The exact bytes of a body, as scripts see them.

use std::sync::OnceLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use script::Value;

/// A body whose text is made when a script first asks for it.
#[derive(Debug, Default)]
pub(super) struct Body {
    bytes: Bytes,
    text: OnceLock<(Value, &'static str)>,
}

impl Body {
    pub(super) const fn new(bytes: Bytes) -> Self {
        Self {
            bytes,
            text: OnceLock::new(),
        }
    }

    /// `__data.__body`: the text, or base64 where the bytes are no UTF-8.
    pub(super) fn text(&self) -> Value {
        self.made().0.clone()
    }

    /// `__data.__body_encoding`: `text` or `base64`.
    pub(super) fn encoding(&self) -> &'static str {
        self.made().1
    }

    fn made(&self) -> &(Value, &'static str) {
        self.text.get_or_init(|| text_or_base64(&self.bytes))
    }
}

/// The bytes as text, or else in base64, and which of the two it is.
pub(crate) fn text_or_base64(bytes: &[u8]) -> (Value, &'static str) {
    match std::str::from_utf8(bytes) {
        Ok(text) => (Value::from(text), "text"),
        Err(_) => (Value::from(STANDARD.encode(bytes)), "base64"),
    }
}
