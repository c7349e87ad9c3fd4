//! A service's requests by subject: decode, call, encode.

use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::FutureExt;
use shared::codes::Code;
use shared::frame::{self, Frame, Kind};
use shared::rpc::{Context, Request, Rpc};
use shared::v1::reply::Failure;
use tracing::Instrument;

use crate::connect::Bus;
use crate::serve::{Handler, Incoming, Permit, Work};

type Answering = std::pin::Pin<Box<dyn Future<Output = Result<Bytes, Failure>> + Send>>;
type Route = Arc<dyn Fn(Frame) -> Answering + Send + Sync>;

/// Answers requests with the handler that was set for their subject.
///
/// A handler never sees a request whose deadline has passed.
pub struct Router {
    bus: Bus,
    clock: fn() -> i64,
    routes: HashMap<&'static str, Route>,
}

impl Router {
    /// A router without routes. `clock` gives milliseconds since the Unix epoch.
    #[must_use]
    pub fn new(bus: Bus, clock: fn() -> i64) -> Self {
        Self {
            bus,
            clock,
            routes: HashMap::new(),
        }
    }

    /// Answers `M` with `handler`.
    #[must_use]
    pub fn on<M, H, F>(mut self, handler: H) -> Self
    where
        M: Rpc + 'static,
        H: Fn(Context, M) -> F + Send + Sync + 'static,
        F: Future<Output = Result<M::Reply, Failure>> + Send + 'static,
    {
        let handler = Arc::new(handler);
        let clock = self.clock;
        let route = move |frame: Frame| -> Answering {
            let handler = handler.clone();
            async move {
                let request: Request<M> = frame.head().map_err(unreadable)?;
                let context = request.context;
                if context.deadline_ms < clock() {
                    metrics::counter!("earshot_bus_expired_requests_total").increment(1);
                    return Err(Failure::new(Code::Overloaded, "the request came too late"));
                }
                // Of the level of an error, so that every line under it names the request, however little is logged.
                let span = tracing::error_span!(
                    "request",
                    trace_id = %context.trace.trace_id_text(),
                    request_id = %context.request_id,
                );
                let reply = handler(context, request.message).instrument(span).await?;
                frame::encode(Kind::Result, &reply, &[]).map_err(unreadable)
            }
            .boxed()
        };
        self.routes.insert(M::SUBJECT, Arc::new(route));
        self
    }

    fn answer(&self, message: Incoming, permit: Option<Permit>) -> Work {
        let Some(reply) = message.reply else {
            return async {}.boxed();
        };
        let (bus, route) = (
            self.bus.clone(),
            self.routes.get(message.subject.as_str()).cloned(),
        );
        async move {
            let answer = match (permit.as_ref(), route) {
                (None, _) => Err(Failure::new(
                    Code::Overloaded,
                    "the service is at its limit",
                )),
                (Some(_), None) => Err(Failure::new(
                    Code::Internal,
                    "the service does not know this request",
                )),
                (Some(_), Some(route)) => match frame::decode(message.payload) {
                    Ok(frame) => route(frame).await,
                    Err(error) => Err(unreadable(error)),
                },
            };
            send(&bus, reply, answer).await;
            drop(permit);
        }
        .boxed()
    }
}

impl Handler for Router {
    fn handle(&mut self, message: Incoming, permit: Permit) -> Work {
        self.answer(message, Some(permit))
    }

    fn shed(&mut self, message: Incoming) -> Work {
        self.answer(message, None)
    }
}

#[allow(clippy::needless_pass_by_value)] // The shape that map_err wants.
fn unreadable(error: frame::FrameError) -> Failure {
    tracing::warn!(%error, "a message could not be read or written");
    Failure::new(
        Code::Internal,
        "an internal message could not be read or written",
    )
}

async fn send(bus: &Bus, reply: String, answer: Result<Bytes, Failure>) {
    let payload = match answer {
        Ok(payload) => payload,
        Err(failure) => match frame::encode(Kind::Failure, &failure, &[]) {
            Ok(payload) => payload,
            Err(error) => {
                tracing::error!(%error, "a failure could not be written");
                return;
            }
        },
    };
    if let Err(error) = bus.publish(reply, payload).await {
        tracing::warn!(%error, "an answer could not be sent");
    }
}
