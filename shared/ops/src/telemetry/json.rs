//! One JSON object to a log line, with the fields of the spans at the top level.

use std::io::Write;

use serde_json::{Map, Value};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime, SystemTime};
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use super::fields::Fields;

/// What a line always has, and what no field of a span or an event may replace.
const RESERVED: [&str; 4] = ["timestamp", "level", "target", "message"];

/// A layer that writes every event as one line of JSON.
#[derive(Debug)]
pub struct JsonLines<W> {
    service: String,
    writer: W,
}

impl<W> JsonLines<W> {
    /// Lines of the service `service`, to `writer`.
    pub fn new(service: impl Into<String>, writer: W) -> Self {
        Self {
            service: service.into(),
            writer,
        }
    }

    fn line<S>(&self, event: &Event<'_>, context: &Context<'_, S>) -> Map<String, Value>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let Fields(mut fields) = fields;
        let metadata = event.metadata();
        let mut line = Map::new();
        line.insert("timestamp".to_owned(), timestamp().into());
        line.insert("level".to_owned(), metadata.level().as_str().into());
        line.insert("service".to_owned(), self.service.clone().into());
        // Events that come over from the `log` crate carry their own place in fields.
        let target = fields
            .remove("log.target")
            .unwrap_or_else(|| metadata.target().into());
        line.insert("target".to_owned(), target);
        fields.retain(|name, _| !name.starts_with("log."));
        let message = fields.remove("message").unwrap_or_else(|| "".into());
        line.insert("message".to_owned(), message);
        for span in context
            .event_scope(event)
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .iter()
            .rev()
        {
            if let Some(Fields(of_span)) = span.extensions().get::<Fields>() {
                add(&mut line, of_span.clone());
            }
        }
        add(&mut line, fields);
        line
    }
}

/// Adds fields; the inner ones replace the outer ones of the same name.
fn add(line: &mut Map<String, Value>, fields: Map<String, Value>) {
    for (name, value) in fields {
        if RESERVED.contains(&name.as_str()) {
            line.insert(format!("{name}_"), value);
        } else {
            line.insert(name, value);
        }
    }
}

/// Now, as RFC 3339 in UTC with microseconds.
fn timestamp() -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = SystemTime.format_time(&mut Writer::new(&mut text));
    text
}

impl<S, W> Layer<S> for JsonLines<W>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: for<'a> MakeWriter<'a> + 'static,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(fields);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(fields) = span.extensions_mut().get_mut::<Fields>()
        {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut line = Value::Object(self.line(event, &context)).to_string();
        line.push('\n');
        // One write for the whole line, so that lines do not mix. There is nowhere to report a failure to.
        let _ = self
            .writer
            .make_writer_for(event.metadata())
            .write_all(line.as_bytes());
    }
}
