//! One uploaded file, as scripts see it.

use std::fmt::Write;
use std::sync::{Arc, OnceLock};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use minijinja::value::{Enumerator, Object};
use script::Value;
use sha2::{Digest, Sha256};

/// `__data.__files.<field>[n]`. Hash and base64 are made when a script first asks for them.
#[derive(Debug)]
pub(super) struct File {
    filename: String,
    content_type: Option<String>,
    bytes: Bytes,
    sha256: OnceLock<Value>,
    data: OnceLock<Value>,
}

impl File {
    pub(super) const fn new(filename: String, content_type: Option<String>, bytes: Bytes) -> Self {
        Self {
            filename,
            content_type,
            bytes,
            sha256: OnceLock::new(),
            data: OnceLock::new(),
        }
    }

    fn hash(&self) -> Value {
        let mut text = String::with_capacity(64);
        for byte in Sha256::digest(&self.bytes) {
            // Writing to a `String` cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        Value::from(text)
    }
}

impl Object for File {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        match key.as_str()? {
            "filename" => Some(Value::from(self.filename.as_str())),
            "content_type" => Some(Value::from(self.content_type.as_deref())),
            "size" => Some(Value::from(self.bytes.len())),
            "sha256" => Some(self.sha256.get_or_init(|| self.hash()).clone()),
            "data" => Some(
                self.data
                    .get_or_init(|| Value::from(STANDARD.encode(&self.bytes)))
                    .clone(),
            ),
            _ => None,
        }
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Str(&["filename", "content_type", "size", "sha256", "data"])
    }
}
