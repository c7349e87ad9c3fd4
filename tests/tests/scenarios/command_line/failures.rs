//! What is wrong with the command line or its surroundings.

use super::earshot::Earshot;
use super::platform::{earshot, stack, workflow};

const COMMANDS: [&[&str]; 7] = [
    &["apply", "-f", "x.yaml"],
    &["publish", "x"],
    &["unpublish", "x"],
    &["endpoints", "list"],
    &["invoke", "x"],
    &["token", "list"],
    &["token", "mint", "--name", "x"],
];

#[tokio::test]
async fn without_a_token_a_command_ends_with_64_and_says_where_one_comes_from() {
    for arguments in COMMANDS {
        let earshot = Earshot::new(arguments).file("x.yaml", &workflow("x", "ok", ""));
        let ended = earshot.run().await.with(64);
        assert!(ended.err.contains("EARSHOT_TOKEN"), "{}", ended.err);
        assert_eq!(ended.out, "");
    }
}

#[tokio::test]
async fn where_no_platform_listens_a_command_ends_with_69_and_names_the_address() {
    let address = format!("127.0.0.1:{}", testkit::port::free());
    for arguments in COMMANDS {
        let earshot = Earshot::new(arguments)
            .env("EARSHOT_TOKEN", "x")
            .env("EARSHOT_URL", &format!("http://{address}"))
            .file("x.yaml", &workflow("x", "ok", ""));
        let ended = earshot.run().await.with(69);
        assert!(ended.err.contains(&address), "{}", ended.err);
    }
}

#[tokio::test]
async fn a_url_that_is_none_ends_with_64() {
    for url in ["localhost:8081", "ftp://x", "http://", "nonsense"] {
        let arguments = ["--token", "x", "--url", url, "endpoints", "list"];
        let ended = Earshot::new(arguments).run().await.with(64);
        assert!(ended.err.contains(url), "{}", ended.err);
    }
}

#[tokio::test]
async fn a_wrong_token_ends_with_1() {
    let ended = earshot(&["endpoints", "list"])
        .await
        .env("EARSHOT_TOKEN", "wrong")
        .run()
        .await
        .with(1);
    assert!(ended.err.contains("unauthenticated"), "{}", ended.err);
}

#[tokio::test]
async fn arguments_win_over_the_environment_and_an_address_may_end_in_a_slash() {
    let stack = stack().await;
    let url = format!("{}/", stack.gateway(0).control_url());
    let arguments = [
        "endpoints",
        "list",
        "--url",
        &url,
        "--token",
        stack.admin_token(),
    ];
    let earshot = Earshot::new(arguments)
        .env("EARSHOT_URL", "http://127.0.0.1:1")
        .env("EARSHOT_TOKEN", "wrong");
    earshot.run().await.with(0);
}

#[tokio::test]
async fn an_unknown_command_is_a_64_and_help_a_0() {
    for arguments in [
        &["dance"][..],
        &[],
        &["token"],
        &["endpoints", "list", "-o", "xml"],
    ] {
        let ended = Earshot::new(arguments).run().await.with(64);
        assert_eq!(ended.out, "", "mistakes go to standard error");
    }
    assert!(
        Earshot::new(["--help"])
            .run()
            .await
            .with(0)
            .out
            .contains("validate")
    );
    assert!(
        Earshot::new(["--version"])
            .run()
            .await
            .with(0)
            .out
            .starts_with("earshot ")
    );
}
