//! The secrets of a run: asked for when it begins, and held until it ends.

use std::sync::Arc;
use std::time::Duration;

use script::Secrets;
use seal::{PrivateKey, setting};
use shared::codes::Code;
use shared::rpc::Context;
use shared::v1::auth::{RunSecret, RunSecrets};
use shared::v1::reply::Failure;
use workflow::machine::Plan;

use crate::service::Shared;

/// How long auth-svc may take.
const PATIENCE: Duration = Duration::from_secs(4);

/// The secrets that the scripts of a plan name, as far as there are any; none for a plan that names none, which costs
/// nothing. The names stand in the published version, so no caller has a say in them.
///
/// # Errors
/// `auth_unavailable` where auth-svc does not answer; the same run may go well a moment later.
pub(crate) async fn of_run(
    runner: &Shared,
    plan: &Plan,
    context: Context,
) -> Result<Option<Arc<Secrets>>, Failure> {
    if plan.secrets().is_empty() {
        return Ok(None);
    }
    let question = RunSecrets {
        names: plan.secrets().clone(),
        key: runner.key.public().clone(),
    };
    let answer = runner
        .bus
        .call(context, question, PATIENCE, ops::clock::now_ms())
        .await;
    let sealed = answer.map_err(|error| {
        let failure = error.into_failure(Code::AuthUnavailable);
        tracing::warn!(detail = failure.detail, "auth-svc gave no secrets");
        unavailable()
    })?;
    open(&runner.key, sealed).map(Arc::new).map(Some)
}

fn open(key: &PrivateKey, sealed: Vec<RunSecret>) -> Result<Secrets, Failure> {
    let opened = sealed.into_iter().map(|secret| {
        let value = seal::open(key, &setting::run_secret(&secret.name), &secret.sealed);
        let value = value.map_err(|error| {
            tracing::error!(%error, name = secret.name, "a secret cannot be opened");
            unavailable()
        })?;
        let text = str::from_utf8(value.expose()).map_err(|_| unavailable())?;
        Ok((secret.name, text.to_owned()))
    });
    opened.collect()
}

fn unavailable() -> Failure {
    let detail = "the secrets that the run uses cannot be had at the moment; try again";
    Failure::new(Code::AuthUnavailable, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed(key: &PrivateKey, name: &str, of: &str) -> RunSecret {
        let sealed = seal::seal(key.public(), &setting::run_secret(of), b"hidden").unwrap();
        let name = name.to_owned();
        RunSecret { name, sealed }
    }

    #[test]
    fn what_was_sealed_to_this_runner_opens_under_its_own_name() {
        let key = PrivateKey::generate();
        let secrets = open(&key, vec![sealed(&key, "A", "A")]).unwrap();
        assert_eq!((secrets.get("A"), secrets.get("B")), (Some("hidden"), None));
    }

    #[test]
    fn what_was_sealed_to_another_or_under_another_name_opens_nothing() {
        let (key, other) = (PrivateKey::generate(), PrivateKey::generate());
        for wrong in [sealed(&other, "A", "A"), sealed(&key, "A", "B")] {
            let failure = open(&key, vec![wrong]).unwrap_err();
            assert_eq!(failure.code, Code::AuthUnavailable);
        }
    }
}
