//! Runs that somebody starts, and runs that other runs start.

use reqwest::Method;
use serde_json::{Value, json};
use testkit::control::{Client, Reply};
use testkit::document::of_source;
use testkit::stack::Stack;
use tokio::sync::OnceCell;

use super::platform::{create, in_seconds, publish, scheduled, succeeded, whole};

async fn stack() -> &'static Stack {
    static STACK: OnceCell<Stack> = OnceCell::const_new();
    STACK.get_or_init(Stack::start).await
}

async fn start(control: &Client, id: &str, data: &Value) -> Reply {
    let path = format!("/workflows/{id}/runs");
    control
        .send(control.request(Method::POST, &path).json(data))
        .await
}

fn manual(name: &str, steps: &Value) -> Value {
    of_source(name, "manual", &json!({}), steps)
}

fn log(text: &str) -> Value {
    json!([{"id": "log", "type": "log", "message": text}])
}

#[tokio::test]
async fn a_run_is_started_over_the_api_with_its_data_and_found_in_the_log() {
    let control = stack().await.control();
    let steps =
        log("{{ __data.order.id }} by {{ __data.__request.source }} {{ __data.__jwt.sub }}");
    let id = publish(&control, &manual("by-api", &steps)).await;
    let data = json!({"order": {"id": "A-1"}, "__jwt": {"sub": "root"}});
    let started = start(&control, &id, &data).await;
    assert_eq!(started.status, 202, "{:#}", started.body);
    let runs = succeeded(&control, "by-api", 1).await;
    assert_eq!(runs[0]["id"], started.body["run_id"]);
    assert_eq!(
        (&runs[0]["source"], &runs[0]["scheduled_at"]),
        (&json!("manual"), &json!(null))
    );
    let run = whole(&control, &runs[0]).await;
    assert_eq!(
        run["log"][0]["text"].as_str().unwrap().trim(),
        "A-1 by manual"
    );
    let empty = control.act(&id, "runs").await;
    assert_eq!(
        empty.status, 202,
        "without a body there is no data: {:#}",
        empty.body
    );
    // A schedule's run may be started before its time, and is none of its moments.
    let later = json!({"every": "1 hour", "from": in_seconds(3_000).to_string(), "data": {"a": 1}});
    let id = publish(&control, &scheduled("early", &later, &log("early"))).await;
    assert_eq!(start(&control, &id, &json!({})).await.status, 202);
    let runs = succeeded(&control, "early", 1).await;
    assert_eq!(runs[0]["source"], "manual");
    let shown = control.get(&format!("/workflows/{id}")).await.body;
    assert_eq!(
        shown["schedule"],
        json!({"next": later["from"], "last": null})
    );
}

#[tokio::test]
async fn what_cannot_be_started_is_refused_with_a_reason() {
    let control = stack().await.control();
    let draft = create(&control, &manual("draft-only", &json!([]))).await;
    let listener = json!({"listener": {"return_type": "data", "return_data": "ok"}});
    let listens = of_source("has-listener", "listener", &listener, &json!([]));
    let listens = publish(&control, &listens).await;
    let nobody = "0190aaaa-bbbb-7ccc-8ddd-eeeeeeeeeeee".to_owned();
    for (id, data, status, code, says) in [
        (&draft, json!({}), 409, "conflict", "not published"),
        (&listens, json!({}), 409, "conflict", "call of its endpoint"),
        (&nobody, json!({}), 404, "not_found", ""),
        (&listens, json!([1]), 400, "invalid_request", "body"),
    ] {
        let reply = start(&control, id, &data).await;
        assert_eq!(reply.status, status, "{:#}", reply.body);
        assert_eq!(reply.body["code"], code);
        assert!(
            reply.body["detail"].as_str().unwrap().contains(says),
            "{:#}",
            reply.body
        );
    }
}

#[tokio::test]
async fn a_schedule_that_cannot_be_meant_is_told_when_it_is_saved_and_never_published() {
    let control = stack().await.control();
    for (schedule, path, hint) in [
        (
            json!({"cron": "0 25 * * *"}),
            "spec.schedule.cron",
            "from 0 to 23",
        ),
        (
            json!({"cron": "0 0 9 * * MON"}),
            "spec.schedule.cron",
            "seconds",
        ),
        (
            json!({"cron": "0 0 30 2 *"}),
            "spec.schedule.cron",
            "30th of February",
        ),
        (
            json!({"cron": "@daily", "timezone": "Mars/Crater"}),
            "spec.schedule.timezone",
            "IANA",
        ),
        (
            json!({"every": "1 second"}),
            "spec.schedule.every",
            "more work",
        ),
    ] {
        let name = format!("bad-{}", schedule.to_string().len());
        let made = control
            .try_create(&scheduled(&name, &schedule, &json!([])).to_string())
            .await;
        assert_eq!(made.status, 201, "a draft may have errors: {:#}", made.body);
        let problem = &made.body["problems"][0];
        assert_eq!(problem["path"], path, "{problem:#}");
        assert!(
            problem["hint"].as_str().unwrap().contains(hint),
            "{problem:#}"
        );
        let id = made.body["id"].as_str().unwrap();
        assert_eq!(control.act(id, "publish").await.status, 422);
        let gone = control.request(Method::DELETE, &format!("/workflows/{id}"));
        control.send(gone.header("if-match", "*")).await;
    }
}

#[tokio::test]
async fn a_run_pushes_to_workflows_without_a_listener() {
    let control = stack().await.control();
    let told = log("{{ __data.n }} {{ __data.__request|json_encode|raw }}");
    publish(&control, &manual("pushed-manual", &told)).await;
    let later = json!({"every": "1 hour", "from": in_seconds(3_000).to_string(), "data": {"n": 1}});
    publish(&control, &scheduled("pushed-scheduled", &later, &told)).await;
    let steps = json!([
        {"id": "one", "type": "push_to_workflow", "workflow": "pushed-manual"},
        {"id": "two", "type": "push_to_workflow", "workflow": "pushed-scheduled", "data": {"n": 42}},
    ]);
    let id = publish(&control, &manual("pushing", &steps)).await;
    assert_eq!(start(&control, &id, &json!({"n": 41})).await.status, 202);
    for (name, n) in [("pushed-manual", "41"), ("pushed-scheduled", "42")] {
        let runs = succeeded(&control, name, 1).await;
        assert_eq!(runs[0]["source"], "push");
        let run = whole(&control, &runs[0]).await;
        let text = run["log"][0]["text"].as_str().unwrap();
        assert!(
            text.starts_with(n) && text.contains(r#""source":"push""#),
            "{text}"
        );
        assert!(
            !text.contains("method") && !text.contains("/listener/"),
            "{text}"
        );
    }
}

#[tokio::test]
async fn runs_are_started_and_schedules_shown_on_the_command_line() {
    let stack = stack().await;
    let control = stack.control();
    let file = stack.folder().join("nightly.yaml");
    let text = serde_json::to_string(&scheduled(
        "nightly",
        &json!({"cron": "0 3 * * *", "timezone": "Europe/Berlin"}),
        &log("{{ __data.n }}"),
    ));
    std::fs::write(&file, text.unwrap()).unwrap();
    let earshot = async |arguments: &[&str]| {
        let mut command = testkit::program("earshot");
        command
            .args(arguments)
            .env("EARSHOT_URL", stack.gateway(0).control_url())
            .env("EARSHOT_TOKEN", stack.admin_token());
        let done = tokio::task::spawn_blocking(move || command.output().unwrap());
        let done = done.await.unwrap();
        let text = String::from_utf8(done.stdout).unwrap();
        (
            done.status.code(),
            text,
            String::from_utf8(done.stderr).unwrap(),
        )
    };
    let (code, applied, told) =
        earshot(&["apply", "--publish", "-f", file.to_str().unwrap()]).await;
    assert_eq!(code, Some(0), "{told}");
    assert!(
        applied.contains("NEXT") && applied.contains(":00:00Z"),
        "{applied}"
    );
    let (code, started, told) =
        earshot(&["runs", "start", "nightly", "--data", r#"{"n": 7}"#]).await;
    assert_eq!(code, Some(0), "{told}");
    let runs = succeeded(&control, "nightly", 1).await;
    let run = runs[0]["id"].as_str().unwrap();
    assert!(started.contains(run), "{started}");
    let (_, list, _) = earshot(&["runs", "list", "--workflow", "nightly"]).await;
    assert!(list.contains("manual"), "{list}");
    let (_, page, _) = earshot(&["runs", "show", run]).await;
    assert!(
        page.contains("DATA") && page.contains("source") && !page.contains("REQUEST"),
        "{page}"
    );
    std::fs::write(&file, r#"{"n": 8}"#).unwrap();
    let from_file = format!("@{}", file.display());
    let (code, _, told) = earshot(&["runs", "start", "nightly", "--data", &from_file]).await;
    assert_eq!(code, Some(0), "{told}");
    let (code, _, told) = earshot(&["runs", "start", "nightly", "--data", "[1]"]).await;
    assert!(code != Some(0) && told.contains("no JSON object"), "{told}");
}
