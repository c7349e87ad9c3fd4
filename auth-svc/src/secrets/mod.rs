//! The secrets that scripts read: sealed in a bucket of the bus, opened in this process's memory alone, and given to no one
//! but the runner of a run that names them.

mod follow;
mod known;

pub(crate) use follow::follow;
pub(crate) use known::{Known, Value};

use std::sync::Arc;
use std::time::Duration;

use bus::Bus;
use ops::clock;
use seal::{PrivateKey, setting};
use shared::codes::Code;
use shared::limits::MAX_SETTINGS_USED;
use shared::rpc::Context;
use shared::v1::auth::{PublicKey, RunSecret, RunSecrets};
use shared::v1::reply::Failure;
use shared::v1::settings::{FindSecrets, SecretView};
use zeroize::Zeroizing;

/// How long registry-svc may take to tell of what is not known here.
const PATIENCE: Duration = Duration::from_secs(2);

/// Opens secrets and seals them anew.
pub(crate) struct Secrets {
    key: PrivateKey,
    known: Known,
}

impl Secrets {
    /// None are known yet.
    pub(crate) fn new(key: PrivateKey) -> Self {
        Self {
            key,
            known: Known::default(),
        }
    }

    /// The secrets of a run, sealed to its runner. A name that is not known here may be that of a secret that has not
    /// arrived yet, so registry-svc is asked, once for all of them; one that it does not know either is left out.
    ///
    /// # Errors
    /// `auth_unavailable` where registry-svc does not answer, or a secret cannot be opened.
    pub(crate) async fn of_run(
        &self,
        bus: &Bus,
        context: Context,
        asked: RunSecrets,
    ) -> Result<Vec<RunSecret>, Failure> {
        if asked.names.len() > MAX_SETTINGS_USED {
            let detail = format!("a run uses {MAX_SETTINGS_USED} secrets at most");
            return Err(Failure::new(Code::InvalidRequest, detail));
        }
        let (mut found, unknown) = self.known.of(&asked.names);
        if !unknown.is_empty() {
            let question = FindSecrets { names: unknown };
            let views = bus.call(context, question, PATIENCE, clock::now_ms()).await;
            let views = views.map_err(|error| {
                let failure = error.into_failure(Code::RegistryUnavailable);
                tracing::warn!(detail = failure.detail, "secrets could not be looked up");
                unavailable()
            })?;
            found.extend(views.iter().map(|view| self.open(view)));
        }
        // Sealing takes a while, in which no verdict is to wait.
        let sealing = tokio::task::spawn_blocking(move || seal_all(found, &asked.key));
        sealing.await.unwrap_or_else(|error| {
            tracing::error!(%error, "secrets could not be sealed");
            Err(unavailable())
        })
    }

    /// Opens one. Where that fails, the log names it and how to mend it.
    fn open(&self, view: &SecretView) -> Value {
        let opened = seal::open(&self.key, &setting::secret(&view.name), &view.sealed);
        let text = opened
            .map_err(|error| error.to_string())
            .and_then(|opened| {
                let text = String::from_utf8(opened.expose().to_vec());
                text.map_err(|_| "it is not text in UTF-8".to_owned())
            });
        let text = text.inspect_err(|fault| {
            tracing::error!(
                setting_id = %view.id,
                name = view.name,
                fault,
                "a secret cannot be opened: give every instance of auth-svc the private key that it was sealed to, or set \
                 it anew",
            );
        });
        Value {
            id: view.id,
            name: view.name.clone(),
            revision: view.revision,
            text: text.ok().map(|text| Arc::new(Zeroizing::new(text))),
        }
    }
}

fn seal_all(values: Vec<Value>, key: &PublicKey) -> Result<Vec<RunSecret>, Failure> {
    let sealed = values.into_iter().map(|value| {
        let text = value.text.ok_or_else(unavailable)?;
        let purpose = setting::run_secret(&value.name);
        let sealed = seal::seal(key, &purpose, text.as_bytes()).map_err(|error| {
            tracing::error!(%error, "a secret could not be sealed to a runner's key");
            Failure::new(Code::InvalidRequest, "the runner's key is none")
        })?;
        let name = value.name;
        Ok(RunSecret { name, sealed })
    });
    sealed.collect()
}

fn unavailable() -> Failure {
    let detail = "the secrets of the run cannot be had at the moment";
    Failure::new(Code::AuthUnavailable, detail)
}

#[cfg(test)]
mod tests;
