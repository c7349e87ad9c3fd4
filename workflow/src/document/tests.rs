//! What the types promise beyond their shape.

use super::{Document, Method, StatusPattern, StepKind, effects, parse};

fn read(listener: &str, steps: &str) -> Document {
    let text = format!(
        "apiVersion: earshot/v1\nkind: Workflow\nmetadata: {{name: t}}\nspec:\n  \
         record_type: virtual\n  source: listener\n  listener: {{{listener}}}\n  steps: [{steps}]\n"
    );
    Document::from_value(&parse(&text).unwrap()).unwrap()
}

#[test]
fn debug_shows_no_secret() {
    let document = read(
        "return_type: data, return_data: ok, endpoint_key: hunter1, endpoint_secret: hunter2, \
         endpoint_secret_previous: {secret: hunter3, expires_at: '2026-12-01T00:00:00Z'}",
        "",
    );
    let shown = format!("{document:?}");
    assert!(!shown.contains("hunter"), "{shown}");
    let listener = document.spec.listener.unwrap();
    assert_eq!(listener.endpoint_secret.unwrap().reveal(), "hunter2");
}

#[test]
fn a_lost_runner_is_made_good_only_where_that_does_no_harm() {
    let data = "return_type: data, return_data: ok";
    let call = "{id: q, type: switch, cases: [{left: 1, operator: empty, then: \
                [{id: h, type: http_request, url: 'https://a.example'}]}]}";
    let quiet = read(data, "{id: l, type: log, message: m}");
    assert!(!effects(&quiet) && quiet.resends("POST"));
    let loud = read(data, call);
    assert!(effects(&loud) && !loud.resends("POST"));
    assert!(loud.resends("GET") && loud.resends("HEAD"));
    let told = read(&format!("{data}, on_runner_lost: resend"), call);
    assert!(told.resends("POST"));
    let told = read(&format!("{data}, on_runner_lost: fail"), "");
    assert!(!told.resends("GET"));
}

#[test]
fn what_is_left_out_has_the_defaults_of_the_product() {
    let document = read(
        "return_type: redirect, return_redirect: /a",
        "{id: h, type: http_request, url: 'https://a.example', headers: {X-N: 3}}",
    );
    let listener = document.spec.listener.as_ref().unwrap();
    assert_eq!(listener.reply.status(), 302);
    assert_eq!(listener.methods, [Method::Get, Method::Post, Method::Put]);
    assert_eq!(
        (listener.sync_timeout, listener.continue_timeout()),
        (30, 20)
    );
    assert!(listener.require_exp);
    let StepKind::HttpRequest(request) = &document.spec.steps[0].kind else {
        panic!("an http_request");
    };
    assert_eq!(request.result, "webhook");
    assert_eq!(
        request.fail_on,
        [StatusPattern::Class(4), StatusPattern::Class(5)]
    );
    assert_eq!(request.headers.iter().collect::<Vec<_>>(), [("X-N", "3")]);
}

#[test]
fn the_name_of_a_stored_value_is_not_a_name_for_people() {
    let document = read(
        "return_type: data, return_data: ok",
        "{id: s, type: store_value, name: total, value: 1}, \
         {id: l, name: For people, type: log, message: m}",
    );
    let [store, log] = &document.spec.steps[..] else {
        panic!("two steps");
    };
    let StepKind::StoreValue(value) = &store.kind else {
        panic!("a store_value");
    };
    assert_eq!(
        (value.name.as_str(), store.name.as_deref()),
        ("total", None)
    );
    assert_eq!(log.name.as_deref(), Some("For people"));
    let written = serde_json::to_value(&document).unwrap();
    assert_eq!(written["spec"]["steps"][0]["name"], "total");
    assert_eq!(Document::from_value(&written).unwrap(), document);
}
