//! What `earshot up` prints once everything runs: where it is, and a call for each reply type.

use std::path::Path;
use std::time::Duration;

use shared::ids::RequestId;
use shared::rpc::Context;
use shared::trace::TraceContext;
use shared::v1::registry::{ListEndpoints, PublishedEndpoint};
use uuid::Uuid;

use crate::args::Up;
use crate::failure::Failure;
use crate::output;
use crate::up::examples;
use crate::up::platform::Platform;

/// One example for each reply type, with what `curl` needs beside the URL.
const CALLS: &[(&str, &str, &str)] = &[
    (
        "data",
        "json-echo",
        "-H 'Content-Type: application/json' -d '{\"name\": \"Ada\"}' URL",
    ),
    ("html", "html-page", "'URL?name=Ada'"),
    (
        "redirect",
        "sign-up-redirect",
        "-i -d 'email=ada@example.com' URL",
    ),
    (
        "continue",
        "acknowledge-after-check",
        "-H 'Content-Type: application/json' -d '{\"order\": \"A-1\", \"total\": 12}' URL",
    ),
    ("sse", "sse-progress", "-N URL"),
];

/// Prints the way in, and publishes the examples where that has not been done yet.
pub(crate) async fn show(up: &Up, data: &Path, platform: &Platform) -> Result<(), Failure> {
    if let Some(token) = platform.first_token() {
        // Before anything that may fail: it cannot be shown again.
        output::print(&format!(
            "  admin token        {}\n                     (shown this once; export EARSHOT_TOKEN=… to use it)",
            token.expose()
        ))?;
    }
    let control = format!("http://127.0.0.1:{}", up.control_port);
    examples::publish_once(&control, data, platform).await?;
    let endpoints = endpoints(platform).await?;
    let mut lines = vec![
        String::new(),
        "Earshot is up.".to_owned(),
        format!("  control-plane API  {control}/api/v1"),
        format!(
            "  endpoints          http://127.0.0.1:{}/listener/…",
            up.listener_port
        ),
    ];
    lines.push(match platform.first_token() {
        Some(_) => "  admin token        as shown above".to_owned(),
        None => "  admin token        shown at the first start".to_owned(),
    });
    lines.push(String::new());
    for (kind, name, arguments) in CALLS {
        let Some(endpoint) = endpoints.iter().find(|endpoint| endpoint.name == *name) else {
            continue;
        };
        let url = format!("http://127.0.0.1:{}{}", up.listener_port, endpoint.path);
        lines.push(format!("# {kind}"));
        lines.push(format!("curl {}", arguments.replace("URL", &url)));
    }
    lines.push(String::new());
    lines.push("Ctrl-C drains and stops everything.".to_owned());
    output::print(&lines.join("\n"))
}

async fn endpoints(platform: &Platform) -> Result<Vec<PublishedEndpoint>, Failure> {
    let context = context();
    let all = ListEndpoints {
        limit: 200,
        ..ListEndpoints::default()
    };
    let now = ops::clock::now_ms();
    let answer = platform
        .bus()
        .call(context, all, Duration::from_secs(5), now)
        .await;
    answer.map(|page| page.items).map_err(|error| {
        Failure::unavailable(format!("the published endpoints cannot be listed: {error}"))
    })
}

/// What goes with our own requests to the services.
pub(crate) fn context() -> Context {
    Context {
        trace: TraceContext {
            trace_id: Uuid::now_v7().as_u128(),
            span_id: 1,
            sampled: false,
        },
        request_id: RequestId(Uuid::now_v7()),
        deadline_ms: 0,
    }
}
