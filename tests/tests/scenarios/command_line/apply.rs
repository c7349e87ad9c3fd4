//! `earshot apply`.

use super::platform::{earshot, name, workflow};

async fn answer(url: &str) -> (u16, String) {
    let reply = testkit::http::client().get(url).send().await.unwrap();
    (reply.status().as_u16(), reply.text().await.unwrap())
}

#[tokio::test]
async fn a_file_is_created_then_unchanged_then_updated() {
    let name = name("applied");
    let run = async |reply: &str| {
        let earshot = earshot(&["apply", "-f", "one.yaml"]).await;
        earshot
            .file("one.yaml", &workflow(&name, reply, ""))
            .run()
            .await
            .with(0)
            .out
    };
    for (reply, said) in [
        ("one", "created"),
        ("one", "unchanged"),
        ("two", "updated"),
        ("two", "unchanged"),
    ] {
        let out = run(reply).await;
        assert!(
            out.contains(&name) && out.contains(said),
            "{reply} {said}:\n{out}"
        );
    }
}

#[tokio::test]
async fn with_publish_the_url_that_is_shown_answers() {
    let name = name("published");
    let apply = async |reply: &str| {
        let earshot = earshot(&[
            "apply",
            "--publish",
            "--message",
            "why",
            "-f",
            "-",
            "-o",
            "json",
        ])
        .await;
        earshot
            .input(&workflow(&name, reply, ""))
            .run()
            .await
            .with(0)
            .json()
    };
    let first = apply("one").await;
    let url = first[0]["endpoint"]["url"].as_str().unwrap();
    assert_eq!(answer(url).await, (200, "one".to_owned()));
    assert_eq!(first[0]["published"]["message"], "why");
    let second = apply("two").await;
    assert_eq!(second[0]["published"]["number"], 2);
    assert_eq!(answer(url).await, (200, "two".to_owned()));
    assert_eq!(
        apply("two").await[0]["published"]["number"],
        2,
        "nothing new, no new version"
    );
}

#[tokio::test]
async fn a_folder_is_applied_in_the_order_of_its_files() {
    let (one, two) = (name("folder"), name("folder"));
    let earshot = earshot(&["apply", "--publish", "-f", "all", "-o", "json"]).await;
    let applied = earshot
        .file("all/2.yaml", &workflow(&two, "ok", ""))
        .file("all/1.json", &format!("{{\"apiVersion\": \"earshot/v1\", \"kind\": \"Workflow\", \"metadata\": {{\"name\": \"{one}\"}}, \"spec\": {{\"record_type\": \"virtual\", \"source\": \"listener\", \"run_mode\": \"sync\", \"listener\": {{\"return_type\": \"data\", \"return_data\": \"ok\"}}}}}}"))
        .run()
        .await
        .with(0)
        .json();
    assert_eq!(
        (applied[0]["name"].as_str(), applied[1]["name"].as_str()),
        (Some(one.as_str()), Some(two.as_str()))
    );
}

#[tokio::test]
async fn generated_credentials_are_shown_once_and_on_standard_error_only() {
    let name = name("generated");
    let run = async || {
        let earshot = earshot(&["apply", "-f", "one.yaml", "-o", "yaml"]).await;
        let text = workflow(&name, "ok", "    add_authentication: true\n");
        earshot.file("one.yaml", &text).run().await.with(0)
    };
    let first = run().await;
    let lines: Vec<&str> = first
        .err
        .lines()
        .filter(|line| line.contains("shown this once"))
        .collect();
    assert_eq!(lines.len(), 2, "{}", first.err);
    let again = run().await;
    assert!(!again.err.contains("shown this once"), "{}", again.err);
}

#[tokio::test]
async fn a_refused_file_is_named_with_every_problem_and_ends_with_1() {
    let name = name("refused");
    let bad = workflow(&name, "{{ __data.", "    colour: blue\n");
    let earshot = earshot(&["apply", "--publish", "-f", "bad.yaml"]).await;
    let ended = earshot.file("bad.yaml", &bad).run().await.with(1);
    for part in [
        "bad.yaml",
        "spec.listener.colour",
        "spec.listener.return_data",
    ] {
        assert!(ended.err.contains(part), "{part}: {}", ended.err);
    }
    for text in ["- 1", "kind: Workflow", "a: [", ""] {
        let earshot = super::platform::earshot(&["apply", "-f", "bad.yaml"]).await;
        let ended = earshot.file("bad.yaml", text).run().await.with(1);
        assert!(ended.err.contains("bad.yaml"), "{}", ended.err);
    }
    let missing = super::platform::earshot(&["apply", "-f", "missing.yaml"])
        .await
        .run()
        .await
        .with(64);
    assert!(missing.err.contains("missing.yaml"), "{}", missing.err);
}
