//! What a path on the listener port means.

use shared::ids::{RunId, UrlHashes};
use shared::limits::MAX_TOKEN;

/// Where a request goes. Anything else is nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place<'a> {
    /// `/listener/{first}/{second}`.
    Endpoint(UrlHashes),
    /// `/runs/{run_id}/reply`.
    Reply(RunId),
    /// `/callback/{token}`.
    Callback(&'a str),
}

impl<'a> Place<'a> {
    /// Reads a path as it stands: nothing is decoded, trimmed or forgiven.
    pub(super) fn of(path: &'a str) -> Option<Self> {
        if let Some(token) = path.strip_prefix("/callback/") {
            return is_token(token).then_some(Self::Callback(token));
        }
        let mut segments = path.strip_prefix('/')?.split('/');
        let place = match (segments.next()?, segments.next()?, segments.next()?) {
            ("listener", first, second) => Self::Endpoint(UrlHashes::parse(first, second)?),
            ("runs", run_id, "reply") => {
                let id: RunId = run_id.parse().ok()?;
                // One spelling of an id, so that one URL is one place.
                Self::Reply(Some(id).filter(|id| id.to_string() == run_id)?)
            }
            _ => return None,
        };
        segments.next().is_none().then_some(place)
    }
}

/// Whether a text is written as signed tokens are.
fn is_token(text: &str) -> bool {
    let written = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    !text.is_empty() && text.len() <= MAX_TOKEN && text.bytes().all(written)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_three_shapes_are_places() {
        let hash = "0123456789abcdef0123456789abcdef";
        let run = "0190aaaa-bbbb-7ccc-8ddd-eeeeeeeeeeee";
        assert!(matches!(
            Place::of(&format!("/listener/{hash}/{hash}")),
            Some(Place::Endpoint(_))
        ));
        assert!(matches!(
            Place::of(&format!("/runs/{run}/reply")),
            Some(Place::Reply(_))
        ));
        assert_eq!(Place::of("/callback/a-_.b"), Some(Place::Callback("a-_.b")));
        for path in [
            "/callback",
            "/callback/",
            "/callback/a/b",
            "/callback/a/",
            "/callback/a%2e",
            &format!("/callback/{}", "a".repeat(MAX_TOKEN + 1)),
            "",
            "/",
            "*",
            "/listener",
            &format!("/listener/{hash}"),
            &format!("/listener/{hash}/{hash}/"),
            &format!("/listener/{hash}/{hash}/x"),
            &format!("//listener/{hash}/{hash}"),
            &format!("/LISTENER/{hash}/{hash}"),
            &format!("/listener/{}/{hash}", hash.to_uppercase()),
            &format!("/listener/%30123456789abcdef0123456789abcde/{hash}"),
            &format!("/runs/{run}"),
            &format!("/runs/{}/reply", run.to_uppercase()),
            "/runs/x/reply",
        ] {
            assert_eq!(Place::of(path), None, "{path}");
        }
    }
}
