//! A reader of event streams that sees every byte.

use std::time::Duration;

use reqwest::{RequestBuilder, Response};
use testkit::http;
use tokio::time::timeout;

/// How long the next piece may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// A stream that is read as it comes.
pub(super) struct Reader {
    response: Response,
    rest: Vec<u8>,
}

/// A frame as it stood on the wire.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) event: Option<String>,
    pub(super) id: Option<String>,
    pub(super) retry: Option<String>,
    pub(super) data: Option<String>,
}

impl Reader {
    /// Opens a stream.
    pub(super) async fn open(url: &str) -> Self {
        Self::send(http::client().get(url)).await
    }

    /// Goes on with a stream after a frame.
    pub(super) async fn resume(url: &str, last: &str) -> Self {
        Self::send(http::client().get(url).header("last-event-id", last)).await
    }

    /// Opens a stream with any request.
    pub(super) async fn send(request: RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200, "{response:?}");
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(response.headers()["cache-control"], "no-store");
        Self {
            response,
            rest: Vec::new(),
        }
    }

    /// The next piece up to an empty line, as it stood there; none at the end of the stream.
    pub(super) async fn block(&mut self) -> Option<String> {
        loop {
            if let Some(end) = self.rest.windows(2).position(|pair| pair == b"\n\n") {
                let rest = self.rest.split_off(end + 2);
                let block = std::mem::replace(&mut self.rest, rest);
                return Some(String::from_utf8(block).unwrap());
            }
            let chunk = timeout(PATIENCE, self.response.chunk()).await;
            let chunk = chunk
                .expect("the stream goes on or ends")
                .expect("it is not cut off");
            let Some(chunk) = chunk else {
                assert!(self.rest.is_empty(), "half a frame: {:?}", self.rest);
                return None;
            };
            self.rest.extend_from_slice(&chunk);
        }
    }

    /// The next frame, without comments and the opening; none at the end of the stream.
    pub(super) async fn frame(&mut self) -> Option<Frame> {
        loop {
            let block = self.block().await?;
            if block
                .lines()
                .all(|line| line.is_empty() || line.starts_with(':'))
            {
                continue;
            }
            let frame = parse(&block);
            if frame.is_opening() {
                continue;
            }
            return Some(frame);
        }
    }

    /// The `id` before any frame, with which one who has none yet goes on.
    pub(super) async fn opening(&mut self) -> String {
        let frame = parse(&self.block().await.expect("a beginning"));
        assert!(frame.is_opening(), "{frame:?}");
        frame.id.expect("an opening is an id")
    }

    /// The data of the next frame.
    pub(super) async fn data(&mut self) -> String {
        let frame = self.frame().await.expect("a frame");
        frame
            .data
            .unwrap_or_else(|| panic!("{:?} has no data", frame.event))
    }

    /// All frames up to the end.
    pub(super) async fn rest_of_it(&mut self) -> Vec<Frame> {
        let mut frames = Vec::new();
        while let Some(frame) = self.frame().await {
            frames.push(frame);
        }
        frames
    }
}

impl Frame {
    /// Whether it is no frame of the run's but says where to go on: place 0, before the first.
    fn is_opening(&self) -> bool {
        let first = |id: &String| id.len() == 38 && id.ends_with(":0");
        self.id.as_ref().is_some_and(first) && self.event.is_none() && self.data.is_none()
    }
}

fn parse(block: &str) -> Frame {
    let mut frame = Frame::default();
    for line in block.lines().filter(|line| !line.is_empty()) {
        let (name, value) = line
            .split_once(": ")
            .unwrap_or_else(|| panic!("{line:?} in {block:?}"));
        let field = match name {
            "event" => &mut frame.event,
            "id" => &mut frame.id,
            "retry" => &mut frame.retry,
            "data" => &mut frame.data,
            _ => panic!("{line:?} in {block:?}"),
        };
        *field = match field.take() {
            Some(before) if name == "data" => Some(format!("{before}\n{value}")),
            Some(_) => panic!("{name} stands twice in {block:?}"),
            None => Some(value.to_owned()),
        };
    }
    frame
}
