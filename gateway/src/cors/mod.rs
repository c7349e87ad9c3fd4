//! Cross-origin calls (spec section 5): decided per endpoint, before anything runs.

mod origin;
mod preflight;

use http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ORIGIN, VARY};
use http::{HeaderMap, HeaderValue};
use shared::codes::Code;

use crate::problem::Problem;
use origin::Pattern;
pub(crate) use preflight::{is_preflight, preflight};

/// The origins that may call one endpoint.
#[derive(Clone, Debug)]
pub(crate) struct Policy {
    any: bool,
    patterns: Vec<Pattern>,
}

impl Policy {
    /// The policy of a list as it stands in the route. An entry that is no origin allows nothing.
    pub(crate) fn new(entries: &[String]) -> Self {
        Self {
            any: entries.iter().any(|entry| entry.trim() == "*"),
            patterns: entries
                .iter()
                .filter_map(|entry| Pattern::parse(entry))
                .collect(),
        }
    }

    fn allows(&self, origin: &str) -> bool {
        // Whoever is nobody in particular has to be listed: `*` stands for origins that have a name.
        (self.any && origin != "null") || self.patterns.iter().any(|pattern| pattern.allows(origin))
    }
}

/// What the rules say about one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Judgement {
    /// The endpoint does not answer other origins, and says nothing about them.
    Off,
    /// The request names no origin: the rules do not apply.
    NoOrigin,
    /// The origin may call; the value goes into `Access-Control-Allow-Origin`.
    Allowed(HeaderValue),
    /// The origin may not call.
    Refused,
}

impl Judgement {
    /// Judges a request to an endpoint.
    pub(crate) fn of(policy: Option<&Policy>, headers: &HeaderMap) -> Self {
        let Some(policy) = policy else {
            return Self::Off;
        };
        let mut origins = headers.get_all(ORIGIN).iter();
        let Some(origin) = origins.next() else {
            return Self::NoOrigin;
        };
        let text = origin.to_str().unwrap_or_default();
        if origins.next().is_some() || !policy.allows(text) {
            return Self::Refused;
        }
        Self::Allowed(if policy.any {
            HeaderValue::from_static("*")
        } else {
            origin.clone()
        })
    }

    /// Refuses a request from an origin that may not call.
    ///
    /// # Errors
    /// `origin_not_allowed`.
    pub(crate) fn check(&self) -> Result<(), Problem> {
        match self {
            Self::Refused => Err(Problem::new(
                Code::OriginNotAllowed,
                "the endpoint does not answer requests from this origin",
            )),
            Self::Off | Self::NoOrigin | Self::Allowed(_) => Ok(()),
        }
    }

    /// Puts the headers on a reply, over whatever the author set: errors carry them too.
    pub(crate) fn decorate(&self, headers: &mut HeaderMap) {
        if *self == Self::Off {
            return;
        }
        headers.append(VARY, HeaderValue::from_static("Origin"));
        headers.remove(ACCESS_CONTROL_ALLOW_ORIGIN);
        headers.remove("access-control-allow-credentials");
        if let Self::Allowed(origin) = self {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
            headers.append(
                ACCESS_CONTROL_EXPOSE_HEADERS,
                HeaderValue::from_static(
                    "X-Request-Id, Location, Retry-After, Idempotency-Replayed",
                ),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(entries: &[&str]) -> Policy {
        Policy::new(
            &entries
                .iter()
                .map(|entry| (*entry).to_owned())
                .collect::<Vec<_>>(),
        )
    }

    fn judge(entries: &[&str], origin: &str) -> Judgement {
        let mut headers = HeaderMap::new();
        headers.insert(ORIGIN, HeaderValue::from_str(origin).unwrap());
        Judgement::of(Some(&policy(entries)), &headers)
    }

    #[test]
    fn an_allowed_origin_is_echoed_and_the_star_only_where_the_star_is_set() {
        let echoed = Judgement::Allowed(HeaderValue::from_static("https://a.example"));
        assert_eq!(judge(&["https://a.example"], "https://a.example"), echoed);
        let star = Judgement::Allowed(HeaderValue::from_static("*"));
        assert_eq!(judge(&["*"], "https://anything.example"), star);
    }

    #[test]
    fn null_is_allowed_only_where_it_is_listed() {
        assert_eq!(judge(&["https://a.example"], "null"), Judgement::Refused);
        assert_eq!(judge(&["*"], "null"), Judgement::Refused);
        assert!(matches!(judge(&["null"], "null"), Judgement::Allowed(_)));
        assert!(matches!(
            judge(&["*", "null"], "null"),
            Judgement::Allowed(_)
        ));
    }

    #[test]
    fn nothing_is_allowed_by_an_empty_list_or_by_one_that_cannot_be_read() {
        assert_eq!(judge(&[], "https://a.example"), Judgement::Refused);
        assert_eq!(
            judge(&["a.example", ""], "https://a.example"),
            Judgement::Refused
        );
    }

    #[test]
    fn two_origins_in_one_request_are_refused() {
        let mut headers = HeaderMap::new();
        headers.append(ORIGIN, HeaderValue::from_static("https://a.example"));
        headers.append(ORIGIN, HeaderValue::from_static("https://a.example"));
        let judgement = Judgement::of(Some(&policy(&["https://a.example"])), &headers);
        assert_eq!(judgement, Judgement::Refused);
    }

    #[test]
    fn a_refused_origin_sees_vary_and_no_allowance_even_if_the_author_set_one() {
        let mut headers = HeaderMap::new();
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        Judgement::Refused.decorate(&mut headers);
        assert_eq!(headers[VARY], "Origin");
        assert!(headers.get(ACCESS_CONTROL_ALLOW_ORIGIN).is_none());
        let mut plain = HeaderMap::new();
        Judgement::Off.decorate(&mut plain);
        assert!(plain.is_empty());
    }
}
