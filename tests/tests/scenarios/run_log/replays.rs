//! A run again, with the same or another request.

use serde_json::{Value, json};
use testkit::document::document;
use testkit::http::client;
use testkit::remote::Remote;

use super::platform::{ended, publish, says, stack, whole};
use super::trials::{called, has, replayed};

#[tokio::test]
async fn the_same_request_comes_to_the_same_and_both_runs_are_linked() {
    let steps = json!([
        {"id": "sum", "type": "store_value", "name": "sum", "value": "{{ __data.a + __data.q }}"},
    ]);
    let listener =
        says("{{ __data.sum }} {{ __data.__headers.x_kind }}{{ __data.__request.path }}");
    let body = json!({"a": 2});
    let (workflow, origin) = called("replay-same", "sync", listener, steps, body).await;
    let (started, run) = replayed(&origin, json!({})).await;
    let (origin_id, run_id) = (origin["id"].as_str().unwrap(), run["id"].as_str().unwrap());
    assert_eq!(
        (&started["masked"], &started["absent"]),
        (&json!([]), &json!([]))
    );
    has(
        &run,
        &[
            ("/state", json!("succeeded")),
            ("/replay_of", json!(origin_id)),
            ("/against", json!("published")),
            ("/test", json!(false)),
            ("/version", json!(1)),
            ("/request/query", json!("q=1")),
            ("/request/method", json!("POST")),
            ("/request/body", origin["request"]["body"].clone()),
            ("/steps/0/output/body/text", json!("3")),
            ("/reply/status", json!(200)),
            ("/reply/body", origin["reply"]["body"].clone()),
            ("/reply/by_gateway", json!(false)),
            (
                "/links/replay_of",
                json!(format!("/api/v1/runs/{origin_id}")),
            ),
        ],
    );
    let control = stack().await.control();
    let back = origin["links"]["replays"].as_str().unwrap();
    let listed = control
        .get(back.strip_prefix("/api/v1").unwrap())
        .await
        .body;
    assert_eq!(listed["items"].as_array().unwrap().len(), 1, "{listed:#}");
    assert_eq!(listed["items"][0]["id"], run_id);
    let mine = ended(&control, &workflow.id, 2).await;
    assert_eq!(mine.len(), 2, "the replay is listed with its workflow");
}

#[tokio::test]
async fn an_edited_request_takes_the_place_of_the_one_of_then() {
    let steps = json!([{"id": "sum", "type": "store_value", "name": "sum",
        "value": "{{ __data.a }}{{ __data.q }}{{ __data.__headers.x_kind }}{{ __data.__jwt.sub }}"}]);
    let body = json!({"a": 2, "password": "hunter2hunter2"});
    let (_, origin) = called(
        "replay-edited",
        "async",
        says("{{ __data.a }}"),
        steps,
        body,
    )
    .await;
    // What the run log shows, sent back with changes.
    let mut payload = origin["request"].clone();
    payload["query"] = json!("q=9");
    payload["headers"] = json!({"X-Kind": "k"});
    payload["body"] = json!({"json": {"a": 5}});
    payload["claims"] = json!({"sub": "ann"});
    let (started, run) = replayed(&origin, json!({"payload": payload})).await;
    assert_eq!(started["masked"], json!([]));
    has(
        &run,
        &[
            ("/state", json!("succeeded")),
            ("/request/query", json!("q=9")),
            ("/request/body/text", json!("{\"a\":5}")),
            ("/steps/0/output/body/text", json!("\"59kann\"")),
            ("/reply/body/text", json!("5")),
        ],
    );
    // Only the query is another one: the rest is as it was, and what was masked is named.
    let (started, run) = replayed(&origin, json!({"payload": {"query": "q=7"}})).await;
    assert_eq!(started["masked"], json!(["body.password"]));
    has(
        &run,
        &[
            ("/steps/0/output/body/text", json!("\"27\"")),
            (
                "/request/body/text",
                json!("{\"a\":2,\"password\":\"***\"}"),
            ),
        ],
    );
}

#[tokio::test]
async fn masked_parts_arrive_as_the_mask_and_are_named() {
    let steps = json!([{"id": "see", "type": "store_value", "name": "seen",
        "value": "{{ __data.token }} {{ __data.__headers.authorization }} {{ __data.user.password }}"}]);
    let workflow = publish("replay-masked", "sync", says("ok"), steps).await;
    let sent = client()
        .post(format!("{}?token=hunter2", workflow.url))
        .header("authorization", "Bearer hunter2")
        .json(&json!({"user": {"password": "hunter2", "name": "ann"}}));
    sent.send().await.unwrap();
    let control = stack().await.control();
    let origin = whole(&control, &ended(&control, &workflow.id, 1).await[0]).await;
    let (started, run) = replayed(&origin, Value::Null).await;
    assert_eq!(
        started["masked"],
        json!(["query.token", "headers.authorization", "body.user.password"])
    );
    assert_eq!(run["steps"][0]["output"]["body"]["text"], "\"*** *** ***\"");
}

#[tokio::test]
async fn a_failed_run_goes_well_against_a_mended_draft_while_the_published_version_stays() {
    let remote = Remote::start();
    let ask = |path: &str| json!([{"id": "ask", "type": "http_request", "url": remote.url(path)}]);
    let (workflow, origin) = called(
        "replay-mended",
        "async",
        says("ok"),
        ask("/status/500"),
        json!({}),
    )
    .await;
    assert_eq!(origin["state"], "failed");
    let control = stack().await.control();
    let mended = document("replay-mended", "async", &says("ok"), &ask("/well"));
    let updated = control.update(&workflow.id, "*", &mended.to_string()).await;
    assert_eq!(updated.status, 200, "{:#}", updated.body);
    for (against, state, version, test) in [
        ("published", "failed", json!(1), false),
        ("draft", "succeeded", Value::Null, true),
        ("origin", "failed", json!(1), false),
    ] {
        let (_, run) = replayed(&origin, json!({"against": against})).await;
        has(
            &run,
            &[
                ("/state", json!(state)),
                ("/version", version),
                ("/against", json!(against)),
                ("/test", json!(test)),
            ],
        );
    }
    let tests = format!("/runs?workflow={}&test=true", workflow.id);
    let tests = control.get(&tests).await.body;
    assert_eq!(tests["items"].as_array().unwrap().len(), 1, "{tests:#}");
    assert_eq!(remote.calls("/well").len(), 1);
    assert_eq!(remote.calls("/status/500").len(), 3);
    // The published version answers callers as before.
    client().get(&workflow.url).send().await.unwrap();
    remote.called_times("/status/500", 4).await;
}

#[tokio::test]
async fn replies_and_frames_of_every_kind_are_in_the_run_log() {
    let frames = json!([
        {"id": "one", "type": "sse_frame", "event": "tick", "data": "{{ __data.a }}"},
        {"id": "two", "type": "sse_frame", "data": "2", "final": true},
    ]);
    let respond = json!([{"id": "say", "type": "respond", "return_type": "data", "return_data": "{{ __data.a }}"}]);
    for mode in ["sync", "async"] {
        let name = format!("replay-frames-{mode}");
        let listener = json!({"return_type": "sse"});
        let (_, origin) = called(&name, mode, listener, frames.clone(), json!({"a": 1})).await;
        let (_, run) = replayed(&origin, json!({})).await;
        has(
            &run,
            &[
                ("/reply/frame_count", json!(2)),
                ("/reply/first_frames/0/data/text", json!("1")),
            ],
        );
        let name = format!("replay-continue-{mode}");
        let listener = json!({"return_type": "continue"});
        let (_, origin) = called(&name, mode, listener, respond.clone(), json!({"a": 1})).await;
        let (_, run) = replayed(&origin, json!({})).await;
        has(
            &run,
            &[
                ("/reply/status", json!(200)),
                ("/reply/body/text", json!("1")),
            ],
        );
    }
}

#[tokio::test]
async fn a_run_that_still_runs_may_be_replayed() {
    let remote = Remote::start();
    let steps = json!([{"id": "ask", "type": "http_request",
        "url": remote.url("/{{ __data.of }}/now")}]);
    let workflow = publish("replay-running", "async", says("ok"), steps).await;
    let sent = client().post(&workflow.url);
    sent.json(&json!({"of": "held"})).send().await.unwrap();
    let control = stack().await.control();
    let path = format!("/runs?workflow={}&state=running", workflow.id);
    let running = testkit::until(super::platform::SOON, "a run under way", async || {
        control.get(&path).await.body["items"].get(0).cloned()
    })
    .await;
    let payload = json!({"payload": {"body": {"json": {"of": "free"}}}});
    let (_, run) = replayed(&running, payload).await;
    assert_eq!(run["state"], "succeeded");
    remote.release("/held/now");
    ended(&control, &workflow.id, 2).await;
}

#[tokio::test]
async fn the_claims_of_a_token_are_not_kept_and_said_to_be_absent() {
    let listener = json!({"return_type": "data", "return_data": "{{ __data.__jwt.sub }}|{{ __data.__logged_in_user_id }}",
        "add_authentication": true, "allow_cors": true, "cors_domains": "https://a.example"});
    let workflow = publish("replay-claims", "sync", listener, json!([])).await;
    let control = stack().await.control();
    let path = format!("/dynamic-endpoints/{}/token", workflow.endpoint_id);
    let signed = control.request(reqwest::Method::POST, &path);
    let signed = control
        .send(signed.json(&json!({"claims": {"sub": "7"}})))
        .await;
    let token = signed.body["token"].as_str().unwrap();
    let sent = client().get(&workflow.url).bearer_auth(token);
    assert_eq!(sent.send().await.unwrap().text().await.unwrap(), "7|7");
    let origin = whole(&control, &ended(&control, &workflow.id, 1).await[0]).await;
    assert_eq!(origin["request"]["authenticated"], true);
    let (started, run) = replayed(&origin, json!({})).await;
    assert_eq!(started["absent"], json!(["__data.__jwt"]));
    assert_eq!(run["reply"]["body"]["text"], "|");
    let claims = json!({"payload": {"claims": {"sub": "8"}}});
    let (started, run) = replayed(&origin, claims).await;
    assert_eq!(started["absent"], json!([]));
    assert_eq!(run["reply"]["body"]["text"], "8|8");
}
