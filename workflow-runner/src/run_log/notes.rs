//! What was noted of a run: a record that is not masked yet, and so goes nowhere.

use shared::v1::run_log::{Payload, RunRecord, Told};
use workflow::machine::{Evaluated, HttpRequest, HttpResponse};
use workflow::reply::Reply;

use super::mask::{LONGEST, Secrets};

/// How many bytes of bodies one run may leave in its notes.
const MOST_BYTES: usize = 1024 * 1024;

/// How many steps, and how many lines, and how many names.
pub(super) const MOST_ENTRIES: usize = 1_000;

/// How much of a line or a URL is kept, in bytes.
const LONGEST_TEXT: usize = 16 * 1024;

/// The notes of one run.
#[derive(Clone)]
pub(super) struct Notes {
    /// What there is of the record.
    pub(super) record: RunRecord,
    /// What scripts made, by the place of their step in the record.
    pub(super) made: Vec<(usize, Box<Evaluated>)>,
    /// How many bytes of each body are to be kept.
    pub(super) cap: usize,
    /// The secrets that the run may read: masked wherever they stand.
    pub(super) secrets: Option<Secrets>,
    /// How many bytes may still be noted.
    room: usize,
}

impl Notes {
    /// Notes that begin with what there is of a record.
    pub(super) fn new(record: RunRecord, cap: usize) -> Self {
        Self {
            record,
            made: Vec::new(),
            cap,
            secrets: None,
            room: MOST_BYTES,
        }
    }

    /// About how many bytes the notes take.
    pub(super) fn weight(&self) -> usize {
        // Entries without bodies weigh something as well.
        1024 + 256 * (self.record.steps.len() + self.record.lines.len())
            + MOST_BYTES.saturating_sub(self.room)
    }

    /// Whether there is room for one more entry beside `there`; counts the one that is left out where not.
    pub(super) fn one_more(&mut self, there: usize) -> bool {
        let fits = there < MOST_ENTRIES;
        self.record.left_out += u64::from(!fits);
        fits
    }

    /// The first bytes of a body, a few more than are kept in the end: a secret may stand across the cut.
    pub(super) fn payload(&mut self, bytes: &[u8]) -> Payload {
        let wanted = if self.cap == 0 { 0 } else { self.cap + LONGEST };
        let kept = bytes.get(..wanted.min(self.room)).unwrap_or(bytes);
        self.room = self.room.saturating_sub(kept.len());
        Payload {
            bytes: kept.to_vec(),
            size: bytes.len() as u64,
            truncated: kept.len() < bytes.len(),
        }
    }

    /// A text of a bounded length.
    pub(super) fn text(&mut self, text: &str) -> String {
        let kept = cut(text, LONGEST_TEXT.min(self.room));
        self.room = self.room.saturating_sub(kept.len());
        kept.to_owned()
    }

    /// An outgoing request.
    pub(super) fn request(&mut self, request: &HttpRequest) -> Told {
        let mut url = request.url.clone();
        if !request.query.is_empty() {
            let query = url::form_urlencoded::Serializer::new(String::new())
                .extend_pairs(&request.query)
                .finish();
            url.push(if url.contains('?') { '&' } else { '?' });
            url.push_str(&query);
        }
        let mut headers = self.headers(&request.headers);
        let named = headers
            .iter()
            .any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        if let (false, Some(content_type)) = (named, &request.content_type) {
            headers.push(("content-type".to_owned(), content_type.clone()));
        }
        Told {
            method: Some(request.method.clone()),
            url: Some(self.text(&url)),
            status: None,
            headers,
            body: request.body.as_deref().map(|body| self.payload(body)),
        }
    }

    /// A response to one.
    pub(super) fn response(&mut self, response: &HttpResponse) -> Told {
        Told {
            status: Some(response.status),
            headers: self.headers(&response.headers),
            body: Some(self.payload(&response.body)),
            ..Told::default()
        }
    }

    /// A reply.
    pub(super) fn reply(&mut self, reply: &Reply) -> Told {
        Told {
            status: Some(reply.status),
            headers: self.headers(&reply.headers),
            body: Some(self.payload(&reply.body)),
            ..Told::default()
        }
    }

    /// Headers, each of a bounded length.
    pub(super) fn headers(&mut self, headers: &[(String, String)]) -> Vec<(String, String)> {
        let headers = headers.iter().take(MOST_ENTRIES);
        headers
            .map(|(name, value)| (name.clone(), self.text(value)))
            .collect()
    }
}

/// The beginning of a text, up to so many bytes and to the end of a letter.
pub(super) fn cut(text: &str, most: usize) -> &str {
    let mut end = most.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}
