//! How often an endpoint may be called.

use std::time::Duration;

use serde_json::json;
use testkit::http::client;
use testkit::problem;

use super::platform::{everything, publish};

#[tokio::test]
async fn beyond_the_rate_a_call_gets_a_429_that_says_when_to_come_back() {
    let limit = json!({"rate_limit": {"requests": 2, "per": "hour"}});
    let url = publish(everything(&limit), json!([])).await.url;
    for _ in 0..2 {
        assert_eq!(client().post(&url).send().await.unwrap().status(), 200);
    }
    for _ in 0..3 {
        let refused = problem(
            client().post(&url).send().await.unwrap(),
            429,
            "rate_limited",
        )
        .await;
        let seconds: u32 = refused.headers["retry-after"]
            .to_str()
            .unwrap()
            .parse()
            .unwrap();
        assert!((1..=1_800).contains(&seconds), "{seconds}");
        assert!(
            seconds > 1_700,
            "two an hour is one in half an hour: {seconds}"
        );
    }
    let other = publish(everything(&limit), json!([])).await.url;
    assert_eq!(
        client().post(&other).send().await.unwrap().status(),
        200,
        "a limit is an endpoint's own"
    );
}

#[tokio::test]
async fn when_the_time_is_over_calls_are_taken_again() {
    let limit = json!({"rate_limit": {"requests": 1, "per": "second"}});
    let url = publish(everything(&limit), json!([])).await.url;
    let at_once = (0..10).map(|_| client().post(&url).send());
    let replies = futures_util::future::join_all(at_once).await;
    let statuses: Vec<u16> = replies
        .iter()
        .map(|reply| reply.as_ref().unwrap().status().as_u16())
        .collect();
    assert!(
        statuses.contains(&200) && statuses.contains(&429),
        "{statuses:?}"
    );
    for refused in replies
        .into_iter()
        .flatten()
        .filter(|reply| reply.status() == 429)
    {
        assert_eq!(
            problem(refused, 429, "rate_limited").await.headers["retry-after"],
            "1"
        );
    }
    testkit::until(
        Duration::from_secs(10),
        "a call to be taken again",
        async || {
            let reply = client().post(&url).send().await.ok()?;
            (reply.status() == 200).then_some(())
        },
    )
    .await;
}

#[tokio::test]
async fn a_call_that_is_refused_for_its_method_costs_nothing() {
    let limit = json!({"rate_limit": {"requests": 1, "per": "hour"}, "methods": ["POST"]});
    let url = publish(everything(&limit), json!([])).await.url;
    for _ in 0..3 {
        assert_eq!(client().get(&url).send().await.unwrap().status(), 405);
    }
    assert_eq!(client().post(&url).send().await.unwrap().status(), 200);
    assert_eq!(client().post(&url).send().await.unwrap().status(), 429);
}
