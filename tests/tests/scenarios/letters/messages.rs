//! Messages on NATS.

use futures_util::StreamExt;
use serde_json::json;
use testkit::stack::Kind;

use super::platform::{SOON, accepting, builder, publish, run_in, start};

#[tokio::test]
async fn a_message_goes_out_where_the_operator_allows_it_and_nowhere_else() {
    let stack = builder()
        .env(
            Kind::Runner,
            "EARSHOT_RUNNER__PUBLISH_SUBJECTS",
            "orders.*.new",
        )
        .start()
        .await;
    let steps = json!([{"id": "p", "type": "publish_message", "subject": "{{ __data.to }}",
        "data": {"n": "{{ __data.n }}"}, "headers": {"X-Kind": "order"}}]);
    let url = publish(&stack, "tells", "async", &accepting(), &steps).await;
    let client = async_nats::connect(stack.nats().url()).await.unwrap();
    let mut heard = client.subscribe("orders.>").await.unwrap();
    client.flush().await.unwrap();
    start(&url, &json!({"to": "orders.eu.new", "n": 7})).await;
    let message = tokio::time::timeout(SOON, heard.next())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(&message.payload[..], b"{\"n\":7}");
    let headers = message.headers.unwrap();
    assert_eq!(headers.get("X-Kind").unwrap().as_str(), "order");
    let run = run_in(&stack, "tells", "succeeded").await;
    let id = format!("{}-p", run["id"].as_str().unwrap());
    assert_eq!(headers.get("Nats-Msg-Id").unwrap().as_str(), id);
    for (name, to, why) in [
        ("other", "orders.eu.old", "does not allow"),
        ("ours", "earshot.private.x", "platform's own"),
        ("nats", "$JS.API.INFO", "platform's own"),
        ("wild", "orders.*.new", "wildcard"),
        ("gap", "orders..new", "empty part"),
    ] {
        let steps = json!([{"id": "p", "type": "publish_message", "subject": to}]);
        let url = publish(&stack, name, "async", &accepting(), &steps).await;
        start(&url, &json!({})).await;
        let failed = run_in(&stack, name, "failed").await;
        let error = failed["error"].as_str().unwrap();
        assert!(error.contains(why), "{to}: {error}");
    }
}
