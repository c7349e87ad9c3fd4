//! Text for people, in which URLs may stand.

use super::MASK;
use super::form::form;

/// What ends a URL in a text.
const ENDS: [char; 10] = [' ', '\t', '\r', '\n', '"', '\'', '<', '>', '`', '\\'];

/// Masks what URLs in a text say about users, in their queries and fragments, the two hashes of a listener's URL, and the
/// token of a resume URL.
pub(in crate::run_log) fn text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + 3);
        out.push_str(before);
        let end = after.find(ENDS).unwrap_or(after.len());
        let (address, left) = after.split_at(end);
        out.push_str(&without_scheme(address));
        rest = left;
    }
    out.push_str(rest);
    callback(listener(out))
}

/// What follows `://` in a URL.
fn without_scheme(address: &str) -> String {
    let (before, fragment) = split(address, '#');
    let (before, query) = split(before, '?');
    let (authority, path) = match before.find('/') {
        Some(slash) => before.split_at(slash),
        None => (before, ""),
    };
    let mut out = match authority.rfind('@') {
        Some(at) => format!("{MASK}{}", authority.get(at..).unwrap_or_default()),
        None => authority.to_owned(),
    };
    out.push_str(path);
    for (mark, part) in [('?', query), ('#', fragment)] {
        if let Some(part) = part {
            out.push(mark);
            out.push_str(&form(part));
        }
    }
    out
}

fn split(text: &str, mark: char) -> (&str, Option<&str>) {
    match text.split_once(mark) {
        Some((before, after)) => (before, Some(after)),
        None => (text, None),
    }
}

/// The path of a listener, before its hashes.
const LISTENER: &str = "/listener/";

/// How long each of the two hashes is at least.
const HASH: usize = 16;

/// Masks the hashes of listeners' URLs.
fn listener(text: String) -> String {
    if !text.contains(LISTENER) {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(at) = rest.find(LISTENER) {
        let (before, after) = rest.split_at(at + LISTENER.len());
        out.push_str(before);
        let (first, left) = after.split_at(segment(after));
        let second = left.strip_prefix('/').map_or(0, segment);
        if first.len() >= HASH && second >= HASH {
            out.push_str("***/***");
            rest = left.get(1 + second..).unwrap_or_default();
        } else {
            rest = after;
        }
    }
    out.push_str(rest);
    out
}

/// The path of a resume URL, before its token.
const CALLBACK: &str = "/callback/";

/// Masks the tokens of resume URLs: also of those that another run has made.
fn callback(text: String) -> String {
    if !text.contains(CALLBACK) {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(at) = rest.find(CALLBACK) {
        let (before, after) = rest.split_at(at + CALLBACK.len());
        out.push_str(before);
        rest = after;
        let token = after.bytes().take_while(|byte| in_token(*byte)).count();
        if token >= TOKEN {
            out.push_str(MASK);
            rest = after.get(token..).unwrap_or_default();
        }
    }
    out.push_str(rest);
    out
}

/// How long a token is at least.
const TOKEN: usize = 64;

/// Whether a byte may stand in a JWT (RFC 7515).
const fn in_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')
}

/// How long the segment of a path is that the text begins with.
fn segment(text: &str) -> usize {
    let ends = |byte: u8| !(byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    text.bytes().position(ends).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn urls_lose_their_users_and_their_secret_parameters() {
        for (plain, masked) in [
            (
                "https://ann:pw@h.example/a?b=1",
                "https://***@h.example/a?b=1",
            ),
            ("ftp://ann@h", "ftp://***@h"),
            (
                "error for url (https://h/?token=abc&x=1#access_token=d), again",
                "error for url (https://h/?token=***&x=1#access_token=*** again",
            ),
            ("a <postgres://u:p@h/db> b", "a <postgres://***@h/db> b"),
            ("https://h/a@b?c=d", "https://h/a@b?c=d"),
            (
                r#"{"a":"\"https://h?token=x\" b"}"#,
                r#"{"a":"\"https://h?token=***\" b"}"#,
            ),
            ("no url: a://", "no url: a://"),
            ("", ""),
        ] {
            assert_eq!(text(plain), masked);
        }
    }

    #[test]
    fn the_token_of_a_resume_url_never_appears() {
        let token = format!("eyJh.{}.sig-_1", "Ab9_".repeat(40));
        let told = format!("call https://h/callback/{token}?a=1, or \"/callback/{token}\"");
        assert_eq!(
            text(&told),
            "call https://h/callback/***?a=1, or \"/callback/***\""
        );
        let page = "https://h/callback/thanks.html";
        assert_eq!(text(page), page);
    }

    #[test]
    fn the_hashes_of_a_listener_never_appear() {
        let (first, second) = ("a".repeat(22), "B_-".repeat(8));
        let url = format!(
            "see http://h:8080/listener/{first}/{second}?a=1 and /listener/{first}/{second}"
        );
        assert_eq!(
            text(&url),
            "see http://h:8080/listener/***/***?a=1 and /listener/***/***"
        );
        let id = "/listener/0190aaaa-bbbb-7ccc-8ddd-eeeeeeeeeeee";
        assert_eq!(text(id), id);
    }
}
