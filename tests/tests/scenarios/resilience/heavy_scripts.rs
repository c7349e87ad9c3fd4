//! Scripts that cost much, beside others that do not.

use futures_util::future::join_all;
use serde_json::json;
use testkit::document::document;
use testkit::http::client;
use testkit::stack::{Kind, Stack};

use super::documents::echo;
use super::load::Answer;

/// Goes on for hours.
const ENDLESS: &str = "{% for a in 1..9000 %}{% for b in 1..9000 %}{% for c in 1..9000 %}{% endfor %}{% endfor %}{% endfor %}";

/// More than a light script may cost, and done all the same.
const HEAVY: &str = "{% set n = 0 %}{% for i in 1..5000 %}{% set n = n + 1 %}{% endfor %}{{ n }}";

#[tokio::test(flavor = "multi_thread")]
async fn a_script_without_end_is_stopped_by_its_time_and_its_neighbours_get_their_replies() {
    let fuel = "1000000000000";
    let stack = Stack::builder()
        .env(Kind::Runner, "EARSHOT_RUNNER__SCRIPT_FUEL", fuel)
        .env(Kind::Runner, "EARSHOT_RUNNER__SCRIPT_MILLISECONDS", "1000")
        .env(Kind::Gateway, "EARSHOT_GATEWAY__SCRIPT_FUEL", fuel)
        .env(
            Kind::Gateway,
            "EARSHOT_GATEWAY__SCRIPT_MILLISECONDS",
            "1000",
        )
        .start()
        .await;
    let control = stack.control();
    let url = |script: &str, mode: &str, name: &str| {
        let listener = json!({"return_type": "data", "return_data": format!("x{script}")});
        let text = document(name, mode, &listener, &json!([])).to_string();
        let control = control.clone();
        async move { control.publish_new(&text).await.url }
    };
    let (endless, heavy) = (
        url(ENDLESS, "sync", "endless").await,
        url(HEAVY, "sync", "heavy").await,
    );
    let (endless_now, heavy_now) = (
        url(ENDLESS, "async", "endless-now").await,
        url(HEAVY, "async", "heavy-now").await,
    );
    let quick = control.publish_new(&echo("quick")).await.url;
    let call = |url: &str| client().post(url).json(&json!({"nonce": "n"})).send();
    let spinning = join_all((0..4).flat_map(|_| [call(&endless), call(&endless_now)]));
    let working = join_all((0..4).flat_map(|_| [call(&heavy), call(&heavy_now)]));
    let neighbours =
        join_all((0..40).map(|_| Answer::of(client().post(&quick).json(&json!({"nonce": "n"})))));
    let (spun, worked, neighbours) = tokio::join!(spinning, working, neighbours);
    for reply in spun {
        assert_eq!(reply.unwrap().status(), 500);
    }
    for reply in worked {
        let reply = reply.unwrap();
        assert_eq!(reply.status(), 200);
        assert_eq!(reply.text().await.unwrap(), "x5000");
    }
    for answer in neighbours {
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    for kind in [Kind::Runner, Kind::Gateway] {
        let told = stack.logs(kind).iter().any(|line| {
            let line = line.to_string();
            line.contains("crossed the bound `milliseconds` of 1000 ms")
        });
        assert!(told, "{kind:?} does not name the bound");
    }
}
