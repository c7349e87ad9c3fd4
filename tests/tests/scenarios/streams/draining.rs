//! A gateway that shuts down sends its readers to another.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::json;
use testkit::remote::Remote;
use testkit::stack::Kind;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};

use super::node::Node;
use super::platform::{at, call, calling_out, frame, stream, then};
use super::reader::Reader;

/// Takes connections and passes each on to the first gateway that is there.
async fn balancer(gateways: [SocketAddr; 2]) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut caller, _)) = listener.accept().await {
            tokio::spawn(async move {
                for gateway in gateways {
                    if let Ok(mut stream) = TcpStream::connect(gateway).await {
                        let _ = copy_bidirectional(&mut caller, &mut stream).await;
                        return;
                    }
                }
            });
        }
    });
    address
}

#[tokio::test]
async fn a_gateway_that_ends_tells_its_readers_when_to_come_back_and_they_go_on_at_another() {
    let stack = calling_out()
        .gateways(2)
        .env(Kind::Gateway, "EARSHOT_GATEWAY__STREAM_RETRY_MS", "40")
        .start()
        .await;
    let remote = Remote::start();
    let mut done = frame("done");
    done["event"] = json!("done");
    let wait = then(call("wait", &remote, "/held/drain"), &[frame("two"), done]);
    let steps = json!([then(frame("one"), &[wait])]);
    let kept = stream(&stack, "drained", "async", &steps).await;
    let plain = stream(&stack, "drained-sync", "sync", &steps).await;
    let addresses = [0, 1].map(|gateway| stack.gateway(gateway).address("listener"));
    let url = format!("http://{}{kept}", balancer(addresses).await);

    let mut node = Node::open(&url, "done", &["message"]);
    assert_eq!(node.next().await, json!({ "open": true }));
    let first = node.frame().await;
    assert_eq!(first["data"], "one");
    let mut raw = Reader::open(&at(&stack, 0, &kept)).await;
    assert_eq!(raw.data().await, "one");
    let mut synchronous = Reader::open(&at(&stack, 0, &plain)).await;
    assert_eq!(synchronous.data().await, "one");
    remote.called_times("/held/drain", 3).await;

    stack.gateway(0).terminate();
    for reader in [&mut raw, &mut synchronous] {
        let goodbye = reader.frame().await.expect("a last word");
        assert_eq!(goodbye.retry.as_deref(), Some("40"));
        assert_eq!(
            (goodbye.data, goodbye.event, goodbye.id),
            (None, None, None)
        );
        assert_eq!(reader.frame().await, None);
    }
    let ended = tokio::time::timeout(Duration::from_secs(10), stack.gateway(0).wait()).await;
    assert!(ended.expect("the gateway ends").success());
    assert_eq!(node.next().await["over"], false);
    loop {
        // The way to the new gateway may fail at first: then it is tried again.
        if node.next().await["open"] == true {
            break;
        }
    }
    remote.release("/held/drain");
    let two = node.frame().await;
    let done = node.frame().await;
    assert_eq!(
        (&two["data"], &done["data"]),
        (&json!("two"), &json!("done"))
    );
    let run = |seen: &serde_json::Value| {
        seen["id"]
            .as_str()
            .unwrap()
            .split(':')
            .next()
            .unwrap()
            .to_owned()
    };
    assert_eq!(run(&first), run(&done), "the reader got another run");
    assert_eq!(
        remote.calls("/held/drain").len(),
        3,
        "a reconnect has started a run"
    );
}
