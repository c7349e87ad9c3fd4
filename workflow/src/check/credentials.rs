//! The endpoint's key and secrets.

use super::context::Context;
use super::problem::Problem;
use super::script_field::is_static;
use crate::document::Sensitive;

/// HS256 needs a key at least as long as its digest (RFC 7518, 3.2).
const LEAST_SECRET_BYTES: usize = 32;

pub(super) fn judge(context: &Context<'_>, problems: &mut Vec<Problem>) {
    let Some(listener) = context.listener() else {
        return;
    };
    let previous = listener.endpoint_secret_previous.as_ref();
    let secrets = [
        ("endpoint_secret", listener.endpoint_secret.as_ref()),
        (
            "endpoint_secret_previous.secret",
            previous.map(|previous| &previous.secret),
        ),
    ];
    for (name, secret) in secrets {
        let Some(text) = secret.map(Sensitive::reveal).filter(|text| is_static(text)) else {
            continue;
        };
        if text.len() < LEAST_SECRET_BYTES {
            let length = text.len();
            problems.push(
                Problem::error(
                    format!("spec.listener.{name}"),
                    "short_secret",
                    format!("the secret has {length} bytes; {LEAST_SECRET_BYTES} are the least"),
                )
                .hint("leave it out to have one generated"),
            );
        }
    }
    let key = listener.endpoint_key.as_ref();
    if key.is_some_and(|key| key.reveal().trim().is_empty()) {
        problems.push(
            Problem::error(
                "spec.listener.endpoint_key",
                "empty_key",
                "an empty key denies every request",
            )
            .hint("leave it out to have one generated"),
        );
    }
    if !listener.add_authentication && context.is_known("spec.listener.add_authentication") {
        let given = [
            ("endpoint_key", key.is_some()),
            ("endpoint_secret", listener.endpoint_secret.is_some()),
            ("endpoint_secret_previous", previous.is_some()),
        ];
        for (name, _) in given.iter().filter(|(_, given)| *given) {
            problems.push(
                Problem::warning(
                    format!("spec.listener.{name}"),
                    "no_effect",
                    format!("`{name}` has no effect while `add_authentication` is off"),
                )
                .hint("set `add_authentication: true`, or remove it"),
            );
        }
    }
}
