//! Keys over a real nats-server, as two gateways see them.

use std::time::Duration;

use bus::serve::Serving;
use bus::topology::{self, Storage};
use bus::{Auth, Bus, Settings};
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use http_body_util::BodyExt;
use shared::codes::Code;
use shared::ids::RunId;
use shared::v1::idempotency::KeyedState;
use shared::v1::run::RunMode;
use testkit::nats::Server;
use testkit::until;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{Claim, Key, Keys, answered, intake};
use crate::asked::Asked;
use crate::problem::Problem;
use crate::reply::{Body, Response};

struct Gateway {
    bus: Bus,
    keys: Keys,
    _questions: Serving,
}

async fn gateway(server: &Server) -> Gateway {
    let settings = Settings {
        url: server.url(),
        service: "gateway",
        auth: Auth::None,
        connect_timeout: Duration::from_secs(5),
    };
    let bus = Bus::connect(&settings).await.unwrap();
    topology::create(&bus, Storage::default()).await.unwrap();
    let keys = Keys::open(&bus, CancellationToken::new()).await.unwrap();
    let (asked, answers) = intake(&bus, &keys.held);
    let questions = bus.serve(asked, answers).await.unwrap();
    Gateway {
        bus,
        keys,
        _questions: questions,
    }
}

impl Gateway {
    async fn claim(&self, after: u64) -> Result<Option<Claim>, Problem> {
        let run = (RunId(Uuid::now_v7()), RunMode::Sync);
        self.keys
            .claim(&key(), after, run, KeyedState::Running)
            .await
    }

    /// The body of what is kept.
    async fn kept(&self) -> Option<Bytes> {
        let known = self.keys.look(&key()).await.ok()?;
        let (request, body) = known.request?;
        let response = answered(&request, body)?.unwrap();
        Some(response.into_body().collect().await.unwrap().to_bytes())
    }
}

fn key() -> Key {
    Key {
        place: "endpoint.key".to_owned(),
        fingerprint: [1; 32],
    }
}

fn asked() -> Asked {
    Asked::now(&HeaderMap::new())
}

fn made(text: &'static str) -> Result<Response, Problem> {
    Ok(Response::new(Body::whole(Bytes::from_static(
        text.as_bytes(),
    ))))
}

#[tokio::test]
async fn one_of_two_gateways_gets_the_key_and_the_other_sees_what_it_answers() {
    let server = Server::start();
    let (one, two) = (gateway(&server).await, gateway(&server).await);
    let claim = one.claim(0).await.unwrap().unwrap();
    assert!(two.claim(0).await.unwrap().is_none());
    assert_eq!(two.kept().await, None);
    claim.settle(&asked(), made("first")).await.unwrap();
    assert_eq!(two.kept().await.unwrap(), "first");
}

#[tokio::test]
async fn a_request_that_did_not_run_leaves_the_key_to_the_next() {
    let server = Server::start();
    let (one, two) = (gateway(&server).await, gateway(&server).await);
    let claim = one.claim(0).await.unwrap().unwrap();
    let refused = Err(Problem::new(Code::NoRunner, "nobody"));
    let told = claim.settle(&asked(), refused).await.unwrap_err();
    assert_eq!(told.code(), Code::NoRunner);
    let known = two.keys.look(&key()).await.unwrap();
    assert!(known.request.is_none());
    let claim = two.claim(known.revision).await.unwrap().unwrap();
    claim.settle(&asked(), made("second")).await.unwrap();
    assert_eq!(one.kept().await.unwrap(), "second");
}

#[tokio::test]
async fn a_run_that_may_have_begun_is_answered_with_its_problem_from_then_on() {
    let server = Server::start();
    let one = gateway(&server).await;
    let claim = one.claim(0).await.unwrap().unwrap();
    let lost = Problem::new(Code::BusUnavailable, "cut").of_run(claim.run_id());
    let told = claim.settle(&asked(), Err(lost)).await.unwrap();
    // No 503, upon which a caller would try again all day.
    assert_eq!(told.status(), StatusCode::BAD_GATEWAY);
    let kept = String::from_utf8(one.kept().await.unwrap().to_vec()).unwrap();
    assert!(kept.contains("reply_broken"), "{kept}");
}

#[tokio::test]
async fn a_request_is_abandoned_once_its_gateway_has_let_go_of_it_or_is_gone() {
    let server = Server::start();
    let (one, two) = (gateway(&server).await, gateway(&server).await);
    let claim = one.claim(0).await.unwrap().unwrap();
    let (request, _) = two.keys.look(&key()).await.unwrap().request.unwrap();
    for gateway in [&one, &two] {
        assert!(!gateway.keys.abandoned(&request).await);
    }
    drop(claim);
    for gateway in [&one, &two] {
        assert!(gateway.keys.abandoned(&request).await);
    }
    let held = one.keys.held.hold(request.run_id);
    assert!(!two.keys.abandoned(&request).await);
    one.bus.close().await;
    // The connection ends a moment after that.
    testkit::until(
        Duration::from_secs(10),
        "a gateway to be gone",
        async || two.keys.abandoned(&request).await.then_some(()),
    )
    .await;
    drop(held);
}

#[tokio::test]
async fn who_was_taken_for_gone_gives_the_reply_of_the_one_that_took_over() {
    let server = Server::start();
    let (one, two) = (gateway(&server).await, gateway(&server).await);
    let slow = one.claim(0).await.unwrap().unwrap();
    let revision = two.keys.look(&key()).await.unwrap().revision;
    let claim = two.claim(revision).await.unwrap().unwrap();
    claim.settle(&asked(), made("taken over")).await.unwrap();
    let told = slow.settle(&asked(), made("slow")).await.unwrap();
    let told = told.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(told, "taken over");
    assert_eq!(one.kept().await.unwrap(), "taken over");
}

#[tokio::test]
async fn a_reply_is_kept_although_another_gateway_took_over_and_was_refused() {
    let server = Server::start();
    let (one, two) = (gateway(&server).await, gateway(&server).await);
    let slow = one.claim(0).await.unwrap().unwrap();
    let revision = two.keys.look(&key()).await.unwrap().revision;
    let claim = two.claim(revision).await.unwrap().unwrap();
    let refused = Err(Problem::new(Code::NoRunner, "nobody"));
    claim.settle(&asked(), refused).await.unwrap_err();
    slow.settle(&asked(), made("slow")).await.unwrap();
    assert_eq!(two.kept().await.unwrap(), "slow");
}

#[tokio::test]
async fn a_reply_that_cannot_be_kept_yet_is_kept_when_nats_is_back_and_its_request_held_until_then()
{
    let server = Server::start();
    let one = gateway(&server).await;
    let claim = one.claim(0).await.unwrap().unwrap();
    let run_id = claim.run_id();
    server.kill();
    until(Duration::from_secs(5), "the outage", async || {
        one.bus.connected().is_err().then_some(())
    })
    .await;
    let refused = one.claim(0).await.err().unwrap();
    assert_eq!(refused.code(), Code::BusUnavailable);
    claim.settle(&asked(), made("late")).await.unwrap();
    assert!(one.keys.held.holds(run_id));
    server.restart();
    until(
        Duration::from_secs(30),
        "the reply to be kept",
        async || one.kept().await.filter(|kept| kept == "late"),
    )
    .await;
    until(
        Duration::from_secs(5),
        "the request to be let go",
        async || (!one.keys.held.holds(run_id)).then_some(()),
    )
    .await;
}
