//! `earshot token`.

use reqwest::Method;
use serde_json::{Value, json};

use crate::args::{Connection, Mint, Token};
use crate::client::Client;
use crate::failure::Failure;
use crate::output::{self, member};

/// Carries the command out.
pub(crate) async fn run(connection: &Connection, command: Token) -> Result<(), Failure> {
    let client = Client::new(connection)?;
    match command {
        Token::Mint(mint) => mint_token(connection, &client, &mint).await,
        Token::List => {
            let tokens = client.list(&["tokens"], &[]).await?;
            let rows = tokens.iter().map(row).collect();
            let columns = ["id", "name", "role", "created", "expires"];
            output::show(connection.output, &Value::Array(tokens), &columns, rows)
        }
        Token::Revoke(revoke) => {
            let request = client.request(Method::DELETE, &["tokens", &revoke.id])?;
            client.send(request).await?;
            output::say(&format!("token {} is revoked", revoke.id));
            Ok(())
        }
    }
}

async fn mint_token(connection: &Connection, client: &Client, mint: &Mint) -> Result<(), Failure> {
    let seconds = mint.days.map(|days| u64::from(days) * 24 * 60 * 60);
    let request = client.request(Method::POST, &["tokens"])?.json(&json!({
        "name": mint.name,
        "role": mint.role,
        "expires_in_seconds": seconds,
    }));
    let token = client.send(request).await?;
    output::say("This is the one time that the token is shown.");
    let row = vec![
        member(&token, "/token"),
        member(&token, "/role"),
        member(&token, "/expires_at"),
    ];
    output::show(
        connection.output,
        &token,
        &["token", "role", "expires"],
        vec![row],
    )
}

fn row(token: &Value) -> Vec<String> {
    ["/id", "/name", "/role", "/created_at", "/expires_at"]
        .map(|path| member(token, path))
        .to_vec()
}
