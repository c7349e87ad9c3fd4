//! The one place that turns an error code into an HTTP reply (RFC 9457).

mod headers;
mod status;

use http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderName, HeaderValue};
use serde_json::{Map, Value, json};
use shared::codes::Code;
use shared::ids::RunId;
use shared::v1::reply::Failure;

use crate::asked::Asked;
use crate::reply::{Body, Response};

/// Something that went wrong, as a caller is told.
#[derive(Clone, Debug)]
pub(crate) struct Problem(Box<Told>);

#[derive(Clone, Debug)]
struct Told {
    code: Code,
    detail: String,
    run_id: Option<RunId>,
    facts: Map<String, Value>,
    retry_after: Option<u64>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Problem {
    /// A problem with what, where and how to mend it. Never a secret or an endpoint's URL.
    pub(crate) fn new(code: Code, detail: impl Into<String>) -> Self {
        Self(Box::new(Told {
            code,
            detail: detail.into(),
            run_id: None,
            facts: Map::new(),
            retry_after: None,
            headers: Vec::new(),
        }))
    }

    /// The one answer for whatever is not there, whatever the reason.
    pub(crate) fn not_found() -> Self {
        Self::new(Code::NotFound, "there is nothing at this address")
    }

    /// The same problem with the run that it happened in.
    pub(crate) fn of_run(mut self, run_id: RunId) -> Self {
        self.0.run_id = Some(run_id);
        self
    }

    /// The same problem with one more fact.
    pub(crate) fn fact(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.facts.insert(name.to_owned(), value.into());
        self
    }

    /// The same problem with another time after which to try again, in seconds.
    pub(crate) fn retry_after(mut self, seconds: u64) -> Self {
        self.0.retry_after = Some(seconds.max(1));
        self
    }

    /// The same problem with a header more.
    pub(crate) fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.push((name, value));
        self
    }

    /// The problem's code.
    pub(crate) fn code(&self) -> Code {
        self.0.code
    }

    /// The run that it happened in; none where none was begun or stored.
    pub(crate) fn run_id(&self) -> Option<RunId> {
        self.0.run_id
    }

    /// The reply.
    pub(crate) fn reply(self, asked: &Asked) -> Response {
        let body = self.body(asked).to_string().into_bytes();
        let mut response = Response::new(Body::empty());
        *response.status_mut() = status::of(self.0.code);
        let fields = response.headers_mut();
        fields.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        fields.insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
        fields.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers::standard(self.0.code, self.0.retry_after, fields);
        for (name, value) in self.0.headers {
            fields.append(name, value);
        }
        *response.body_mut() = Body::whole(body.into());
        response
    }

    fn body(&self, asked: &Asked) -> Value {
        let mut body = Map::new();
        body.insert(
            "type".into(),
            json!(format!("urn:earshot:error:{}", self.0.code)),
        );
        body.insert("title".into(), json!(self.0.code.title()));
        body.insert("status".into(), json!(status::of(self.0.code).as_u16()));
        body.insert("detail".into(), json!(self.0.detail));
        body.insert("code".into(), json!(self.0.code.as_str()));
        body.insert("request_id".into(), json!(asked.id.to_string()));
        if let Some(run_id) = self.0.run_id {
            body.insert("run_id".into(), json!(run_id.to_string()));
        }
        for (name, value) in &self.0.facts {
            // The standard's own members are never overwritten.
            body.entry(name.clone()).or_insert_with(|| value.clone());
        }
        Value::Object(body)
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        let mut problem = Self::new(failure.code, failure.detail);
        problem.0.run_id = failure.run_id;
        let facts = failure.facts.as_deref().map(serde_json::from_str::<Value>);
        match facts {
            Some(Ok(Value::Object(facts))) => problem.0.facts = facts,
            Some(Ok(Value::Array(problems))) => {
                problem
                    .0
                    .facts
                    .insert("problems".to_owned(), Value::Array(problems));
            }
            _ => {}
        }
        problem
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;
    use http_body_util::BodyExt;

    use super::*;

    async fn read(problem: Problem) -> (http::response::Parts, Value) {
        let (parts, body) = problem.reply(&Asked::now(&HeaderMap::new())).into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        (parts, serde_json::from_slice(&bytes).unwrap())
    }

    #[tokio::test]
    async fn a_problem_has_the_standards_members_the_code_and_the_ids() {
        let run_id = RunId(uuid::Uuid::now_v7());
        let (parts, body) = read(Problem::new(Code::RunTimeout, "late").of_run(run_id)).await;
        assert_eq!(parts.status, 504);
        assert_eq!(parts.headers["content-type"], "application/problem+json");
        assert_eq!(body["type"], "urn:earshot:error:run_timeout");
        assert_eq!(body["status"], 504);
        assert_eq!(body["code"], "run_timeout");
        assert_eq!(body["run_id"], run_id.to_string());
        assert!(body["request_id"].as_str().unwrap().len() == 36);
    }

    #[tokio::test]
    async fn facts_of_a_failure_stand_beside_the_members_and_never_replace_them() {
        let failure = Failure::new(Code::MalformedBody, "no")
            .with_facts(r#"{"line": 3, "status": 200}"#.to_owned());
        let (_, body) = read(failure.into()).await;
        assert_eq!(body["line"], 3);
        assert_eq!(body["status"], 400);
        let list = Failure::new(Code::InvalidWorkflow, "no").with_facts("[1]".to_owned());
        assert_eq!(read(list.into()).await.1["problems"], json!([1]));
    }

    #[tokio::test]
    async fn what_may_be_tried_again_says_when() {
        assert_eq!(
            read(Problem::new(Code::NoRunner, "")).await.0.headers["retry-after"],
            "1"
        );
        let limited = Problem::new(Code::RateLimited, "").retry_after(7);
        assert_eq!(read(limited).await.0.headers["retry-after"], "7");
        let gone = read(Problem::not_found()).await.0;
        assert!(gone.headers.get("retry-after").is_none());
    }

    #[tokio::test]
    async fn only_a_401_asks_for_a_better_token() {
        let refused = read(Problem::new(Code::TokenExpired, "expired")).await.0;
        assert_eq!(
            refused.headers["www-authenticate"],
            r#"Bearer error="invalid_token""#
        );
        let missing = read(Problem::new(Code::TokenMissing, "missing")).await.0;
        assert_eq!(missing.status, 403);
        assert!(missing.headers.get("www-authenticate").is_none());
    }
}
