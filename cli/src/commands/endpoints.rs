//! `earshot endpoints`.

use reqwest::Method;
use serde_json::{Value, json};

use crate::args::{Connection, Endpoints, ListEndpoints};
use crate::client::Client;
use crate::failure::Failure;
use crate::output::{self, member};

/// Carries the command out.
pub(crate) async fn run(connection: &Connection, command: Endpoints) -> Result<(), Failure> {
    let client = Client::new(connection)?;
    match command {
        Endpoints::List(filters) => show(connection, list(&client, filters).await?),
        Endpoints::Token(wanted) => {
            let endpoint = published(&client, &wanted.workflow).await?;
            output::print(&sign(&client, &endpoint, &wanted.claims, wanted.seconds).await?)
        }
    }
}

fn show(connection: &Connection, endpoints: Vec<Value>) -> Result<(), Failure> {
    let rows = endpoints
        .iter()
        .map(|endpoint| {
            [
                "/name",
                "/url",
                "/methods",
                "/return_type",
                "/run_mode",
                "/authentication",
                "/cors",
                "/version",
            ]
            .map(|path| member(endpoint, path))
            .to_vec()
        })
        .collect();
    let columns = [
        "name", "url", "methods", "returns", "mode", "jwt", "cors", "version",
    ];
    output::show(connection.output, &Value::Array(endpoints), &columns, rows)
}

/// The published endpoint of the workflow of this name.
pub(crate) async fn published(client: &Client, workflow: &str) -> Result<Value, Failure> {
    let filters = ListEndpoints {
        name: Some(workflow.to_owned()),
        category: None,
        return_type: None,
        authentication: None,
    };
    let found = list(client, filters).await?.into_iter().next();
    found.ok_or_else(|| Failure::refused(format!("no published endpoint belongs to {workflow}")))
}

/// A short-lived JWT that the endpoint accepts.
pub(crate) async fn sign(
    client: &Client,
    endpoint: &Value,
    claims: &str,
    seconds: u32,
) -> Result<String, Failure> {
    let claims: Value = serde_json::from_str(claims)
        .map_err(|error| Failure::usage(format!("--claims is no JSON: {error}")))?;
    let id = member(endpoint, "/id");
    let request = client
        .request(Method::POST, &["dynamic-endpoints", &id, "token"])?
        .json(&json!({ "claims": claims, "seconds": seconds }));
    Ok(member(&client.send(request).await?, "/token"))
}

/// The published endpoints that pass the filters.
async fn list(client: &Client, filters: ListEndpoints) -> Result<Vec<Value>, Failure> {
    let authentication = filters.authentication.map(|wanted| wanted.to_string());
    let given: Vec<(&str, String)> = [
        ("name", filters.name),
        ("category", filters.category),
        ("return_type", filters.return_type),
        ("authentication", authentication),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name, value?)))
    .collect();
    client.list(&["dynamic-endpoints"], &given).await
}
