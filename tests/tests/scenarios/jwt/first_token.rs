//! The admin token that the first start prints.

use std::time::Duration;

use serde_json::Value;
use testkit::stack::{Kind, Stack};
use testkit::until;

fn printed(stack: &Stack) -> usize {
    stack.auth().stdout().matches("admin token: ").count()
}

#[tokio::test]
async fn the_first_start_prints_one_admin_token_and_the_second_none() {
    let stack = Stack::start().await;
    assert_eq!(printed(&stack), 1);
    let who = stack.control().get("/whoami").await;
    assert_eq!(who.status, 200, "{}", who.body);
    assert_eq!(who.body["role"], "admin");

    stack.auth().restart().await;
    until(
        Duration::from_secs(30),
        "the second start to make none",
        async || {
            let logs = stack.auth().logs();
            let none = |line: &Value| {
                line["message"]
                    .as_str()?
                    .strip_prefix("no admin token")
                    .map(drop)
            };
            logs.iter().find_map(none)
        },
    )
    .await;
    let who = stack.control().get("/whoami").await;
    assert_eq!(who.status, 200, "{}", who.body);
    let tokens = stack.control().get("/tokens").await;
    assert_eq!(tokens.body["items"].as_array().unwrap().len(), 1);
    assert_eq!(printed(&stack), 1);
    let logs = stack.logs(Kind::Auth);
    let token = stack.admin_token();
    assert!(logs.iter().all(|line| !line.to_string().contains(token)));
}
