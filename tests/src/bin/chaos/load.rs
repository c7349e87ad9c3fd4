//! Requests at a steady rate, whatever becomes of them.

use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};
use testkit::http;
use testkit::jwt::{self, Algorithm};
use testkit::stack::Stack;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::book::{Accepted, Book, Shows, Success};
use crate::clock::pass;
use crate::draw::{Draw, hash};
use crate::kinds::{COUNTERS, ISSUER, Kind, SECRET};
use crate::recorder::answer;
use crate::stream;

/// How many gateways there are.
pub(crate) const GATEWAYS: usize = 2;

/// How many requests may be under way at once; the load waits where more would be.
const MOST: usize = 4_000;

/// How long a caller waits for a reply.
const PATIENCE: Duration = Duration::from_secs(40);

/// The pause between two questions for what few requests need.
const PULSE: Duration = Duration::from_millis(200);

/// How often a request with a key is sent.
const TRIES: usize = 4;

/// The callers of a platform.
pub(crate) struct Load {
    pub(crate) book: Arc<Book>,
    /// The paths of the endpoints.
    pub(crate) paths: HashMap<Kind, String>,
    gateways: Vec<String>,
    controls: Vec<String>,
    admin_token: String,
    client: reqwest::Client,
    /// Whether callers that wait for what they were promised give up.
    pub(crate) over: AtomicBool,
    /// Whether no new requests are sent.
    stopped: AtomicBool,
}

impl Load {
    /// Callers of published workflows.
    pub(crate) fn new(book: Arc<Book>, stack: &Stack, paths: HashMap<Kind, String>) -> Self {
        let of = |url: &dyn Fn(usize) -> String| (0..GATEWAYS).map(url).collect::<Vec<_>>();
        Self {
            book,
            paths,
            gateways: of(&|index| stack.gateway(index).listener_url()),
            controls: of(&|index| stack.gateway(index).control_url()),
            admin_token: stack.admin_token().to_owned(),
            client: http::client(),
            over: AtomicBool::new(false),
            stopped: AtomicBool::new(false),
        }
    }

    /// Sends nothing new from here on.
    pub(crate) fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    /// Lets callers give up that still wait for what they were promised.
    pub(crate) fn give_up(&self) {
        self.over.store(true, Ordering::Relaxed);
    }

    /// Whether they are to give up.
    pub(crate) fn gave_up(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }

    /// Asks what few requests of the load need, so often that the first success after a restart is seen when it is there.
    async fn pulse(self: Arc<Self>) {
        let mut ticks = interval(PULSE);
        let mut callers = JoinSet::new();
        let mut number = 0_u64;
        while !self.stopped.load(Ordering::Relaxed) {
            ticks.tick().await;
            number += 1;
            let gateway = usize::from(number.is_multiple_of(2));
            let load = self.clone();
            callers.spawn(async move {
                load.listing(gateway).await;
                // None of the bad ones.
                load.judged(&format!("pulse-{number}"), 1, gateway).await;
            });
            while callers.try_join_next().is_some() {}
        }
        while callers.join_next().await.is_some() {}
    }

    /// Sends `rate` requests a second until it is stopped, and waits for what they come to.
    pub(crate) async fn run(self: Arc<Self>, seed: u64, rate: u64, weights: Vec<(Kind, u64)>) {
        let mut draw = Draw::new(seed, "load");
        let mut ticks = interval(Duration::from_secs(1) / u32::try_from(rate.max(1)).unwrap_or(1));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let room = Arc::new(Semaphore::new(MOST));
        let mut callers = JoinSet::new();
        callers.spawn(self.clone().pulse());
        let mut number = 0_u64;
        while !self.stopped.load(Ordering::Relaxed) {
            ticks.tick().await;
            number += 1;
            let kind = draw.weighted(&weights);
            let gateway = usize::try_from(draw.below(GATEWAYS as u64)).unwrap_or_default();
            let Ok(place) = room.clone().acquire_owned().await else {
                return;
            };
            let load = self.clone();
            callers.spawn(async move {
                load.send(kind, number, gateway).await;
                drop(place);
            });
            while callers.try_join_next().is_some() {}
        }
        while callers.join_next().await.is_some() {}
    }

    async fn send(&self, kind: Kind, number: u64, gateway: usize) {
        let token = format!("{}-{number}", kind.name());
        self.book.sends(&token, kind);
        match kind {
            Kind::Listing => self.listing(gateway).await,
            Kind::Token => self.judged(&token, number, gateway).await,
            Kind::Echo => self.echo(&token, gateway).await,
            Kind::Continue => self.continued(&token, gateway).await,
            Kind::Keyed => self.keyed(&token, gateway).await,
            Kind::Stream => stream::read(self, &token, gateway).await,
            _ => self.accepted(kind, &token, gateway).await,
        }
    }

    /// A request to an endpoint.
    pub(crate) fn request(&self, kind: Kind, token: &str, gateway: usize) -> RequestBuilder {
        let mut body = json!({ "token": token });
        if kind == Kind::Memory {
            body["counter"] = (hash(token) % COUNTERS).into();
        }
        let url = format!("{}{}", self.gateways[gateway], self.paths[&kind]);
        self.client.post(url).json(&body)
    }

    /// Sends a request; none where there is no whole reply.
    pub(crate) async fn answer(
        &self,
        kind: Kind,
        request: RequestBuilder,
    ) -> Option<(u16, String, String)> {
        let answer = async {
            let response = request.send().await.ok()?;
            let status = response.status().as_u16();
            let location = header(&response, "location");
            Some((status, response.text().await.ok()?, location))
        };
        let answer = tokio::time::timeout(PATIENCE, answer).await.ok().flatten();
        let told = answer
            .as_ref()
            .map_or_else(|| "none".to_owned(), |(status, ..)| status.to_string());
        self.book.counts(kind, &told);
        answer
    }

    pub(crate) fn succeeded(&self, shows: Shows, gateway: usize, began: Instant) {
        let ended = Instant::now();
        self.book.open().successes.push(Success {
            shows,
            gateway,
            began,
            ended,
        });
    }

    /// A reply that says no: those that a request of this kind may get.
    pub(crate) fn refused(&self, token: &str, (status, text): (u16, &str), allowed: &[u16]) {
        self.book.knows(token, Accepted::Unsure);
        if !allowed.contains(&status) {
            self.book
                .wrong(token, &format!("was answered {status}: {text}"));
        }
    }

    /// What must stand in a reply.
    pub(crate) fn must_be(&self, token: &str, text: &str, saw: Option<&str>) {
        let reply: Value = serde_json::from_str(text).unwrap_or_default();
        let right =
            reply["token"] == token && saw.is_none_or(|step| reply["saw"] == answer(token, step));
        if !right {
            self.book.wrong(token, &format!("has the reply {text}"));
        }
    }

    async fn accepted(&self, kind: Kind, token: &str, gateway: usize) {
        let began = Instant::now();
        match self.answer(kind, self.request(kind, token, gateway)).await {
            Some((200, text, _)) => {
                self.book.knows(token, Accepted::Yes);
                self.book.has_all(token);
                self.must_be(token, &text, None);
                self.succeeded(Shows::Accepting, gateway, began);
            }
            Some((status, text, _)) => self.refused(token, (status, &text), &[503]),
            None => self.book.knows(token, Accepted::Unsure),
        }
    }

    async fn echo(&self, token: &str, gateway: usize) {
        let began = Instant::now();
        let answer = self.answer(Kind::Echo, self.request(Kind::Echo, token, gateway));
        match answer.await {
            Some((200, text, _)) => {
                self.book.knows(token, Accepted::Yes);
                self.must_be(token, &text, Some("a"));
                self.succeeded(Shows::Running, gateway, began);
            }
            Some((status, text, _)) => self.refused(token, (status, &text), &[502, 503, 504]),
            None => self.book.knows(token, Accepted::Unsure),
        }
    }

    async fn judged(&self, token: &str, number: u64, gateway: usize) {
        let bad = number.is_multiple_of(3);
        let secret = if bad {
            "another secret than the endpoint's, and long"
        } else {
            SECRET
        };
        let mut claims = jwt::claims(ISSUER);
        claims["jti"] = token.into();
        let signed = jwt::mint(Algorithm::HS256, secret.as_bytes(), &claims);
        let request = self
            .request(Kind::Token, token, gateway)
            .bearer_auth(signed);
        let began = Instant::now();
        match self.answer(Kind::Token, request).await {
            Some((200, ..)) if bad => self.book.wrong(token, "a bad token passed"),
            Some((200, text, _)) => {
                self.must_be(token, &text, None);
                self.succeeded(Shows::Judging, gateway, began);
            }
            Some((401, ..)) if bad => {}
            Some((status, text, _)) => self.refused(token, (status, &text), &[502, 503, 504]),
            None => {}
        }
    }

    async fn listing(&self, gateway: usize) {
        let url = format!("{}/api/v1/dynamic-endpoints", self.controls[gateway]);
        let request = self.client.get(url).bearer_auth(&self.admin_token);
        let began = Instant::now();
        if let Some((200, ..)) = self.answer(Kind::Listing, request).await {
            self.succeeded(Shows::Listing, gateway, began);
        }
    }

    /// A reply at once or behind a link, at any gateway.
    async fn continued(&self, token: &str, gateway: usize) {
        let request = self.request(Kind::Continue, token, gateway);
        let mut answer = self.answer(Kind::Continue, request).await;
        if let Some((200 | 202, ..)) = answer {
            self.book.knows(token, Accepted::Yes);
        }
        let mut at = gateway;
        let mut link = String::new();
        loop {
            match answer {
                Some((200, text, _)) => {
                    self.book.has_all(token);
                    return self.must_be(token, &text, Some("a"));
                }
                // While auth-svc is away there is no link: the reply is out of reach.
                Some((202, _, location)) if location.is_empty() && link.is_empty() => {
                    return self.book.has_all(token);
                }
                Some((202, _, location)) if link.is_empty() => link = location,
                Some((202 | 502 | 503, ..)) | None if !link.is_empty() => {}
                Some((status, text, _)) => {
                    return self.refused(token, (status, &text), &[503]);
                }
                None => return self.book.knows(token, Accepted::Unsure),
            }
            if self.gave_up() {
                return;
            }
            pass(Duration::from_millis(500)).await;
            at = (at + 1) % GATEWAYS;
            let request = self.client.get(format!("{}{link}", self.gateways[at]));
            answer = self.answer(Kind::Continue, request).await;
        }
    }

    /// The same key at both gateways at once, and again until there is a reply.
    async fn keyed(&self, token: &str, gateway: usize) {
        let other = (gateway + 1) % GATEWAYS;
        let (first, second) =
            tokio::join!(self.keyed_at(token, gateway), self.keyed_at(token, other));
        if let (Some(first), Some(second)) = (first, second)
            && first != second
        {
            let what = format!("has two replies under one key: {first} and {second}");
            self.book.wrong(token, &what);
        }
    }

    async fn keyed_at(&self, token: &str, gateway: usize) -> Option<String> {
        for _ in 0..TRIES {
            let request = self.request(Kind::Keyed, token, gateway);
            let request = request.header("idempotency-key", token);
            let began = Instant::now();
            match self.answer(Kind::Keyed, request).await {
                Some((200, text, _)) => {
                    self.book.knows(token, Accepted::Yes);
                    self.book.has_all(token);
                    self.must_be(token, &text, None);
                    self.succeeded(Shows::Accepting, gateway, began);
                    return Some(text);
                }
                Some((status, text, _)) => {
                    self.refused(token, (status, &text), &[409, 502, 503]);
                }
                None => self.book.knows(token, Accepted::Unsure),
            }
            pass(Duration::from_millis(700)).await;
        }
        None
    }
}

pub(crate) fn header(response: &Response, name: &str) -> String {
    let value = response.headers().get(name);
    let text = value.and_then(|value| value.to_str().ok());
    text.unwrap_or_default().to_owned()
}

/// Waits for something for as long as it may take.
pub(crate) async fn within<T>(patience: Duration, what: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout(patience, what).await.ok()
}
