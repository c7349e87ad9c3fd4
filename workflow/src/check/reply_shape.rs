//! What a reply may look like: redirect targets, statuses, bodies.

use super::context::Context;
use super::problem::Problem;
use super::script_field::{is_static, static_parts};
use crate::document::{Reply, ReturnType, StepKind};
use crate::reply::check_redirect;

pub(super) fn judge(context: &Context<'_>, problems: &mut Vec<Problem>) {
    if let Some(listener) = context.listener() {
        reply(&listener.reply, "spec.listener", None, context, problems);
    }
    for node in &context.tree.nodes {
        if let StepKind::Respond(respond) = &node.step.kind {
            let id = Some(node.step.id.as_str());
            reply(respond, &node.path, id, context, problems);
        }
    }
}

fn reply(
    reply: &Reply,
    path: &str,
    step: Option<&str>,
    context: &Context<'_>,
    problems: &mut Vec<Problem>,
) {
    if !context.is_known(&format!("{path}.return_type")) {
        return;
    }
    if let Some(problem) = target(reply, path) {
        problems.push(problem.step(step));
    }
    if let Some(problem) = status(reply, path) {
        problems.push(problem.step(step));
    }
}

fn target(reply: &Reply, path: &str) -> Option<Problem> {
    let target = reply.return_redirect.as_deref()?;
    if reply.return_type != ReturnType::Redirect || may_redirect(target) {
        return None;
    }
    Some(
        Problem::error(
            format!("{path}.return_redirect"),
            "redirect_target",
            "a redirect goes to an http or https URL, or to a path on this host",
        )
        .hint("write https://… or /…"),
    )
}

/// Whether the target can work, as far as its static text tells.
fn may_redirect(target: &str) -> bool {
    let Some(start) = static_parts(target).first().map(|part| part.trim_start()) else {
        return true;
    };
    if is_static(target) {
        return check_redirect(target).is_ok();
    }
    if start.is_empty() {
        return true;
    }
    let path = start.starts_with('/') && !start.starts_with("//");
    let lower = start.to_ascii_lowercase();
    path || ["http://", "https://"]
        .iter()
        .any(|scheme| lower.starts_with(scheme) || scheme.starts_with(&lower))
}

fn status(reply: &Reply, path: &str) -> Option<Problem> {
    let status = reply.return_status?;
    let at = format!("{path}.return_status");
    let redirects = matches!(status, 301 | 302 | 303 | 307 | 308);
    if reply.return_type == ReturnType::Redirect {
        return (!redirects).then(|| {
            Problem::error(at, "status", format!("{status} does not redirect"))
                .hint("use 301, 302, 303, 307 or 308")
        });
    }
    if (300..=399).contains(&status) && status != 304 {
        return Some(
            Problem::error(at, "status", format!("{status} belongs to a redirect"))
                .hint("use `return_type: redirect`, or a status outside of 300 to 399"),
        );
    }
    let has_body = reply.script().is_some_and(|body| !body.trim().is_empty());
    if matches!(status, 204 | 205 | 304) && has_body {
        return Some(
            Problem::error(
                at,
                "status",
                format!("a reply with status {status} has no body"),
            )
            .hint("leave the body empty (\"\"), or use another status"),
        );
    }
    None
}

#[cfg(test)]
mod tests {
    use super::may_redirect;

    #[test]
    fn only_web_addresses_and_paths_can_be_redirect_targets() {
        for good in [
            "https://a.example/x",
            "HTTP://a.example",
            "/thanks",
            "/thanks?name={{ __data.name }}",
            "{{ __data.next }}",
            "https://{{ __data.host }}/x",
            "http{{ s }}://a.example",
        ] {
            assert!(may_redirect(good), "{good}");
        }
        for bad in [
            "javascript:alert(1)",
            "//a.example/x",
            "/.//a.example/x",
            "/\\\\a.example/x",
            "ftp://a.example",
            "thanks",
            "",
            "javascript:{{ __data.x }}",
            "//{{ __data.host }}",
            "https:a.example",
        ] {
            assert!(!may_redirect(bad), "{bad}");
        }
    }
}
