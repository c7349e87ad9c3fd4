//! A fast reader gets every frame in order.

use std::time::Instant;

use serde_json::{Value, json};

use super::platform::{at, stack, stream};
use super::reader::Reader;

const FRAMES: usize = 2_000;

#[tokio::test]
async fn two_thousand_frames_arrive_in_order_without_a_gap() {
    let stack = stack().await;
    let steps: Vec<Value> = (0..FRAMES)
        .map(|n| json!({ "id": format!("f{n}"), "type": "sse_frame", "data": format!("{n} {{{{ __data.tail }}}}") }))
        .collect();
    for mode in ["sync", "async"] {
        let path = stream(stack, &format!("order-{mode}"), mode, &json!(steps)).await;
        let begun = Instant::now();
        let mut reader = Reader::open(&format!("{}?tail=ü", at(stack, 0, &path))).await;
        let frames = reader.to_the_end().await;
        assert_eq!(frames.len(), FRAMES, "{mode} after {:?}", begun.elapsed());
        for (n, frame) in frames.iter().enumerate() {
            assert_eq!(
                frame.data.as_deref(),
                Some(format!("{n} ü").as_str()),
                "{mode}"
            );
        }
        if mode == "async" {
            let places = frames.iter().map(|frame| {
                let id = frame.id.as_deref().unwrap();
                id.rsplit(':').next().unwrap().parse::<usize>().unwrap()
            });
            let places: Vec<_> = places.collect();
            let first = places[0];
            assert_eq!(places, (first..first + FRAMES).collect::<Vec<_>>());
        }
    }
}
