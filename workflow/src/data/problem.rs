//! Why a body was refused.

use thiserror::Error;

/// A body that does not keep the promise of its content type. The caller gets a 400.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum BodyProblem {
    /// The body is no JSON. Line and column count from 1, the column in bytes.
    #[error("line {line}, column {column}: {message}")]
    Json {
        /// The line.
        line: usize,
        /// The column.
        column: usize,
        /// What is wrong there.
        message: String,
    },
    /// The body is no `multipart/form-data`.
    #[error("the multipart body is malformed: {reason}")]
    Multipart {
        /// What is wrong.
        reason: String,
    },
}

impl BodyProblem {
    /// A malformed multipart body.
    pub(super) fn multipart(reason: impl Into<String>) -> Self {
        Self::Multipart {
            reason: reason.into(),
        }
    }

    /// Malformed JSON. The parser counts a line end as column 0 of the next line: here it is the
    /// place after the last byte of its own line.
    pub(super) fn json(error: &serde_json::Error, bytes: &[u8]) -> Self {
        let (line, column) = (error.line(), error.column());
        let text = error.to_string();
        let place = format!(" at line {line} column {column}");
        let message = text.strip_suffix(&place).unwrap_or(&text).to_owned();
        if column > 0 {
            return Self::Json {
                line,
                column,
                message,
            };
        }
        let line = line.saturating_sub(1).max(1);
        let written = bytes.split(|byte| *byte == b'\n').nth(line - 1);
        Self::Json {
            line,
            column: written.map_or(0, <[u8]>::len) + 1,
            message,
        }
    }
}
