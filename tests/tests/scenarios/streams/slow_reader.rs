//! A reader that does not read is dropped, and nobody else notices.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use testkit::remote::Remote;
use testkit::stack::Kind;
use testkit::until;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpSocket;

use super::platform::{at, call, frame, stack, stream, then};
use super::reader::Reader;

/// More than the buffers of two sockets and of the stream hold.
const FRAMES: usize = 300;
const FRAME_BYTES: usize = 200_000;

#[tokio::test]
async fn a_slow_reader_is_dropped_while_another_stream_and_its_own_run_go_on() {
    let stack = stack().await;
    let remote = Remote::start();
    let mut steps: Vec<Value> = (0..FRAMES)
        .map(|n| json!({ "id": format!("f{n}"), "type": "sse_frame", "data": "{{ __data.__body }}" }))
        .collect();
    steps.push(call("tell", &remote, "/told"));
    let slow = stream(stack, "slow", "sync", &json!(steps)).await;
    let wait = then(call("wait", &remote, "/held/other"), &[frame("two")]);
    let other = stream(stack, "not-slow", "sync", &json!([frame("one"), wait])).await;
    let mut other = Reader::open(&at(stack, 0, &other)).await;
    assert_eq!(other.data().await, "one");

    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(16 * 1024).unwrap();
    let mut socket = socket
        .connect(stack.gateway(0).address("listener"))
        .await
        .unwrap();
    let head = format!(
        "POST {slow} HTTP/1.1\r\nHost: x\r\nContent-Type: text/x\r\nContent-Length: {FRAME_BYTES}\r\n\r\n"
    );
    socket.write_all(head.as_bytes()).await.unwrap();
    socket.write_all(&vec![b'x'; FRAME_BYTES]).await.unwrap();

    // What another reader waits for comes while this one's buffers fill up and overflow.
    let begun = Instant::now();
    remote.release("/held/other");
    assert_eq!(other.data().await, "two");
    assert_eq!(other.frame().await, None);
    assert!(
        begun.elapsed() < Duration::from_secs(2),
        "the other waited {:?}",
        begun.elapsed()
    );
    until(
        Duration::from_secs(30),
        "the slow reader to be dropped",
        async || {
            let logs = stack.logs(Kind::Gateway);
            logs.iter()
                .any(|line| line["code"] == "reader_too_slow")
                .then_some(())
        },
    )
    .await;
    // The connection is closed: reading now comes to an end long before all frames.
    let (mut read, mut chunk) = (0, vec![0; 64 * 1024]);
    while let Ok(more @ 1..) = socket.read(&mut chunk).await {
        read += more;
    }
    assert!(read < FRAMES * FRAME_BYTES, "{read} bytes came");
    remote.called("/told").await;
}
