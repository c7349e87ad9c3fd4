//! What a gateway does with a key whose gateway has died at a moment that no scenario can hit.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use arc_swap::ArcSwap;
use bus::kv::Bucket;
use bus::queue::Jobs;
use bus::topology::{self, Storage};
use bus::variables::Variables;
use bus::{Auth, Bus, Settings};
use http::{HeaderMap, Request};
use http_body_util::BodyExt;
use ops::offload::Offloader;
use ops::shutdown::Shutdown;
use shared::frame::{self, Kind};
use shared::ids::{ContentHash, EndpointId, UrlHashes, WorkflowId};
use shared::subjects;
use shared::v1::reply::{Answer, StreamFrame};
use shared::v1::run::{BodyKind, RunRequest};
use shared::v1::views::{Method, ReplyTemplate, RouteView};
use testkit::nats::Server;
use tokio_util::sync::CancellationToken;

use super::*;
use crate::config::Config;
use crate::control::Tail;
use crate::dispatch::Dispatch;
use crate::idempotency::Keys;
use crate::limits::InFlight;
use crate::listener::Connection;
use crate::verdict::Verdicts;

const PATIENCE: Duration = Duration::from_secs(5);

async fn connect(server: &Server) -> Bus {
    let settings = Settings {
        url: server.url(),
        service: "gateway",
        auth: Auth::None,
        connect_timeout: PATIENCE,
    };
    Bus::connect(&settings).await.unwrap()
}

fn config() -> Config {
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    Config {
        listener: any,
        control: any,
        public_url: None,
        trusted_proxies: Vec::new(),
        max_in_flight: 8,
        max_connections: 8,
        max_body_bytes: 1_000,
        header_seconds: 5,
        body_seconds: 5,
        slow_reader_seconds: 5,
        stream_comment_ms: 15_000,
        stream_retry_ms: 1_000,
        drain_linger_ms: 0,
        script_fuel: 100_000,
        script_output_bytes: 100_000,
        script_list_items: 1_000,
        script_milliseconds: 100,
    }
}

async fn platform(server: &Server) -> Arc<Platform> {
    let bus = connect(server).await;
    topology::create(&bus, Storage::default()).await.unwrap();
    let tasks = Shutdown::new();
    let config = config();
    Arc::new(Platform {
        keys: Keys::open(&bus, tasks.token.clone()).await.unwrap(),
        tail: Tail::default(),
        replies: Bucket::open(&bus, subjects::REPLIES_BUCKET).await.unwrap(),
        variables: Variables::load(&bus).await.unwrap().0,
        dispatch: Dispatch::new(bus.clone()),
        verdicts: Verdicts::new(bus.clone()),
        in_flight: InFlight::new(config.max_in_flight),
        offloader: Offloader::new(config.script_time()),
        proxies: Vec::new(),
        public_url: String::new(),
        routes: Arc::new(ArcSwap::default()),
        draining: CancellationToken::new(),
        ending: CancellationToken::new(),
        bus,
        config,
        tasks,
    })
}

fn route(run_mode: RunMode, return_type: ReturnType) -> Arc<Route> {
    let hash = "0123456789abcdef0123456789abcdef";
    let reply = (return_type == ReturnType::Data).then(|| ReplyTemplate {
        script: "accepted".to_owned(),
        status: 200,
        headers: Vec::new(),
    });
    let view = RouteView {
        endpoint_id: EndpointId(Uuid::from_u128(1)),
        hashes: UrlHashes::parse(hash, hash).unwrap(),
        workflow_id: WorkflowId(Uuid::from_u128(2)),
        version: 1,
        content_hash: ContentHash([3; 32]),
        return_type,
        run_mode,
        methods: vec![Method::Post],
        credentials: None,
        cors: None,
        max_body_bytes: 1_000,
        rate_limit: None,
        max_concurrency: None,
        sync_timeout_ms: 5_000,
        continue_timeout_ms: 5_000,
        cancel_on_disconnect: false,
        resend: false,
        resend_reads: false,
        reply,
    };
    Arc::new(Route::new(view, None))
}

/// A request with a key, as it comes to a gateway.
fn request(platform: &Arc<Platform>, route: &Arc<Route>) -> Keyed {
    let parts = Request::post("/").header("idempotency-key", "k").body(());
    let (parts, ()) = parts.unwrap().into_parts();
    let key = Key::of(route.view.endpoint_id, None, &parts, b"").unwrap();
    let connection = Connection {
        peer: IpAddr::V4(Ipv4Addr::LOCALHOST),
        cut: CancellationToken::new(),
    };
    Keyed {
        platform: platform.clone(),
        asked: Asked::now(&HeaderMap::new()),
        route: route.clone(),
        received: Received {
            received_at_ms: ops::clock::now_ms(),
            method: "POST".to_owned(),
            query: String::new(),
            ip: "127.0.0.1".to_owned(),
            headers: Vec::new(),
            claims: None,
            body_kind: BodyKind::Empty,
        },
        body: Bytes::new(),
        key: key.unwrap(),
        leash: Leash::of(&connection, parts.version),
    }
}

/// A gateway took the key for a run in a state, and died.
async fn left_behind(server: &Server, keyed: &Keyed, run_id: RunId, state: KeyedState) {
    let bus = connect(server).await;
    let keys = Keys::open(&bus, CancellationToken::new()).await.unwrap();
    let run = (run_id, keyed.route.view.run_mode);
    let claim = keys.claim(&keyed.key, 0, run, state).await.unwrap();
    bus.close().await;
    drop(claim.unwrap());
}

async fn answer(keyed: Keyed) -> Response {
    let place = keyed.platform.in_flight.admit_to_no_endpoint().unwrap();
    keyed.answer(place).await.unwrap().0
}

async fn text(response: Response) -> String {
    let body = response.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8(body.to_vec()).unwrap()
}

/// The ids of the runs that wait in the queue.
async fn queued(platform: &Platform) -> Vec<RunId> {
    let mut jobs = Jobs::open(&platform.bus).await.unwrap();
    let mut batch = jobs.ask(8).await.unwrap();
    let mut runs = Vec::new();
    while let Some(job) = batch.next().await.unwrap() {
        let frame = frame::decode(job.payload()).unwrap();
        runs.push(frame.head::<RunRequest>().unwrap().run_id);
        job.done().await;
    }
    runs
}

fn of_age(seconds: u64) -> RunId {
    let now = u64::try_from(ops::clock::now_ms()).unwrap();
    let made = uuid::Timestamp::from_unix_time(now / 1_000 - seconds, 0, 0, 0);
    RunId(Uuid::new_v7(made))
}

#[test]
fn a_run_is_young_for_as_long_as_the_stream_surely_tells_it_from_another() {
    assert!(is_young(of_age(0)) && is_young(of_age(50)));
    assert!(!is_young(of_age(62)) && !is_young(of_age(3_600)));
    assert!(!is_young(RunId(Uuid::from_u128(7))));
}

#[tokio::test]
async fn a_run_that_a_dead_gateway_may_have_stored_is_stored_once() {
    for was_stored in [false, true] {
        let server = Server::start();
        let platform = platform(&server).await;
        let route = route(RunMode::Async, ReturnType::Data);
        let keyed = request(&platform, &route);
        let run_id = new_run();
        left_behind(&server, &keyed, run_id, KeyedState::Running).await;
        if was_stored {
            let same = request(&platform, &route);
            let call = Call {
                platform: &platform,
                asked: &same.asked,
                route: &route,
                received: same.received,
                body: same.body,
                run_id,
                resume_at: None,
                leash: same.leash,
            };
            call.answer(None).await.unwrap();
        }
        assert_eq!(text(answer(keyed).await).await, "accepted");
        let again = answer(request(&platform, &route)).await;
        assert_eq!(again.headers()["idempotency-replayed"], "true");
        assert_eq!(queued(&platform).await, [run_id], "{was_stored}");
    }
}

#[tokio::test]
async fn a_run_that_may_have_been_stored_long_ago_is_given_up_and_not_stored_again() {
    let server = Server::start();
    let platform = platform(&server).await;
    let route = route(RunMode::Async, ReturnType::Data);
    let keyed = request(&platform, &route);
    left_behind(&server, &keyed, of_age(120), KeyedState::Running).await;
    for _ in 0..2 {
        let told = answer(request(&platform, &route)).await;
        assert_eq!(told.status(), 502);
        assert!(text(told).await.contains("reply_broken"));
    }
    assert_eq!(queued(&platform).await, []);
}

#[tokio::test]
async fn the_reply_of_a_run_that_a_dead_gateway_has_stored_is_taken_from_where_it_is_kept() {
    let server = Server::start();
    let platform = platform(&server).await;
    let route = route(RunMode::Async, ReturnType::Continue);
    let keyed = request(&platform, &route);
    let run_id = of_age(120);
    left_behind(&server, &keyed, run_id, KeyedState::Accepted).await;
    let waiting = tokio::spawn(answer(keyed));
    let head = Answer {
        seq: 0,
        status: 203,
        headers: Vec::new(),
        more: false,
    };
    let reply = frame::encode(Kind::Answer, &head, b"made").unwrap();
    let key = run_id.to_string();
    platform.replies.put_first(&key, reply).await.unwrap();
    let response = waiting.await.unwrap();
    assert_eq!(response.status(), 203);
    assert_eq!(text(response).await, "made");
    assert_eq!(text(answer(request(&platform, &route)).await).await, "made");
    assert_eq!(queued(&platform).await, []);
}

#[tokio::test]
async fn a_stream_that_a_dead_gateway_may_have_begun_comes_from_the_kept_frames() {
    let server = Server::start();
    let platform = platform(&server).await;
    let route = route(RunMode::Async, ReturnType::Sse);
    let keyed = request(&platform, &route);
    let run_id = new_run();
    left_behind(&server, &keyed, run_id, KeyedState::Running).await;
    let stream = answer(keyed).await;
    assert_eq!(stream.headers()["content-type"], "text/event-stream");
    assert_eq!(queued(&platform).await, [run_id]);
    let frame = StreamFrame {
        seq: 1,
        event: None,
        id: None,
        retry: None,
        last: true,
    };
    let kept = frame::encode(Kind::Stream, &frame, b"one").unwrap();
    let subject = subjects::frames(route.view.endpoint_id, run_id);
    let stored = platform.bus.store(subject, "one", kept, PATIENCE);
    stored.await.unwrap();
    assert!(text(stream).await.contains("data: one"));
}

#[tokio::test]
async fn a_run_whose_endpoint_has_changed_its_mode_since_is_given_up() {
    let server = Server::start();
    let platform = platform(&server).await;
    let before = request(&platform, &route(RunMode::Sync, ReturnType::Data));
    left_behind(&server, &before, new_run(), KeyedState::Running).await;
    let route = route(RunMode::Async, ReturnType::Data);
    let told = answer(request(&platform, &route)).await;
    assert_eq!(told.status(), 502);
    assert_eq!(queued(&platform).await, []);
}
