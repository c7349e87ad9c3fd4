//! `http_request`: the request before it is made, and what its response becomes.

use std::time::Duration;

use script::{CompileError, EvalError, ScriptId, ScriptsBuilder, Target, Value};
use shared::ids::RunId;

use super::effect::{HttpRequest, HttpResponse};
use super::retry::RetrySpec;
use crate::data::{parse_json, says_json, spellings, spelt_twice, text_or_base64};
use crate::document::{self, Pairs, RequestMethod, StatusPattern};
use crate::reply::{HeaderNote, check_header, content_type};
use crate::template::{Evaluator, Template};

/// A compiled `http_request` step.
#[derive(Debug)]
pub(super) struct HttpSpec {
    method: RequestMethod,
    url: ScriptId,
    headers: Vec<(String, ScriptId)>,
    query: Vec<(String, ScriptId)>,
    body: BodySpec,
    timeout: Duration,
    max_redirects: u32,
    fail_on: Vec<StatusPattern>,
    result: String,
    pub(super) retry: Option<RetrySpec>,
}

#[derive(Debug)]
enum BodySpec {
    None,
    Json(Template),
    Form(Vec<(String, ScriptId)>),
    Text(ScriptId),
}

impl HttpSpec {
    /// Compiles the scripts.
    pub(super) fn compile(
        request: &document::HttpRequest,
        scripts: &mut ScriptsBuilder,
    ) -> Result<Self, CompileError> {
        let body = match (&request.json, &request.form, &request.body) {
            (Some(json), _, _) => BodySpec::Json(Template::compile(json, scripts)?),
            (None, Some(form), _) => BodySpec::Form(pairs(form, Target::Text, scripts)?),
            (None, None, Some(text)) => BodySpec::Text(scripts.add(text, Target::Body)?),
            (None, None, None) => BodySpec::None,
        };
        Ok(Self {
            method: request.method,
            url: scripts.add(&request.url, Target::Url)?,
            headers: pairs(&request.headers, Target::Header, scripts)?,
            query: pairs(&request.query, Target::Text, scripts)?,
            body,
            timeout: Duration::from_secs(u64::from(request.timeout)),
            max_redirects: request.max_redirects,
            fail_on: request.fail_on.clone(),
            result: request.result.clone(),
            retry: request.retry.as_ref().map(RetrySpec::new),
        })
    }

    /// Renders the request. One that changes something carries an `Idempotency-Key`, the same for
    /// every attempt at this spot of this run, unless the author set one.
    pub(super) fn prepare(
        &self,
        run_id: RunId,
        spot: &str,
        evaluator: &mut Evaluator<'_>,
    ) -> Result<(HttpRequest, Vec<HeaderNote>), EvalError> {
        let url = evaluator.render(self.url)?.trim().to_owned();
        let mut headers = Vec::with_capacity(self.headers.len() + 1);
        let mut notes = Vec::new();
        for (name, value) in render_pairs(&self.headers, evaluator)? {
            let (header, note) = check_header(&name, &value);
            headers.extend(header);
            notes.extend(note);
        }
        let changes = !matches!(
            self.method,
            RequestMethod::Get | RequestMethod::Head | RequestMethod::Options
        );
        if changes && !headers.iter().any(|(name, _)| name == "idempotency-key") {
            headers.push(("idempotency-key".to_owned(), format!("{run_id}-{spot}")));
        }
        let query = render_pairs(&self.query, evaluator)?;
        let (body, content_type) = self.body.render(evaluator)?.unzip();
        let request = HttpRequest {
            method: self.method.as_str().to_owned(),
            url,
            headers,
            query,
            body,
            content_type,
            timeout: self.timeout,
            max_redirects: self.max_redirects,
        };
        Ok((request, notes))
    }

    /// Whether a response fails the step.
    pub(super) fn fails(&self, result: &Result<HttpResponse, String>) -> bool {
        result.as_ref().map_or(true, |response| {
            let mut patterns = self.fail_on.iter();
            patterns.any(|pattern| pattern.matches(response.status))
        })
    }

    /// The name under `__data`, the value to store there, and why the step failed if it did.
    pub(super) fn outcome(
        &self,
        result: Result<HttpResponse, String>,
    ) -> (&str, Value, Option<String>) {
        let failed = self.fails(&result);
        match result {
            Ok(response) => {
                let error = failed.then(|| format!("the response has status {}", response.status));
                (&self.result, response_value(&response), error)
            }
            Err(error) => {
                let value = Value::from_pairs([
                    ("ok", Value::from(false)),
                    ("status", Value::from(())),
                    ("headers", Value::from_pairs(Vec::<(Value, Value)>::new())),
                    ("body", Value::from(())),
                    ("error", Value::from(error.as_str())),
                ]);
                (&self.result, value, Some(error))
            }
        }
    }
}

impl BodySpec {
    fn render(
        &self,
        evaluator: &mut Evaluator<'_>,
    ) -> Result<Option<(Vec<u8>, String)>, EvalError> {
        Ok(match self {
            Self::None => None,
            Self::Json(value) => {
                let value = value.evaluate(evaluator, &mut evaluator.room_to_write())?;
                let most = evaluator.surroundings().bounds.output_bytes;
                let json = script::json_text(&value, most)?;
                Some((json.into_bytes(), "application/json".to_owned()))
            }
            Self::Form(pairs) => {
                let pairs = render_pairs(pairs, evaluator)?;
                let form = form_urlencoded::Serializer::new(String::new())
                    .extend_pairs(pairs)
                    .finish();
                let bound = evaluator.surroundings().bounds.output_bytes;
                if form.len() > bound {
                    return Err(EvalError::Output { bound });
                }
                Some((
                    form.into_bytes(),
                    "application/x-www-form-urlencoded".to_owned(),
                ))
            }
            Self::Text(script) => {
                let text = evaluator.render(*script)?;
                let content_type = content_type(evaluator.scripts().mode(*script), &text);
                Some((text.into_bytes(), content_type.to_owned()))
            }
        })
    }
}

fn pairs(
    pairs: &Pairs,
    target: Target,
    scripts: &mut ScriptsBuilder,
) -> Result<Vec<(String, ScriptId)>, CompileError> {
    pairs
        .iter()
        .map(|(name, script)| Ok((name.to_owned(), scripts.add(script, target)?)))
        .collect()
}

/// Renders names and values, which together are bound as one text is.
fn render_pairs(
    pairs: &[(String, ScriptId)],
    evaluator: &mut Evaluator<'_>,
) -> Result<Vec<(String, String)>, EvalError> {
    let bound = evaluator.surroundings().bounds.output_bytes;
    let mut bytes = 0_usize;
    let rendered = pairs.iter().map(|(name, script)| {
        let value = evaluator.render(*script)?;
        bytes = bytes.saturating_add(name.len()).saturating_add(value.len());
        if bytes > bound {
            return Err(EvalError::Output { bound });
        }
        Ok((name.clone(), value))
    });
    rendered.collect()
}

/// What the steps below read: `ok` for a status from 200 to 299, and the body decoded where it says
/// that it is JSON and is.
fn response_value(response: &HttpResponse) -> Value {
    let named = response
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()));
    let headers = spellings(named);
    let content_type = headers
        .iter()
        .find(|(name, _)| name == "content-type")
        .map(|(_, value)| value.as_str());
    let decoded = if says_json(content_type) {
        parse_json(&response.body).ok()
    } else {
        None
    };
    let (body, encoding) = match decoded {
        Some(value) => (value, "json"),
        None => text_or_base64(&response.body),
    };
    Value::from_pairs([
        ("ok", Value::from((200..300).contains(&response.status))),
        ("status", Value::from(response.status)),
        ("headers", Value::from_pairs(spelt_twice(headers))),
        ("body", body),
        ("body_encoding", Value::from(encoding)),
    ])
}
