//! Where a setting came from.

use std::fmt;
use std::path::PathBuf;

/// Where a setting came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The documented defaults.
    Defaults {
        /// Counted from one.
        line: usize,
    },
    /// The file named by `--config`.
    File {
        /// As it was given.
        path: PathBuf,
        /// Counted from one.
        line: usize,
    },
    /// A variable of the environment.
    Variable(String),
    /// Nothing has set it.
    Nowhere,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Defaults { line } => write!(f, "the defaults, line {line}"),
            Self::File { path, line } => write!(f, "{}, line {line}", path.display()),
            Self::Variable(name) => write!(f, "the variable {name}"),
            Self::Nowhere => f.write_str("set nowhere"),
        }
    }
}
