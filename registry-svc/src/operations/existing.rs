//! Whether the secrets and variables of a version are there.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use shared::limits::MAX_SETTINGS_USED;
use shared::v1::auth::CredentialUses;
use shared::v1::reply::Failure;
use shared::v1::settings::{SettingKind, SettingUses};
use workflow::check::nearest;

use super::refusal;
use super::version::{invalid, one_problem};
use crate::store::Store;

/// Stands for the place of each script.
const SCRIPTS: &str = "spec";

/// What a version uses, by the place in its document.
pub(super) struct Used<'a> {
    /// What its scripts use.
    pub(super) scripts: &'a SettingUses,
    /// Where each of these secrets is named.
    pub(super) places: &'a BTreeMap<String, String>,
    /// What its origins use.
    pub(super) origins: &'a SettingUses,
    /// What its credentials use, where authentication is on.
    pub(super) credentials: Option<&'a CredentialUses>,
}

/// Refuses a version that uses a secret that is not there, or that decides by a variable that is not there who may call. Any
/// other script may ask for a variable that is not there, and do without: `variable("NAME") ?? "…"`.
///
/// # Errors
/// `invalid_workflow` with each of them.
pub(super) async fn check<S: Store>(store: &S, used: &Used<'_>) -> Result<(), Failure> {
    let mut places = vec![
        (SCRIPTS, SettingKind::Secret, used.scripts),
        (
            "spec.listener.cors_domains",
            SettingKind::Variable,
            used.origins,
        ),
    ];
    // The check of the document does not see these, and their values go into one message.
    let all = used
        .credentials
        .map(CredentialUses::all)
        .unwrap_or_default();
    if all.secrets.len() + all.variables.len() > MAX_SETTINGS_USED {
        return Err(one_problem(
            "spec.listener.endpoint_secret",
            "the endpoint's key and secrets use too many secrets and variables",
            &format!("{MAX_SETTINGS_USED} are allowed"),
        ));
    }
    for kind in [SettingKind::Secret, SettingKind::Variable] {
        let Some(uses) = used.credentials else { break };
        places.push(("spec.listener.endpoint_key", kind, &uses.endpoint_key));
        places.push(("spec.listener.endpoint_secret", kind, &uses.endpoint_secret));
        let previous = "spec.listener.endpoint_secret_previous";
        places.push((previous, kind, &uses.previous_secret));
    }
    let mut problems = Vec::new();
    for (path, kind, uses) in places {
        for name in uses.of(kind) {
            let found = store.setting(kind, name).await.map_err(refusal::store)?;
            if found.is_none() {
                let path = match used.places.get(name) {
                    Some(place) if path == SCRIPTS => place,
                    _ => path,
                };
                problems.push(problem(store, path, kind, name).await?);
            }
        }
    }
    if problems.is_empty() {
        return Ok(());
    }
    Err(invalid(&Value::Array(problems)))
}

async fn problem<S: Store>(
    store: &S,
    path: &str,
    kind: SettingKind,
    name: &str,
) -> Result<Value, Failure> {
    let names = store.setting_names(kind).await.map_err(refusal::store)?;
    let word = kind.as_str();
    let hint = match nearest(name, names.iter().map(String::as_str)) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("set it first, then publish: `earshot {word} set {name}`"),
    };
    Ok(json!({
        "severity": "error",
        "path": path,
        "code": format!("no_such_{word}"),
        "message": format!("there is no {word} `{name}`"),
        "hint": hint,
    }))
}
