//! One HTTP request as the gateway's own logs, errors and messages refer to it.

use std::time::Instant;

use http::HeaderMap;
use ops::clock::now_ms;
use shared::ids::RequestId;
use shared::rpc::Context;
use shared::trace::TraceContext;
use uuid::Uuid;

/// Who asked when, and in which trace.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked {
    /// The request's id, shown as `X-Request-Id`.
    pub(crate) id: RequestId,
    /// The caller's trace, one span further on; or a new trace.
    pub(crate) trace: TraceContext,
    /// When the request came, in milliseconds since the Unix epoch.
    pub(crate) at_ms: i64,
    /// The same moment for measuring.
    pub(crate) started: Instant,
}

impl Asked {
    /// Names a request that has just come. An id of the caller's own is not taken over: ours are unique.
    pub(crate) fn now(headers: &HeaderMap) -> Self {
        Self {
            id: RequestId(Uuid::now_v7()),
            trace: trace(headers),
            at_ms: now_ms(),
            started: Instant::now(),
        }
    }

    /// What goes along with a message to another service; the call sets the deadline.
    pub(crate) fn context(&self) -> Context {
        Context {
            trace: self.trace,
            request_id: self.id,
            deadline_ms: 0,
        }
    }
}

/// W3C Trace Context: a caller's trace goes on where its header is whole and there is one of it.
fn trace(headers: &HeaderMap) -> TraceContext {
    let mut values = headers.get_all("traceparent").iter();
    let first = values.next().and_then(|value| value.to_str().ok());
    let caller = match (first, values.next()) {
        (Some(header), None) => TraceContext::parse(header),
        _ => None,
    };
    let span_id = rand::random::<u64>();
    let fresh = TraceContext {
        trace_id: rand::random::<u128>().max(1),
        span_id: 1,
        sampled: false,
    };
    caller.unwrap_or(fresh).child(span_id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_callers_trace_goes_on_in_a_span_of_ours() {
        let mut headers = HeaderMap::new();
        let header = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        headers.insert("traceparent", header.parse().unwrap());
        let asked = Asked::now(&headers);
        assert_eq!(
            asked.trace.trace_id_text(),
            "0af7651916cd43dd8448eb211c80319c"
        );
        assert!(asked.trace.sampled);
        assert_ne!(asked.trace.span_id, 0xb7ad_6b71_6920_3331);
    }

    #[test]
    fn a_broken_or_repeated_traceparent_begins_a_new_trace() {
        let mut headers = HeaderMap::new();
        headers.insert("traceparent", "00-xyz".parse().unwrap());
        assert_ne!(Asked::now(&headers).trace.trace_id, 0);
        let header = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        headers.insert("traceparent", header.parse().unwrap());
        headers.append("traceparent", header.parse().unwrap());
        assert_ne!(
            Asked::now(&headers).trace.trace_id_text(),
            "0af7651916cd43dd8448eb211c80319c"
        );
    }
}
