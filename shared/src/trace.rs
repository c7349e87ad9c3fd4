//! W3C Trace Context, level 1: the `traceparent` that ties the logs of one request together.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The position of a piece of work in a trace.
///
/// On the wire it is a `traceparent` text, so that whoever reads along, such as nats-server's own
/// trace log, sees the trace's id. Source: <https://www.w3.org/TR/trace-context/>, version 00.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TraceContext {
    /// The trace that the work belongs to; never zero.
    pub trace_id: u128,
    /// The span that caused the work; never zero.
    pub span_id: u64,
    /// Whether the caller recorded the span.
    pub sampled: bool,
}

impl TraceContext {
    /// Reads a `traceparent` header. `None` for anything that the standard calls invalid.
    #[must_use]
    pub fn parse(header: &str) -> Option<Self> {
        let mut parts = header.trim().split('-');
        let (version, trace_id, span_id, flags) =
            (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let known = version == "00" && parts.next().is_none();
        let newer = version != "00" && version != "ff" && lower_hex(version, 2);
        let shaped = lower_hex(trace_id, 32) && lower_hex(span_id, 16) && lower_hex(flags, 2);
        if !(known || newer) || !shaped {
            return None;
        }
        let context = Self {
            trace_id: u128::from_str_radix(trace_id, 16).ok()?,
            span_id: u64::from_str_radix(span_id, 16).ok()?,
            sampled: u8::from_str_radix(flags, 16).ok()? & 1 == 1,
        };
        (context.trace_id != 0 && context.span_id != 0).then_some(context)
    }

    /// The same trace, one span further on. A `span_id` of zero is made one.
    #[must_use]
    pub fn child(self, span_id: u64) -> Self {
        Self {
            span_id: span_id.max(1),
            ..self
        }
    }

    /// The trace's id as logs show it: 32 lower-case hexadecimal digits.
    #[must_use]
    pub fn trace_id_text(&self) -> String {
        format!("{:032x}", self.trace_id)
    }
}

impl fmt::Display for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "00-{:032x}-{:016x}-{:02x}",
            self.trace_id,
            self.span_id,
            u8::from(self.sampled)
        )
    }
}

impl fmt::Debug for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for TraceContext {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TraceContext {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("no traceparent"))
    }
}

fn lower_hex(text: &str, length: usize) -> bool {
    text.len() == length
        && text
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_traceparent_reads_back_to_itself() {
        let header = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        assert_eq!(TraceContext::parse(header).unwrap().to_string(), header);
    }

    #[test]
    fn what_the_standard_calls_invalid_is_refused() {
        for header in [
            "",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
            "00-0af7651916cd43dd8448eb211c80319-b7ad6b7169203331-01",
        ] {
            assert!(TraceContext::parse(header).is_none(), "{header}");
        }
    }

    #[test]
    fn a_newer_version_is_read_as_far_as_it_is_known() {
        let header = "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00-later";
        assert!(!TraceContext::parse(header).unwrap().sampled);
    }
}
