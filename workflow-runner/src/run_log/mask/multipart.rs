//! `multipart/form-data`: part by part.

use super::MASK;
use super::body::{Media, body};
use super::names::secret_field;

/// Masks the secret parts of a multipart body with this boundary. What was cut off is masked to its end.
pub(super) fn multipart(bytes: &[u8], boundary: &str) -> Vec<u8> {
    let delimiter = format!("--{boundary}");
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    let first = find(rest, delimiter.as_bytes()).unwrap_or(rest.len());
    let (preamble, left) = rest.split_at(first);
    out.extend_from_slice(preamble);
    rest = left;
    while let Some(after) = rest.strip_prefix(delimiter.as_bytes()) {
        out.extend_from_slice(delimiter.as_bytes());
        let end = find(after, delimiter.as_bytes()).unwrap_or(after.len());
        let (part, left) = after.split_at(end);
        out.extend(masked(part));
        rest = left;
    }
    out
}

/// One part, from behind its delimiter to the next.
fn masked(part: &[u8]) -> Vec<u8> {
    let Some(head) = find(part, b"\r\n\r\n") else {
        return part.to_vec();
    };
    let (head, rest) = part.split_at(head + 4);
    let (content, end) = match rest.strip_suffix(b"\r\n") {
        Some(content) => (content, b"\r\n".as_slice()),
        None => (rest, b"".as_slice()),
    };
    let headers = String::from_utf8_lossy(head);
    let line = |name: &str| {
        let named = |line: &&str| {
            line.get(..name.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(name))
        };
        headers.lines().find(named)
    };
    let name = line("content-disposition:").and_then(name);
    let content = if name.is_some_and(secret_field) && !content.is_empty() {
        MASK.as_bytes().to_vec()
    } else {
        let media = line("content-type:").and_then(|line| line.split_once(':'));
        body(content.to_vec(), &Media::of(media.map(|(_, value)| value)))
    };
    [head, &content, end].concat()
}

/// The value of the parameter `name`.
fn name(line: &str) -> Option<&str> {
    let parameters = line.split(';').skip(1);
    let value = parameters.filter_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let name = name.trim().trim_end_matches('*');
        name.eq_ignore_ascii_case("name").then_some(value.trim())
    });
    value.map(|value| value.trim_matches('"')).next()
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes
        .windows(wanted.len())
        .position(|window| window == wanted)
}
