use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::Value;
use testkit::control::{Client, Workflow};
use testkit::http::client;
use testkit::stack::Stack;

use super::load::{Answer, Load};

/// Publishes and unpublishes in all, in turn.
const CHANGES: usize = 200;

const CALLERS: usize = 50;

/// What the platform has been told so far.
#[derive(Default)]
struct Changes {
    begun: AtomicUsize,
    done: AtomicUsize,
}

/// What one caller saw, and which changes may be the reason.
struct Seen {
    answer: Answer,
    from: usize,
    to: usize,
}

/// The version that is there after so many changes: an odd number is a publish, an even one an unpublish.
fn version_after(changes: usize) -> Option<u64> {
    (changes % 2 == 1).then_some(changes.div_ceil(2) as u64)
}

fn document(version: u64) -> String {
    format!(
        r#"apiVersion: earshot/v1
kind: Workflow
metadata: {{name: versions}}
spec:
  record_type: virtual
  source: listener
  run_mode: sync
  listener:
    return_type: data
    return_headers: {{X-Version: "{version}", X-Stored: "{{{{ __data.stored }}}}"}}
    return_data: '{{"literal": {version}, "stored": {{{{ __data.stored }}}}, "padding": "{}", "again": {version}}}'
  steps:
    - {{id: keep, type: store_value, name: stored, value: "{{{{ {version} }}}}"}}
"#,
        "v".repeat(usize::try_from(version % 7).unwrap() * 100)
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_is_wholly_one_version_or_the_404_while_it_is_published_two_hundred_times() {
    let stack = Stack::builder().gateways(2).runners(2).start().await;
    let control = stack.control();
    let workflow = control.create(&document(1)).await;
    let urls = [0, 1].map(|gateway| stack.gateway(gateway).listener_url() + &workflow.path());
    let changes = Arc::new(Changes::default());
    let load = Load::paced(CALLERS, Duration::from_millis(100), {
        let (changes, http, urls) = (changes.clone(), client(), urls.clone());
        move |number| {
            let (changes, request) = (changes.clone(), http.get(&urls[number % 2]));
            async move {
                let from = changes.done.load(Ordering::SeqCst);
                let answer = Answer::of(request).await;
                let to = changes.begun.load(Ordering::SeqCst);
                Seen { answer, from, to }
            }
        }
    });
    load.more(CALLERS).await;
    change(&control, &workflow, &changes).await;
    let last = version_after(CHANGES - 1).unwrap();
    control
        .update(
            &workflow.id,
            &newest(&control, &workflow).await,
            &document(last + 1),
        )
        .await;
    changes.begun.store(CHANGES + 1, Ordering::SeqCst);
    control.publish(&workflow.id).await;
    changes.done.store(CHANGES + 1, Ordering::SeqCst);
    for url in urls.iter().cycle().take(40) {
        assert_version(&Answer::of(client().get(url)).await, last + 1);
    }
    load.more(CALLERS).await;
    let seen = load.stop().await;
    let mut versions = HashSet::new();
    for seen in &seen {
        versions.insert(judge(seen));
    }
    assert!(versions.contains(&None), "nobody saw it unpublished");
    assert!(versions.len() > 20, "only {versions:?} were seen");
}

/// Publishes and unpublishes in turn, telling the callers before and after each.
async fn change(control: &Client, workflow: &Workflow, changes: &Changes) {
    for number in 1..=CHANGES {
        let version = version_after(number);
        if let Some(version) = version.filter(|version| *version > 1) {
            let etag = newest(control, workflow).await;
            let reply = control
                .update(&workflow.id, &etag, &document(version))
                .await;
            assert_eq!(reply.status, 200, "{:#}", reply.body);
        }
        changes.begun.store(number, Ordering::SeqCst);
        if version.is_some() {
            control.publish(&workflow.id).await;
        } else {
            control.unpublish(&workflow.id).await;
        }
        changes.done.store(number, Ordering::SeqCst);
    }
}

async fn newest(control: &Client, workflow: &Workflow) -> String {
    let reply = control.get(&format!("/workflows/{}", workflow.id)).await;
    reply.etag.expect("a workflow has an entity tag")
}

/// The version that a caller saw; none for the 404. Panics where it was not there at any moment of the call.
fn judge(seen: &Seen) -> Option<u64> {
    let possible: Vec<Option<u64>> = (seen.from..=seen.to).map(version_after).collect();
    let answer = &seen.answer;
    let version = match answer.status {
        404 => {
            assert_eq!(answer.code(), "not_found");
            None
        }
        _ => answer.body["literal"].as_u64(),
    };
    assert!(possible.contains(&version), "{answer:?}, not {possible:?}");
    if let Some(version) = version {
        assert_version(answer, version);
    }
    version
}

fn assert_version(answer: &Answer, version: u64) {
    assert_eq!(answer.status, 200, "{answer:?}");
    let Value::Object(body) = &answer.body else {
        panic!("no object: {answer:?}");
    };
    for member in ["literal", "stored", "again"] {
        assert_eq!(body[member], version, "{member} of {answer:?}");
    }
    let padding = body["padding"].as_str().unwrap().len() as u64;
    assert_eq!(padding, version % 7 * 100, "{answer:?}");
    for header in ["x-version", "x-stored"] {
        assert_eq!(answer.headers[header], version.to_string(), "{answer:?}");
    }
}
