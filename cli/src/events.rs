//! Reading an event stream.

use std::time::Duration;

use reqwest::{RequestBuilder, Response};

use crate::client::Client;
use crate::failure::Failure;

/// How long a stream may go on: longer than anybody watches.
const LONG: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);

/// An event.
pub(crate) struct Event {
    /// Its `event` field.
    pub(crate) name: String,
    /// Its `data`.
    pub(crate) data: String,
}

/// Events as they come.
pub(crate) struct Events {
    response: Response,
    bytes: Vec<u8>,
}

impl Client {
    /// Opens an event stream.
    pub(crate) async fn events(&self, request: RequestBuilder) -> Result<Events, Failure> {
        let response = self.open(request.timeout(LONG)).await?;
        Ok(Events {
            response,
            bytes: Vec::new(),
        })
    }
}

impl Events {
    /// The next event; none at the end of the stream.
    pub(crate) async fn next(&mut self) -> Result<Option<Event>, Failure> {
        loop {
            if let Some(end) = self.bytes.windows(2).position(|pair| pair == b"\n\n") {
                let block: Vec<u8> = self.bytes.drain(..end + 2).collect();
                match event(&String::from_utf8_lossy(&block)) {
                    Some(event) => return Ok(Some(event)),
                    None => continue,
                }
            }
            match self.response.chunk().await {
                Ok(Some(chunk)) => self.bytes.extend_from_slice(&chunk),
                Ok(None) => return Ok(None),
                Err(error) => {
                    return Err(Failure::unavailable(format!(
                        "the stream broke off: {error}"
                    )));
                }
            }
        }
    }
}

/// What a block says; nothing where it is a comment.
fn event(block: &str) -> Option<Event> {
    let mut name = String::from("message");
    let mut data: Vec<&str> = Vec::new();
    for line in block.lines() {
        match line.split_once(": ") {
            Some(("event", value)) => value.clone_into(&mut name),
            Some(("data", value)) => data.push(value),
            _ => {}
        }
    }
    (!data.is_empty()).then(|| Event {
        name,
        data: data.join("\n"),
    })
}

#[cfg(test)]
mod tests {
    use super::event;

    #[test]
    fn an_event_has_its_name_and_its_data_and_a_comment_is_none() {
        let read = event("event: run\nid: 7\ndata: {\"a\":\ndata: 1}\n\n").unwrap();
        assert_eq!(
            (read.name.as_str(), read.data.as_str()),
            ("run", "{\"a\":\n1}")
        );
        assert!(event(":\n\n").is_none());
    }
}
