//! Workflow documents as tests write them.

use serde_json::{Value, json};

/// A document of a listener with these settings and these steps; `mode` is `sync` or `async`.
#[must_use]
pub fn document(name: &str, mode: &str, listener: &Value, steps: &Value) -> Value {
    json!({
        "apiVersion": "earshot/v1",
        "kind": "Workflow",
        "metadata": { "name": name },
        "spec": {
            "record_type": "virtual",
            "source": "listener",
            "run_mode": mode,
            "listener": listener,
            "steps": steps,
        },
    })
}

/// Settings with others added to them or in their place.
///
/// # Panics
/// When either is no JSON object.
#[must_use]
pub fn with(mut settings: Value, more: &Value) -> Value {
    let members = settings.as_object_mut().expect("settings are an object");
    members.extend(more.as_object().expect("settings are an object").clone());
    settings
}
