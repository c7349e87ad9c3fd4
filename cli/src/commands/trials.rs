//! `earshot runs replay` and `earshot runs test`.

use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use reqwest::{Method, StatusCode};
use serde_json::{Map, Value, json};

use super::files;
use super::runs::show_one;
use crate::args::{Connection, Output, Replay, TestRun, TrialRequest};
use crate::client::Client;
use crate::failure::Failure;
use crate::output::{self, member};

/// How often it is looked whether a run has ended.
const LOOK: Duration = Duration::from_millis(300);

/// Carries a run out again.
pub(super) async fn replay(
    connection: &Connection,
    client: &Client,
    wanted: Replay,
) -> Result<(), Failure> {
    let mut asked = asked(&wanted.request)?;
    let against = match (wanted.draft, wanted.origin) {
        (true, _) => "draft",
        (_, true) => "origin",
        _ => "published",
    };
    asked.insert("against".to_owned(), json!(against));
    if wanted.recorded {
        asked.insert("effects".to_owned(), json!("recorded"));
    }
    let path = ["runs", &wanted.run, "replay"];
    start(connection, client, &path, asked, wanted.follow).await
}

/// Carries a draft out.
pub(super) async fn test(
    connection: &Connection,
    client: &Client,
    wanted: TestRun,
) -> Result<(), Failure> {
    let mut asked = asked(&wanted.request)?;
    if let Some(run) = &wanted.recorded {
        asked.insert("effects".to_owned(), json!("recorded"));
        asked.insert("recorded_run".to_owned(), json!(run));
    }
    let id = member(&client.workflow(&wanted.workflow).await?, "/id");
    let path = ["workflows", &id, "test-run"];
    start(connection, client, &path, asked, wanted.follow).await
}

/// The body of the request to the API, as far as it is the same for both.
fn asked(request: &TrialRequest) -> Result<Map<String, Value>, Failure> {
    let mut asked = Map::new();
    if let Some(payload) = &request.payload {
        let text = files::text_or_file(payload)?;
        let payload: Value = serde_json::from_str(&text)
            .map_err(|error| Failure::usage(format!("--payload is no JSON: {error}")))?;
        asked.insert("payload".to_owned(), payload);
    }
    if let Some(data) = &request.data {
        let bytes = files::bytes_or_file(data)?;
        let base64 = BASE64_STANDARD.encode(bytes);
        let body = json!({"base64": base64, "content_type": "application/json"});
        asked.insert("payload".to_owned(), json!({ "body": body }));
    }
    Ok(asked)
}

async fn start(
    connection: &Connection,
    client: &Client,
    path: &[&str],
    asked: Map<String, Value>,
    follow: bool,
) -> Result<(), Failure> {
    let request = client.request(Method::POST, path)?;
    let started = client.send(request.json(&asked)).await?;
    for (name, what) in [
        ("masked", "as the run log masked it"),
        ("absent", "not kept by the run log, and so not there"),
    ] {
        let places = member(&started, &format!("/{name}"));
        if !places.is_empty() {
            output::say(&format!("{what}: {places}"));
        }
    }
    let run = member(&started, "/run_id");
    if !follow {
        return match connection.output {
            Output::Table => output::print(&run),
            other => output::show(other, &started, &[], Vec::new()),
        };
    }
    output::say(&format!("run {run}"));
    let ended = ended(client, &run).await?;
    show_one(connection, &ended)?;
    match member(&ended, "/state").as_str() {
        "succeeded" => Ok(()),
        state => Err(Failure::refused(format!("the run {state}"))),
    }
}

/// The run once it has ended. It is not in the run log before a runner has taken it.
async fn ended(client: &Client, run: &str) -> Result<Value, Failure> {
    loop {
        let request = client.request(Method::GET, &["runs", run])?;
        if let Some(found) = client.send_unless(request, StatusCode::NOT_FOUND).await?
            && !matches!(member(&found, "/state").as_str(), "running" | "waiting")
        {
            return Ok(found);
        }
        tokio::time::sleep(LOOK).await;
    }
}
