//! Where the mask stands in a request that comes out of the run log.

use serde_json::Value;
use shared::v1::run::{BodyKind, Received};
use shared::v1::run_log::MASK;

/// How many places are told, and how long the name of one may be, in letters.
const MOST: usize = 200;
const LONGEST: usize = 200;

/// The places, as a person finds them: `query.token`, `headers.authorization`, `body.user.password`.
pub(super) fn places(received: &Received, body: &[u8]) -> Vec<String> {
    let mut places = Vec::new();
    in_form("query", received.query.as_bytes(), &mut places);
    for (name, value) in &received.headers {
        if value.contains(MASK) {
            tell(&format!("headers.{name}"), &mut places);
        }
    }
    match received.body_kind {
        BodyKind::Json => match serde_json::from_slice(body) {
            Ok(value) => in_json(&value, "body", &mut places),
            Err(_) => in_text(body, &mut places),
        },
        BodyKind::Form => in_form("body", body, &mut places),
        BodyKind::Empty | BodyKind::Multipart | BodyKind::Other => in_text(body, &mut places),
    }
    places.dedup();
    places
}

/// Names come from outside, as long and as many as a request may hold.
fn tell(place: &str, places: &mut Vec<String>) {
    if places.len() < MOST {
        places.push(short(place));
    }
}

fn short(place: &str) -> String {
    let mut letters = place.chars();
    let mut short: String = letters.by_ref().take(LONGEST).collect();
    if letters.next().is_some() {
        short.push('…');
    }
    short
}

fn in_form(of: &str, form: &[u8], places: &mut Vec<String>) {
    for (name, value) in form_urlencoded::parse(form) {
        if value.contains(MASK) {
            tell(&format!("{of}.{name}"), places);
        }
    }
}

fn in_text(text: &[u8], places: &mut Vec<String>) {
    let mask = MASK.as_bytes();
    if text.windows(mask.len()).any(|window| window == mask) {
        tell("body", places);
    }
}

/// JSON that was read is no deeper than its reader goes.
fn in_json(value: &Value, at: &str, places: &mut Vec<String>) {
    if places.len() >= MOST {
        return;
    }
    // As much of it as is told; more would be written anew for each of its members.
    let at = short(at);
    match value {
        Value::String(text) if text.contains(MASK) => tell(&at, places),
        Value::Array(items) => {
            for (place, item) in items.iter().enumerate() {
                in_json(item, &format!("{at}[{place}]"), places);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                in_json(member, &format!("{at}.{name}"), places);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn received(body_kind: BodyKind) -> Received {
        Received {
            received_at_ms: 0,
            method: "POST".to_owned(),
            query: "a=1&token=***".to_owned(),
            ip: String::new(),
            headers: vec![
                ("authorization".to_owned(), "***".to_owned()),
                ("accept".to_owned(), "*/*".to_owned()),
            ],
            claims: None,
            body_kind,
        }
    }

    #[test]
    fn a_masked_part_is_named_wherever_it_stands() {
        for (kind, body, expected) in [
            (BodyKind::Empty, "", vec![]),
            (
                BodyKind::Json,
                r#"{"password": "***", "a": [{"pin": "***"}, "x"]}"#,
                vec!["body.a[0].pin", "body.password"],
            ),
            (
                BodyKind::Form,
                "user=ann&password=***",
                vec!["body.password"],
            ),
            (BodyKind::Other, "https://***@host", vec!["body"]),
        ] {
            let mut found = places(&received(kind), body.as_bytes());
            let rest = found.split_off(2);
            assert_eq!(found, ["query.token", "headers.authorization"]);
            let mut rest = rest;
            rest.sort();
            assert_eq!(rest, expected, "{body}");
        }
    }

    #[test]
    fn however_many_and_long_the_names_are_few_are_told_and_shortened() {
        let long = "n".repeat(100_000);
        let many = vec!["***"; 1_000];
        let body = serde_json::json!({ long.as_str(): many }).to_string();
        let found = places(&received(BodyKind::Json), body.as_bytes());
        assert!(found.len() <= MOST);
        assert!(
            found
                .iter()
                .all(|place| place.chars().count() <= LONGEST + 1)
        );
        assert!(found.iter().any(|place| place.ends_with('…')));
    }
}
