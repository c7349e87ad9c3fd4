//! A request in the body of a control-plane request, in the shape in which the run log shows one.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Map, Value};
use shared::codes::Code;
use shared::v1::trials::{Given, GivenBody};

use crate::problem::Problem;

/// A request: what a person copies out of `GET /runs/{run_id}`, edits, and sends back. What is absent is as it was.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Payload {
    method: Option<String>,
    query: Option<String>,
    headers: Option<Headers>,
    body: Option<Body>,
    /// The claims of a JWT, which scripts read as `__data.__jwt`.
    claims: Option<Map<String, Value>>,
    /// Shown by the run log, and nothing that could be changed.
    #[serde(rename = "path")]
    _path: Option<IgnoredAny>,
    #[serde(rename = "authenticated")]
    _authenticated: Option<IgnoredAny>,
}

/// As the run log shows them, or shorter.
#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "`headers` is a list of {\"name\": …, \"value\": …}, or an object of texts"
)]
enum Headers {
    List(Vec<Header>),
    Object(Map<String, Value>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    name: String,
    value: String,
}

/// One of `json`, `text` and `base64`.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Body {
    #[serde(deserialize_with = "some")]
    json: Option<Value>,
    text: Option<String>,
    base64: Option<String>,
    content_type: Option<String>,
    #[serde(rename = "size")]
    _size: Option<IgnoredAny>,
    truncated: bool,
}

/// A value that is there, null as well.
fn some<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(from).map(Some)
}

impl Payload {
    /// The request as registry-svc takes it.
    ///
    /// # Errors
    /// `invalid_request`, or `payload_needed` for a body that was cut.
    pub(super) fn given(self) -> Result<Given, Problem> {
        Ok(Given {
            method: self.method,
            query: self.query,
            headers: self.headers.map(Headers::pairs).transpose()?,
            body: self.body.map(Body::given).transpose()?,
            claims: self.claims.map(|claims| Value::Object(claims).to_string()),
        })
    }
}

impl Headers {
    fn pairs(self) -> Result<Vec<(String, String)>, Problem> {
        match self {
            Self::List(list) => Ok(list
                .into_iter()
                .map(|header| (header.name, header.value))
                .collect()),
            Self::Object(object) => object
                .into_iter()
                .map(|(name, value)| match value {
                    Value::String(value) => Ok((name, value)),
                    _ => Err(invalid("`payload.headers` is an object of texts")),
                })
                .collect(),
        }
    }
}

impl Body {
    fn given(self) -> Result<GivenBody, Problem> {
        if self.truncated {
            let detail =
                "`payload.body` was cut in the run log: send the whole of it, without `truncated`";
            return Err(Problem::new(Code::PayloadNeeded, detail));
        }
        let mut content_type = self.content_type;
        let bytes = match (self.json, self.text, self.base64) {
            (Some(json), None, None) => {
                content_type = content_type.or_else(|| Some("application/json".to_owned()));
                json.to_string().into_bytes()
            }
            (None, Some(text), None) => text.into_bytes(),
            (None, None, Some(base64)) => BASE64_STANDARD
                .decode(base64)
                .map_err(|_| invalid("`payload.body.base64` is no base64"))?,
            _ => {
                return Err(invalid(
                    "`payload.body` has one of `json`, `text` and `base64`",
                ));
            }
        };
        Ok(GivenBody {
            bytes,
            content_type,
        })
    }
}

fn invalid(detail: &str) -> Problem {
    Problem::new(Code::InvalidRequest, detail)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn given(payload: Value) -> Result<Given, Code> {
        let payload: Payload = serde_json::from_value(payload).map_err(|_| Code::InvalidRequest)?;
        payload.given().map_err(|problem| problem.code())
    }

    #[test]
    fn what_the_run_log_shows_is_taken_as_it_is() {
        let shown = json!({
            "method": "POST", "path": "/listener/x", "query": "a=1", "authenticated": true,
            "headers": [{"name": "x-a", "value": "1"}],
            "body": {"text": "{}", "size": 2, "truncated": false},
        });
        let given = given(shown).unwrap();
        assert_eq!(given.method.as_deref(), Some("POST"));
        assert_eq!(given.headers.unwrap(), [("x-a".to_owned(), "1".to_owned())]);
        let body = given.body.unwrap();
        assert_eq!((body.bytes, body.content_type), (b"{}".to_vec(), None));
    }

    #[test]
    fn json_brings_its_type_and_null_is_json() {
        for (body, bytes, content_type) in [
            (json!({"json": {"a": 1}}), "{\"a\":1}", "application/json"),
            (json!({"json": null}), "null", "application/json"),
            (
                json!({"base64": "YQ==", "content_type": "text/csv"}),
                "a",
                "text/csv",
            ),
        ] {
            let given = given(json!({"body": body, "headers": {"a": "b"}})).unwrap();
            let body = given.body.unwrap();
            assert_eq!(body.bytes, bytes.as_bytes());
            assert_eq!(body.content_type.as_deref(), Some(content_type));
        }
        let claims = given(json!({"claims": {"sub": "7"}})).unwrap().claims;
        assert_eq!(claims.as_deref(), Some("{\"sub\":\"7\"}"));
    }

    #[test]
    fn what_is_no_request_is_refused() {
        for wrong in [
            json!({"body": {}}),
            json!({"body": {"text": "a", "json": 1}}),
            json!({"body": {"base64": "?"}}),
            json!({"body": {"qty": 2}}),
            json!({"body": "text"}),
            json!({"headers": {"a": 1}}),
            json!({"headers": "a: b"}),
            json!({"claims": []}),
            json!({"colour": "red"}),
        ] {
            assert_eq!(given(wrong.clone()), Err(Code::InvalidRequest), "{wrong}");
        }
        let cut = json!({"body": {"text": "a", "truncated": true}});
        assert_eq!(given(cut), Err(Code::PayloadNeeded));
    }
}
