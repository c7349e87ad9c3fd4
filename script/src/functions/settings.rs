//! What the operator has set: `secret`, `variable`.

use minijinja::Value;

use crate::lang::call::{Call, Outcome};
use crate::lang::registry::{Entry, entry};

pub(crate) const FUNCTIONS: &[Entry] = &[
    entry("secret", &["name"], 1, secret),
    entry("variable", &["name"], 1, variable),
];

/// `secret("NAME")`: a secret of the platform. The name has to be written out: a caller must never choose which secret is
/// read. Fails where there is none of this name, and where secrets cannot be used.
fn secret(call: &Call<'_, '_, '_>) -> Outcome {
    let run = call.run()?;
    let Some(secrets) = &run.scope.secrets else {
        return Err(call.fault("secrets cannot be used here"));
    };
    match secrets.get(call.text(0)?.as_ref()) {
        Some(secret) => Ok(Value::from(secret)),
        None => Err(call.fault(&format!("there is no secret `{}`", call.text(0)?))),
    }
}

/// `variable("NAME")`: a variable of the platform; undefined where there is none of this name.
fn variable(call: &Call<'_, '_, '_>) -> Outcome {
    let run = call.run()?;
    Ok(run
        .scope
        .variables
        .get(call.text(0)?.as_ref())
        .map_or(Value::UNDEFINED, |value| Value::from(value.as_str())))
}
