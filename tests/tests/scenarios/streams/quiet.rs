//! A quiet stream carries comments.

use std::time::{Duration, Instant};

use serde_json::json;
use testkit::remote::Remote;

use super::platform::{COMMENT_MS, at, call, frame, stack, stream, then};
use super::reader::Reader;

#[tokio::test]
async fn a_comment_comes_at_every_interval_and_is_no_frame() {
    let stack = stack().await;
    for mode in ["sync", "async"] {
        let remote = Remote::start();
        let wait = then(call("wait", &remote, "/held/quiet"), &[frame("late")]);
        let path = stream(stack, &format!("quiet-{mode}"), mode, &json!([wait])).await;
        let begun = Instant::now();
        let mut reader = Reader::open(&at(stack, 0, &path)).await;
        if mode == "async" {
            reader.opening().await;
        }
        for n in 1..=5 {
            assert_eq!(reader.block().await.as_deref(), Some(":\n\n"));
            let due = Duration::from_millis(COMMENT_MS * n);
            assert!(begun.elapsed() >= due, "comment {n} came early");
        }
        remote.release("/held/quiet");
        assert_eq!(reader.data().await, "late");
        assert_eq!(reader.frame().await, None);
    }
}
