//! Every message of contract version 1 has a frozen sample, and today's code reads it.
//!
//! A sample is never rewritten once it is released: an old service may still send it. After adding
//! a message, `UPDATE_GOLDEN=1 cargo test -p shared --test golden` writes the samples that are missing.

#![allow(clippy::unwrap_used, clippy::panic, clippy::too_many_lines)] // A test fails loudly; samples are long.

mod letters;
mod run_log;
mod runs;
mod samples;
mod schedules;
mod settings;
mod trials;

use std::fmt::Debug;
use std::path::PathBuf;

use serde::Serialize;
use serde::de::DeserializeOwned;
use shared::codes::Code;
use shared::frame::{pack, unpack};
use shared::ids::{
    ContentHash, EndpointId, InstanceId, RequestId, RunId, TokenId, UrlHashes, WorkflowId,
};
use shared::rpc::Request;
use shared::v1::auth::{
    CheckCredentials, CheckReplyLink, CheckToken, CredentialProblem, Denial, ListTokens, MintToken,
    Minted, PublicKey, ReplyRight, RevokeToken, Role, SealingKey, SignCallerToken, SignReplyLink,
    SignedToken, Verdict, Verify,
};
use shared::v1::control::{Control, Here};
use shared::v1::presence::{GatewayPresence, RunnerPresence};
use shared::v1::registry::{
    AllTokens, CreateWorkflow, DeleteWorkflow, DropToken, FindToken, GetDocument, GetWorkflow,
    ListEndpoints, ListWorkflows, Page, Publish, PublishedEndpoint, PushTarget, PutToken,
    ResolveWorkflow, Saved, TokenRecord, Unpublish, UpdateWorkflow, WorkflowSource,
};
use shared::v1::reply::{Answer, End, Failure, Open, Outcome, Part, StreamFrame};
use shared::v1::run::{BodyKind, Received, RunMode, RunRequest};
use shared::v1::views::{DocumentView, Method, RateLimit, ReplyTemplate, ReturnType, RouteView};

use crate::samples::{ID, context, credentials, draft, token_info, trace, version, workflow};

pub(crate) fn frozen<T: Serialize + DeserializeOwned + PartialEq + Debug>(name: &str, sample: &T) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("golden/v1/{name}.msgpack"));
    if !path.exists() && std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, pack(sample).unwrap()).unwrap();
    }
    let bytes = std::fs::read(&path).unwrap_or_else(|error| {
        panic!("{}: {error}; see the head of this file", path.display());
    });
    let read: T = unpack(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(&read, sample, "{name}");
}

#[test]
fn the_context_of_requests_reads_back() {
    let message = SealingKey {};
    frozen(
        "request",
        &Request {
            context: context(),
            message,
        },
    );
}

#[test]
fn runs_and_their_control_read_back() {
    let request = Received {
        received_at_ms: 1_764_000_000_000,
        method: "POST".into(),
        query: "a=1&b=%20".into(),
        ip: "192.0.2.7".into(),
        headers: vec![("content-type".into(), "application/json".into())],
        claims: Some("{\"iss\":\"key\"}".into()),
        body_kind: BodyKind::Json,
    };
    let run = RunRequest {
        run_id: RunId(ID),
        attempt: 1,
        trace: trace(),
        request_id: RequestId(ID),
        endpoint_id: EndpointId(ID),
        workflow_id: WorkflowId(ID),
        version: 4,
        content_hash: ContentHash([9; 32]),
        mode: RunMode::Sync,
        reply_to: Some("a.b".into()),
        gateway: Some(InstanceId(ID)),
        deadline_ms: 1_764_000_030_000,
        credit: 256,
        request,
        resumed: false,
        pardoned: 0,
        restart: 0,
        pushes: 0,
        caller: None,
        trigger: None,
        replay_of: None,
        trial: None,
    };
    frozen("run_request", &run);
    let resumed = RunRequest {
        resumed: true,
        pardoned: 20,
        restart: 7,
        pushes: 3,
        ..run.clone()
    };
    frozen("run_request_resumed", &resumed);
    schedules::triggered(&run);
    let replayed = RunRequest {
        replay_of: Some(RunId(ID)),
        trial: Some(Box::default()),
        ..resumed
    };
    frozen("run_request_of_trial", &replayed);
    frozen("control_probe", &Control::Probe);
    frozen("control_cancel", &Control::Cancel { run_id: RunId(ID) });
    frozen("control_holds", &Control::Holds { run_id: RunId(ID) });
    frozen(
        "here_holding",
        &Here {
            runner: InstanceId(ID),
            holds: Some(true),
        },
    );
    frozen(
        "control_credit",
        &Control::Credit {
            run_id: RunId(ID),
            frames: 64,
        },
    );
    frozen(
        "here",
        &Here {
            runner: InstanceId(ID),
            holds: None,
        },
    );
}

#[test]
fn replies_read_back() {
    let headers = vec![("content-type".to_owned(), "text/plain".to_owned())];
    frozen(
        "answer",
        &Answer {
            seq: 0,
            status: 200,
            headers: headers.clone(),
            more: true,
        },
    );
    frozen(
        "part",
        &Part {
            seq: 1,
            more: false,
        },
    );
    frozen("open", &Open { seq: 0, headers });
    frozen(
        "stream_frame",
        &StreamFrame {
            seq: 1,
            event: Some("progress".into()),
            id: Some("7".into()),
            retry: Some(3_000),
            last: true,
        },
    );
    frozen(
        "end",
        &End {
            seq: 2,
            outcome: Outcome::Succeeded,
        },
    );
    frozen(
        "failure",
        &Failure {
            code: Code::RunFailed,
            detail: "it failed".into(),
            facts: Some("[]".into()),
            run_id: Some(RunId(ID)),
            by: Some(InstanceId(ID)),
        },
    );
}

#[test]
fn every_error_code_reads_back() {
    for code in Code::ALL {
        frozen(&format!("code_{code}"), code);
    }
}

#[test]
fn presence_reads_back() {
    frozen(
        "runner_presence",
        &RunnerPresence {
            runner: InstanceId(ID),
            build: "0.1.0".into(),
            lane: "default".into(),
            capacity: 1_024,
            in_flight: 3,
            draining: false,
            variables_revision: 0,
        },
    );
    frozen(
        "gateway_presence",
        &GatewayPresence {
            gateway: InstanceId(ID),
            build: "0.1.0".into(),
            routes_revision: 12,
            draining: true,
            variables_revision: 0,
        },
    );
}

#[test]
fn the_views_of_a_version_read_back() {
    frozen(
        "route_view",
        &RouteView {
            endpoint_id: EndpointId(ID),
            hashes: UrlHashes::new([1; 16], [2; 16]),
            workflow_id: WorkflowId(ID),
            version: 4,
            content_hash: ContentHash([9; 32]),
            return_type: ReturnType::Continue,
            run_mode: RunMode::Async,
            methods: vec![Method::Get, Method::Post],
            credentials: Some(ContentHash([3; 32])),
            cors: Some(vec!["https://app.example.com".into()]),
            max_body_bytes: 1_048_576,
            rate_limit: Some(RateLimit {
                requests: 10,
                per_seconds: 1,
            }),
            max_concurrency: Some(4),
            sync_timeout_ms: 30_000,
            continue_timeout_ms: 20_000,
            cancel_on_disconnect: false,
            resend: true,
            resend_reads: true,
            reply: Some(ReplyTemplate {
                script: "{{ __data.a }}".into(),
                status: 200,
                headers: vec![("x-a".into(), "b".into())],
            }),
        },
    );
    frozen("credentials_view", &credentials());
    frozen(
        "document_view",
        &DocumentView {
            content_hash: ContentHash([9; 32]),
            document: "{}".into(),
        },
    );
}

#[test]
fn requests_to_auth_svc_read_back() {
    frozen(
        "verify",
        &Verify {
            endpoint_id: EndpointId(ID),
            credentials: ContentHash([3; 32]),
            token: "a.b.c".into(),
        },
    );
    frozen(
        "verdict_allow",
        &Verdict::Allow {
            claims: "{}".into(),
            keep_until: Some(1_764_000_060),
            credentials: ContentHash([3; 32]),
        },
    );
    frozen("verdict_deny", &Verdict::Deny(Denial::Expired));
    frozen(
        "check_token",
        &CheckToken {
            token: "ear_x".into(),
        },
    );
    frozen("token_info", &Some(token_info()));
    let (name, role, expires_at_ms) = ("ci".to_owned(), Role::Admin, None);
    frozen(
        "mint_token",
        &MintToken {
            name,
            role,
            expires_at_ms,
        },
    );
    frozen(
        "minted",
        &Minted {
            token: "ear_x".into(),
            info: token_info(),
        },
    );
    frozen("list_tokens", &ListTokens {});
    frozen("revoke_token", &RevokeToken { id: TokenId(ID) });
    frozen(
        "public_key",
        &PublicKey {
            key_id: 7,
            key: vec![5; 32],
        },
    );
    frozen(
        "check_credentials",
        &CheckCredentials {
            credentials: credentials(),
        },
    );
    frozen(
        "credential_problems",
        &vec![CredentialProblem {
            setting: "endpoint_secret".into(),
            message: "too short".into(),
            hint: "use 32 bytes".into(),
        }],
    );
    frozen(
        "sign_caller_token",
        &SignCallerToken {
            endpoint_id: EndpointId(ID),
            claims: "{}".into(),
            seconds: 300,
        },
    );
    frozen(
        "signed_token",
        &SignedToken {
            token: "a.b.c".into(),
        },
    );
    let (run_id, endpoint_id) = (RunId(ID), EndpointId(ID));
    frozen(
        "sign_reply_link",
        &SignReplyLink {
            run_id,
            endpoint_id,
            expires_at: 1_764_000_000,
        },
    );
    frozen(
        "check_reply_link",
        &CheckReplyLink {
            token: "a.b.c".into(),
        },
    );
    frozen(
        "reply_right",
        &Some(ReplyRight {
            run_id,
            endpoint_id,
        }),
    );
}

#[test]
fn requests_to_registry_svc_read_back() {
    let id = WorkflowId(ID);
    frozen("create_workflow", &CreateWorkflow { draft: draft() });
    frozen(
        "update_workflow",
        &UpdateWorkflow {
            id,
            if_match: "5".into(),
            draft: draft(),
        },
    );
    frozen(
        "saved",
        &Saved {
            workflow: workflow(),
            took_key: true,
            took_secret: false,
        },
    );
    frozen("get_workflow", &GetWorkflow { id });
    frozen("workflow_info", &workflow());
    let cursor = Some("c".to_owned());
    let (name, category) = (Some("n".to_owned()), Some("demo".to_owned()));
    frozen(
        "list_workflows",
        &ListWorkflows {
            name: name.clone(),
            category: category.clone(),
            cursor: cursor.clone(),
            limit: 50,
        },
    );
    frozen(
        "page",
        &Page {
            items: vec![workflow()],
            next_cursor: cursor.clone(),
        },
    );
    frozen(
        "delete_workflow",
        &DeleteWorkflow {
            id,
            if_match: "*".into(),
        },
    );
    let (actor, message) = (TokenId(ID), Some("why".to_owned()));
    frozen(
        "publish",
        &Publish {
            id,
            if_match: "5".into(),
            actor,
            message,
        },
    );
    frozen("unpublish", &Unpublish { id });
    frozen(
        "resolve_workflow",
        &ResolveWorkflow {
            name: "order-check".into(),
        },
    );
    frozen(
        "push_target",
        &PushTarget {
            workflow_id: id,
            endpoint_id: EndpointId(ID),
            version: 3,
            content_hash: ContentHash([9; 32]),
            source: WorkflowSource::Listener,
        },
    );
    frozen(
        "list_endpoints",
        &ListEndpoints {
            name,
            category: category.clone(),
            return_type: Some(ReturnType::Sse),
            authentication: Some(true),
            cursor,
            limit: 50,
        },
    );
    frozen(
        "published_endpoint",
        &PublishedEndpoint {
            id: EndpointId(ID),
            workflow_id: id,
            name: "order-check".into(),
            category,
            path: "/listener/a/b".into(),
            methods: vec![Method::Post],
            return_type: ReturnType::Data,
            run_mode: RunMode::Sync,
            authentication: true,
            cors: false,
            version: version(),
        },
    );
    frozen(
        "get_document",
        &GetDocument {
            content_hash: ContentHash([9; 32]),
        },
    );
    let record = TokenRecord {
        hash: vec![4; 32],
        info: token_info(),
    };
    frozen(
        "put_token",
        &PutToken {
            record,
            only_first: true,
        },
    );
    frozen("find_token", &FindToken { hash: vec![4; 32] });
    frozen("all_tokens", &AllTokens {});
    frozen("drop_token", &DropToken { id: TokenId(ID) });
}
