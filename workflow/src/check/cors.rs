//! The origins that may call.

use super::context::Context;
use super::problem::Problem;
use super::script_field::is_static;
use url::Url;

const PATH: &str = "spec.listener.cors_domains";

pub(super) fn judge(context: &Context<'_>, problems: &mut Vec<Problem>) {
    let Some(listener) = context.listener() else {
        return;
    };
    let Some(domains) = listener.cors_domains.as_deref() else {
        if listener.allow_cors {
            problems.push(
                Problem::error(PATH, "required", "`allow_cors` needs `cors_domains`")
                    .hint("name the origins, such as https://app.example.com, or `*`"),
            );
        }
        return;
    };
    if !listener.allow_cors && context.is_known("spec.listener.allow_cors") {
        problems.push(
            Problem::warning(
                PATH,
                "no_effect",
                "`cors_domains` has no effect while `allow_cors` is off",
            )
            .hint("set `allow_cors: true`, or remove it"),
        );
    }
    if !is_static(domains) {
        return;
    }
    if domains.split(',').all(|entry| entry.trim().is_empty()) {
        problems.push(
            Problem::error(
                PATH,
                "origin",
                "no origin is named, so every origin is denied",
            )
            .hint("name the origins, such as https://app.example.com, or `*`"),
        );
    }
    let entries = domains.split(',').map(str::trim);
    for entry in entries.filter(|entry| !entry.is_empty() && !is_origin(entry)) {
        problems.push(
            Problem::error(PATH, "origin", format!("`{entry}` is no origin")).hint(
                "an origin is scheme, host and perhaps port, without a path: \
                 https://app.example.com, https://*.example.com, `*` or `null`",
            ),
        );
    }
}

/// Whether a browser could send this as `Origin`, or it is one of our patterns.
fn is_origin(entry: &str) -> bool {
    if entry == "*" || entry == "null" {
        return true;
    }
    let Some((scheme, host)) = entry.split_once("://") else {
        return false;
    };
    let host = host.strip_prefix("*.").unwrap_or(host);
    if host.contains('*') || host.contains('@') {
        return false;
    }
    let Ok(url) = Url::parse(&format!("{scheme}://{host}")) else {
        return false;
    };
    url.has_host() && matches!(url.path(), "" | "/") && !host.contains(['?', '#', '\\', ' '])
}

#[cfg(test)]
mod tests {
    use super::is_origin;

    #[test]
    fn origins_and_patterns_are_told_from_other_texts() {
        for good in [
            "*",
            "null",
            "https://a.example",
            "https://a.example/",
            "HTTPS://A.example:8443",
            "https://*.example.com",
            "http://localhost:3000",
            "http://[::1]:3000",
            "capacitor://localhost",
        ] {
            assert!(is_origin(good), "{good}");
        }
        for bad in [
            "a.example",
            "https://a.example/path",
            "https://a.*.example",
            "https://u@a.example",
            "https://",
            "https://a.example?x",
            "https://a b.example",
            "*.example.com",
        ] {
            assert!(!is_origin(bad), "{bad}");
        }
    }
}
