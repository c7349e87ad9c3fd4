//! `earshot endpoints`.

use serde_json::Value;

use crate::args::{Connection, Endpoints, ListEndpoints};
use crate::client::Client;
use crate::failure::Failure;
use crate::output::{self, member};

/// Carries the command out.
pub(crate) async fn run(connection: &Connection, command: Endpoints) -> Result<(), Failure> {
    let Endpoints::List(filters) = command;
    let client = Client::new(connection)?;
    let endpoints = list(&client, filters).await?;
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

/// The published endpoints that pass the filters.
pub(crate) async fn list(client: &Client, filters: ListEndpoints) -> Result<Vec<Value>, Failure> {
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
