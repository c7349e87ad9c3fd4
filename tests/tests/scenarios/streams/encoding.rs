//! Frames mean to every reader what the author and the caller put into them.

use serde_json::{Value, json};
use testkit::browser::Browser;

use super::node::Node;
use super::platform::{at, publish, stack, stream};
use super::reader::Reader;

/// Every kind of line end, lines that look like fields, blank lines, a leading space, emoji.
const HARD: &str = "one\ntwo\r\nthree\rfour\n\nevent: evil\n: comment\ndata: x\n  led\n😀 \"quoted\" \\ </script>\n";

fn steps() -> Value {
    json!([
        { "id": "plain", "type": "sse_frame", "data": "{{ __data.hard }}" },
        { "id": "named", "type": "sse_frame", "event": "tick", "frame_id": "7:a b", "retry": 60,
          "data": "{\"v\": \"{{ __data.hard }}\"}" },
        { "id": "injected", "type": "sse_frame", "event": "ti{{ __data.split }}ck", "frame_id": "8{{ __data.split }}",
          "data": " led" },
        { "id": "pretty", "type": "sse_frame", "event": "tick", "data": "{\n  \"a\": 1\n}" },
        { "id": "empty", "type": "sse_frame", "event": "empty" },
        { "id": "silent", "type": "sse_frame", "frame_id": "9" },
        { "id": "done", "type": "sse_frame", "event": "done", "data": "bye", "final": true },
    ])
}

fn query() -> [(&'static str, &'static str); 2] {
    [("hard", HARD), ("split", "\r\ndata: evil\n\n")]
}

/// What a reader sees: type, data, id.
fn expected(id: impl Fn(u32, &str) -> String) -> Value {
    let lines = HARD.replace("\r\n", "\n").replace('\r', "\n");
    let first = id(1, "");
    json!([
        ["message", lines, first],
        ["tick", json!({ "v": HARD }), id(2, "7:a b")],
        ["tidata: evilck", " led", id(3, "8data: evil")],
        ["tick", "{\n  \"a\": 1\n}", id(4, "8data: evil")],
        ["empty", "", id(5, "8data: evil")],
        ["done", "bye", id(7, "9")],
    ])
}

/// Types, data and ids of events; JSON that a caller's value stands in is compared as JSON.
fn seen(events: Vec<(String, String, String)>) -> Value {
    let events = events.into_iter().map(|(event, data, id)| {
        let nested = serde_json::from_str::<Value>(&data)
            .ok()
            .filter(|value| value["v"].is_string());
        json!([event, nested.unwrap_or(Value::String(data)), id])
    });
    Value::Array(events.collect())
}

/// In a synchronous stream ids are the author's, and the last one stays; an asynchronous one has ids to go on from.
fn ids(mode: &'static str, run: String) -> impl Fn(u32, &str) -> String {
    move |seq, own| match (mode, seq) {
        ("sync", _) => own.to_owned(),
        // These frames have ids of the author's own.
        (_, 2 | 3) => format!("{run}:{seq}:{own}"),
        _ => format!("{run}:{seq}"),
    }
}

fn run_of(id: &str) -> String {
    id.split(':').next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn npms_eventsource_sees_every_frame_as_it_was_meant() {
    let stack = stack().await;
    for mode in ["sync", "async"] {
        let path = stream(stack, &format!("encoding-node-{mode}"), mode, &steps()).await;
        let url = reqwest::Url::parse_with_params(&at(stack, 0, &path), query()).unwrap();
        let mut node = Node::open(
            url.as_str(),
            "done",
            &["message", "tick", "tidata: evilck", "empty"],
        );
        let mut events = Vec::new();
        while events.last().is_none_or(|(event, _, _)| event != "done") {
            let event = node.frame().await;
            let text = |name: &str| event[name].as_str().unwrap().to_owned();
            events.push((text("event"), text("data"), text("id")));
        }
        let run = run_of(&events[0].2);
        let mut expected = expected(ids(mode, run));
        if mode == "sync" {
            // This client gives an event no id but that of its own frame.
            for later in [3, 4, 5] {
                expected[later][2] = json!("");
            }
        }
        assert_eq!(seen(events), expected, "{mode}");
    }
}

#[tokio::test]
async fn chromiums_eventsource_sees_every_frame_as_it_was_meant() {
    let stack = stack().await;
    let page =
        json!({ "return_type": "html", "return_html": "<!doctype html><title>reader</title>" });
    let page = publish(stack, "encoding-page", "sync", &page, &json!([])).await;
    let browser = Browser::start().await;
    browser.open(&at(stack, 0, &page)).await;
    let script = "
        const [url, names] = arguments
        return await new Promise((resolve, reject) => {
            const seen = []
            const source = new EventSource(url)
            source.onerror = () => reject(new Error(`state ${source.readyState} after ${JSON.stringify(seen)}`))
            for (const name of names) {
                source.addEventListener(name, (event) => {
                    seen.push([event.type, event.data, event.lastEventId])
                    if (name === 'done') { source.close(); resolve(seen) }
                })
            }
        })";
    for mode in ["sync", "async"] {
        let path = stream(stack, &format!("encoding-browser-{mode}"), mode, &steps()).await;
        let url = reqwest::Url::parse_with_params(&at(stack, 0, &path), query()).unwrap();
        let names = json!(["message", "tick", "tidata: evilck", "empty", "done"]);
        let events = browser.run(script, &[json!(url.as_str()), names]).await;
        let events: Vec<(String, String, String)> = serde_json::from_value(events).unwrap();
        let run = run_of(&events[0].2);
        assert_eq!(seen(events), expected(ids(mode, run)), "{mode}");
    }
}

#[tokio::test]
async fn on_the_wire_every_line_of_the_data_is_a_field_of_its_own_and_nothing_ends_a_frame_early() {
    let stack = stack().await;
    let path = stream(stack, "encoding-raw", "sync", &steps()).await;
    let url = reqwest::Url::parse_with_params(&at(stack, 0, &path), query()).unwrap();
    let mut reader = Reader::open(url.as_str()).await;
    let mut blocks = Vec::new();
    while let Some(block) = reader.block().await {
        assert!(!block.contains('\r'), "{block:?}");
        if !block.starts_with(':') {
            blocks.push(block);
        }
    }
    assert_eq!(
        blocks[0],
        "data: one\ndata: two\ndata: three\ndata: four\ndata: \ndata: event: evil\ndata: : comment\ndata: data: x\ndata:   led\ndata: 😀 \"quoted\" \\ </script>\ndata: \n\n"
    );
    assert!(
        blocks[1].starts_with("event: tick\nid: 7:a b\nretry: 60\ndata: {"),
        "{:?}",
        blocks[1]
    );
    assert_eq!(
        blocks[2],
        "event: tidata: evilck\nid: 8data: evil\ndata:  led\n\n"
    );
    assert_eq!(
        blocks[3],
        "event: tick\ndata: {\ndata:   \"a\": 1\ndata: }\n\n"
    );
    assert_eq!(blocks[4], "event: empty\ndata: \n\n");
    assert_eq!(blocks[5], "id: 9\n\n");
    assert_eq!(blocks[6], "event: done\ndata: bye\n\n");
    assert_eq!(blocks.len(), 7);
}
