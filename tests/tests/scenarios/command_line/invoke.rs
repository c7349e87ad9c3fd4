//! `earshot invoke`.

use super::platform::{earshot, name, workflow};

/// Publishes a workflow, and returns its name.
async fn published(reply: &str, listener: &str) -> String {
    let name = name("invoked");
    let text = workflow(&name, reply, listener);
    earshot(&["apply", "--publish", "-f", "-"])
        .await
        .input(&text)
        .run()
        .await
        .with(0);
    name
}

#[tokio::test]
async fn a_call_brings_the_body_as_it_is() {
    let name = published(
        r#"{{ __data.__request.method }} {{ __data.a }} {{ __data.q }}"#,
        "",
    )
    .await;
    let run = async |more: &[&str]| {
        let arguments = [&["invoke", &name], more].concat();
        let earshot = earshot(&arguments)
            .await
            .file("body.json", r#"{"a": "from a file"}"#);
        earshot
            .input(r#"{"a": "from standard input"}"#)
            .run()
            .await
            .with(0)
            .out
    };
    assert_eq!(run(&["-q", "q=x y", "--query", "a=1"]).await, "GET 1 x y");
    assert_eq!(run(&["-d", r#"{"a": "inline"}"#]).await, "POST inline ");
    assert_eq!(
        run(&["--data", "@body.json", "-X", "put"]).await,
        "PUT from a file "
    );
    assert_eq!(run(&["-d", "@-"]).await, "POST from standard input ");
    assert_eq!(
        run(&[
            "-d",
            "a=form",
            "-H",
            "Content-Type: application/x-www-form-urlencoded"
        ])
        .await,
        "POST form "
    );
}

#[tokio::test]
async fn an_endpoint_that_wants_a_jwt_gets_one_with_the_claims_asked_for() {
    let name = published(
        "{{ __data.__logged_in_user_id }}/{{ __data.__jwt.plan }}",
        "    add_authentication: true\n",
    )
    .await;
    let signed = earshot(&[
        "invoke",
        &name,
        "--claims",
        r#"{"sub": "ada", "plan": "team"}"#,
    ])
    .await;
    assert_eq!(signed.run().await.with(0).out, "ada/team");
    let plain = earshot(&["invoke", &name]).await.run().await.with(0);
    assert_eq!(plain.out, "/");
    earshot(&["invoke", &name, "--claims", "no json"])
        .await
        .run()
        .await
        .with(64);
}

#[tokio::test]
async fn status_and_headers_are_shown_where_they_are_asked_for() {
    let name = published(
        "ok",
        "    return_status: 203\n    return_headers: {X-Own: mine}\n",
    )
    .await;
    let plain = earshot(&["invoke", &name]).await.run().await.with(0);
    assert_eq!((plain.out.as_str(), plain.err.as_str()), ("ok", ""));
    let shown = earshot(&["invoke", &name, "-i"]).await.run().await.with(0);
    assert_eq!(shown.out, "ok");
    assert!(
        shown.err.contains("203") && shown.err.contains("x-own: mine"),
        "{}",
        shown.err
    );
}

#[tokio::test]
async fn an_answer_of_4xx_or_5xx_is_shown_and_ends_with_1() {
    for status in [404, 503] {
        let name = published("no", &format!("    return_status: {status}\n")).await;
        let ended = earshot(&["invoke", &name]).await.run().await.with(1);
        assert_eq!(ended.out, "no");
        assert!(ended.err.contains(&status.to_string()), "{}", ended.err);
    }
    let name = published("ok", "    methods: [POST]\n").await;
    let ended = earshot(&["invoke", &name, "-X", "PUT"])
        .await
        .run()
        .await
        .with(1);
    assert!(ended.out.contains("method_not_allowed"), "{}", ended.out);
    let ended = earshot(&["invoke", &name]).await.run().await.with(0);
    assert_eq!(
        ended.out, "ok",
        "a method that the endpoint takes is chosen"
    );
}

#[tokio::test]
async fn what_cannot_be_called_is_told() {
    let missing = earshot(&["invoke", "no-such-workflow"])
        .await
        .run()
        .await
        .with(1);
    assert!(missing.err.contains("no-such-workflow"), "{}", missing.err);
    let name = published("ok", "").await;
    for odd in [
        &["-H", "no colon"][..],
        &["-q", "no-equals"],
        &["-d", "@missing.json"],
        &["-X", "two words"],
        &["--colour"],
    ] {
        let arguments = [&["invoke", name.as_str()], odd].concat();
        earshot(&arguments).await.run().await.with(64);
    }
}
