//! From a draft to a version.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use shared::codes::Code;
use shared::frame;
use shared::ids::ContentHash;
use shared::v1::auth::SealedCredentials;
use shared::v1::registry::{Publish, VersionInfo, WorkflowSource};
use shared::v1::reply::Failure;
use shared::v1::settings::SettingUses;
use shared::v1::views::CredentialsView;
use workflow::check::{self, Options};
use workflow::document::{self, Document, Listener};
use workflow::machine::Plan;

use super::draft::{Access, version_hash};
use super::refusal;
use crate::store::{AccessUses, NewSchedule, NewVersion, Views, Workflow};
use crate::views::{Facts, Values, credentials_view, origins, route_view};

/// A draft that passed every check of its own, and may become a version.
pub(super) struct Candidate {
    pub(super) content_hash: ContentHash,
    /// Its credentials, where authentication is on, without the values that they use.
    pub(super) credentials: Option<CredentialsView>,
    /// The secrets and variables that its scripts use.
    pub(super) scripts: SettingUses,
    /// Where each of these secrets is named.
    pub(super) secret_places: BTreeMap<String, String>,
    /// Those by which it decides who may call.
    pub(super) access: AccessUses,
    text: String,
    document: Document,
    /// None where runs begin otherwise.
    listener: Option<Listener>,
}

impl Candidate {
    /// Checks a workflow's draft.
    ///
    /// # Errors
    /// `invalid_workflow` with every problem.
    pub(super) fn check(
        workflow: &Workflow,
        credentials: &SealedCredentials,
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
        let listener = document.spec.listener.clone();
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
        let mut uses = AccessUses::default();
        if listener
            .as_ref()
            .is_some_and(|listener| listener.allow_cors)
        {
            uses.origins = report.origin_uses;
        }
        if access.authentication {
            uses.credentials = credentials.uses.all();
        }
        let credentials = access
            .authentication
            .then(|| sealed(workflow, credentials, access))
            .transpose()?;
        Ok(Self {
            content_hash,
            credentials,
            scripts: report.uses,
            secret_places: report.secret_places,
            access: uses,
            text,
            document,
            listener,
        })
    }

    /// The origins that may call, where CORS is on, rendered where it holds nobody up.
    ///
    /// # Errors
    /// `invalid_workflow` where they cannot be rendered.
    pub(super) async fn origins(
        &self,
        values: &Values,
        now_ms: i64,
    ) -> Result<Option<Vec<String>>, Failure> {
        let Some(listener) = self
            .listener
            .as_ref()
            .filter(|listener| listener.allow_cors)
        else {
            return Ok(None);
        };
        let script = listener.cors_domains.clone().unwrap_or_default();
        let variables = values.for_scripts();
        let rendering = tokio::task::spawn_blocking(move || allowed(&script, now_ms, variables));
        let rendered = rendering.await.map_err(|error| {
            tracing::error!(%error, "origins could not be rendered");
            refusal::internal()
        })?;
        rendered.map(Some)
    }

    /// The version that follows the last one.
    pub(super) fn version(
        self,
        workflow: &Workflow,
        message: &Publish,
        cors: Option<Vec<String>>,
        now_ms: i64,
    ) -> Result<NewVersion, Failure> {
        let number = workflow.last_version + 1;
        let facts = Facts {
            endpoint_id: workflow.endpoint,
            hashes: workflow.hashes,
            workflow_id: workflow.id,
            version: number,
            content_hash: self.content_hash,
            credentials: self.credentials.as_ref().map(|view| view.revision),
            cors,
        };
        let listener = self.listener.as_ref();
        let route = listener.map(|listener| route_view(&self.document, listener, facts));
        let packed = route.as_ref().map(frame::pack).transpose();
        let packed = packed.map_err(refusal::pack)?;
        let credentials = self.credentials.as_ref().map(frame::pack).transpose();
        let mut uses = self.scripts;
        uses.extend(&self.access.all());
        Ok(NewVersion {
            info: VersionInfo {
                number,
                content_hash: self.content_hash,
                published_at_ms: now_ms,
                actor: message.actor,
                message: message.message.clone(),
            },
            return_type: route.map(|route| route.return_type),
            source: source(self.document.spec.source),
            schedule: self.document.spec.schedule.as_ref().map(schedule),
            authentication: self.credentials.is_some(),
            uses,
            views: Views {
                content_hash: self.content_hash,
                document: self.text,
                route: packed.map(|bytes| bytes.to_vec()),
                credentials: credentials
                    .map_err(refusal::pack)?
                    .map(|bytes| bytes.to_vec()),
                access: self.access,
                published_at_ms: now_ms,
            },
        })
    }
}

const fn source(word: document::Source) -> WorkflowSource {
    match word {
        document::Source::Listener => WorkflowSource::Listener,
        document::Source::Scheduled => WorkflowSource::Scheduled,
        document::Source::Manual => WorkflowSource::Manual,
    }
}

fn schedule(schedule: &document::Schedule) -> NewSchedule {
    let timetable = document::Schedule {
        data: Map::new(),
        ..schedule.clone()
    };
    NewSchedule {
        timetable: json!(timetable).to_string(),
        data: json!(schedule.data).to_string(),
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

fn allowed(
    script: &str,
    now_ms: i64,
    variables: Arc<HashMap<String, String>>,
) -> Result<Vec<String>, Failure> {
    let now = Timestamp::from_millisecond(now_ms).unwrap_or(Timestamp::UNIX_EPOCH);
    origins(script, now, variables).map_err(|error| {
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
