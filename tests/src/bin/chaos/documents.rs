//! The workflows of the load.

use serde_json::{Value, json};
use testkit::document::{document, with};

use crate::kinds::{BAD, FLAKY, ISSUER, Kind, SECRET, WAITS, WEIGHTS};

/// The workflow that others push to.
const PUSHED: &str = "chaos-pushed";

/// What tells a reply from all others, and that of another run.
const REPLY: &str = r#"{"token": "{{ __data.token }}", "saw": "{{ __data.a.body.answer }}"}"#;
const DRAWN: &str = r#"{"token": "{{ __data.token }}", "drawn": "{{ uuid() }}"}"#;

/// The documents to publish; without a kind where only other workflows start it.
pub(crate) fn documents(url: &str) -> Vec<(Option<Kind>, String)> {
    let to = Recorder { url };
    let pushed = to.call(
        "p",
        None,
        &json!({"then": [to.call("q", Some("p"), &json!({}))]}),
    );
    let listener = listener(Kind::Chain);
    let pushed = document(PUSHED, "async", &listener, &json!([pushed]));
    let mut documents = vec![(None, pushed.to_string())];
    for (kind, _) in WEIGHTS {
        let Some(steps) = to.steps(kind) else {
            continue;
        };
        let mode = if kind.is_async() { "async" } else { "sync" };
        let name = format!("chaos-{}", kind.name());
        let document = document(&name, mode, &self::listener(kind), &steps);
        documents.push((Some(kind), document.to_string()));
    }
    documents
}

fn listener(kind: Kind) -> Value {
    match kind {
        Kind::Continue => json!({"return_type": "continue", "continue_timeout": 4}),
        Kind::Stream => json!({"return_type": "sse"}),
        Kind::Echo => json!({"return_type": "data", "return_data": REPLY}),
        Kind::Token => {
            json!({"return_type": "data", "return_data": DRAWN, "add_authentication": true,
            "endpoint_key": ISSUER, "endpoint_secret": SECRET})
        }
        _ => json!({"return_type": "data", "return_data": DRAWN}),
    }
}

/// The service that steps call.
struct Recorder<'a> {
    url: &'a str,
}

impl Recorder<'_> {
    /// The steps of a workflow; none where there is no workflow.
    fn steps(&self, kind: Kind) -> Option<Value> {
        let b = || self.call("b", Some("a"), &json!({}));
        let steps = match kind {
            Kind::Chain => {
                let d = self.call("d", Some("b"), &json!({}));
                let b = self.call("b", Some("a"), &json!({"then": [d]}));
                self.a(&json!([b, self.call("c", Some("a"), &json!({}))]))
            }
            Kind::Retry => {
                let b = self.call("b", Some(FLAKY), &json!({}));
                let more = json!({"retry": {"attempts": 4, "delay": 1}, "then": [b]});
                self.a(&json!([self.call(FLAKY, Some("a"), &more)]))
            }
            Kind::Waits => {
                let when = |(_, seconds): (&str, u64)| json!({"after": format!("{seconds} seconds")});
                let c = self.call("c", Some("b"), &json!({"when": when(WAITS[1])}));
                let more = json!({"when": when(WAITS[0]), "then": [c]});
                self.a(&json!([self.call("b", Some("a"), &more)]))
            }
            Kind::Memory => self.a(&json!([{
                "id": "add", "type": "set_memory", "memory": "chaos-{{ __data.counter }}", "increment": 1,
                "result": "count", "then": [self.call("counted", Some("a"), &json!({}))],
            }])),
            Kind::Pushes => self.a(&json!([{
                "id": "push", "type": "push_to_workflow", "workflow": PUSHED,
                "data": {"token": "{{ __data.token }}"}, "then": [b()],
            }])),
            Kind::Fails => {
                let rescue = self.call("rescue", Some("a"), &json!({}));
                self.a(&json!([self.call(BAD, Some("a"), &json!({"on_failure": [rescue]}))]))
            }
            Kind::Continue => self.a(&json!([{
                "id": "say", "type": "respond", "return_type": "data", "return_data": REPLY, "then": [b()],
            }])),
            Kind::Keyed => self.a(&json!([b()])),
            Kind::Stream => {
                let last = with(frame("three", &json!([])), &json!({"final": true}));
                let b = self.call("b", Some("a"), &json!({"then": [last]}));
                frame("one", &json!([self.a(&json!([frame("two", &json!([b]))]))]))
            }
            Kind::Echo => self.a(&json!([])),
            Kind::Token => return Some(json!([])),
            Kind::Listing => return None,
        };
        Some(json!([steps]))
    }

    /// The first step of most.
    fn a(&self, then: &Value) -> Value {
        self.call("a", None, &json!({ "then": then }))
    }

    /// A step that tells the recorder the request's token, its own name, the answer to an earlier one, and the number in
    /// shared memory where there is one.
    fn call(&self, step: &str, saw: Option<&str>, more: &Value) -> Value {
        let mut told = json!({"token": "{{ __data.token }}", "step": step});
        if let Some(saw) = saw {
            told["saw"] = format!("{{{{ __data.{saw}.body.answer }}}}").into();
        }
        if step == "counted" {
            told["count"] = "{{ __data.count }}".into();
        }
        let step = json!({"id": step, "type": "http_request", "method": "POST", "url": self.url, "timeout": 60,
            "result": step, "json": told});
        with(step, more)
    }
}

fn frame(id: &str, then: &Value) -> Value {
    let data = format!("{id} {{{{ __data.token }}}}");
    json!({"id": id, "type": "sse_frame", "data": data, "then": then})
}
