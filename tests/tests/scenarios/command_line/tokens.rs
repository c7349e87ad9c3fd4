//! `earshot token`.

use super::earshot::Earshot;
use super::platform::{earshot, name, stack, workflow};

/// `earshot` with another token than the admin's.
async fn with(token: &str, arguments: &[&str]) -> Earshot {
    earshot(arguments).await.env("EARSHOT_TOKEN", token)
}

#[tokio::test]
async fn a_token_is_minted_used_listed_and_revoked() {
    let purpose = name("ci");
    let minted = earshot(&[
        "token", "mint", "--name", &purpose, "--role", "editor", "--days", "30", "-o", "json",
    ])
    .await
    .run()
    .await
    .with(0);
    assert!(minted.err.contains("one time"), "{}", minted.err);
    let minted = minted.json();
    let (id, token) = (
        minted["id"].as_str().unwrap(),
        minted["token"].as_str().unwrap(),
    );
    assert!(minted["expires_at"].is_string());
    let applied = with(token, &["apply", "--publish", "-f", "-"]).await;
    applied
        .input(&workflow(&name("by-token"), "ok", ""))
        .run()
        .await
        .with(0);
    let refused = with(token, &["token", "list"]).await.run().await.with(1);
    assert!(refused.err.contains("forbidden"), "{}", refused.err);
    let list = earshot(&["token", "list"]).await.run().await.with(0).out;
    assert!(
        list.contains(id) && list.contains(&purpose) && !list.contains(token),
        "{list}"
    );
    earshot(&["token", "revoke", id]).await.run().await.with(0);
    let refused = with(token, &["endpoints", "list"])
        .await
        .run()
        .await
        .with(1);
    assert!(refused.err.contains("unauthenticated"), "{}", refused.err);
    earshot(&["token", "revoke", id]).await.run().await.with(1);
}

#[tokio::test]
async fn a_token_is_a_viewers_where_nothing_is_said() {
    let minted = earshot(&["token", "mint", "--name", "x", "-o", "json"])
        .await
        .run()
        .await
        .with(0)
        .json();
    assert_eq!(minted["role"], "viewer");
    let token = minted["token"].as_str().unwrap();
    with(token, &["endpoints", "list"])
        .await
        .run()
        .await
        .with(0);
    let refused = with(token, &["apply", "-f", "-"]).await;
    let refused = refused
        .input(&workflow(&name("viewer"), "ok", ""))
        .run()
        .await
        .with(1);
    assert!(refused.err.contains("editor"), "{}", refused.err);
    let table = earshot(&["token", "mint", "--name", "y"])
        .await
        .run()
        .await
        .with(0)
        .out;
    assert!(
        table.contains("TOKEN") && table.contains("viewer"),
        "{table}"
    );
}

#[tokio::test]
async fn an_odd_wish_for_a_token_is_refused() {
    let odd = earshot(&["token", "mint", "--name", "x", "--role", "root"])
        .await
        .run()
        .await;
    assert!(matches!(odd.code, 1 | 64), "{}", odd.err);
    assert!(
        odd.err.contains("root") || odd.err.contains("role"),
        "{}",
        odd.err
    );
    earshot(&["token", "mint"]).await.run().await.with(64);
    let shown = stack().await.admin_token();
    let help = earshot(&["--help"]).await.run().await.with(0).out;
    assert!(!help.contains(shown), "a help text shows no token");
}
