//! From a draft to a version.

use jiff::Timestamp;
use serde_json::{Value, json};
use shared::codes::Code;
use shared::frame;
use shared::ids::ContentHash;
use shared::v1::auth::SealedCredentials;
use shared::v1::registry::{Publish, VersionInfo};
use shared::v1::reply::Failure;
use shared::v1::views::CredentialsView;
use workflow::check::{self, Options};
use workflow::document::{Document, Listener};
use workflow::machine::Plan;

use super::draft::{Access, version_hash};
use super::refusal;
use crate::store::{NewVersion, Views, Workflow};
use crate::views::{Facts, credentials_view, origins, route_view};

/// A draft that passed every check of its own, and may become a version.
pub(super) struct Candidate {
    pub(super) content_hash: ContentHash,
    /// Its credentials, where authentication is on.
    pub(super) credentials: Option<CredentialsView>,
    text: String,
    document: Document,
    listener: Listener,
    cors: Option<Vec<String>>,
}

impl Candidate {
    /// Checks a workflow's draft.
    ///
    /// # Errors
    /// `invalid_workflow` with every problem.
    pub(super) fn check(
        workflow: &Workflow,
        credentials: &SealedCredentials,
        now_ms: i64,
    ) -> Result<Self, Failure> {
        let text = workflow.document.clone().ok_or_else(refusal::internal)?;
        let value: Value = serde_json::from_str(&text).map_err(|error| {
            tracing::error!(%error, workflow_id = %workflow.id, "a stored draft is no JSON");
            refusal::internal()
        })?;
        let report = check::check(&value, Options::default());
        let Some(document) = report.document else {
            return Err(invalid(&json!(report.problems)));
        };
        let Some(listener) = document.spec.listener.clone() else {
            return Err(one_problem(
                "spec.listener",
                "there is no listener",
                "add one",
            ));
        };
        // A version that no runner can make ready must never be published, whatever the check has overlooked.
        if let Err(error) = Plan::from_json(&text) {
            return Err(one_problem(
                "spec",
                &error.to_string(),
                "the document cannot be made ready to run",
            ));
        }
        let access = Access::of(&value);
        let content_hash = version_hash(workflow.endpoint, &text, credentials, access)?;
        let credentials = access
            .authentication
            .then(|| sealed(workflow, credentials, access))
            .transpose()?;
        let cors = listener
            .allow_cors
            .then(|| allowed(&listener, now_ms))
            .transpose()?;
        Ok(Self {
            content_hash,
            credentials,
            text,
            document,
            listener,
            cors,
        })
    }

    /// The version that follows the last one.
    pub(super) fn version(
        self,
        workflow: &Workflow,
        message: &Publish,
        now_ms: i64,
    ) -> Result<NewVersion, Failure> {
        let number = workflow.last_version + 1;
        let route = route_view(
            &self.document,
            &self.listener,
            Facts {
                endpoint_id: workflow.endpoint,
                hashes: workflow.hashes,
                workflow_id: workflow.id,
                version: number,
                content_hash: self.content_hash,
                credentials: self.credentials.as_ref().map(|view| view.revision),
                cors: self.cors,
            },
        );
        let credentials = self.credentials.as_ref().map(frame::pack).transpose();
        Ok(NewVersion {
            info: VersionInfo {
                number,
                content_hash: self.content_hash,
                published_at_ms: now_ms,
                actor: message.actor,
                message: message.message.clone(),
            },
            return_type: route.return_type,
            authentication: route.credentials.is_some(),
            views: Views {
                content_hash: self.content_hash,
                document: self.text,
                route: frame::pack(&route).map_err(refusal::pack)?.to_vec(),
                credentials: credentials
                    .map_err(refusal::pack)?
                    .map(|bytes| bytes.to_vec()),
            },
        })
    }
}

fn sealed(
    workflow: &Workflow,
    credentials: &SealedCredentials,
    access: Access,
) -> Result<CredentialsView, Failure> {
    let view = credentials_view(workflow.endpoint, credentials, access.require_exp);
    view.map_err(refusal::pack)?.ok_or_else(|| {
        one_problem(
            "spec.listener.add_authentication",
            "authentication is on, but there is no key or no secret",
            "save the workflow again: what is missing is then generated",
        )
    })
}

fn allowed(listener: &Listener, now_ms: i64) -> Result<Vec<String>, Failure> {
    let script = listener.cors_domains.as_deref().unwrap_or_default();
    let now = Timestamp::from_millisecond(now_ms).unwrap_or(Timestamp::UNIX_EPOCH);
    origins(script, now).map_err(|error| {
        one_problem(
            "spec.listener.cors_domains",
            &error.to_string(),
            "it is rendered when the workflow is published, without any request data",
        )
    })
}

/// The failure of a draft with one error.
pub(super) fn one_problem(path: &str, message: &str, hint: &str) -> Failure {
    let severity = "error";
    invalid(&json!([{
        "severity": severity, "path": path, "code": "publish", "message": message, "hint": hint,
    }]))
}

/// The failure of a draft with these problems, a JSON list.
pub(super) fn invalid(problems: &Value) -> Failure {
    Failure::new(
        Code::InvalidWorkflow,
        "the workflow has errors and cannot be published",
    )
    .with_facts(problems.to_string())
}
