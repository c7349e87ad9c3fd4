//! Comparing origins as RFC 6454 serialises them, forgiving what people write by hand.

/// One entry of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Pattern {
    /// `null`, the origin of sandboxed documents and local files.
    Null,
    /// This origin.
    Exact(Origin),
    /// Every sub-domain, at any depth, of this origin's host; not the host itself.
    SubDomains(Origin),
}

/// Scheme, host and port; a default port is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Origin {
    scheme: String,
    host: String,
    port: Option<u16>,
}

impl Pattern {
    /// Reads an entry; none where it is no origin.
    pub(super) fn parse(entry: &str) -> Option<Self> {
        let entry = entry.trim();
        if entry == "null" {
            return Some(Self::Null);
        }
        let origin = Origin::parse(entry)?;
        match origin.host.strip_prefix("*.") {
            Some(host) => Some(Self::SubDomains(Origin {
                host: serialised(host)?,
                ..origin
            })),
            None => Some(Self::Exact(Origin {
                host: serialised(&origin.host)?,
                ..origin
            })),
        }
    }

    /// Whether a request's origin is meant.
    pub(super) fn allows(&self, origin: &str) -> bool {
        if *self == Self::Null {
            return origin == "null";
        }
        let Some(origin) = Origin::parse(origin) else {
            return false;
        };
        match self {
            Self::Null => false,
            Self::Exact(exact) => *exact == origin,
            Self::SubDomains(apex) => {
                let label = origin
                    .host
                    .strip_suffix(&apex.host)
                    .and_then(|rest| rest.strip_suffix('.'));
                apex.scheme == origin.scheme
                    && apex.port == origin.port
                    && label.is_some_and(|label| !label.is_empty())
            }
        }
    }
}

impl Origin {
    fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = text.trim().split_once("://")?;
        let scheme = scheme.to_ascii_lowercase();
        let authority = rest.strip_suffix('/').unwrap_or(rest).to_ascii_lowercase();
        let (host, port) = split_port(&authority)?;
        let known = scheme
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
        let foreign = |character: char| "/?#@, \\".contains(character) || character.is_control();
        if scheme.is_empty() || !known || host.is_empty() || host.contains(foreign) {
            return None;
        }
        let default = match scheme.as_str() {
            "http" => Some(80),
            "https" => Some(443),
            _ => None,
        };
        Some(Self {
            host: host.to_owned(),
            port: port.filter(|port| Some(*port) != default),
            scheme,
        })
    }
}

/// A host as browsers write it into `Origin`: internationalised names in their ASCII form, addresses in their short one
/// (URL standard, host serialising).
fn serialised(host: &str) -> Option<String> {
    url::Host::parse(host).ok().map(|host| host.to_string())
}

/// Host and port; an IPv6 address keeps its brackets.
fn split_port(authority: &str) -> Option<(&str, Option<u16>)> {
    let after_brackets = authority.rfind(']').map_or(0, |end| end + 1);
    match authority
        .rfind(':')
        .filter(|colon| *colon >= after_brackets)
    {
        None => Some((authority, None)),
        Some(colon) => {
            let (host, port) = authority.split_at(colon);
            let digits = port.strip_prefix(':')?;
            let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            if !plain || host.contains(':') && !host.starts_with('[') {
                return None;
            }
            Some((host, Some(digits.parse().ok()?)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(entry: &str, origin: &str) -> bool {
        Pattern::parse(entry).is_some_and(|pattern| pattern.allows(origin))
    }

    #[test]
    fn case_default_port_trailing_slash_and_blanks_make_no_difference() {
        for entry in [
            "https://a.example",
            " https://a.example/ ",
            "HTTPS://A.Example",
            "https://a.example:443",
            "https://a.example:443/",
        ] {
            assert!(allows(entry, "https://a.example"), "{entry}");
            assert!(allows(entry, "https://A.EXAMPLE:443"), "{entry}");
        }
    }

    #[test]
    fn another_scheme_host_or_port_is_another_origin() {
        for origin in [
            "http://a.example",
            "https://b.example",
            "https://a.example:8443",
            "https://a.example.evil.example",
            "https://evil-a.example",
            "https://a.example@evil.example",
            "https://a.example/path",
            "https://a.example:443:443",
            "https://a.example:",
            "a.example",
            "null",
            "",
        ] {
            assert!(!allows("https://a.example", origin), "{origin}");
        }
    }

    #[test]
    fn a_wildcard_means_sub_domains_at_any_depth_and_not_the_apex() {
        let entry = "https://*.example.com";
        assert!(allows(entry, "https://a.example.com"));
        assert!(allows(entry, "https://a.b.c.example.com"));
        for origin in [
            "https://example.com",
            "https://.example.com",
            "https://notexample.com",
            "http://a.example.com",
            "https://a.example.com:8443",
            "https://a.example.com.evil.example",
        ] {
            assert!(!allows(entry, origin), "{origin}");
        }
        assert!(allows(
            "http://*.dev.example:3000",
            "http://x.dev.example:3000"
        ));
    }

    #[test]
    fn addresses_are_hosts_too() {
        assert!(allows("http://[::1]:3000", "http://[::1]:3000"));
        assert!(allows("http://[::1]:80", "http://[::1]"));
        assert!(!allows("http://[::1]", "http://[::2]"));
        assert!(allows("http://127.0.0.1:8000", "http://127.0.0.1:8000"));
        assert!(allows("http://[0:0:0:0:0:0:0:1]", "http://[::1]"));
    }

    #[test]
    fn names_beyond_ascii_are_compared_as_browsers_write_them() {
        let origin = "https://xn--bcher-kva.example";
        assert!(allows("https://bücher.example", origin));
        assert!(allows("https://BÜCHER.example", origin));
        assert!(allows(
            "https://*.bücher.example",
            "https://a.xn--bcher-kva.example"
        ));
        assert!(!allows("https://bucher.example", origin));
    }
}
