//! `earshot runs`.

use reqwest::Method;
use serde_json::Value;

use super::run_page::page;
use super::{files, moment, trials};
use crate::args::{Connection, ListRuns, Output, RunFilter, Runs, StartRun};
use crate::client::Client;
use crate::failure::Failure;
use crate::output::{self, member};

/// The most runs of one page.
const PAGE: usize = 200;

/// Carries the command out.
pub(crate) async fn run(connection: &Connection, command: Runs) -> Result<(), Failure> {
    let client = Client::new(connection)?;
    match command {
        Runs::List(wanted) => show(connection, list(&client, &wanted).await?),
        Runs::Show(wanted) => {
            let request = client.request(Method::GET, &["runs", &wanted.run])?;
            show_one(connection, &client.send(request).await?)
        }
        Runs::Cancel(wanted) => cancel(&client, &wanted.runs).await,
        Runs::Follow(filter) => follow(connection, &client, &filter).await,
        Runs::Start(wanted) => start(connection, &client, &wanted).await,
        Runs::Replay(wanted) => trials::replay(connection, &client, wanted).await,
        Runs::Test(wanted) => trials::test(connection, &client, wanted).await,
    }
}

/// Shows all that is kept of a run.
pub(super) fn show_one(connection: &Connection, run: &Value) -> Result<(), Failure> {
    match connection.output {
        Output::Table => output::print_visibly(page(run).trim_end()),
        other => output::show(other, run, &[], Vec::new()),
    }
}

/// Tells runs to stop.
async fn cancel(client: &Client, runs: &[String]) -> Result<(), Failure> {
    for run in runs {
        let request = client.request(Method::POST, &["runs", run, "cancel"])?;
        client.send(request).await?;
        output::say(&format!("run {run} is told to stop"));
    }
    Ok(())
}

async fn list(client: &Client, wanted: &ListRuns) -> Result<Vec<Value>, Failure> {
    let given = given(&wanted.filter)?;
    let mut runs = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let left = wanted.limit.saturating_sub(runs.len());
        let limit = [("limit", left.clamp(1, PAGE).to_string())];
        let mut request = client.request(Method::GET, &["runs"])?.query(&given);
        request = request.query(&limit);
        if let Some(cursor) = &cursor {
            request = request.query(&[("cursor", cursor)]);
        }
        let mut page = client.send(request).await?;
        if let Some(Value::Array(found)) = page.get_mut("items").map(Value::take) {
            runs.extend(found);
        }
        let next = page.get("next_cursor").and_then(Value::as_str);
        cursor = next.map(str::to_owned);
        if cursor.is_none() || runs.len() >= wanted.limit {
            runs.truncate(wanted.limit);
            return Ok(runs);
        }
    }
}

/// The filters as the API takes them.
fn given(filter: &RunFilter) -> Result<Vec<(&'static str, String)>, Failure> {
    let moment = |text: &Option<String>| text.as_deref().map(moment::ago).transpose();
    let given = [
        ("workflow", filter.workflow.clone()),
        ("endpoint", filter.endpoint.clone()),
        ("state", filter.state.clone()),
        ("from", moment(&filter.from)?),
        ("to", moment(&filter.to)?),
        ("text", filter.text.clone()),
        ("replay_of", filter.replay_of.clone()),
        ("test", filter.test.map(|test| test.to_string())),
    ];
    let given = given.into_iter();
    Ok(given
        .filter_map(|(name, value)| Some((name, value?)))
        .collect())
}

const COLUMNS: [&str; 9] = [
    "started", "workflow", "state", "method", "status", "steps", "error", "against", "id",
];

fn row(run: &Value) -> Vec<String> {
    let mut row = [
        "/started_at",
        "/workflow",
        "/state",
        "/method",
        "/status",
        "/step_count",
        "/error",
        "/against",
        "/id",
    ]
    .map(|path| member(run, path))
    .to_vec();
    if let Some(method) = row.get_mut(3).filter(|method| method.is_empty()) {
        // Nobody called: what started it instead.
        *method = member(run, "/source");
    }
    for cell in &mut row {
        *cell = one_line(cell);
    }
    row
}

/// A cell of a table is one line of a bounded length.
fn one_line(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut short: String = line.chars().take(80).collect();
    if short.len() < line.len() {
        short.push('…');
    }
    short
}

fn show(connection: &Connection, runs: Vec<Value>) -> Result<(), Failure> {
    let rows = runs.iter().map(row).collect();
    output::show(connection.output, &Value::Array(runs), &COLUMNS, rows)
}

/// Starts a run and shows its id.
async fn start(connection: &Connection, client: &Client, wanted: &StartRun) -> Result<(), Failure> {
    let data = files::bytes_or_file(&wanted.data)?;
    let data: Value = serde_json::from_slice(&data)
        .ok()
        .filter(Value::is_object)
        .ok_or_else(|| Failure::usage("the data is no JSON object"))?;
    let workflow = client.workflow(&wanted.workflow).await?;
    let id = member(&workflow, "/id");
    let request = client.request(Method::POST, &["workflows", &id, "runs"])?;
    let started = client.send(request.json(&data)).await?;
    let row = vec![member(&workflow, "/name"), member(&started, "/run_id")];
    output::show(connection.output, &started, &["workflow", "run"], vec![row])
}

/// Shows runs as they end, until the stream does.
async fn follow(
    connection: &Connection,
    client: &Client,
    filter: &RunFilter,
) -> Result<(), Failure> {
    let request = client.request(Method::GET, &["runs", "live"])?;
    let mut events = client.events(request.query(&given(filter)?)).await?;
    while let Some(event) = events.next().await? {
        let data: Value = serde_json::from_str(&event.data).unwrap_or_default();
        match event.name.as_str() {
            "run" => match connection.output {
                Output::Table => output::print_visibly(&row(&data).join("  "))?,
                Output::Json => output::print(&data.to_string())?,
                Output::Yaml => output::show(Output::Yaml, &Value::Array(vec![data]), &[], vec![])?,
            },
            "end" => {
                let reason = member(&data, "/reason");
                return Err(Failure::unavailable(format!(
                    "the platform ended the stream: {reason}"
                )));
            }
            _ => {}
        }
    }
    Err(Failure::unavailable("the stream broke off"))
}
