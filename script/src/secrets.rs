//! What `secret("NAME")` reads.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use zeroize::Zeroizing;

/// A value shorter than this is not looked for in texts: it would be found everywhere, and is no secret anyway.
const SHORTEST_MASKED: usize = 4;

/// Secrets by their names. `Debug` shows neither; the values are wiped from memory when they are dropped. What a script
/// makes of a value is the script's, and is not wiped.
#[derive(Clone, Default)]
pub struct Secrets(HashMap<String, Zeroizing<String>>);

impl Secrets {
    /// The value of a secret.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|value| value.as_str())
    }

    /// Every value, for one who masks them.
    pub fn values(&self) -> impl Iterator<Item = &str> {
        self.0.values().map(|value| value.as_str())
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A text that is about to be seen, with `[secret NAME]` for each value in it.
    #[must_use]
    pub fn mask<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let found = self
            .0
            .iter()
            .filter(|(_, value)| value.len() >= SHORTEST_MASKED && text.contains(value.as_str()));
        let mut found: Vec<_> = found.collect();
        // One may be a part of another.
        found.sort_by_key(|(name, value)| (usize::MAX - value.len(), name.as_str()));
        found
            .into_iter()
            .fold(Cow::Borrowed(text), |text, (name, value)| {
                Cow::Owned(text.replace(value.as_str(), &format!("[secret {name}]")))
            })
    }
}

impl FromIterator<(String, String)> for Secrets {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(secrets: I) -> Self {
        let secrets = secrets.into_iter();
        Self(
            secrets
                .map(|(name, value)| (name, Zeroizing::new(value)))
                .collect(),
        )
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets() -> Secrets {
        let pairs = [
            ("LONG", "hunter2-and-more"),
            ("PART", "hunter2"),
            ("TINY", "a"),
        ];
        let owned = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
        owned.into_iter().collect()
    }

    #[test]
    fn neither_names_nor_values_show_in_debug() {
        assert_eq!(format!("{:?}", secrets()), "Secrets(hidden)");
    }

    #[test]
    fn a_text_that_is_seen_names_the_secret_instead_of_showing_it() {
        let secrets = secrets();
        assert_eq!(
            secrets.mask("a `hunter2-and-more` and a `hunter2`"),
            "a `[secret LONG]` and a `[secret PART]`"
        );
        assert!(matches!(secrets.mask("nothing"), Cow::Borrowed(_)));
    }
}
