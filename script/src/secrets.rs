//! What `secret("NAME")` reads.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use zeroize::Zeroizing;

/// A value shorter than this is not looked for in texts: it would be found everywhere, and is no secret anyway.
const SHORTEST_MASKED: usize = 4;

/// Secrets by their names. `Debug` shows neither; the values are wiped from memory when they are dropped. What a script
/// makes of a value is the script's, and is not wiped.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secrets(HashMap<String, Zeroizing<String>>);

impl Secrets {
    /// The value of a secret.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|value| value.as_str())
    }

    /// Takes one more in, such as one that came up while the run was at work.
    pub fn add(&mut self, name: String, value: String) {
        self.0.insert(name, Zeroizing::new(value));
    }

    /// Every value in every form in which it may be used, for one who masks them.
    pub fn values(&self) -> impl Iterator<Item = Cow<'_, str>> {
        self.0.values().flat_map(|value| forms(value))
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A text that is about to be seen, with `[secret NAME]` for each value in it.
    #[must_use]
    pub fn mask<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let values = self.0.iter();
        let forms = values.flat_map(|(name, value)| forms(value).map(move |form| (name, form)));
        let found =
            forms.filter(|(_, form)| form.len() >= SHORTEST_MASKED && text.contains(form.as_ref()));
        let mut found: Vec<_> = found.collect();
        // One may be a part of another.
        found.sort_by_key(|(name, value)| (usize::MAX - value.len(), name.as_str()));
        found
            .into_iter()
            .fold(Cow::Borrowed(text), |text, (name, form)| {
                Cow::Owned(text.replace(form.as_ref(), &format!("[secret {name}]")))
            })
    }
}

/// A value as it is, and as headers and URLs take it: without what surrounds it, and without control characters.
fn forms(value: &str) -> impl Iterator<Item = Cow<'_, str>> {
    let trimmed = value.trim();
    let trims = trimmed.len() < value.len();
    let bare = value.contains(char::is_control).then(|| {
        let bare = value.replace(char::is_control, "");
        Cow::Owned(bare.trim().to_owned())
    });
    std::iter::once(Cow::Borrowed(value))
        .chain(trims.then_some(Cow::Borrowed(trimmed)))
        .chain(bare)
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

    #[test]
    fn a_value_that_was_cleaned_on_its_way_into_a_header_or_url_is_masked_too() {
        let named = |value: &str| Secrets::from_iter([("KEY".to_owned(), value.to_owned())]);
        for value in [
            "hunter2-x\n",
            " hunter2-x\r\n",
            "\u{1}hunter2-x",
            "hunter2\n-x",
        ] {
            let masked = named(value).mask("Bearer hunter2-x").into_owned();
            assert_eq!(masked, "Bearer [secret KEY]", "{value:?}");
        }
        assert_eq!(named("line\none").mask("<line\none>"), "<[secret KEY]>");
        assert_eq!(named(" a\n").mask("a"), "a", "too short when cleaned");
    }
}
