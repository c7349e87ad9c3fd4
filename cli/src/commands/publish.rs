//! `earshot publish` and `earshot unpublish`.

use reqwest::Method;
use serde_json::{Value, json};

use crate::args::{Connection, Name, Publish};
use crate::client::{Client, entity_tag};
use crate::failure::Failure;
use crate::output::{self, member};

/// Publishes a draft and shows where it answers.
pub(crate) async fn publish(connection: &Connection, publish: &Publish) -> Result<(), Failure> {
    let client = Client::new(connection)?;
    let workflow = client.workflow(&publish.workflow).await?;
    let published = send(&client, &workflow, publish.message.as_deref()).await?;
    show(connection, &published)
}

/// Takes an endpoint off.
pub(crate) async fn unpublish(connection: &Connection, name: &Name) -> Result<(), Failure> {
    let client = Client::new(connection)?;
    let id = member(&client.workflow(&name.workflow).await?, "/id");
    let request = client.request(Method::POST, &["workflows", &id, "unpublish"])?;
    let workflow = client.send(request).await?;
    show(connection, &workflow)
}

/// Publishes the draft that `workflow` shows, and nothing newer.
pub(crate) async fn send(
    client: &Client,
    workflow: &Value,
    message: Option<&str>,
) -> Result<Value, Failure> {
    let id = member(workflow, "/id");
    let request = client
        .request(Method::POST, &["workflows", &id, "publish"])?
        .header(reqwest::header::IF_MATCH, entity_tag(workflow))
        .json(&json!({ "message": message }));
    client.send(request).await
}

fn show(connection: &Connection, workflow: &Value) -> Result<(), Failure> {
    let row = vec![
        member(workflow, "/name"),
        member(workflow, "/published/number"),
        member(workflow, "/endpoint/url"),
        member(workflow, "/schedule/next"),
    ];
    output::show(
        connection.output,
        workflow,
        &["name", "version", "url", "next"],
        vec![row],
    )
}
