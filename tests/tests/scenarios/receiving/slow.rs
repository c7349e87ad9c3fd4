//! Bodies that do not come.

use serde_json::{Value, json};

use super::platform::{BODY_SECONDS, everything, publish};
use super::wire::{Wire, target};

#[tokio::test]
async fn a_body_that_stays_out_is_a_408_and_the_end_of_its_connection() {
    let url = publish(everything(&json!({})), json!([])).await.url;
    let (address, path) = target(&url);
    for framing in ["content-length: 10", "transfer-encoding: chunked"] {
        let mut wire = Wire::open(address).await;
        let started = std::time::Instant::now();
        wire.send(format!(
            "POST {path} HTTP/1.1\r\nhost: a.example\r\n{framing}\r\n\r\n"
        ))
        .await;
        wire.send("1\r\n").await;
        let late = wire.reply(true).await.expect("the refusal can be read");
        assert_eq!(late.status, 408, "{}", late.head);
        let problem: Value = serde_json::from_str(&late.body).unwrap();
        assert_eq!(problem["code"], "body_incomplete");
        assert_eq!(problem["request_id"], late.header("x-request-id").unwrap());
        let patience: u64 = BODY_SECONDS.parse().unwrap();
        assert!(
            started.elapsed().as_secs() >= patience,
            "{:?}",
            started.elapsed()
        );
        assert!(
            late.closes(),
            "what follows could be half a body: {}",
            late.head
        );
        assert!(wire.is_closed().await);
    }
}
