//! Frames of an event stream.

use script::{CompileError, EvalError, ScriptId, ScriptsBuilder, Target};

use crate::document::SseFrame;
use crate::machine::FrameOut;
use crate::template::Evaluator;

/// A compiled `sse_frame` step.
#[derive(Debug)]
pub(crate) struct FrameSpec {
    event: Option<ScriptId>,
    id: Option<ScriptId>,
    data: Option<ScriptId>,
    retry: Option<u64>,
    last: bool,
}

impl FrameSpec {
    /// Compiles the scripts. Those of `data` escape as the body of a reply does.
    pub(crate) fn compile(
        frame: &SseFrame,
        scripts: &mut ScriptsBuilder,
    ) -> Result<Self, CompileError> {
        let mut add = |script: &Option<String>, target| {
            script
                .as_deref()
                .map(|script| scripts.add(script, target))
                .transpose()
        };
        Ok(Self {
            event: add(&frame.event, Target::Text)?,
            id: add(&frame.frame_id, Target::Text)?,
            data: add(&frame.data, Target::Body)?,
            retry: frame.retry.map(u64::from),
            last: frame.is_final,
        })
    }

    /// Renders the frame. CR, LF and NUL are taken out of `event` and `id`, where they would end the
    /// field; an `event` that renders to nothing is none.
    pub(crate) fn make(&self, evaluator: &mut Evaluator<'_>) -> Result<FrameOut, EvalError> {
        let mut render =
            |script: Option<ScriptId>| script.map(|script| evaluator.render(script)).transpose();
        let event = render(self.event)?
            .map(|text| one_line(&text))
            .filter(|text| !text.is_empty());
        let id = render(self.id)?.map(|text| one_line(&text));
        let data = render(self.data)?.unwrap_or_default();
        Ok(FrameOut {
            event,
            id,
            retry: self.retry,
            data,
            last: self.last,
        })
    }
}

fn one_line(text: &str) -> String {
    text.chars()
        .filter(|character| !matches!(character, '\r' | '\n' | '\0'))
        .collect()
}

/// Encodes a frame as WHATWG's server-sent events have it: every line of `data` in a field of its
/// own, whatever ends the lines. A frame with neither data nor event sends no message; it may still
/// set `id` and `retry`.
#[must_use]
pub fn encode_frame(
    event: Option<&str>,
    id: Option<&str>,
    retry: Option<u64>,
    data: &str,
) -> String {
    let mut out = String::with_capacity(data.len() + 32);
    let mut field = |name: &str, value: &str| {
        out.push_str(name);
        out.push_str(": ");
        out.push_str(value);
        out.push('\n');
    };
    if let Some(event) = event {
        field("event", &one_line(event));
    }
    if let Some(id) = id {
        field("id", &one_line(id));
    }
    if let Some(retry) = retry {
        field("retry", &retry.to_string());
    }
    if event.is_some() || !data.is_empty() {
        for line in data.replace("\r\n", "\n").split(['\n', '\r']) {
            field("data", line);
        }
    }
    out.push('\n');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_data_is_a_field_of_its_own() {
        let frame = encode_frame(Some("tick"), Some("7"), Some(3000), "a\nb\r\nc\rd\n");
        assert_eq!(
            frame,
            "event: tick\nid: 7\nretry: 3000\ndata: a\ndata: b\ndata: c\ndata: d\ndata: \n\n"
        );
    }

    #[test]
    fn a_value_cannot_add_a_field_or_end_the_frame() {
        let frame = encode_frame(Some("a\ndata: evil"), Some("1\r\n\r\n\0"), None, " x\n\ny");
        assert_eq!(
            frame,
            "event: adata: evil\nid: 1\ndata:  x\ndata: \ndata: y\n\n"
        );
    }

    #[test]
    fn a_frame_without_data_and_event_sends_no_message() {
        assert_eq!(encode_frame(None, None, Some(10), ""), "retry: 10\n\n");
        assert_eq!(
            encode_frame(Some("done"), None, None, ""),
            "event: done\ndata: \n\n"
        );
    }
}
