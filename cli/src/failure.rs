//! Why a command failed, and the number that it ends with.

/// A failure as a person reads it.
#[derive(Debug, thiserror::Error)]
#[error("{text}")]
pub(crate) struct Failure {
    text: String,
    code: u8,
}

impl Failure {
    /// What was asked for did not work out: exit code 1.
    pub(crate) fn refused(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            code: 1,
        }
    }

    /// The command line or a setting is wrong: exit code 64.
    pub(crate) fn usage(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            code: 64,
        }
    }

    /// Something that is needed is not there: exit code 69.
    pub(crate) fn unavailable(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            code: 69,
        }
    }

    /// The same failure with where it happened in front of it.
    pub(crate) fn within(self, place: &str) -> Self {
        Self {
            text: format!("{place}: {}", self.text),
            code: self.code,
        }
    }

    pub(crate) const fn exit_code(&self) -> u8 {
        self.code
    }
}

impl From<ops::StartError> for Failure {
    fn from(error: ops::StartError) -> Self {
        let mut text = error.to_string();
        let mut source = std::error::Error::source(&error);
        while let Some(cause) = source {
            text = format!("{text}: {cause}");
            source = cause.source();
        }
        Self {
            text,
            code: error.exit_code(),
        }
    }
}
