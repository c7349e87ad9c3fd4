//! Text that must not be seen.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Visitor};

/// The name by which the configuration's reader recognises a secret; see [`Secret`].
pub(crate) const MARK: &str = "$earshot::Secret";

/// A secret setting: shown as `[redacted]` by `Debug` and by `--check-config`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The secret itself, for the one place that needs it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

/// What stands where a secret would.
pub(crate) const REDACTED: &str = "[redacted]";

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Inner;
        impl<'de> Visitor<'de> for Inner {
            type Value = Secret;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text")
            }
            fn visit_newtype_struct<D: Deserializer<'de>>(
                self,
                inner: D,
            ) -> Result<Secret, D::Error> {
                String::deserialize(inner).map(Secret)
            }
        }
        deserializer.deserialize_newtype_struct(MARK, Inner)
    }
}

/// A URL without the user and the password that may stand before its host.
///
/// Several URLs separated by commas are treated one by one.
#[must_use]
pub(crate) fn without_credentials(urls: &str) -> String {
    urls.split(',')
        .map(one_without_credentials)
        .collect::<Vec<_>>()
        .join(",")
}

fn one_without_credentials(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, tail) = rest.split_at(end);
    match authority.rsplit_once('@') {
        Some((_, host)) => format!("{scheme}://{REDACTED}@{host}{tail}"),
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_never_shows_the_secret() {
        assert_eq!(format!("{:?}", Secret::new("hunter2")), "[redacted]");
    }

    #[test]
    fn a_url_loses_its_user_and_password_and_nothing_else() {
        assert_eq!(
            without_credentials("nats://u:p@ss@one:4222/x,tls://two:4222"),
            "nats://[redacted]@one:4222/x,tls://two:4222"
        );
        assert_eq!(without_credentials("http://host/a@b"), "http://host/a@b");
    }
}
