//! `If-Match` (RFC 9110, section 13.1.1), as far as the registry needs it.

use shared::codes::Code;
use shared::v1::reply::Failure;

/// What an author wants of the draft before it is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum IfMatch {
    /// Nothing but that it is there.
    Any,
    /// That it still is the one that the author saw.
    Revision(u64),
    /// Something that no draft ever was.
    Never,
}

impl IfMatch {
    /// Reads `*` or an etag, with or without its quotes. A weak etag matches nothing, as the standard says.
    pub(super) fn parse(text: &str) -> Result<Self, Failure> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Failure::new(
                Code::PreconditionRequired,
                "say which draft is meant: If-Match with its etag, or `*` for any",
            ));
        }
        if text == "*" {
            return Ok(Self::Any);
        }
        let bare = text
            .strip_prefix('"')
            .and_then(|rest| rest.strip_suffix('"'))
            .unwrap_or(text);
        Ok(bare.parse().map_or(Self::Never, Self::Revision))
    }

    /// Refuses a draft that is not the one that the author saw.
    pub(super) fn check(self, revision: u64) -> Result<(), Failure> {
        match self {
            Self::Any => Ok(()),
            Self::Revision(wanted) if wanted == revision => Ok(()),
            Self::Revision(_) | Self::Never => Err(failed()),
        }
    }
}

pub(super) fn failed() -> Failure {
    Failure::new(
        Code::PreconditionFailed,
        "the workflow was changed since it was read; read it again and repeat the change",
    )
}

/// The etag of a draft.
pub(super) fn etag(revision: u64) -> String {
    revision.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_etag_matches_its_own_draft_and_a_star_every_one() {
        let wanted = |text: &str| IfMatch::parse(text).unwrap();
        assert!(wanted("*").check(7).is_ok());
        assert!(wanted(&etag(7)).check(7).is_ok());
        assert!(wanted("\"7\"").check(7).is_ok());
        for other in ["6", "W/\"7\"", "\"7", "seven", "-7", "7, 8"] {
            let failure = wanted(other).check(7).unwrap_err();
            assert_eq!(failure.code, Code::PreconditionFailed, "{other}");
        }
        assert_eq!(
            IfMatch::parse(" ").unwrap_err().code,
            Code::PreconditionRequired
        );
    }
}
