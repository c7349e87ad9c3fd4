//! What can be wrong with a configuration.

use std::io;
use std::path::PathBuf;

use super::origin::Origin;

/// What is wrong with a configuration. The values of settings are never shown: they may be secrets.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("the configuration file {} cannot be read", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The text is not TOML.
    #[error("{origin} is not TOML: {problem}")]
    Syntax {
        /// The place.
        origin: Origin,
        /// What the parser expected.
        problem: String,
    },
    /// Nobody knows the key.
    #[error("{key} is not a setting ({origin}); {}", advice(nearest.as_deref(), known))]
    Unknown {
        /// The key with its section, its parts joined by dots.
        key: String,
        /// Where it stands.
        origin: Origin,
        /// The known key that is most like it, where one is alike.
        nearest: Option<String>,
        /// Every key that is known in its place.
        known: Vec<String>,
    },
    /// The value is of a wrong type, or out of bounds.
    #[error("{key} is not usable ({origin}): {problem}")]
    Invalid {
        /// The key with its section, its parts joined by dots.
        key: String,
        /// Where it stands.
        origin: Origin,
        /// What is wrong, without the value.
        problem: String,
    },
    /// A setting without a default is not set.
    #[error("{key} is not set: add it to the configuration file, or set {variable}")]
    Missing {
        /// The key with its section, its parts joined by dots.
        key: String,
        /// The variable that sets it.
        variable: String,
    },
}

impl ConfigError {
    /// An unknown key: `name` is its last part.
    pub(super) fn unknown(key: String, name: &str, origin: Origin, known: &[&str]) -> Self {
        Self::Unknown {
            key,
            origin,
            nearest: nearest(name, known).map(str::to_owned),
            known: known.iter().map(ToString::to_string).collect(),
        }
    }

    /// A setting that must be set and is not.
    pub(super) fn missing(key: String) -> Self {
        let variable = format!(
            "EARSHOT_{}",
            key.replace('.', "__").to_uppercase().replace('-', "_")
        );
        Self::Missing { key, variable }
    }
}

fn advice(nearest: Option<&str>, known: &[String]) -> String {
    match (nearest, known) {
        (Some(nearest), _) => format!("did you mean {nearest}?"),
        (None, []) => "nothing can be set there".to_owned(),
        (None, known) => format!("known are {}", known.join(", ")),
    }
}

/// The word most like `name`, when it is alike enough to be what was meant.
pub(super) fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    // Two letters that changed places are the likeliest slip, and in a short word the likeness alone misses it.
    let likeness = |word: &str| match strsim::osa_distance(name, word) {
        0 | 1 => 1.0,
        _ => strsim::jaro_winkler(name, word),
    };
    known
        .iter()
        .map(|word| (likeness(word), *word))
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, word)| word)
}
