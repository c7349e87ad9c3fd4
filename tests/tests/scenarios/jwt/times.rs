//! `exp`, `nbf` and `iat`: 60 seconds of leeway, to the second.

use std::cell::Cell;
use std::time::Duration;

use serde_json::{Value, json};
use testkit::jwt::now;

use super::endpoint::{Endpoint, Reply, claims, token, with_claims};

/// The reply to a token with these claims, sent and answered within one and the same second of the clock.
async fn within_a_second(endpoint: &Endpoint, claims_at: impl Fn(i64) -> Value) -> Reply {
    loop {
        let second = now();
        let reply = endpoint.call(&token(&claims_at(second))).await;
        if now() == second {
            return reply;
        }
    }
}

#[tokio::test]
async fn exp_may_be_sixty_seconds_past_and_not_sixty_one() {
    let endpoint = Endpoint::with(json!({})).await;
    for past in [-300, -1, 0, 1, 59, 60] {
        let reply = within_a_second(&endpoint, |now| json!({ "exp": now - past })).await;
        reply.is_passed(&format!("exp {past} s past"));
    }
    for past in [61, 62, 3_600] {
        let reply = within_a_second(&endpoint, |now| json!({ "exp": now - past })).await;
        reply.is_denied("expired", &format!("exp {past} s past"));
    }
}

#[tokio::test]
async fn nbf_and_iat_may_be_sixty_seconds_ahead_and_not_sixty_one() {
    let endpoint = Endpoint::with(json!({})).await;
    for name in ["nbf", "iat"] {
        for ahead in [-86_400, 0, 59, 60] {
            let reply = within_a_second(&endpoint, |now| json!({ name: now + ahead })).await;
            reply.is_passed(&format!("{name} {ahead} s ahead"));
        }
        for ahead in [61, 62, 86_400] {
            let reply = within_a_second(&endpoint, |now| json!({ name: now + ahead })).await;
            reply.is_denied("invalid", &format!("{name} {ahead} s ahead"));
        }
    }
}

#[tokio::test]
async fn times_are_json_numbers_and_nothing_else() {
    let endpoint = Endpoint::with(json!({})).await;
    let exp = now() + 300;
    let wrong = [
        json!(exp.to_string()),
        json!("2099-01-01T00:00:00Z"),
        json!(""),
        json!(true),
        json!([exp]),
        json!({ "seconds": exp }),
    ];
    for value in &wrong {
        for name in ["exp", "nbf", "iat"] {
            let row = format!("{name}: {value}");
            let reply = endpoint.call(&token(&json!({ name: value }))).await;
            reply.is_denied("invalid", &row);
        }
    }
    for name in ["exp", "nbf", "iat"] {
        for number in ["null", "1e999", "-1e999"] {
            let mut claims = claims(&json!({}));
            claims[name] = json!("here");
            let text = claims.to_string().replace("\"here\"", number);
            let row = format!("{name}: {number}");
            endpoint
                .call(&with_claims(&text))
                .await
                .is_denied("invalid", &row);
        }
    }
}

#[tokio::test]
async fn any_json_number_is_a_time() {
    let endpoint = Endpoint::with(json!({})).await;
    let later = now() + 300;
    for claims in [
        json!({ "exp": later as f64 + 0.25 }),
        json!({ "exp": 1e15 }),
        json!({ "exp": i64::MAX }),
        json!({ "nbf": 0, "iat": 0 }),
        json!({ "nbf": -1.5, "iat": -1 }),
    ] {
        endpoint
            .call(&token(&claims))
            .await
            .is_passed(&claims.to_string());
    }
    for claims in [
        json!({ "exp": 0 }),
        json!({ "exp": -1 }),
        json!({ "exp": 1.5 }),
    ] {
        let reply = endpoint.call(&token(&claims)).await;
        reply.is_denied("expired", &claims.to_string());
    }
    let never = json!({ "nbf": 1e15 });
    let reply = endpoint.call(&token(&never)).await;
    reply.is_denied("invalid", "nbf in the far future");
}

#[tokio::test]
async fn exp_is_required_unless_the_author_relaxes_it_and_is_honoured_all_the_same() {
    let strict = Endpoint::with(json!({})).await;
    let endless = token(&json!({ "exp": null }));
    strict.call(&endless).await.is_denied("invalid", "no exp");
    let relaxed = Endpoint::with(json!({ "require_exp": false })).await;
    relaxed.call(&endless).await.is_passed("no exp, relaxed");
    let expired = token(&json!({ "exp": now() - 100 }));
    let reply = relaxed.call(&expired).await;
    reply.is_denied("expired", "expired, relaxed");
    let text = token(&json!({ "exp": "soon" }));
    relaxed.call(&text).await.is_denied("invalid", "no number");
    let early = token(&json!({ "exp": null, "nbf": now() + 100 }));
    relaxed.call(&early).await.is_denied("invalid", "too early");
}

/// A verdict that is kept for the token's caller ends with the token.
#[tokio::test]
async fn a_verdict_is_not_kept_beyond_the_tokens_own_expiry() {
    let endpoint = Endpoint::with(json!({})).await;
    let exp = now() - 57;
    let token = token(&json!({ "exp": exp }));
    let passed = Cell::new(0);
    testkit::until(Duration::from_secs(30), "the token to expire", async || {
        let asked = now();
        let reply = endpoint.call(&token).await;
        if reply.status == 200 {
            assert!(asked <= exp + 60, "passed {} s past exp", asked - exp);
            passed.set(passed.get() + 1);
            return None;
        }
        reply.is_denied("expired", "expired");
        assert!(now() > exp + 60, "refused before its time");
        Some(())
    })
    .await;
    // Otherwise no verdict was kept that could have been kept for too long.
    assert!(
        passed.get() > 1,
        "the token was good {} times",
        passed.get()
    );
}
