//! A caller of an event stream, which goes on with it at the other gateway where it breaks.

use std::time::Duration;

use reqwest::RequestBuilder;

use crate::book::Accepted;
use crate::clock::pass;
use crate::kinds::Kind;
use crate::load::{GATEWAYS, Load, within};

/// How long the next piece of a stream may take; a gateway sends a comment every 15 s.
const PATIENCE: Duration = Duration::from_secs(25);

/// The frames of a run, in their order.
const FRAMES: [&str; 3] = ["one", "two", "three"];

/// Where a caller is in its stream.
#[derive(Default)]
struct Place {
    /// The id of the last event.
    last: String,
    data: Vec<String>,
}

/// Reads a stream to its end, wherever it comes from.
pub(crate) async fn read(load: &Load, token: &str, gateway: usize) {
    let mut place = Place::default();
    let mut at = gateway;
    let expected: Vec<String> = FRAMES
        .iter()
        .map(|name| format!("{name} {token}"))
        .collect();
    loop {
        let mut request = load.request(Kind::Stream, token, at);
        if !place.last.is_empty() {
            request = request.header("last-event-id", &place.last);
        }
        if let Some(status) = follow(load, token, request, &mut place).await
            && place.last.is_empty()
        {
            // It was refused, and is not sent again.
            return load.refused(token, (status, ""), &[503]);
        }
        if place.last.is_empty() {
            return load.book.knows(token, Accepted::Unsure);
        }
        if !expected.starts_with(&place.data) {
            let what = format!("has the frames {:?}", place.data);
            return load.book.wrong(token, &what);
        }
        if place.data.len() == expected.len() {
            return load.book.has_all(token);
        }
        if load.gave_up() {
            return;
        }
        pass(Duration::from_millis(500)).await;
        at = (at + 1) % GATEWAYS;
    }
}

/// Follows a stream until it ends or breaks; the status where it is none.
async fn follow(
    load: &Load,
    token: &str,
    request: RequestBuilder,
    place: &mut Place,
) -> Option<u16> {
    let Some(Ok(mut response)) = within(PATIENCE, request.send()).await else {
        load.book.counts(Kind::Stream, "none");
        return None;
    };
    let status = response.status().as_u16();
    load.book.counts(Kind::Stream, &status.to_string());
    if status != 200 {
        return Some(status);
    }
    load.book.knows(token, Accepted::Yes);
    let mut rest = String::new();
    while let Some(Ok(Some(chunk))) = within(PATIENCE, response.chunk()).await {
        rest.push_str(&String::from_utf8_lossy(&chunk));
        while let Some(end) = rest.find("\n\n") {
            let block = rest[..end].to_owned();
            rest.drain(..end + 2);
            place.take(&block);
        }
        if load.gave_up() {
            break;
        }
    }
    None
}

impl Place {
    fn take(&mut self, block: &str) {
        let field = |name: &str| {
            let mut lines = block.lines();
            lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
        };
        // It says that the stream broke, and is no frame of the run.
        if field("event") == Some("error") {
            return;
        }
        if let Some(id) = field("id") {
            id.clone_into(&mut self.last);
        }
        self.data.extend(field("data").map(str::to_owned));
    }
}
