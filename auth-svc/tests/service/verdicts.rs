use ops::State;
use seal::PrivateKey;
use shared::codes::Code;
use shared::ids::{ContentHash, EndpointId};
use shared::subjects;
use shared::v1::auth::{Denial, SignCallerToken, Verdict, Verify};
use testkit::until;

use crate::desk::{Desk, ISSUER, PATIENCE, code, credentials, endpoint, key, secret};

fn token(secret: &str) -> String {
    testkit::jwt::good(ISSUER, secret)
}

fn verify(endpoint_id: EndpointId, revision: u8, token: &str) -> Verify {
    Verify {
        endpoint_id,
        credentials: ContentHash([revision; 32]),
        token: token.to_owned(),
    }
}

fn revision_of(verdict: &Verdict) -> u8 {
    match verdict {
        Verdict::Allow { credentials, .. } => credentials.0[0],
        Verdict::Deny(denial) => panic!("{denial:?}"),
    }
}

#[tokio::test]
async fn a_service_that_starts_before_the_registry_is_ready_once_the_credentials_are_read() {
    let desk = Desk::before_registry().await;
    let waiting = desk.health.report().checks["credentials"].clone();
    assert!(matches!(waiting, State::Waiting(_)), "{waiting:?}");
    assert_eq!(
        code(desk.ask(verify(endpoint(1), 1, "token")).await),
        Code::AuthUnavailable
    );
    bus::topology::create(&desk.asker.bus, bus::topology::Storage::default())
        .await
        .unwrap();
    desk.wait_until_ready().await;
}

#[tokio::test]
async fn a_good_token_is_allowed_and_a_bad_one_is_denied_with_one_word() {
    let desk = Desk::open().await;
    desk.put(&credentials(&key(), endpoint(1), 1, &secret(1)))
        .await;
    let verdict = desk
        .ask(verify(endpoint(1), 1, &token(&secret(1))))
        .await
        .unwrap();
    assert_eq!(revision_of(&verdict), 1);
    let forged = desk
        .ask(verify(endpoint(1), 1, &token(&secret(2))))
        .await
        .unwrap();
    assert_eq!(forged, Verdict::Deny(Denial::Invalid));
}

#[tokio::test]
async fn a_replaced_secret_is_refused_from_the_moment_that_a_gateway_names_the_new_revision() {
    let desk = Desk::open().await;
    desk.put(&credentials(&key(), endpoint(1), 1, &secret(1)))
        .await;
    for revision in 2..=60 {
        desk.put(&credentials(
            &key(),
            endpoint(1),
            revision,
            &secret(revision),
        ))
        .await;
        let old = verify(endpoint(1), revision, &token(&secret(revision - 1)));
        let new = verify(endpoint(1), revision, &token(&secret(revision)));
        assert_eq!(
            desk.ask(old).await.unwrap(),
            Verdict::Deny(Denial::Invalid),
            "{revision}"
        );
        assert_eq!(revision_of(&desk.ask(new).await.unwrap()), revision);
    }
}

#[tokio::test]
async fn a_gateway_that_is_behind_gets_the_verdict_of_the_newest_credentials() {
    let desk = Desk::open().await;
    for revision in [1, 2, 3] {
        desk.put(&credentials(
            &key(),
            endpoint(1),
            revision,
            &secret(revision),
        ))
        .await;
    }
    for heard in [1, 2, 3] {
        let asked = || desk.ask(verify(endpoint(1), heard, &token(&secret(3))));
        let verdict = until(PATIENCE, "the third revision", || async {
            let verdict = asked().await.unwrap();
            matches!(verdict, Verdict::Allow { .. }).then_some(verdict)
        });
        assert_eq!(revision_of(&verdict.await), 3, "heard of {heard}");
    }
}

#[tokio::test]
async fn an_endpoint_without_credentials_gets_no_verdict_also_after_they_were_deleted() {
    let desk = Desk::open().await;
    let asked = || desk.ask(verify(endpoint(1), 1, &token(&secret(1))));
    assert_eq!(code(asked().await), Code::AuthUnavailable);
    desk.put(&credentials(&key(), endpoint(1), 1, &secret(1)))
        .await;
    assert_eq!(revision_of(&asked().await.unwrap()), 1);
    desk.bucket()
        .await
        .delete(&subjects::endpoint_key(endpoint(1)))
        .await
        .unwrap();
    until(PATIENCE, "the deletion to arrive", || async {
        asked().await.is_err().then_some(())
    })
    .await;
    assert_eq!(code(asked().await), Code::AuthUnavailable);
}

#[tokio::test]
async fn credentials_that_were_sealed_to_another_key_let_nobody_pass() {
    let desk = Desk::open().await;
    let other = PrivateKey::generate();
    desk.put(&credentials(&other, endpoint(1), 1, &secret(1)))
        .await;
    assert_eq!(
        code(desk.ask(verify(endpoint(1), 1, &token(&secret(1)))).await),
        Code::AuthUnavailable
    );
}

#[tokio::test]
async fn a_signed_test_token_passes_its_endpoint() {
    let desk = Desk::open().await;
    let wish = || SignCallerToken {
        endpoint_id: endpoint(1),
        claims: r#"{"sub":"7"}"#.to_owned(),
        seconds: 60,
    };
    assert_eq!(code(desk.ask(wish()).await), Code::NotFound);
    desk.put(&credentials(&key(), endpoint(1), 1, &secret(1)))
        .await;
    let signed = desk.ask(wish()).await.unwrap();
    let verdict = desk
        .ask(verify(endpoint(1), 1, &signed.token))
        .await
        .unwrap();
    assert_eq!(revision_of(&verdict), 1);
}

#[tokio::test]
async fn verdicts_go_on_after_nats_was_away() {
    let desk = Desk::open().await;
    desk.put(&credentials(&key(), endpoint(1), 1, &secret(1)))
        .await;
    desk.nats.kill();
    until(PATIENCE, "auth-svc to notice", || async {
        (!desk.health.is_ready()).then_some(())
    })
    .await;
    desk.nats.restart();
    desk.wait_until_ready().await;
    let verdict = until(PATIENCE, "a verdict", || async {
        desk.ask(verify(endpoint(1), 1, &token(&secret(1))))
            .await
            .ok()
    });
    assert_eq!(revision_of(&verdict.await), 1);
}
