//! Where a redirect may lead.

use thiserror::Error;
use url::Url;

/// A redirect target that is not sent. The text never holds the target, which may hold a caller's
/// data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum RedirectRefused {
    /// Nothing was rendered.
    #[error("the redirect target is empty")]
    Empty,
    /// It holds a backslash or a control character, which clients read in different ways.
    #[error("the redirect target holds a backslash or a control character")]
    Characters,
    /// It begins with `//`, as it stands or once its dots are resolved: another host.
    #[error("the redirect target begins with `//`, which is another host; write the scheme too")]
    OtherHost,
    /// It is neither a URL nor a path.
    #[error("the redirect target is neither an http or https URL nor a path that begins with `/`")]
    NoTarget,
}

/// The `Location` for a rendered target: an `http` or `https` URL, or a path on this host. What is no
/// ASCII is percent-encoded.
///
/// # Errors
/// For anything else.
pub fn check_redirect(rendered: &str) -> Result<String, RedirectRefused> {
    let target = rendered.trim_matches([' ', '\t', '\r', '\n']);
    if target.is_empty() {
        return Err(RedirectRefused::Empty);
    }
    if target
        .chars()
        .any(|character| character == '\\' || character.is_control())
    {
        return Err(RedirectRefused::Characters);
    }
    if target.starts_with("//") {
        return Err(RedirectRefused::OtherHost);
    }
    if target.starts_with('/') {
        path(target)
    } else {
        absolute(target)
    }
}

fn absolute(target: &str) -> Result<String, RedirectRefused> {
    let scheme = target
        .split_once("://")
        .map(|(scheme, _)| scheme.to_ascii_lowercase());
    if !matches!(scheme.as_deref(), Some("http" | "https")) {
        return Err(RedirectRefused::NoTarget);
    }
    let url = Url::parse(target).map_err(|_| RedirectRefused::NoTarget)?;
    Ok(if is_sendable(target) {
        target.to_owned()
    } else {
        url.into()
    })
}

fn path(target: &str) -> Result<String, RedirectRefused> {
    // Any host will do: what counts is that the target does not lead away from it.
    let base = Url::parse("http://here.invalid/").map_err(|_| RedirectRefused::NoTarget)?;
    let url = base.join(target).map_err(|_| RedirectRefused::NoTarget)?;
    // `/.//evil.example` is a path of this host, and what is left of it without the dots is not.
    if url.origin() != base.origin() || leaves_host(url.path()) {
        return Err(RedirectRefused::OtherHost);
    }
    if is_sendable(target) {
        return Ok(target.to_owned());
    }
    let location = url
        .as_str()
        .strip_prefix("http://here.invalid")
        .ok_or(RedirectRefused::NoTarget)?;
    if leaves_host(location) {
        return Err(RedirectRefused::OtherHost);
    }
    Ok(location.to_owned())
}

/// Whether a client would read the begin of a path as the name of a host.
fn leaves_host(path: &str) -> bool {
    path.starts_with("//") || path.starts_with("/\\")
}

fn is_sendable(target: &str) -> bool {
    target.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_and_paths_are_sent_as_they_stand() {
        for target in [
            "https://example.com",
            "https://example.com/a?b=c%20d#e",
            "HTTP://EXAMPLE.com:8080/",
            "http://[::1]/",
            "/",
            "/thanks?name=J%C3%BCrgen&next=//x",
            "/a/../b",
            "/a//b",
            "/a/.//b",
            "/%5Cevil.example",
            "/listener?u=https://example.com",
        ] {
            assert_eq!(check_redirect(target).as_deref(), Ok(target));
        }
        assert_eq!(check_redirect(" /thanks\n").as_deref(), Ok("/thanks"));
    }

    #[test]
    fn what_is_no_ascii_is_percent_encoded() {
        assert_eq!(
            check_redirect("/grün weg?q=ü").as_deref(),
            Ok("/gr%C3%BCn%20weg?q=%C3%BC")
        );
        assert_eq!(
            check_redirect("https://exämple.com/ä").as_deref(),
            Ok("https://xn--exmple-cua.com/%C3%A4")
        );
    }

    #[test]
    fn anything_else_is_refused() {
        for (target, reason) in [
            ("", RedirectRefused::Empty),
            (" \n", RedirectRefused::Empty),
            ("//evil.example", RedirectRefused::OtherHost),
            ("///evil.example", RedirectRefused::OtherHost),
            ("/.//evil.example", RedirectRefused::OtherHost),
            ("/.//evil.example/ü", RedirectRefused::OtherHost),
            ("/..//evil.example/a b", RedirectRefused::OtherHost),
            ("/a/..//evil.example/a b", RedirectRefused::OtherHost),
            ("/%2e//evil.example/ü", RedirectRefused::OtherHost),
            ("/.%2E//evil.example", RedirectRefused::OtherHost),
            ("/./..///evil.example/?q=ü", RedirectRefused::OtherHost),
            ("/.\\/evil.example/ü", RedirectRefused::Characters),
            ("/..\\\\evil.example/a b", RedirectRefused::Characters),
            ("/.//\\evil.example", RedirectRefused::Characters),
            ("\\/evil.example", RedirectRefused::Characters),
            ("/\\evil.example", RedirectRefused::Characters),
            ("\\\\evil.example", RedirectRefused::Characters),
            ("https:\\\\evil.example", RedirectRefused::Characters),
            ("/\t/evil.example", RedirectRefused::Characters),
            ("/a\r\nSet-Cookie: a=b", RedirectRefused::Characters),
            ("/a\0", RedirectRefused::Characters),
            ("javascript:alert(1)", RedirectRefused::NoTarget),
            ("javascript://x/%0aalert(1)", RedirectRefused::NoTarget),
            ("data:text/html,x", RedirectRefused::NoTarget),
            ("ftp://example.com/", RedirectRefused::NoTarget),
            ("https:evil.example", RedirectRefused::NoTarget),
            ("https://", RedirectRefused::NoTarget),
            ("thanks", RedirectRefused::NoTarget),
            ("?a=b", RedirectRefused::NoTarget),
            ("example.com/x", RedirectRefused::NoTarget),
        ] {
            assert_eq!(check_redirect(target), Err(reason), "{target:?}");
        }
    }
}
