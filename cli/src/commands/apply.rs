//! `earshot apply`: workflows from files into the platform.

use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, IF_MATCH};
use serde_json::Value;
use workflow::document;

use crate::args::{Apply, Connection};
use crate::client::{Client, entity_tag, problem_line};
use crate::commands::files::{self, Source};
use crate::commands::publish;
use crate::failure::Failure;
use crate::output::{self, member};

/// Creates or updates each file's workflow, in the order of the files. Stops at the first that is
/// refused; those before it are applied whole.
pub(crate) async fn run(connection: &Connection, apply: &Apply) -> Result<(), Failure> {
    let client = Client::new(connection)?;
    let mut rows = Vec::new();
    let mut applied = Vec::new();
    for source in files::read(&apply.files)? {
        let (done, workflow) = apply_one(&client, &source)
            .await
            .map_err(|failure| failure.within(&source.name))?;
        tell_problems(&source, &workflow);
        tell_credentials(&workflow);
        let workflow = if apply.publish {
            publish::send(&client, &workflow, apply.message.as_deref()).await?
        } else {
            workflow
        };
        rows.push(vec![
            member(&workflow, "/name"),
            done.to_owned(),
            member(&workflow, "/published/number"),
            member(&workflow, "/endpoint/url"),
            member(&workflow, "/schedule/next"),
        ]);
        applied.push(workflow);
    }
    let columns = ["name", "draft", "version", "url", "next"];
    output::show(connection.output, &Value::Array(applied), &columns, rows)
}

/// Saves a file's document as a draft; what was done, and the workflow as it is now.
pub(crate) async fn apply_one(
    client: &Client,
    source: &Source,
) -> Result<(&'static str, Value), Failure> {
    let document = document::parse(&source.text)
        .map_err(|problem| Failure::refused(format!("{} ({})", problem.message, problem.hint)))?;
    let name = member(&document, "/metadata/name");
    if name.is_empty() {
        return Err(Failure::refused(
            "metadata.name is missing (it names the workflow)",
        ));
    }
    let existing = client.find(&name).await?;
    let (done, request) = match &existing {
        Some(workflow) => {
            let id = member(workflow, "/id");
            let request = client.request(Method::PUT, &["workflows", &id])?;
            ("updated", request.header(IF_MATCH, entity_tag(workflow)))
        }
        None => ("created", client.request(Method::POST, &["workflows"])?),
    };
    let request = request
        .header(CONTENT_TYPE, "application/yaml")
        .body(source.text.clone());
    let saved = client.send(request).await?;
    let same = existing.is_some_and(|before| before.get("etag") == saved.get("etag"));
    Ok((if same { "unchanged" } else { done }, saved))
}

fn tell_problems(source: &Source, workflow: &Value) {
    let Some(Value::Array(problems)) = workflow.get("problems") else {
        return;
    };
    for problem in problems {
        output::say(&format!("{}:{}", source.name, problem_line(problem)));
    }
}

/// Generated credentials are shown once, here.
fn tell_credentials(workflow: &Value) {
    for setting in ["endpoint_key", "endpoint_secret"] {
        let value = member(workflow, &format!("/credentials/{setting}"));
        if !value.is_empty() {
            let name = member(workflow, "/name");
            output::say(&format!(
                "{name}: generated {setting}, shown this once: {value}"
            ));
        }
    }
}
