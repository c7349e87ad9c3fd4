//! Asking auth-svc whether tokens could be checked.

use std::time::Duration;

use bus::Bus;
use serde_json::{Value, json};
use shared::codes::Code;
use shared::rpc::Context;
use shared::v1::auth::CheckCredentials;
use shared::v1::reply::Failure;
use shared::v1::views::CredentialsView;

use super::version::invalid;

const PATIENCE: Duration = Duration::from_secs(4);

/// Asks auth-svc, the only one that can open the credentials, whether they are fit for use.
///
/// # Errors
/// `invalid_workflow` with what is wrong with them; `auth_unavailable` where auth-svc does not answer.
pub(super) async fn check(
    bus: &Bus,
    context: Context,
    credentials: &CredentialsView,
    now_ms: i64,
) -> Result<(), Failure> {
    let question = CheckCredentials {
        credentials: credentials.clone(),
    };
    let problems = bus.call(context, question, PATIENCE, now_ms).await;
    let problems = problems.map_err(|error| error.into_failure(Code::AuthUnavailable))?;
    if problems.is_empty() {
        return Ok(());
    }
    let problems = problems.into_iter().map(|problem| {
        json!({
            "severity": "error",
            "path": format!("spec.listener.{}", problem.setting),
            "code": "credentials",
            "message": problem.message,
            "hint": problem.hint,
        })
    });
    Err(invalid(&Value::Array(problems.collect())))
}
