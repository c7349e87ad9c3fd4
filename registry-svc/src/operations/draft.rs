//! Reading a draft. It may have errors, since an author may save what is not done yet; but it has a name.

use serde_json::{Value, json};
use shared::codes::Code;
use shared::ids::{ContentHash, EndpointId};
use shared::limits;
use shared::v1::auth::SealedCredentials;
use shared::v1::registry::{Draft, WorkflowSource};
use shared::v1::reply::Failure;
use workflow::document::is_name;

use super::refusal::{self, invalid};
use crate::store::StoredDraft;
use crate::views::{content_hash, draft_revision};

/// What of a draft matters before it is published.
#[derive(Clone, Debug)]
pub(super) struct ReadDraft {
    pub(super) name: String,
    pub(super) category: Option<String>,
    /// The document as compact JSON text.
    pub(super) document: String,
    pub(super) source: WorkflowSource,
    pub(super) access: Access,
}

/// What a document says about its credentials, read the same way from a draft with errors and from a checked document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Access {
    /// Whether a JWT is wanted.
    pub(super) authentication: bool,
    /// Whether it must have an `exp` claim.
    pub(super) require_exp: bool,
}

impl Access {
    pub(super) fn of(document: &Value) -> Self {
        let listener = document.pointer("/spec/listener");
        let flag = |name: &str| listener.and_then(|l| l.get(name)).and_then(Value::as_bool);
        Self {
            authentication: flag("add_authentication").unwrap_or(false),
            require_exp: flag("require_exp").unwrap_or(true),
        }
    }
}

impl ReadDraft {
    /// Reads a draft.
    pub(super) fn read(draft: &Draft) -> Result<Self, Failure> {
        check_size(&draft.document)?;
        let document: Value = serde_json::from_str(&draft.document)
            .map_err(|error| invalid(format!("the document is no JSON: {error}")))?;
        if !document.is_object() {
            return Err(invalid("the document is no JSON object"));
        }
        refuse_credentials(&document)?;
        let name = name(&document)?;
        let category = document
            .pointer("/metadata/category")
            .and_then(Value::as_str);
        if let Some(category) = category {
            refusal::check_text("metadata.category", category, 200)?;
        }
        let text = document.to_string();
        check_size(&text)?;
        Ok(Self {
            name,
            category: category.map(str::to_owned),
            source: source(&document),
            access: Access::of(&document),
            document: text,
        })
    }

    /// The draft as it is stored.
    pub(super) fn stored(
        self,
        endpoint: EndpointId,
        credentials: SealedCredentials,
        draft: &Draft,
        saved_at_ms: i64,
    ) -> Result<StoredDraft, Failure> {
        let hash = version_hash(endpoint, &self.document, &credentials, self.access)?;
        let mut uses = draft.uses.clone();
        if self.access.authentication {
            uses.extend(&credentials.uses.all());
        }
        Ok(StoredDraft {
            name: self.name,
            category: self.category,
            document: self.document,
            source: self.source,
            hash,
            credentials,
            uses,
            actor: draft.actor,
            saved_at_ms,
        })
    }
}

/// The hash of the version that this would become.
pub(super) fn version_hash(
    endpoint: EndpointId,
    document: &str,
    credentials: &SealedCredentials,
    access: Access,
) -> Result<ContentHash, Failure> {
    let revision = draft_revision(
        endpoint,
        credentials,
        access.authentication,
        access.require_exp,
    );
    Ok(content_hash(document, revision.map_err(refusal::pack)?))
}

fn check_size(text: &str) -> Result<(), Failure> {
    let (size, most) = (text.len(), limits::MAX_DOCUMENT);
    if size > most {
        return Err(invalid(format!(
            "the document has {size} bytes; {most} are allowed"
        )));
    }
    Ok(())
}

/// They travel sealed, beside the document. In it they would be stored and shown as plain text.
fn refuse_credentials(document: &Value) -> Result<(), Failure> {
    let listener = document.pointer("/spec/listener");
    for setting in [
        "endpoint_key",
        "endpoint_secret",
        "endpoint_secret_previous",
    ] {
        if listener.is_some_and(|listener| listener.get(setting).is_some()) {
            return Err(invalid(format!(
                "`{setting}` must be sealed, not stand in the document"
            )));
        }
    }
    Ok(())
}

/// What is no source is left to the check; until then it is taken for the most common one.
fn source(document: &Value) -> WorkflowSource {
    let word = document.pointer("/spec/source").and_then(Value::as_str);
    word.and_then(WorkflowSource::named).unwrap_or_default()
}

fn name(document: &Value) -> Result<String, Failure> {
    let name = document.pointer("/metadata/name").and_then(Value::as_str);
    let name = name.filter(|name| is_name(name));
    name.map(str::to_owned).ok_or_else(|| {
        let problem = json!([{
            "severity": "error",
            "path": "metadata.name",
            "code": "name",
            "message": "the workflow has no valid name",
            "hint": "a name has 1 to 63 of the characters a-z, 0-9 and -",
        }]);
        let detail = "a draft may have errors, but it needs a valid metadata.name";
        Failure::new(Code::InvalidWorkflow, detail).with_facts(problem.to_string())
    })
}

#[cfg(test)]
mod tests {
    use shared::ids::TokenId;
    use shared::v1::settings::SettingUses;
    use uuid::Uuid;

    use super::*;

    fn read(document: impl Into<String>) -> Result<ReadDraft, Failure> {
        ReadDraft::read(&Draft {
            document: document.into(),
            given: SealedCredentials::default(),
            offered: SealedCredentials::default(),
            actor: TokenId(Uuid::nil()),
            uses: SettingUses::default(),
        })
    }

    #[test]
    fn a_draft_needs_a_name_and_nothing_else() {
        let draft = read(r#"{ "metadata": {"name": "a-1", "category": 7}, "what": [] }"#).unwrap();
        assert_eq!((draft.name.as_str(), draft.category), ("a-1", None));
        assert_eq!(
            draft.document,
            r#"{"metadata":{"name":"a-1","category":7},"what":[]}"#
        );
        assert_eq!(
            draft.access,
            Access {
                authentication: false,
                require_exp: true
            }
        );
    }

    #[test]
    fn a_draft_without_a_valid_name_is_refused_with_place_and_hint() {
        let long = format!(r#"{{"metadata": {{"name": "{}"}}}}"#, "a".repeat(64));
        let names = [
            "{}",
            r#"{"metadata":{"name":""}}"#,
            r#"{"metadata":{"name":"A b"}}"#,
            &long,
        ];
        for document in names {
            let failure = read(document).unwrap_err();
            assert_eq!(failure.code, Code::InvalidWorkflow, "{document}");
            let facts: Value = serde_json::from_str(&failure.facts.unwrap()).unwrap();
            assert_eq!(facts[0]["path"], "metadata.name");
        }
    }

    #[test]
    fn what_is_no_object_too_large_or_holds_plain_credentials_is_refused() {
        let secret =
            r#"{"metadata":{"name":"a"},"spec":{"listener":{"endpoint_secret":"s3cr3t"}}}"#;
        let large = format!(r#"{{"a": "{}"}}"#, "x".repeat(limits::MAX_DOCUMENT));
        for document in ["", "[]", "{", secret, &large] {
            let failure = read(document).unwrap_err();
            assert_eq!(failure.code, Code::InvalidRequest);
            assert!(!failure.detail.contains("s3cr3t"));
        }
    }
}
