//! A fast reader gets every frame in order.

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::platform::{at, stack, stream};
use super::reader::Reader;

/// As many as one workflow can have: more than twice what is sent without credit for more.
const FRAMES: usize = 500;

/// Streams that are read at the same time.
const READERS: usize = 4;

#[tokio::test]
async fn two_thousand_frames_arrive_in_order_without_a_gap() {
    let stack = stack().await;
    let steps: Vec<Value> = (0..FRAMES)
        .map(|n| {
            let data = format!("{n} {{{{ __data.reader }}}}");
            json!({ "id": format!("f{n}"), "type": "sse_frame", "data": data })
        })
        .collect();
    for mode in ["sync", "async"] {
        let path = stream(stack, &format!("order-{mode}"), mode, &json!(steps)).await;
        let url = at(stack, 0, &path);
        let readers = (0..READERS).map(async |reader| {
            let mut reader = Reader::open(&format!("{url}?reader={reader}")).await;
            reader.rest_of_it().await
        });
        for (reader, frames) in join_all(readers).await.into_iter().enumerate() {
            assert_eq!(frames.len(), FRAMES, "{mode}, {:?}", frames.last());
            for (n, frame) in frames.iter().enumerate() {
                assert_eq!(frame.data, Some(format!("{n} {reader}")), "{mode}");
                let place = frame.id.as_deref().and_then(|id| id.rsplit(':').next());
                let numbered = (mode == "async").then(|| (n + 1).to_string());
                assert_eq!(place, numbered.as_deref());
            }
        }
    }
}
