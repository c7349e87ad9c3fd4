//! The workflows of the load, and what each request of theirs must come to.

use serde_json::{Value, json};
use testkit::document::{document, with};

/// What kind of request it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// Steps one after the other and beside each other.
    Chain,
    /// A step that succeeds at its second try.
    Retry,
    /// A short wait and one for which the run leaves its runner.
    Waits,
    /// Adds to a number in shared memory.
    Memory,
    /// Starts a run of another workflow.
    Pushes,
    /// A step that fails, and what is done then.
    Fails,
    /// Replies in the middle.
    Continue,
    /// Comes with an `Idempotency-Key`, at both gateways.
    Keyed,
    /// A stream of frames, gone on with at the other gateway where it breaks.
    Stream,
    /// Synchronous.
    Echo,
    /// Synchronous, behind a token, which every third time is a bad one.
    Token,
    /// A question to the control plane.
    Listing,
}

/// How often each kind comes.
pub(crate) const WEIGHTS: [(Kind, u64); 12] = [
    (Kind::Chain, 16),
    (Kind::Retry, 8),
    (Kind::Waits, 8),
    (Kind::Memory, 10),
    (Kind::Pushes, 8),
    (Kind::Fails, 6),
    (Kind::Continue, 10),
    (Kind::Keyed, 10),
    (Kind::Stream, 6),
    (Kind::Echo, 9),
    (Kind::Token, 6),
    (Kind::Listing, 3),
];

/// How many numbers in shared memory are added to.
pub(crate) const COUNTERS: u64 = 24;

/// The workflow that others push to.
const PUSHED: &str = "chaos-pushed";

/// What endpoints behind a token take.
pub(crate) const ISSUER: &str = "issuer-of-the-chaos";
/// Theirs, too.
pub(crate) const SECRET: &str = "a secret of the chaos test that has more than thirty-two bytes";

/// A step that calls the recorder, and the one above it whose answer it tells.
pub(crate) type Step = (&'static str, Option<&'static str>);

impl Kind {
    /// Its name in tokens and reports.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Chain => "chain",
            Self::Retry => "retry",
            Self::Waits => "waits",
            Self::Memory => "memory",
            Self::Pushes => "pushes",
            Self::Fails => "fails",
            Self::Continue => "continue",
            Self::Keyed => "keyed",
            Self::Stream => "stream",
            Self::Echo => "echo",
            Self::Token => "token",
            Self::Listing => "listing",
        }
    }

    /// Whether accepted means kept.
    pub(crate) fn is_async(self) -> bool {
        !matches!(self, Self::Echo | Self::Token | Self::Listing)
    }

    /// The steps that call the recorder, each run of them once.
    pub(crate) fn steps(self) -> &'static [Step] {
        match self {
            Self::Chain => &[
                ("a", None),
                ("b", Some("a")),
                ("c", Some("a")),
                ("d", Some("b")),
            ],
            Self::Retry => &[("a", None), (FLAKY, Some("a")), ("b", Some(FLAKY))],
            Self::Waits => &[("a", None), ("b", Some("a")), ("c", Some("b"))],
            Self::Memory => &[("a", None), ("counted", Some("a"))],
            Self::Pushes => &[("a", None), ("b", Some("a")), ("p", None), ("q", Some("p"))],
            Self::Fails => &[("a", None), (BAD, Some("a")), ("rescue", Some("a"))],
            Self::Continue | Self::Keyed => &[("a", None), ("b", Some("a"))],
            Self::Stream => &[("a", None), ("b", Some("a"))],
            Self::Echo => &[("a", None)],
            Self::Token | Self::Listing => &[],
        }
    }

    /// The step that must have been answered before another begins, other than the one whose answer that tells.
    pub(crate) fn follows(self, step: &str) -> Option<&'static str> {
        if (self, step) == (Self::Fails, "rescue") {
            return Some(BAD);
        }
        let mut steps = self.steps().iter();
        steps.find(|(name, _)| *name == step)?.1
    }
}

/// The step whose first call is answered with 503.
pub(crate) const FLAKY: &str = "flaky";
/// The step whose calls are answered with 500.
pub(crate) const BAD: &str = "bad";

/// Seconds between the steps of [`Kind::Waits`]: one for which a run stays, and one for which it leaves.
pub(crate) const WAITS: [(&str, u64); 2] = [("b", 3), ("c", 12)];

/// The documents to publish; without a kind where only other workflows start it.
pub(crate) fn documents(url: &str) -> Vec<(Option<Kind>, String)> {
    let call = |step: &str, saw: Option<&str>, more: Value| call(url, step, saw, &more);
    let a = |then: Value| call("a", None, json!({ "then": then }));
    let b = || call("b", Some("a"), json!({}));
    let data =
        json!({ "return_type": "data", "return_data": r#"{"token": "{{ __data.token }}"}"# });
    let reply = r#"{"token": "{{ __data.token }}", "saw": "{{ __data.a.body.answer }}", "drawn": "{{ uuid() }}"}"#;
    let respond =
        json!({"id": "say", "type": "respond", "return_type": "data", "return_data": reply});
    let waiting = |seconds: u64, then: Value| json!({"when": {"after": format!("{seconds} seconds")}, "then": then});
    let frame = |id: &str, then: Value| json!({"id": id, "type": "sse_frame", "data": format!("{id} {{{{ __data.token }}}}"), "then": then});
    let last = with(frame("three", json!([])), &json!({"final": true}));
    let push = json!({"id": "push", "type": "push_to_workflow", "workflow": PUSHED,
        "data": {"token": "{{ __data.token }}"}, "then": [b()]});
    let add = json!({"id": "add", "type": "set_memory", "memory": "chaos-{{ __data.counter }}", "increment": 1,
        "result": "count", "then": [call("counted", Some("a"), json!({}))]});
    let kept = json!({"return_type": "data", "return_data": r#"{"token": "{{ __data.token }}", "drawn": "{{ uuid() }}"}"#});
    let locked =
        json!({"add_authentication": true, "endpoint_key": ISSUER, "endpoint_secret": SECRET});
    let continued = json!({"return_type": "continue", "continue_timeout": 4});
    let rescue = call("rescue", Some("a"), json!({}));
    let flaky =
        json!({"retry": {"attempts": 4, "delay": 1}, "then": [call("b", Some(FLAKY), json!({}))]});
    let made = |kind: Kind, mode: &str, listener: &Value, steps: Value| {
        let name = format!("chaos-{}", kind.name());
        (
            Some(kind),
            document(&name, mode, listener, &steps).to_string(),
        )
    };
    vec![
        made(
            Kind::Chain,
            "async",
            &data,
            json!([a(json!([
                call(
                    "b",
                    Some("a"),
                    json!({"then": [call("d", Some("b"), json!({}))]})
                ),
                call("c", Some("a"), json!({})),
            ]))]),
        ),
        made(
            Kind::Retry,
            "async",
            &data,
            json!([a(json!([call(FLAKY, Some("a"), flaky)]))]),
        ),
        made(
            Kind::Waits,
            "async",
            &data,
            json!([a(json!([call(
                "b",
                Some("a"),
                waiting(
                    WAITS[0].1,
                    json!([call("c", Some("b"), waiting(WAITS[1].1, json!([])))])
                )
            ),]))]),
        ),
        made(Kind::Memory, "async", &data, json!([a(json!([add]))])),
        made(Kind::Pushes, "async", &data, json!([a(json!([push]))])),
        made(
            Kind::Fails,
            "async",
            &data,
            json!([a(json!([call(
                BAD,
                Some("a"),
                json!({"on_failure": [rescue]})
            )]))]),
        ),
        made(
            Kind::Continue,
            "async",
            &continued,
            json!([a(json!([with(respond.clone(), &json!({"then": [b()]}))]))]),
        ),
        made(Kind::Keyed, "async", &kept, json!([a(json!([b()]))])),
        made(
            Kind::Stream,
            "async",
            &json!({"return_type": "sse"}),
            json!([frame(
                "one",
                json!([a(json!([frame(
                    "two",
                    json!([call("b", Some("a"), json!({"then": [last]}))])
                )])),])
            )]),
        ),
        made(
            Kind::Echo,
            "sync",
            &json!({"return_type": "data", "return_data": reply}),
            json!([a(json!([]))]),
        ),
        made(Kind::Token, "sync", &with(data.clone(), &locked), json!([])),
        (
            None,
            document(
                PUSHED,
                "async",
                &data,
                &json!([call(
                    "p",
                    None,
                    json!({"then": [call("q", Some("p"), json!({}))]})
                ),]),
            )
            .to_string(),
        ),
    ]
}

/// A step that tells the recorder the request's token, its own name, the answer to an earlier one, and the number in
/// shared memory where there is one.
fn call(url: &str, step: &str, saw: Option<&str>, more: &Value) -> Value {
    let mut json = json!({"token": "{{ __data.token }}", "step": step});
    if let Some(saw) = saw {
        json["saw"] = format!("{{{{ __data.{saw}.body.answer }}}}").into();
    }
    if step == "counted" {
        json["count"] = "{{ __data.count }}".into();
    }
    let step = json!({"id": step, "type": "http_request", "method": "POST", "url": url, "timeout": 60,
        "result": step, "json": json});
    with(step, more)
}
