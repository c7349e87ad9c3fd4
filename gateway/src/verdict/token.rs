//! Finding the token in a request.

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName};
use shared::limits::MAX_TOKEN;

/// The header that some senders use instead of `Authorization`.
const TOKEN: HeaderName = HeaderName::from_static("token");

/// What a request presents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Presented<'a> {
    /// No token.
    Missing,
    /// Something that is refused without asking: several tokens, too long a one, one that is no text.
    Unusable,
    /// A token to check.
    Token {
        /// The token.
        token: &'a str,
        /// The headers that carried it.
        carriers: Vec<HeaderName>,
    },
}

/// Reads `Authorization: Bearer` (RFC 6750; the scheme in any case) and `token`.
pub(super) fn present(headers: &HeaderMap) -> Presented<'_> {
    let (Ok(authorization), Ok(plain)) = (single(headers, &AUTHORIZATION), single(headers, &TOKEN))
    else {
        return Presented::Unusable;
    };
    let bearer = authorization.and_then(bearer);
    let plain = plain.map(str::trim).filter(|token| !token.is_empty());
    let (token, carriers) = match (bearer, plain) {
        (None, None) => return Presented::Missing,
        (Some(bearer), None) => (bearer, vec![AUTHORIZATION]),
        (None, Some(plain)) => (plain, vec![TOKEN]),
        (Some(bearer), Some(plain)) if bearer == plain => (bearer, vec![AUTHORIZATION, TOKEN]),
        (Some(_), Some(_)) => return Presented::Unusable,
    };
    if token.len() > MAX_TOKEN {
        return Presented::Unusable;
    }
    Presented::Token { token, carriers }
}

/// The one value of a header. An error where there are several, or one that is no ASCII text.
fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, ()> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(|_| ()),
        (Some(_), Some(_)) => Err(()),
    }
}

/// The token of a `Bearer` value; none for another scheme or an empty token.
fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.trim().split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, HeaderValue::from_str(value).unwrap());
        }
        headers
    }

    fn token(pairs: &[(&'static str, &str)]) -> Option<String> {
        match present(&headers(pairs)) {
            Presented::Token { token, .. } => Some(token.to_owned()),
            Presented::Missing | Presented::Unusable => None,
        }
    }

    #[test]
    fn the_scheme_is_read_in_any_case_and_the_plain_header_too() {
        for scheme in ["Bearer", "bearer", "BEARER"] {
            assert_eq!(
                token(&[("authorization", &format!("{scheme} a.b.c"))]).unwrap(),
                "a.b.c"
            );
        }
        assert_eq!(token(&[("token", "a.b.c")]).unwrap(), "a.b.c");
        assert_eq!(
            token(&[("authorization", "Bearer a.b.c"), ("token", "a.b.c")]).unwrap(),
            "a.b.c"
        );
    }

    #[test]
    fn no_token_an_empty_one_and_another_scheme_are_missing() {
        let basic = [("authorization", "Basic dTpw")];
        for pairs in [
            &[][..],
            &[("authorization", "Bearer ")],
            &[("token", "")],
            &basic,
        ] {
            assert_eq!(present(&headers(pairs)), Presented::Missing, "{pairs:?}");
        }
    }

    #[test]
    fn different_several_and_oversized_tokens_are_unusable() {
        let long = "a".repeat(MAX_TOKEN + 1);
        for pairs in [
            &[("authorization", "Bearer a"), ("token", "b")][..],
            &[("authorization", "Bearer a"), ("authorization", "Bearer a")],
            &[("token", "a"), ("token", "a")],
            &[("token", &long)],
        ] {
            assert_eq!(present(&headers(pairs)), Presented::Unusable);
        }
        assert!(token(&[("token", &"a".repeat(MAX_TOKEN))]).is_some());
    }

    #[test]
    fn only_the_headers_that_carried_the_token_are_named() {
        let headers = headers(&[("authorization", "Basic dTpw"), ("token", "a")]);
        let Presented::Token { carriers, .. } = present(&headers) else {
            panic!("a token")
        };
        assert_eq!(carriers, [TOKEN]);
    }
}
