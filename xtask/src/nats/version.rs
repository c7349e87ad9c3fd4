//! The version that `nats-server --version` prints.

use std::fmt;

/// Major, minor and patch; what follows them is not compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version(u32, u32, u32);

/// The oldest that does not lose a stream when it is killed.
pub(crate) const OLDEST: Version = Version(2, 10, 23);

impl Version {
    /// Reads `nats-server: v2.10.23` and the like: the first word that is three numbers with dots.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        text.split_whitespace().find_map(Self::parse_word)
    }

    fn parse_word(word: &str) -> Option<Self> {
        let mut parts = word.trim_start_matches('v').splitn(3, '.');
        let major = parts.next()?.parse().ok()?;
        let minor = parts.next()?.parse().ok()?;
        // Behind the patch a pre-release or a packager's mark may stand: 0-beta.1, 27+ds.
        let patch: String = parts
            .next()?
            .chars()
            .take_while(char::is_ascii_digit)
            .collect();
        Some(Self(major, minor, patch.parse().ok()?))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}.{}", self.0, self.1, self.2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_read_with_and_without_the_letter() {
        assert_eq!(
            Version::parse("nats-server: v2.15.1\n"),
            Some(Version(2, 15, 1))
        );
        assert_eq!(
            Version::parse("nats-server: 2.10.27"),
            Some(Version(2, 10, 27))
        );
    }

    #[test]
    fn what_stands_behind_the_patch_is_left_out() {
        assert_eq!(Version::parse("v2.11.0-beta.1"), Some(Version(2, 11, 0)));
        assert_eq!(Version::parse("v2.10.27+ds-1"), Some(Version(2, 10, 27)));
    }

    #[test]
    fn text_without_a_version_is_none() {
        assert_eq!(Version::parse("command not found"), None);
        assert_eq!(Version::parse("v2.10"), None);
        assert_eq!(Version::parse(""), None);
    }

    #[test]
    fn versions_compare_as_numbers() {
        assert!(Version(2, 9, 10) < OLDEST);
        assert!(Version(2, 10, 22) < OLDEST);
        assert!(Version(2, 10, 100) > OLDEST);
        assert!(Version(3, 0, 0) > OLDEST);
        assert_eq!(OLDEST.to_string(), "2.10.23");
    }
}
