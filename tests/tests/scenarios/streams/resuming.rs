//! A reader that comes back goes on exactly where it stopped.

use serde_json::{Value, json};
use testkit::http;
use testkit::remote::Remote;

use super::platform::{at, call, frame, stack, stream, then};
use super::reader::{Frame, Reader};

fn frames(range: std::ops::Range<usize>) -> Vec<Value> {
    range.map(|n| frame(&format!("f{n}"))).collect()
}

fn id(frame: &Frame) -> &str {
    frame
        .id
        .as_deref()
        .expect("a frame of an asynchronous stream has an id")
}

async fn some(reader: &mut Reader, count: usize) -> Vec<Frame> {
    let mut frames = Vec::new();
    for _ in 0..count {
        frames.push(reader.frame().await.expect("one more frame"));
    }
    frames
}

#[tokio::test]
async fn a_reconnect_goes_on_after_the_last_frame_also_at_another_gateway_and_while_the_run_goes_on()
 {
    let stack = stack().await;
    let remote = Remote::start();
    let first = then(
        frame("f0"),
        &[
            frame("f1"),
            frame("f2"),
            then(call("wait", &remote, "/held/resume"), &frames(3..6)),
        ],
    );
    let path = stream(stack, "resume-live", "async", &json!([first])).await;
    let mut reader = Reader::open(&at(stack, 0, &path)).await;
    let seen = some(&mut reader, 3).await;
    remote.called("/held/resume").await;
    drop(reader);
    // With the id of a frame that is not the last: what came after it comes again, from another gateway.
    let mut again = Reader::resume(&at(stack, 1, &path), id(&seen[1])).await;
    assert_eq!(again.frame().await.as_ref(), Some(&seen[2]));
    // Three who wait while the run has no news.
    let mut waiting = [
        Reader::resume(&at(stack, 0, &path), id(&seen[2])).await,
        Reader::resume(&at(stack, 1, &path), id(&seen[2])).await,
        again,
    ];
    remote.release("/held/resume");
    let mut rests = Vec::new();
    for reader in &mut waiting {
        rests.push(reader.rest_of_it().await);
    }
    let data: Vec<_> = rests[0]
        .iter()
        .map(|frame| frame.data.clone().unwrap())
        .collect();
    assert_eq!(data, ["f3", "f4", "f5"]);
    assert!(rests.iter().all(|rest| *rest == rests[0]), "{rests:?}");
    assert_eq!(
        remote.calls("/held/resume").len(),
        1,
        "a reconnect has started a run"
    );
}

#[tokio::test]
async fn who_leaves_before_the_first_frame_goes_on_with_the_run_that_it_has_started() {
    let stack = stack().await;
    let remote = Remote::start();
    let first = then(call("wait", &remote, "/held/early"), &frames(0..2));
    let path = stream(stack, "resume-early", "async", &json!([first])).await;
    let mut reader = Reader::open(&at(stack, 0, &path)).await;
    let opening = reader.opening().await;
    remote.called("/held/early").await;
    drop(reader);
    let mut again = Reader::resume(&at(stack, 1, &path), &opening).await;
    remote.release("/held/early");
    assert_eq!(again.data().await, "f0");
    assert_eq!(again.data().await, "f1");
    assert_eq!(again.frame().await, None);
    let all = Reader::resume(&at(stack, 0, &path), &opening)
        .await
        .rest_of_it()
        .await;
    assert_eq!(all.len(), 2);
    assert_eq!(
        remote.calls("/held/early").len(),
        1,
        "a reconnect has started a run"
    );
}

#[tokio::test]
async fn after_the_run_every_place_can_be_gone_on_from_and_the_last_one_says_that_it_is_over() {
    let stack = stack().await;
    let path = stream(stack, "resume-over", "async", &json!(frames(0..20))).await;
    let all = Reader::open(&at(stack, 0, &path)).await.rest_of_it().await;
    assert_eq!(all.len(), 20);
    for (place, frame) in all.iter().enumerate().take(19) {
        let url = at(stack, place % 2, &path);
        let rest = Reader::resume(&url, id(frame)).await.rest_of_it().await;
        assert_eq!(rest, all[place + 1..], "after {place}");
    }
    for gateway in [0, 1] {
        let request = http::client().get(at(stack, gateway, &path));
        let request = request.header("last-event-id", id(&all[19]));
        // An EventSource that is told 204 does not come back (WHATWG HTML, section 9.2.3).
        assert_eq!(request.send().await.unwrap().status(), 204);
    }
}

#[tokio::test]
async fn after_a_final_frame_a_reconnect_is_told_that_it_is_over_although_the_run_goes_on() {
    let stack = stack().await;
    let remote = Remote::start();
    let mut last = then(frame("last"), &[call("wait", &remote, "/held/over")]);
    last["final"] = json!(true);
    let path = stream(stack, "resume-final", "async", &json!([frame("one"), last])).await;
    let all = Reader::open(&at(stack, 0, &path)).await.rest_of_it().await;
    assert_eq!(all.len(), 2);
    remote.called("/held/over").await;
    let rest = Reader::resume(&at(stack, 1, &path), id(&all[0]))
        .await
        .rest_of_it()
        .await;
    assert_eq!(rest, all[1..]);
    let request = http::client()
        .get(at(stack, 1, &path))
        .header("last-event-id", id(&all[1]));
    assert_eq!(request.send().await.unwrap().status(), 204);
    remote.release("/held/over");
}

#[tokio::test]
async fn the_id_of_another_endpoints_run_gives_nothing_of_it_and_runs_nothing() {
    let stack = stack().await;
    let remote = Remote::start();
    let secret = stream(stack, "resume-mine", "async", &json!(frames(0..5))).await;
    let all = Reader::open(&at(stack, 0, &secret))
        .await
        .rest_of_it()
        .await;
    let other = stream(
        stack,
        "resume-other",
        "async",
        &json!([call("tell", &remote, "/told"), frame("other")]),
    )
    .await;
    for gateway in [0, 1] {
        let request = http::client()
            .get(at(stack, gateway, &other))
            .header("last-event-id", id(&all[0]));
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 204);
        assert_eq!(response.text().await.unwrap(), "");
    }
    assert_eq!(
        Reader::open(&at(stack, 0, &other)).await.data().await,
        "other"
    );
    assert_eq!(remote.called_times("/told", 1).await.len(), 1);
}

#[tokio::test]
async fn an_id_that_is_none_of_ours_starts_a_new_run() {
    let stack = stack().await;
    let path = stream(stack, "resume-foreign", "async", &json!(frames(0..3))).await;
    for last in ["7", "", "not-a-run:3", "f1"] {
        let frames = Reader::resume(&at(stack, 0, &path), last)
            .await
            .rest_of_it()
            .await;
        assert_eq!(frames.len(), 3, "{last:?}");
    }
}
