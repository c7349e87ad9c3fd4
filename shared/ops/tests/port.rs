//! The ops port over a real connection.

// A test may fail loudly, and so may what it shares with others.
#![allow(clippy::unwrap_used)]

use ops::port::{self, Port};
use ops::{Health, State};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

async fn opened(health: &Health) -> Port {
    port::open("127.0.0.1:0".parse().unwrap(), "gateway", health.clone())
        .await
        .unwrap()
}

/// The status and the body.
async fn get(port: &Port, path: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(port.address()).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: ops\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).await.unwrap();
    let (head, body) = reply.split_once("\r\n\r\n").unwrap();
    (
        head.split(' ').nth(1).unwrap().parse().unwrap(),
        body.to_owned(),
    )
}

#[tokio::test]
async fn readyz_is_200_only_when_every_check_is_ready() {
    let health = Health::new();
    health.set("nats", State::Ready);
    health.set("routes", State::waiting("for the routes"));
    let port = opened(&health).await;
    let (status, body) = get(&port, "/readyz").await;
    assert_eq!(status, 503);
    assert_eq!(
        serde_json::from_str::<Value>(&body).unwrap(),
        json!({
            "ready": false,
            "draining": false,
            "checks": { "nats": { "ready": true }, "routes": { "ready": false, "waiting": "for the routes" } },
        })
    );
    health.set("routes", State::Ready);
    assert_eq!(get(&port, "/readyz").await.0, 200);
}

#[tokio::test]
async fn a_draining_service_is_alive_but_not_ready() {
    let health = Health::new();
    let port = opened(&health).await;
    assert_eq!(get(&port, "/readyz").await.0, 200);
    health.start_draining();
    assert_eq!(get(&port, "/readyz").await.0, 503);
    assert_eq!(get(&port, "/livez").await.0, 200);
}

#[tokio::test]
async fn metrics_are_those_of_the_process_with_bounds_for_seconds() {
    let port = opened(&Health::new()).await;
    metrics::counter!("earshot_probe_total").increment(2);
    metrics::histogram!("earshot_probe_seconds").record(0.003);
    let second = opened(&Health::new()).await;
    for port in [port, second] {
        let (status, body) = get(&port, "/metrics").await;
        assert_eq!(status, 200);
        assert!(body.contains("earshot_probe_total 2"), "{body}");
        assert!(
            body.contains("earshot_probe_seconds_bucket{le=\"0.005\"} 1"),
            "{body}"
        );
        assert!(
            body.contains("earshot_build_info{service=\"gateway\""),
            "{body}"
        );
    }
}

#[tokio::test]
async fn a_port_that_is_taken_says_how_to_mend_it() {
    let taken = opened(&Health::new()).await;
    let error = port::open(taken.address(), "gateway", Health::new())
        .await
        .unwrap_err();
    assert_eq!(error.exit_code(), 69);
    assert!(
        error.to_string().contains("EARSHOT_OPS__ADDRESS"),
        "{error}"
    );
}

#[tokio::test]
async fn a_closed_port_answers_no_more() {
    let port = opened(&Health::new()).await;
    let address = port.address();
    port.close().await;
    assert!(TcpStream::connect(address).await.is_err());
}
