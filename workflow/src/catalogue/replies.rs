//! The fields of a reply, which the listener and the `respond` step share.

use super::{Field, Kind, Names, Rule};
use script::Target;

/// The scripts, the status and the headers of a reply.
pub(super) const REPLY_FIELDS: &[Field] = &[
    Field::new(
        "return_data",
        Kind::script(Target::Body),
        "The body of a `data` reply. Its type is detected: JSON, XML, HTML, else plain text. In a \
         JSON text, values inside quotes are escaped and values outside are written as JSON.",
    ),
    Field::new(
        "return_html",
        Kind::script(Target::Html),
        "The page of an `html` reply. Values are escaped; `raw` turns that off for one value.",
    ),
    Field::new(
        "return_redirect",
        Kind::script(Target::Url),
        "The target of a `redirect` reply: an http or https URL, or a path on this host.",
    ),
    Field::new(
        "return_status",
        Kind::Integer { min: 200, max: 599 },
        "The status: 200 where absent, 302 for a redirect.",
    ),
    Field::new(
        "return_headers",
        Kind::Pairs {
            names: Names::Headers,
            target: Target::Header,
        },
        "Headers to add to the reply; the values may hold scripts.",
    )
    .default("{}"),
];

/// The script that each return type needs; the others are refused.
pub(super) const DATA_RULE: Rule = Rule::When {
    field: "return_type",
    is: &["data"],
    requires: &["return_data"],
    refuses: &["return_html", "return_redirect"],
};
/// See [`DATA_RULE`].
pub(super) const HTML_RULE: Rule = Rule::When {
    field: "return_type",
    is: &["html"],
    requires: &["return_html"],
    refuses: &["return_data", "return_redirect"],
};
/// See [`DATA_RULE`].
pub(super) const REDIRECT_RULE: Rule = Rule::When {
    field: "return_type",
    is: &["redirect"],
    requires: &["return_redirect"],
    refuses: &["return_data", "return_html"],
};
/// These replies are made by steps, so the listener says nothing about them.
pub(super) const STEPS_RULE: Rule = Rule::When {
    field: "return_type",
    is: &["continue", "sse"],
    requires: &[],
    refuses: &[
        "return_data",
        "return_html",
        "return_redirect",
        "return_status",
        "return_headers",
    ],
};
