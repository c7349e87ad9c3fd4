use serde_json::{Value, json};
use testkit::control::Workflow;
use testkit::http::client;
use testkit::jwt;
use testkit::stack::{Kind, Service, Stack};
use testkit::until;

const CALL: &str = "0af7651916cd43dd8448eb211c80319c";
const PUBLISH: &str = "11112222333344445555666677778888";
const CANARY: &str = "canary-5f2a9c";

const PATIENCE: std::time::Duration = std::time::Duration::from_secs(10);

const DOCUMENT: &str = r#"apiVersion: earshot/v1
kind: Workflow
metadata: {name: traced}
spec:
  record_type: virtual
  source: listener
  run_mode: sync
  listener:
    return_type: data
    return_data: '{"got": "{{ __data.nonce }}"}'
    add_authentication: true
    methods: [POST]
  steps:
    - {id: keep, type: store_value, name: copy, value: "{{ __data.nonce }}"}
"#;

fn traceparent(trace_id: &str) -> String {
    format!("00-{trace_id}-b7ad6b7169203331-01")
}

async fn stack() -> Stack {
    let kinds = [Kind::Gateway, Kind::Auth, Kind::Runner, Kind::Registry];
    let builder = Stack::builder().nats_config("debug: true\ntrace: true");
    let builder = kinds.into_iter().fold(builder, |builder, kind| {
        builder.env(kind, "EARSHOT_OPS__LOG", "debug")
    });
    builder.start().await
}

fn has_trace(service: &Service, trace_id: &str) -> bool {
    service.logs().iter().any(|line| mentions(line, trace_id))
}

/// Whether a line names the trace as its own, wherever the field stands.
fn mentions(line: &Value, trace_id: &str) -> bool {
    match line {
        Value::Object(members) => members.iter().any(|(name, value)| {
            (name == "trace_id" && value == trace_id) || mentions(value, trace_id)
        }),
        Value::Array(items) => items.iter().any(|item| mentions(item, trace_id)),
        _ => false,
    }
}

async fn publish_traced(stack: &Stack) -> Workflow {
    let workflow = stack.control().create(DOCUMENT).await;
    let path = format!("/workflows/{}/publish", workflow.id);
    let request = stack.control().request(reqwest::Method::POST, &path);
    let request = request.header("traceparent", traceparent(PUBLISH));
    let reply = stack.control().send(request).await;
    assert!(reply.status.is_success(), "{:#}", reply.body);
    workflow
}

#[tokio::test]
async fn a_call_is_one_trace_in_every_log_and_no_log_tells_a_secret() {
    let stack = stack().await;
    let workflow = publish_traced(&stack).await;
    let secret = workflow.endpoint_secret.clone().unwrap();
    let token = jwt::good(workflow.endpoint_key.as_ref().unwrap(), &secret);
    let call = async |token: &str| {
        let request = client()
            .post(&workflow.url)
            .header("traceparent", traceparent(CALL))
            .bearer_auth(token)
            .json(&json!({"nonce": CANARY}));
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!(call(&token).await, 200);
    assert_eq!(call(&format!("{token}x")).await, 401);

    for service in [stack.gateway(0), stack.auth(), stack.runner(0)] {
        let what = format!("the call in the log of {}", service.kind().program());
        until(PATIENCE, &what, async || {
            has_trace(service, CALL).then_some(())
        })
        .await;
    }
    for service in [stack.gateway(0), stack.registry()] {
        let what = format!("the publish in the log of {}", service.kind().program());
        until(PATIENCE, &what, async || {
            has_trace(service, PUBLISH).then_some(())
        })
        .await;
    }
    until(PATIENCE, "the call in the log of nats-server", async || {
        stack
            .nats()
            .log()
            .contains(&format!("00-{CALL}-"))
            .then_some(())
    })
    .await;

    let path = workflow.path();
    let hashes: Vec<&str> = path.split('/').skip(2).collect();
    assert!(hashes.len() == 2 && hashes.iter().all(|hash| hash.len() == 32));
    let signature = token.rsplit('.').next().unwrap();
    let hidden = [
        hashes[0],
        hashes[1],
        signature,
        CANARY,
        &secret,
        stack.admin_token(),
    ];
    for service in stack.services() {
        let told: Vec<String> = service.logs().iter().map(Value::to_string).collect();
        assert!(!told.is_empty());
        for (index, hidden) in hidden.iter().enumerate() {
            let line = told.iter().find(|line| line.contains(hidden));
            let name = service.kind().program();
            assert!(line.is_none(), "{name} tells secret {index}: {line:?}");
        }
    }
    // The bus carries calls, but what opens an endpoint is sealed wherever it travels.
    assert!(!stack.nats().log().contains(&secret));
}
