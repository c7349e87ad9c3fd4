//! API tokens: made and checked here, stored by registry-svc as hashes.

mod first;
mod text;

pub(crate) use first::make_first;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bus::Bus;
use moka::sync::Cache;
use ops::clock;
use shared::codes::Code;
use shared::ids::TokenId;
use shared::rpc::{Context, Rpc};
use shared::v1::auth::{CheckToken, MintToken, Minted, RevokeToken, TokenInfo};
use shared::v1::registry::{AllTokens, DropToken, FindToken, PutToken};
use shared::v1::reply::Failure;

use text::{ApiToken, Hash};

/// How long a good token is good without asking registry-svc again. A token that another instance of auth-svc revoked
/// lives that much longer here at most.
const KEPT: Duration = Duration::from_secs(5);

/// The most tokens that are kept in mind.
const KEPT_TOKENS: u64 = 10_000;

/// The longest name of a token, in bytes.
const LONGEST_NAME: usize = 200;

/// The most time that registry-svc gets for one question.
const PATIENCE: Duration = Duration::from_secs(5);

/// Makes, checks and revokes API tokens.
pub(crate) struct Tokens {
    good: Cache<Hash, TokenInfo>,
    /// Counts revocations, so that an answer from before one is not kept after it.
    revocations: AtomicU64,
}

impl Tokens {
    /// None are in mind.
    pub(crate) fn new() -> Self {
        let good = Cache::builder()
            .max_capacity(KEPT_TOKENS)
            .time_to_live(KEPT)
            .build();
        Self {
            good,
            revocations: AtomicU64::new(0),
        }
    }

    /// Whose token it is; none for one that is unknown, expired or revoked.
    pub(crate) async fn check(
        &self,
        bus: &Bus,
        context: Context,
        asked: CheckToken,
    ) -> Result<Option<TokenInfo>, Failure> {
        let Some(token) = ApiToken::read(asked.token) else {
            return Ok(None);
        };
        let hash = token.hash();
        if let Some(info) = self.good.get(&hash) {
            return Ok(Some(info).filter(is_live));
        }
        let revocations = self.revocations.load(Ordering::SeqCst);
        let question = FindToken {
            hash: hash.to_vec(),
        };
        let found = ask(bus, context, question).await?.filter(is_live);
        if let Some(info) = &found
            && self.revocations.load(Ordering::SeqCst) == revocations
        {
            self.good.insert(hash, info.clone());
        }
        Ok(found)
    }

    /// Makes a token. This is the one time that it is shown.
    pub(crate) async fn mint(
        &self,
        bus: &Bus,
        context: Context,
        asked: MintToken,
    ) -> Result<Minted, Failure> {
        refuse(&asked, clock::now_ms())?;
        let token = ApiToken::random();
        let record = token.record(asked.name, asked.role, asked.expires_at_ms);
        let info = record.info.clone();
        let only_first = false;
        if !ask(bus, context, PutToken { record, only_first }).await? {
            return Err(Failure::new(Code::Internal, "the token was not stored"));
        }
        tracing::info!(token_id = %info.id, role = info.role.as_str(), "made an API token");
        let token = token.expose().to_owned();
        Ok(Minted { token, info })
    }

    /// All tokens that are neither expired nor revoked.
    pub(crate) async fn list(
        &self,
        bus: &Bus,
        context: Context,
    ) -> Result<Vec<TokenInfo>, Failure> {
        let mut all = ask(bus, context, AllTokens {}).await?;
        all.retain(is_live);
        Ok(all)
    }

    /// Ends a token; whether it was there.
    pub(crate) async fn revoke(
        &self,
        bus: &Bus,
        context: Context,
        asked: RevokeToken,
    ) -> Result<bool, Failure> {
        let id: TokenId = asked.id;
        let dropped = ask(bus, context, DropToken { id }).await;
        // Also after a failure, since registry-svc may have done it.
        self.revocations.fetch_add(1, Ordering::SeqCst);
        self.good.invalidate_all();
        tracing::info!(token_id = %id, revoked = ?dropped.as_ref().ok(), "revoked an API token");
        dropped
    }
}

fn is_live(info: &TokenInfo) -> bool {
    info.expires_at_ms.is_none_or(|end| clock::now_ms() < end)
}

/// Refuses a wish for a token that cannot be.
fn refuse(asked: &MintToken, now_ms: i64) -> Result<(), Failure> {
    let detail = if asked.name.trim().is_empty() {
        "a token needs a name that says what it is for"
    } else if asked.name.len() > LONGEST_NAME {
        "a token's name is 200 bytes at most"
    } else if asked.expires_at_ms.is_some_and(|end| end <= now_ms) {
        "a token's expiry lies in the future"
    } else {
        return Ok(());
    };
    Err(Failure::new(Code::InvalidRequest, detail))
}

/// Asks registry-svc within the time that the asker has left.
async fn ask<M: Rpc>(bus: &Bus, context: Context, question: M) -> Result<M::Reply, Failure> {
    let now = clock::now_ms();
    let left = u64::try_from(context.deadline_ms.saturating_sub(now)).unwrap_or(0);
    let patience = Duration::from_millis(left).min(PATIENCE);
    let answer = bus.call(context, question, patience, now).await;
    answer.map_err(|error| error.into_failure(Code::RegistryUnavailable))
}

#[cfg(test)]
mod tests {
    use shared::v1::auth::Role;

    use super::*;

    #[test]
    fn a_token_without_a_name_or_with_a_past_expiry_is_not_made() {
        let wish = |name: &str, expires_at_ms| MintToken {
            name: name.to_owned(),
            role: Role::Viewer,
            expires_at_ms,
        };
        assert!(refuse(&wish("ci", None), 1_000).is_ok());
        assert!(refuse(&wish("ci", Some(1_001)), 1_000).is_ok());
        for bad in [
            wish(" ", None),
            wish(&"n".repeat(201), None),
            wish("ci", Some(1_000)),
        ] {
            assert_eq!(refuse(&bad, 1_000).unwrap_err().code, Code::InvalidRequest);
        }
    }
}
