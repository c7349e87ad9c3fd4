//! Headers that an author sets.

use super::context::Context;
use super::problem::Problem;
use super::script_field::static_parts;
use crate::document::{Pairs, ReturnType, StepKind};
use crate::reply::is_framing;
use std::collections::BTreeSet;

pub(super) fn judge(context: &Context<'_>, problems: &mut Vec<Problem>) {
    if let Some(listener) = context.listener() {
        let reply = &listener.reply;
        let at = "spec.listener.return_headers";
        let redirects = reply.return_type == ReturnType::Redirect;
        headers(&reply.return_headers, at, None, problems, |name| {
            in_reply(name, redirects)
        });
    }
    for node in &context.tree.nodes {
        let id = Some(node.step.id.as_str());
        match &node.step.kind {
            StepKind::Respond(reply) => {
                let at = format!("{}.return_headers", node.path);
                let redirects = reply.return_type == ReturnType::Redirect;
                headers(&reply.return_headers, &at, id, problems, |name| {
                    in_reply(name, redirects)
                });
            }
            StepKind::HttpRequest(request) => {
                let at = format!("{}.headers", node.path);
                headers(&request.headers, &at, id, problems, in_request);
            }
            StepKind::PublishMessage(publish) => {
                let at = format!("{}.headers", node.path);
                headers(&publish.headers, &at, id, problems, in_message);
            }
            _ => {}
        }
    }
}

/// Why a header cannot be set in a message on NATS.
fn in_message(name: &str) -> Option<&'static str> {
    let means_something = name.starts_with("nats-");
    means_something.then_some("NATS acts on headers that begin with `Nats-`: remove it")
}

/// Why a header cannot be set in a reply.
fn in_reply(name: &str, redirects: bool) -> Option<&'static str> {
    if is_framing(name) {
        Some("the platform frames its replies itself: remove it")
    } else if name.starts_with("access-control-") {
        Some("use `allow_cors` and `cors_domains`")
    } else if name == "x-request-id" {
        Some("every reply carries the platform's own: remove it")
    } else if name == "location" && redirects {
        Some("the target stands in `return_redirect`")
    } else {
        None
    }
}

/// Why a header cannot be set in an outgoing request.
fn in_request(name: &str) -> Option<&'static str> {
    if is_framing(name) || name == "host" {
        Some("it follows from the URL and the body: remove it")
    } else {
        None
    }
}

fn headers(
    pairs: &Pairs,
    at: &str,
    step: Option<&str>,
    problems: &mut Vec<Problem>,
    reserved: impl Fn(&str) -> Option<&'static str>,
) {
    let mut seen = BTreeSet::new();
    for (name, text) in pairs.iter() {
        let path = format!("{at}.{name}");
        let lower = name.to_ascii_lowercase();
        if let Some(hint) = reserved(&lower) {
            let message = format!("the header `{name}` cannot be set here");
            let problem = Problem::error(path.clone(), "reserved_header", message);
            problems.push(problem.hint(hint).step(step));
        }
        if static_parts(text)
            .iter()
            .any(|part| part.contains(['\r', '\n', '\0']))
        {
            let message = "a header's value cannot hold a line break".to_owned();
            let problem = Problem::error(path.clone(), "header_value", message);
            problems.push(problem.hint("write the value on one line").step(step));
        }
        if !seen.insert(lower) {
            let message = format!("the header `{name}` is given twice");
            let problem = Problem::error(path, "duplicate_header", message);
            let hint = "header names do not differ by case: keep one";
            problems.push(problem.hint(hint).step(step));
        }
    }
}
