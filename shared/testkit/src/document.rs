//! Workflow documents as tests write them.

use serde_json::{Value, json};

/// A document of a listener with these settings and these steps; `mode` is `sync` or `async`.
#[must_use]
pub fn document(name: &str, mode: &str, listener: &Value, steps: &Value) -> Value {
    let settings = json!({ "run_mode": mode, "listener": listener });
    of_source(name, "listener", &settings, steps)
}

/// A document of this source, with these settings beside it and these steps.
#[must_use]
pub fn of_source(name: &str, source: &str, settings: &Value, steps: &Value) -> Value {
    let spec = with(
        json!({ "record_type": "virtual", "source": source }),
        settings,
    );
    json!({
        "apiVersion": "earshot/v1",
        "kind": "Workflow",
        "metadata": { "name": name },
        "spec": with(spec, &json!({ "steps": steps })),
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
