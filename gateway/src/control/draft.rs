//! From an author's text to a draft without secrets.

use serde_json::{Value, json};
use shared::codes::Code;
use shared::v1::auth::SealingKey;
use shared::v1::registry::Draft;
use workflow::check::{self, Options, Problem as Flaw, Report};
use workflow::document;

use super::body;
use super::call::Call;
use super::credentials::Credentials;
use crate::problem::Problem;

/// A draft that can be sent, with what its author is to be told.
pub(super) struct Prepared {
    /// What goes to registry-svc.
    pub(super) draft: Draft,
    /// What is wrong with the document; a draft may have errors.
    pub(super) problems: Value,
    /// The pair that was generated in case there is none yet.
    pub(super) offered: Credentials,
}

/// The judgement on the text of a request, and the document as a value where it can be read. A large document takes a
/// while, in which no caller of an endpoint is to wait.
///
/// # Errors
/// `unsupported_media_type`, `invalid_request`.
pub(super) async fn judge(call: &Call) -> Result<(Report, Option<Value>), Problem> {
    let text = body::document(&call.headers, &call.body)?.to_owned();
    let options = Options {
        max_body_bytes: call.platform.config.max_body_bytes,
        ..Options::default()
    };
    let judging = tokio::task::spawn_blocking(move || match document::parse(&text) {
        Err(flaw) => (Report::of(flaw), None),
        Ok(value) => (check::check(&value, options), Some(value)),
    });
    judging.await.map_err(|error| {
        tracing::error!(%error, "a document could not be judged");
        Problem::new(Code::Internal, "the document could not be checked")
    })
}

/// Reads a document, takes its credentials out and seals them.
///
/// # Errors
/// `invalid_workflow` for a text that is no document with a name; `auth_unavailable` where nothing can be sealed.
pub(super) async fn prepare(call: &Call) -> Result<Prepared, Problem> {
    let (report, value) = judge(call).await?;
    let Some(mut value) = value else {
        return Err(invalid(&report.problems));
    };
    if !has_name(&value) {
        return Err(invalid(&report.problems));
    }
    let problems = json!(report.problems);
    let Some(given) = Credentials::take(&mut value) else {
        return Err(invalid(&report.problems));
    };
    let offered = Credentials::generate();
    let key = call.auth(SealingKey {}).await?;
    let sealing = |error: seal::SealError| {
        tracing::error!(%error, "credentials could not be sealed");
        Problem::new(Code::Internal, "the credentials could not be sealed")
    };
    let draft = Draft {
        document: value.to_string(),
        given: given.seal(&key).map_err(sealing)?,
        offered: offered.seal(&key).map_err(sealing)?,
        actor: call.actor.id,
        uses: report.uses,
    };
    Ok(Prepared {
        draft,
        problems,
        offered,
    })
}

/// A document that is refused for these reasons.
pub(super) fn invalid(problems: &[Flaw]) -> Problem {
    let errors = problems
        .iter()
        .filter(|flaw| flaw.severity == check::Severity::Error)
        .count();
    let detail = match errors {
        1 => "the document has 1 error".to_owned(),
        errors => format!("the document has {errors} errors"),
    };
    Problem::new(Code::InvalidWorkflow, detail).fact("problems", json!(problems))
}

/// Without a name of the right shape there is nothing that a draft could be found by.
fn has_name(value: &Value) -> bool {
    let name = value.pointer("/metadata/name").and_then(Value::as_str);
    name.is_some_and(document::is_name)
}
