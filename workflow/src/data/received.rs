//! From a request to the names under `__data`.

use bytes::Bytes;
use jiff::Timestamp;
use script::Value;
use shared::ids::{EndpointId, RequestId};
use shared::v1::run::{BodyKind, Received, Trigger};

use super::body::Body;
use super::fields::{self, Grouped};
use super::file::File;
use super::headers::{spellings, spelt_twice};
use super::problem::BodyProblem;
use super::{json, multipart};

/// What one request brought. It never changes, and all copies of a run's data share it.
#[derive(Debug, Default)]
pub(super) struct Origin {
    /// The caller's fields, a map.
    pub(super) fields: Value,
    headers: Value,
    claims: Option<Value>,
    body: Body,
    json: Option<Value>,
    files: Value,
    request: Value,
}

/// Our names, in the order in which they are listed.
pub(super) const NAMES: [&str; 9] = [
    "__headers",
    "__jwt",
    "__logged_in_user_id",
    "__logged_in_user_full_name",
    "__body",
    "__body_encoding",
    "__json",
    "__files",
    "__request",
];

impl Origin {
    /// Reads a request whose body was classified before.
    pub(super) fn read(
        received: &Received,
        request_id: RequestId,
        endpoint_id: EndpointId,
        body: Bytes,
    ) -> Result<Self, BodyProblem> {
        let mut pairs: Vec<(String, Value)> = fields::parse(received.query.as_bytes())
            .into_pairs()
            .collect();
        let mut files = Grouped::new();
        let mut json = None;
        match received.body_kind {
            BodyKind::Empty | BodyKind::Other => {}
            BodyKind::Form => pairs.extend(fields::parse(&body).into_pairs()),
            BodyKind::Json => {
                let value = json::parse(&body)?;
                pairs.extend(members(&value));
                json = Some(value);
            }
            BodyKind::Multipart => {
                let content_type = content_type(received);
                let mut texts = Grouped::new();
                for part in multipart::parse(content_type, &body)? {
                    place(part, &mut texts, &mut files);
                }
                pairs.extend(texts.into_pairs());
            }
        }
        let claims = received
            .claims
            .as_deref()
            .and_then(|text| json::parse(text.as_bytes()).ok());
        Ok(Self {
            // Of two pairs with one name the later one counts: body beats query.
            fields: Value::from_pairs(pairs),
            headers: headers(received, claims.as_ref()),
            claims,
            body: Body::new(body),
            json,
            files: Value::from_pairs(files.into_lists()),
            request: request(received, request_id, endpoint_id),
        })
    }

    /// There is no caller: what stands under `__request` tells of what started the run.
    pub(super) fn started_by(
        &mut self,
        trigger: Trigger,
        received: &Received,
        request_id: RequestId,
    ) {
        let moment = |ms: i64| Timestamp::from_millisecond(ms).unwrap_or_default();
        let mut told = vec![
            ("id", request_id.to_string()),
            ("source", trigger.source.as_str().to_owned()),
            ("received_at", moment(received.received_at_ms).to_string()),
        ];
        if let Some(at) = trigger.scheduled_at_ms {
            told.push(("scheduled_at", moment(at).to_string()));
        }
        let told = told.into_iter();
        self.request = Value::from_pairs(told.map(|(name, text)| (name, Value::from(text))));
    }

    /// Fields alone, without a request.
    pub(super) fn of_fields(fields: &Value) -> Self {
        Self {
            fields: Value::from_pairs(members(fields)),
            headers: Value::from_pairs(Vec::<(Value, Value)>::new()),
            files: Value::from_pairs(Vec::<(Value, Value)>::new()),
            request: Value::from_pairs(Vec::<(Value, Value)>::new()),
            ..Self::default()
        }
    }

    /// The value of one of our names, or of a caller's field.
    pub(super) fn get(&self, name: &str) -> Option<Value> {
        match name {
            "__headers" => Some(self.headers.clone()),
            "__jwt" => self.claims.clone(),
            "__logged_in_user_id" => claim(self.claims.as_ref(), "sub"),
            "__logged_in_user_full_name" => claim(self.claims.as_ref(), "name"),
            "__body" => Some(self.body.text()),
            "__body_encoding" => Some(Value::from(self.body.encoding())),
            "__json" => self.json.clone(),
            "__files" => Some(self.files.clone()),
            "__request" => Some(self.request.clone()),
            field => defined(self.fields.get_attr(field).ok()),
        }
    }
}

fn defined(value: Option<Value>) -> Option<Value> {
    value.filter(|value| !value.is_undefined())
}

fn claim(claims: Option<&Value>, name: &str) -> Option<Value> {
    defined(claims?.get_attr(name).ok())
}

/// The members of a JSON object that become fields; none of any other value.
fn members(value: &Value) -> Vec<(String, Value)> {
    let Some(object) = value.as_object() else {
        return Vec::new();
    };
    let Some(pairs) = object.try_iter_pairs() else {
        return Vec::new();
    };
    if value.kind() != minijinja::value::ValueKind::Map {
        return Vec::new();
    }
    let named = pairs.filter_map(|(key, value)| Some((key.as_str()?.to_owned(), value)));
    named
        .filter(|(name, _)| !fields::is_reserved(name))
        .collect()
}

pub(super) fn content_type(received: &Received) -> &str {
    let found = received
        .headers
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    found.map(|(_, value)| value.as_str()).unwrap_or_default()
}

/// Puts a part among the texts or among the files.
pub(super) fn place(part: multipart::Part, texts: &mut Grouped<Value>, files: &mut Grouped<Value>) {
    match part.filename {
        None => texts.add(
            &part.name,
            Value::from(String::from_utf8_lossy(&part.bytes)),
        ),
        Some(name) if name.is_empty() && part.bytes.is_empty() => {}
        Some(name) => {
            let file = File::new(name, part.content_type, part.bytes);
            files.add(&part.name, Value::from_object(file));
        }
    }
}

fn headers(received: &Received, claims: Option<&Value>) -> Value {
    let named = received
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()));
    let mut pairs = spelt_twice(spellings(named));
    if let Some(data) = claim(claims, "data") {
        pairs.push(("__jwt_data".to_owned(), Value::from(vec![data])));
    }
    Value::from_pairs(pairs)
}

fn request(received: &Received, request_id: RequestId, endpoint_id: EndpointId) -> Value {
    let received_at = Timestamp::from_millisecond(received.received_at_ms).unwrap_or_default();
    Value::from_pairs([
        ("id", Value::from(request_id.to_string())),
        ("method", Value::from(received.method.as_str())),
        // The path that the caller used is a secret.
        ("path", Value::from(format!("/listener/{endpoint_id}"))),
        ("query", Value::from(received.query.as_str())),
        ("ip", Value::from(received.ip.as_str())),
        ("received_at", Value::from(received_at.to_string())),
        ("endpoint_id", Value::from(endpoint_id.to_string())),
    ])
}
