//! What went wrong, and the exit code that says so.

use std::fmt;

/// Exit code of a command line or a setting that cannot be used (`EX_USAGE` of sysexits).
pub(crate) const USAGE: u8 = 64;
/// Exit code of something needed that is not there and cannot be put there (`EX_UNAVAILABLE` of sysexits).
pub(crate) const UNAVAILABLE: u8 = 69;
/// Exit code of a check that found something.
pub(crate) const FOUND: u8 = 1;

/// The reason why a command ends, as one message and one exit code.
#[derive(Debug)]
pub(crate) struct Failure {
    code: u8,
    message: String,
}

impl Failure {
    /// A failure that ends the process with `code`; zero would hide it, and becomes one.
    pub(crate) fn new(code: u8, message: impl Into<String>) -> Self {
        Self {
            code: code.max(1),
            message: message.into(),
        }
    }

    /// Something needed is missing: exit code 69.
    pub(crate) fn unavailable(message: impl Into<String>) -> Self {
        Self::new(UNAVAILABLE, message)
    }

    /// A file or folder that cannot be read or written.
    pub(crate) fn file(path: &std::path::Path, error: &std::io::Error) -> Self {
        Self::new(FOUND, format!("{}: {error}", path.display()))
    }

    /// The exit code, never zero.
    pub(crate) fn code(&self) -> u8 {
        self.code
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}
