//! Resume URLs.

use serde_json::{Value, json};
use testkit::http::client;
use testkit::remote::Remote;
use testkit::stack::Kind;

use super::platform::{
    accepting, builder, call, publish, resume_url, run_in, start, tell, waiting,
};
use crate::resilience::load::Answer;

#[tokio::test]
async fn a_parked_run_goes_on_when_its_url_is_called_and_two_calls_at_once_are_one_200_and_one_409()
{
    let remote = Remote::start();
    let stack = builder().gateways(2).start().await;
    let steps = waiting(&remote, &json!({}));
    let url = publish(&stack, "waits", "async", &accepting(), &steps).await;
    start(&url, &json!({})).await;
    let resume = resume_url(&stack, &remote.called("/ask").await.body);
    stack.wait_until_parked(1).await;
    let (first, second) = tokio::join!(
        Answer::of(call(&resume, "yes")),
        Answer::of(call(&resume, "yes"))
    );
    let mut answers = [(first.status, first), (second.status, second)];
    answers.sort_by_key(|(status, _)| *status);
    let [(200, taken), (409, refused)] = &answers else {
        panic!("{answers:?}")
    };
    assert_eq!(refused.code(), "callback_used");
    assert_eq!(remote.called("/done").await.body, "POST yes");
    let run = run_in(&stack, "waits", "succeeded").await;
    assert_eq!(taken.body, json!({"run_id": run["id"]}));
    // The run log has what came, and nothing with which one could call.
    let whole = run.to_string();
    assert!(whole.contains(r#"\"answer\":\"yes\""#), "{run:#}");
    assert!(whole.contains("/callback/***"), "{run:#}");
    let token = resume.rsplit('/').next().unwrap();
    assert!(!whole.contains(token), "{run:#}");
    for kind in [Kind::Runner, Kind::Gateway, Kind::Auth, Kind::Registry] {
        let logs = stack.logs(kind);
        assert!(!logs.iter().any(|line| line.to_string().contains(token)));
    }
    let late = Answer::of(call(&resume, "again")).await;
    assert_eq!((late.status, late.code()), (410, "callback_over"));
    assert_eq!(remote.calls("/done").len(), 1);
    assert!(remote.calls("/late").is_empty());
    stack.wait_until_parked(0).await;
}

#[tokio::test]
async fn a_url_refuses_what_it_does_not_take_and_is_as_good_as_before() {
    let remote = Remote::start();
    let stack = builder().start().await;
    let more = json!({"max_body_bytes": 100, "methods": ["PUT", "POST"], "reply": {"status": 202, "body": "thanks"}});
    let steps = waiting(&remote, &more);
    let url = publish(&stack, "strict", "async", &accepting(), &steps).await;
    start(&url, &json!({})).await;
    let resume = resume_url(&stack, &remote.called("/ask").await.body);
    let get = Answer::of(client().get(&resume)).await;
    assert_eq!((get.status, get.code()), (405, "method_not_allowed"));
    assert_eq!(get.headers["allow"], "PUT, POST");
    assert_eq!(Answer::of(client().head(&resume)).await.status, 405);
    let large = Answer::of(call(&resume, &"x".repeat(200))).await;
    assert_eq!((large.status, large.code()), (413, "body_too_large"));
    let broken = client()
        .post(&resume)
        .header("content-type", "application/json");
    let broken = Answer::of(broken.body("{")).await;
    assert_eq!((broken.status, broken.code()), (400, "malformed_body"));
    let mut wrong = resume.clone();
    wrong.pop();
    let nothing = format!("{}/callback/x", stack.gateway(0).listener_url());
    for wrong in [wrong, nothing] {
        let answer = Answer::of(client().post(&wrong)).await;
        assert_eq!((answer.status, answer.code()), (404, "not_found"));
    }
    let response = call(&resume, "yes").send().await.unwrap();
    assert_eq!(response.status(), 202);
    assert_eq!(
        response.headers()["content-type"],
        "text/plain; charset=utf-8"
    );
    assert_eq!(response.text().await.unwrap(), "thanks");
    assert_eq!(remote.called("/done").await.body, "POST yes");
}

#[tokio::test]
async fn a_callback_that_comes_before_the_run_has_come_to_its_step_is_kept_and_used() {
    let remote = Remote::start();
    let stack = builder().start().await;
    let done = tell("done", &remote, "{{ __data.callback.query.n }}", &json!({}));
    let wait =
        json!({"id": "wait", "type": "wait_for_callback", "methods": ["GET"], "then": [done]});
    let held = json!({"id": "held", "type": "http_request", "url": remote.url("/held/x"), "timeout": 60, "then": [wait]});
    let ask = tell(
        "ask",
        &remote,
        "{{ callbackUrl('wait') }}",
        &json!({"then": [held]}),
    );
    let url = publish(&stack, "early", "async", &accepting(), &json!([ask])).await;
    start(&url, &json!({})).await;
    let resume = resume_url(&stack, &remote.called("/ask").await.body);
    remote.called("/held/x").await;
    let early = Answer::of(client().get(format!("{resume}?n=7"))).await;
    assert_eq!(early.status, 200, "{early:?}");
    let again = Answer::of(client().get(&resume)).await;
    assert_eq!(again.status, 409);
    assert!(remote.calls("/done").is_empty());
    remote.release("/held/x");
    assert_eq!(remote.called("/done").await.body, "7");
}

#[tokio::test]
async fn a_wait_ends_once_at_its_time_and_the_url_with_it() {
    let remote = Remote::start();
    let stack = builder().start().await;
    let late = tell(
        "late",
        &remote,
        "late",
        &json!({"then": [
        {"id": "held", "type": "http_request", "url": remote.url("/held/x"), "timeout": 60}]}),
    );
    let steps = waiting(
        &remote,
        &json!({"timeout": "3 seconds", "on_failure": [late]}),
    );
    let url = publish(&stack, "ends", "async", &accepting(), &steps).await;
    start(&url, &json!({})).await;
    let resume = resume_url(&stack, &remote.called("/ask").await.body);
    stack.wait_until_parked(1).await;
    remote.called("/held/x").await;
    // The run goes on, and yet nothing waits for the call any more.
    let answer = Answer::of(call(&resume, "yes")).await;
    assert_eq!((answer.status, answer.code()), (410, "callback_over"));
    remote.release("/held/x");
    let run = run_in(&stack, "ends", "succeeded").await;
    let wait = &run["steps"][1];
    assert_eq!(wait["id"], "wait");
    let error = wait["error"].as_str().unwrap();
    assert!(error.contains("within 3 seconds"), "{run:#}");
    assert_eq!(remote.calls("/late").len(), 1);
    assert!(remote.calls("/done").is_empty());
}

#[tokio::test]
async fn a_run_whose_caller_waits_waits_for_its_callback_too() {
    let remote = Remote::start();
    let stack = builder().start().await;
    let listener = json!({"return_type": "data", "return_data": "{\"got\": \"{{ __data.callback.body.answer }}\"}",
        "sync_timeout": 60});
    let steps = waiting(&remote, &json!({}));
    let url = publish(&stack, "sync", "sync", &listener, &steps).await;
    let asked = tokio::spawn(Answer::of(client().post(&url).json(&json!({}))));
    let resume = resume_url(&stack, &remote.called("/ask").await.body);
    let called = Answer::of(call(&resume, "yes")).await;
    assert_eq!(called.status, 200, "{called:?}");
    let answer = asked.await.unwrap();
    assert_eq!((answer.status, answer.body), (200, json!({"got": "yes"})));
    // Two waits, of which only the first is called: the run never comes to the other.
    let never = json!({"id": "never", "type": "wait_for_callback"});
    let ask = tell(
        "ask",
        &remote,
        "{{ callbackUrl('never') }}",
        &json!({"then": [
        {"id": "which", "type": "condition", "left": 1, "operator": "equal", "right": 2, "yes": [never]}]}),
    );
    let url = publish(&stack, "passes", "sync", &accepting(), &json!([ask])).await;
    start(&url, &json!({})).await;
    let calls = remote.called_times("/ask", 2).await;
    let resume = resume_url(&stack, &calls[1].body);
    let answer = Answer::of(call(&resume, "yes")).await;
    assert_eq!((answer.status, answer.code()), (410, "callback_over"));
}

#[tokio::test]
async fn a_document_whose_urls_nobody_can_call_or_that_waits_too_long_is_judged() {
    let stack = builder().start().await;
    let steps = json!([
        {"id": "wait", "type": "wait_for_callback", "timeout": "400 days"},
        {"id": "say", "type": "log", "message": "{{ callbackUrl('wiat') }} {{ callbackUrl(__data.x) }}"},
        {"id": "tell", "type": "log", "message": "{{ callbackUrl('wiat') }}"},
    ]);
    let document = testkit::document::document("judged", "async", &accepting(), &steps);
    let control = stack.control();
    let request = control.request(reqwest::Method::POST, "/workflows/validate");
    let reply = control.send(request.json(&document)).await;
    let problems = reply.body["problems"].as_array().unwrap();
    let of = |code: &str| -> Vec<&Value> {
        let all = problems.iter();
        all.filter(|problem| problem["code"] == code).collect()
    };
    assert_eq!(
        of("out_of_range")[0]["path"],
        "spec.steps[0].timeout",
        "{problems:#?}"
    );
    assert_eq!(of("unknown_callback")[0]["hint"], "did you mean `wait`?");
    assert_eq!(of("script").len(), 1, "{problems:#?}");
    assert_eq!(of("no_callback_url").len(), 1, "{problems:#?}");
}
