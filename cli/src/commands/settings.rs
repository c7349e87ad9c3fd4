//! `earshot secret` and `earshot variable`.

use std::io::Read;
use std::path::{Path, PathBuf};

use reqwest::Method;
use serde_json::{Value, json};

use crate::args::{Connection, DeleteSetting, Secret, Variable};
use crate::client::Client;
use crate::failure::Failure;
use crate::output::{self, member};

/// Carries `earshot secret` out.
pub(crate) async fn secret(connection: &Connection, command: Secret) -> Result<(), Failure> {
    let client = Client::new(connection)?;
    match command {
        Secret::Set(set) => {
            let value = from_outside(set.value_file.as_deref())?;
            put(connection, &client, "secrets", &set.name, &value).await
        }
        Secret::List => list(connection, &client, "secrets").await,
        Secret::Delete(which) => delete(&client, "secrets", &which).await,
    }
}

/// Carries `earshot variable` out.
pub(crate) async fn variable(connection: &Connection, command: Variable) -> Result<(), Failure> {
    let client = Client::new(connection)?;
    match command {
        Variable::Set(set) => {
            let value = match (set.value, &set.value_file) {
                (Some(value), _) => value,
                (None, file) => from_outside(file.as_deref())?,
            };
            put(connection, &client, "variables", &set.name, &value).await
        }
        Variable::List => list(connection, &client, "variables").await,
        Variable::Get(which) => {
            let request = client.request(Method::GET, &["variables", &which.name])?;
            let variable = client.send(request).await?;
            match connection.output {
                // Nothing but the value, for a shell's `$(…)`.
                crate::args::Output::Table => output::print(&member(&variable, "/value")),
                _ => show(connection, &variable),
            }
        }
        Variable::Delete(which) => delete(&client, "variables", &which).await,
    }
}

/// A value out of a file, or from standard input. A line's end at its end is not a part of it.
fn from_outside(file: Option<&Path>) -> Result<String, Failure> {
    let stdin = PathBuf::from("-");
    let file = file.unwrap_or(&stdin);
    let mut bytes = Vec::new();
    let read = if file.as_os_str() == "-" {
        std::io::stdin().read_to_end(&mut bytes)
    } else {
        std::fs::File::open(file).and_then(|mut file| file.read_to_end(&mut bytes))
    };
    let name = file.display();
    read.map_err(|error| Failure::usage(format!("{name} cannot be read: {error}")))?;
    let text = String::from_utf8(bytes)
        .map_err(|_| Failure::usage(format!("{name} is not text in UTF-8")))?;
    let line = text.strip_suffix('\n').unwrap_or(&text);
    Ok(line.strip_suffix('\r').unwrap_or(line).to_owned())
}

async fn put(
    connection: &Connection,
    client: &Client,
    kind: &str,
    name: &str,
    value: &str,
) -> Result<(), Failure> {
    let request = client
        .request(Method::PUT, &[kind, name])?
        .json(&json!({ "value": value }));
    let setting = client.send(request).await?;
    show(connection, &setting)
}

async fn list(connection: &Connection, client: &Client, kind: &str) -> Result<(), Failure> {
    let settings = client.list(&[kind], &[]).await?;
    let columns = columns(kind == "variables");
    let rows = settings
        .iter()
        .map(|setting| row(setting, kind == "variables"))
        .collect();
    output::show(connection.output, &Value::Array(settings), &columns, rows)
}

async fn delete(client: &Client, kind: &str, which: &DeleteSetting) -> Result<(), Failure> {
    let mut request = client.request(Method::DELETE, &[kind, &which.name])?;
    if which.force {
        request = request.query(&[("force", "true")]);
    }
    client.send(request).await?;
    output::say(&format!("{} is deleted", which.name));
    Ok(())
}

fn show(connection: &Connection, setting: &Value) -> Result<(), Failure> {
    let has_value = setting.get("value").is_some();
    let rows = vec![row(setting, has_value)];
    output::show(connection.output, setting, &columns(has_value), rows)
}

fn columns(has_value: bool) -> Vec<&'static str> {
    let value = has_value.then_some("value");
    ["name"]
        .into_iter()
        .chain(value)
        .chain(["updated", "used by"])
        .collect()
}

fn row(setting: &Value, has_value: bool) -> Vec<String> {
    let users = setting.get("used_by").and_then(Value::as_array);
    let users = users.into_iter().flatten();
    let users: Vec<String> = users.map(|user| member(user, "/name")).collect();
    let mut row = vec![member(setting, "/name")];
    if has_value {
        row.push(member(setting, "/value"));
    }
    row.push(member(setting, "/updated_at"));
    row.push(users.join(","));
    row
}
