//! API tokens on behalf of auth-svc, which alone knows what they are; here they are hashes.

use shared::v1::auth::TokenInfo;
use shared::v1::registry::{AllTokens, DropToken, FindToken, PutToken};
use shared::v1::reply::Failure;

use super::refusal::{self, check_text, invalid};
use crate::store::Store;

/// The length of a SHA-256, in bytes.
const HASH: usize = 32;

/// Stores a token's hash. The first of the platform is asked for with `only_first`: it is stored only where there never
/// was a token, not even one that is revoked by now, so that a platform has one first start.
///
/// # Errors
/// `invalid_request`, `conflict` (the very token is there already).
pub async fn put_token<S: Store>(store: &S, message: PutToken) -> Result<bool, Failure> {
    if message.record.hash.len() != HASH {
        return Err(invalid("the token's hash is no SHA-256"));
    }
    check_text("the token's name", &message.record.info.name, 200)?;
    store
        .put_token(&message.record, message.only_first)
        .await
        .map_err(refusal::store)
}

/// The token with this hash, expired or not; none where it is unknown or revoked.
///
/// # Errors
/// Only those of the database.
pub async fn find_token<S: Store>(
    store: &S,
    message: FindToken,
) -> Result<Option<TokenInfo>, Failure> {
    store
        .find_token(&message.hash)
        .await
        .map_err(refusal::store)
}

/// Every token that is not revoked, oldest first.
///
/// # Errors
/// Only those of the database.
pub async fn all_tokens<S: Store>(store: &S, _: AllTokens) -> Result<Vec<TokenInfo>, Failure> {
    store.tokens().await.map_err(refusal::store)
}

/// Revokes a token at once and for good. Whether it was there.
///
/// # Errors
/// Only those of the database.
pub async fn drop_token<S: Store>(
    store: &S,
    now_ms: i64,
    message: DropToken,
) -> Result<bool, Failure> {
    store
        .drop_token(message.id, now_ms)
        .await
        .map_err(refusal::store)
}
