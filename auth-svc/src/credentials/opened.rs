//! Credentials that were opened and rendered.

use std::sync::Arc;

use jsonwebtoken::DecodingKey;
use seal::{PrivateKey, setting};
use shared::ids::ContentHash;
use shared::v1::views::{CredentialsView, Sealed};

use super::rendering::{Fault, Rendering};
use super::values::Values;
use crate::jwt::{Checker, Rules, Secrets};

/// The fewest bytes of a secret that tokens are checked with.
pub(crate) const SHORTEST_SECRET: usize = 32;

/// The credentials of one endpoint, ready for verdicts or known to be useless.
pub(crate) struct Opened {
    /// What revision they are.
    pub(crate) revision: ContentHash,
    /// What revision they replaced in this process's memory.
    pub(crate) replaced: Option<ContentHash>,
    /// What checks tokens; none where they cannot be opened or rendered, which was logged.
    pub(crate) checker: Option<Checker>,
}

impl Opened {
    /// Opens and renders credentials. Where that fails, the log names the endpoint and how to mend it.
    pub(crate) fn open(key: &PrivateKey, view: &CredentialsView) -> Self {
        let checker = match checker(key, view) {
            Ok(checker) => Some(checker),
            Err((setting, fault)) => {
                tracing::error!(
                    endpoint_id = %view.endpoint_id,
                    setting,
                    %fault,
                    mend = fault.mend(),
                    "no verdict can be given for an endpoint: its credentials cannot be used",
                );
                None
            }
        };
        Self {
            revision: view.revision,
            replaced: None,
            checker,
        }
    }
}

fn checker(key: &PrivateKey, view: &CredentialsView) -> Result<Checker, (&'static str, Fault)> {
    let values = Values::open(key, view).map_err(|fault| ("a secret that they use", fault))?;
    let values = Arc::new(values);
    let render = |setting: &'static str, sealed: &Sealed| {
        Rendering::open(key, setting, sealed, values.clone()).map_err(|fault| (setting, fault))
    };
    let issuer = render(setting::KEY, &view.endpoint_key)?;
    let secret = render(setting::SECRET, &view.endpoint_secret)?;
    let previous = match &view.previous_secret {
        Some((sealed, until_ms)) => Some((render(setting::PREVIOUS_SECRET, sealed)?, *until_ms)),
        None => None,
    };
    let current = secret_key(&secret);
    if current.is_none() || issuer.is_nothing() {
        // A publish refuses such; the values that a script uses may have changed since.
        tracing::warn!(
            endpoint_id = %view.endpoint_id,
            "every token is refused: the endpoint's key renders to nothing, or its secret to less than 32 bytes",
        );
    }
    let issuer = if issuer.is_nothing() {
        String::new()
    } else {
        issuer.text().to_owned()
    };
    Ok(Checker {
        secrets: Secrets {
            current,
            previous: previous
                .and_then(|(secret, until_ms)| Some((secret_key(&secret)?, until_ms))),
        },
        rules: Rules {
            issuer,
            require_exp: view.require_exp,
        },
    })
}

/// The key to check with; none where the secret is too weak to be one.
fn secret_key(secret: &Rendering) -> Option<DecodingKey> {
    let bytes = secret.text().as_bytes();
    let strong = !secret.is_nothing() && bytes.len() >= SHORTEST_SECRET;
    strong.then(|| DecodingKey::from_secret(bytes))
}
