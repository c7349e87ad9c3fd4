//! `earshot dead-letter`.

use reqwest::Method;
use serde_json::{Value, json};

use crate::args::{Connection, DeadLetter, DeadLetters};
use crate::client::Client;
use crate::failure::Failure;
use crate::output::{self, member};

/// Carries the command out.
pub(crate) async fn run(connection: &Connection, command: DeadLetter) -> Result<(), Failure> {
    let client = Client::new(connection)?;
    match command {
        DeadLetter::List { workflow } => {
            let letters = list(&client, workflow.as_deref()).await?;
            let rows = letters.iter().map(row).collect();
            let columns = ["run", "workflow", "died", "attempts", "reason"];
            output::show(connection.output, &Value::Array(letters), &columns, rows)
        }
        DeadLetter::Show { run } => {
            let request = client.request(Method::GET, &["dead-letters", &run])?;
            let letter = client.send(request).await?;
            let columns = [
                "run", "workflow", "died", "attempts", "reason", "source", "method", "body",
            ];
            let mut shown = row(&letter);
            let more = ["/source", "/request/method", "/request/body"];
            shown.extend(more.map(|path| member(&letter, path)));
            output::show(connection.output, &letter, &columns, vec![shown])
        }
        DeadLetter::Retry { which, from_start } => {
            let runs = chosen(&client, &which).await?;
            for run in &runs {
                let path = ["dead-letters", run, "retry"];
                let request = client.request(Method::POST, &path)?;
                client
                    .send(request.json(&json!({ "from_start": from_start })))
                    .await?;
                output::say(&format!("run {run} is sent again"));
            }
            Ok(())
        }
        DeadLetter::Drop(which) => {
            for run in &chosen(&client, &which).await? {
                let request = client.request(Method::DELETE, &["dead-letters", run])?;
                client.send(request).await?;
                output::say(&format!("run {run} is thrown away"));
            }
            Ok(())
        }
    }
}

/// The runs that the command line names, or all there are.
async fn chosen(client: &Client, which: &DeadLetters) -> Result<Vec<String>, Failure> {
    if !which.all {
        return Ok(which.runs.clone());
    }
    let letters = list(client, which.workflow.as_deref()).await?;
    let runs = letters.iter().map(|letter| member(letter, "/run_id"));
    Ok(runs.collect())
}

async fn list(client: &Client, workflow: Option<&str>) -> Result<Vec<Value>, Failure> {
    let mut filters = Vec::new();
    if let Some(name) = workflow {
        let workflow = client.workflow(name).await?;
        filters.push(("workflow_id", member(&workflow, "/id")));
    }
    client.list(&["dead-letters"], &filters).await
}

fn row(letter: &Value) -> Vec<String> {
    [
        "/run_id",
        "/workflow_id",
        "/died_at",
        "/attempts",
        "/reason",
    ]
    .map(|path| member(letter, path))
    .to_vec()
}
