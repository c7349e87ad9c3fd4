//! Keys, secrets and origins are rendered without request data, or a caller could choose what it
//! is checked against. The body cap of the operator holds too.

use super::context::Context;
use super::problem::Problem;

pub(super) fn judge(context: &Context<'_>, problems: &mut Vec<Problem>) {
    let without_request = context.scripts.iter().filter(|field| !field.request);
    for field in without_request.filter(|field| field.text.contains("__data")) {
        problems.push(
            Problem::error(
                field.place.path.clone(),
                "request_data",
                "this is rendered without request data, so `__data` cannot stand in it",
            )
            .hint(
                "write the value itself, or `secret(\"NAME\")` or `variable(\"NAME\")`: a caller must not choose \
                 what it is checked against",
            ),
        );
    }
    let Some(listener) = context.listener() else {
        return;
    };
    let (asked, cap) = (listener.max_body_bytes, context.options.max_body_bytes);
    if asked > cap {
        problems.push(
            Problem::error(
                "spec.listener.max_body_bytes",
                "range",
                format!("{asked} is above this platform's cap of {cap} bytes"),
            )
            .hint("lower it, or ask the operator to raise the cap"),
        );
    }
}
