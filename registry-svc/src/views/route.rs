//! What gateways need of a version.

use shared::ids::{ContentHash, EndpointId, UrlHashes, WorkflowId};
use shared::v1::run;
use shared::v1::views::{Method, RateLimit, ReplyTemplate, ReturnType, RouteView};
use workflow::document::{self, Document, Listener, OnDisconnect};

/// What a document does not say of its own route.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The endpoint.
    pub endpoint_id: EndpointId,
    /// The secret pair in its URL.
    pub hashes: UrlHashes,
    /// The workflow behind it.
    pub workflow_id: WorkflowId,
    /// The version's number.
    pub version: u64,
    /// The version's content.
    pub content_hash: ContentHash,
    /// The revision of its credentials, where authentication is on.
    pub credentials: Option<ContentHash>,
    /// The origins that may call it, where CORS is on.
    pub cors: Option<Vec<String>>,
}

/// The route of a checked document with this listener.
#[must_use]
pub fn route_view(document: &Document, listener: &Listener, facts: Facts) -> RouteView {
    let run_mode = match document.spec.run_mode {
        document::RunMode::Sync => run::RunMode::Sync,
        document::RunMode::Async => run::RunMode::Async,
    };
    RouteView {
        endpoint_id: facts.endpoint_id,
        hashes: facts.hashes,
        workflow_id: facts.workflow_id,
        version: facts.version,
        content_hash: facts.content_hash,
        return_type: return_type(listener.reply.return_type),
        run_mode,
        methods: listener.methods.iter().copied().map(method).collect(),
        credentials: facts.credentials,
        cors: facts.cors,
        max_body_bytes: listener.max_body_bytes,
        rate_limit: listener.rate_limit.map(|limit| RateLimit {
            requests: limit.requests,
            per_seconds: limit.per.seconds(),
        }),
        max_concurrency: listener.max_concurrency,
        sync_timeout_ms: u64::from(listener.sync_timeout) * 1_000,
        continue_timeout_ms: u64::from(listener.continue_timeout()) * 1_000,
        cancel_on_disconnect: listener.on_disconnect == OnDisconnect::Cancel,
        resend: document.resends("POST"),
        resend_reads: document.resends("GET"),
        reply: reply(run_mode, &listener.reply),
    }
}

/// A synchronous caller waits for the run, which makes the reply; `continue` and `sse` are made by the run as well.
fn reply(run_mode: run::RunMode, reply: &document::Reply) -> Option<ReplyTemplate> {
    if run_mode == run::RunMode::Sync {
        return None;
    }
    Some(ReplyTemplate {
        script: reply.script()?.to_owned(),
        status: reply.status(),
        headers: reply
            .return_headers
            .iter()
            .map(|(name, script)| (name.to_owned(), script.to_owned()))
            .collect(),
    })
}

const fn return_type(word: document::ReturnType) -> ReturnType {
    match word {
        document::ReturnType::Data => ReturnType::Data,
        document::ReturnType::Html => ReturnType::Html,
        document::ReturnType::Redirect => ReturnType::Redirect,
        document::ReturnType::Continue => ReturnType::Continue,
        document::ReturnType::Sse => ReturnType::Sse,
    }
}

const fn method(word: document::Method) -> Method {
    match word {
        document::Method::Get => Method::Get,
        document::Method::Post => Method::Post,
        document::Method::Put => Method::Put,
        document::Method::Patch => Method::Patch,
        document::Method::Delete => Method::Delete,
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;
    use workflow::check::{self, Options};

    use super::*;

    fn view(yaml: &str) -> RouteView {
        let report = check::check_text(yaml, Options::default());
        let document = report
            .document
            .unwrap_or_else(|| panic!("{:?}", report.problems));
        let listener = document.spec.listener.clone().unwrap();
        let facts = Facts {
            endpoint_id: EndpointId(Uuid::from_u128(1)),
            hashes: UrlHashes::new([1; 16], [2; 16]),
            workflow_id: WorkflowId(Uuid::from_u128(2)),
            version: 3,
            content_hash: ContentHash([4; 32]),
            credentials: None,
            cors: None,
        };
        route_view(&document, &listener, facts)
    }

    const HEAD: &str = "apiVersion: earshot/v1\nkind: Workflow\nmetadata: {name: w}\n\
        spec:\n  record_type: virtual\n  source: listener\n";

    #[test]
    fn a_short_listener_gets_the_documented_defaults() {
        let view = view(&format!(
            "{HEAD}  listener: {{return_type: redirect, return_redirect: /done, \
             return_headers: {{X-A: '1'}}}}\n"
        ));
        assert_eq!(view.run_mode, run::RunMode::Async);
        assert_eq!(view.methods, [Method::Get, Method::Post, Method::Put]);
        assert_eq!(view.max_body_bytes, 1024 * 1024);
        assert_eq!(
            (view.sync_timeout_ms, view.continue_timeout_ms),
            (30_000, 20_000)
        );
        assert_eq!((view.rate_limit, view.max_concurrency), (None, None));
        assert!(!view.cancel_on_disconnect && view.resend && view.resend_reads);
        let reply = view.reply.unwrap();
        assert_eq!((reply.script.as_str(), reply.status), ("/done", 302));
        assert_eq!(reply.headers, [("X-A".to_owned(), "1".to_owned())]);
    }

    #[test]
    fn a_synchronous_reply_is_left_to_the_runner() {
        let view = view(&format!(
            "{HEAD}  run_mode: sync\n  listener: {{return_type: data, return_data: x, \
             rate_limit: {{requests: 5, per: minute}}, max_concurrency: 2, on_disconnect: cancel, \
             on_runner_lost: fail, methods: [PATCH, DELETE], sync_timeout: 5}}\n"
        ));
        assert_eq!(view.reply, None);
        assert_eq!(
            view.rate_limit,
            Some(RateLimit {
                requests: 5,
                per_seconds: 60
            })
        );
        assert_eq!(
            (view.max_concurrency, view.sync_timeout_ms),
            (Some(2), 5_000)
        );
        assert_eq!(view.methods, [Method::Patch, Method::Delete]);
        assert!(view.cancel_on_disconnect && !view.resend && !view.resend_reads);
    }

    #[test]
    fn a_workflow_with_an_effect_outside_only_sends_reads_again() {
        let view = view(&format!(
            "{HEAD}  run_mode: sync\n  listener: {{return_type: data, return_data: x}}\n  \
             steps: [{{id: call, type: http_request, url: 'https://a.example'}}]\n"
        ));
        assert!(!view.resend && view.resend_reads);
    }
}
