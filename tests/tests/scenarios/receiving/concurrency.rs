//! How many calls an endpoint takes at once.

use serde_json::json;
use testkit::http::client;
use testkit::problem;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::platform::{everything, publish};

/// A server whose replies the test gives by hand.
struct Held(TcpListener);

impl Held {
    async fn open() -> (Self, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        (Self(listener), url)
    }

    /// The next request, once it is there.
    async fn request(&self) -> TcpStream {
        let (mut stream, _) = self.0.accept().await.unwrap();
        let mut begin = [0; 1];
        stream.read_exact(&mut begin).await.unwrap();
        stream
    }
}

async fn reply(mut stream: TcpStream) {
    let reply = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    stream.write_all(reply.as_bytes()).await.unwrap();
}

#[tokio::test]
async fn beyond_max_concurrency_a_call_gets_a_429_until_one_of_the_others_is_done() {
    let (held, target) = Held::open().await;
    let steps = json!([{"id": "hold", "type": "http_request", "url": target}]);
    let url = publish(everything(&json!({"max_concurrency": 2})), steps)
        .await
        .url;
    let call = || {
        let url = url.clone();
        tokio::spawn(async move { client().post(url).send().await.unwrap() })
    };
    let mut calls = vec![call()];
    let first = held.request().await;
    calls.push(call());
    let second = held.request().await;
    for _ in 0..3 {
        let refused = client().post(&url).send().await.unwrap();
        let refused = problem(refused, 429, "concurrency_limited").await;
        assert_eq!(refused.headers["retry-after"], "1");
    }
    reply(first).await;
    let (done, _, rest) = futures_util::future::select_all(calls).await;
    let done = done.unwrap();
    assert_eq!(done.status(), 200);
    done.bytes().await.unwrap();
    let third = call();
    let (third_request, second) = (held.request().await, second);
    reply(third_request).await;
    reply(second).await;
    assert_eq!(third.await.unwrap().status(), 200);
    for one in rest {
        assert_eq!(one.await.unwrap().status(), 200);
    }
}

#[tokio::test]
async fn a_caller_that_leaves_gives_its_place_back() {
    let (held, target) = Held::open().await;
    let steps = json!([{"id": "hold", "type": "http_request", "url": target}]);
    let url = publish(everything(&json!({"max_concurrency": 1})), steps)
        .await
        .url;
    let left = tokio::spawn({
        let url = url.clone();
        async move { client().post(url).send().await.unwrap() }
    });
    let first = held.request().await;
    left.abort();
    assert!(left.await.unwrap_err().is_cancelled());
    let next = tokio::spawn({
        let url = url.clone();
        async move {
            testkit::until(
                std::time::Duration::from_secs(10),
                "the place to be free",
                async || {
                    let reply = client().post(&url).send().await.ok()?;
                    (reply.status() == 200).then_some(())
                },
            )
            .await;
        }
    });
    let second = held.request().await;
    reply(second).await;
    next.await.unwrap();
    drop(first);
}
