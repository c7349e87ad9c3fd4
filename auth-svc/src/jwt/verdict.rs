//! The verdict on a caller's token.

use jsonwebtoken::DecodingKey;
use shared::v1::auth::Denial;

use super::claims::Rules;
use super::compact::Compact;
use super::members::Members;

/// The secrets that a token may be signed with.
pub(crate) struct Secrets {
    /// The one of today; none where it renders to nothing or is too short, and then no token is good.
    pub(crate) current: Option<DecodingKey>,
    /// The one before, and until when it is good, in milliseconds since the Unix epoch.
    pub(crate) previous: Option<(DecodingKey, i64)>,
}

/// Checks the tokens of one endpoint.
pub(crate) struct Checker {
    /// What tokens are signed with.
    pub(crate) secrets: Secrets,
    /// What their claims must say.
    pub(crate) rules: Rules,
}

/// A token that is good.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Good {
    /// Its claims: the JSON text as it was signed.
    pub(crate) claims: String,
    /// Until when that stays so, in seconds since the Unix epoch: its expiry with leeway, or the end of the previous
    /// secret where that signed it, whichever comes first; none where neither is known.
    pub(crate) keep_until: Option<i64>,
}

impl Checker {
    /// Judges a token at `now_ms`, in milliseconds since the Unix epoch.
    ///
    /// The signature comes first: whatever the claims of a token say, nothing of it is told to a caller who does not
    /// know the secret. Then the issuer, then the times.
    pub(crate) fn judge(&self, token: &str, now_ms: i64) -> Result<Good, Denial> {
        let token = Compact::read(token).ok_or(Denial::Invalid)?;
        let secret_until = self.secrets.signed(&token, now_ms).ok_or(Denial::Invalid)?;
        let claims = String::from_utf8(token.into_payload()).map_err(|_| Denial::Invalid)?;
        let members = Members::read(&claims).ok_or(Denial::Invalid)?;
        let token_until = self.rules.judge(&members, now_ms.div_euclid(1000))?;
        let keep_until = token_until.into_iter().chain(secret_until).min();
        Ok(Good { claims, keep_until })
    }
}

impl Secrets {
    /// Whether one of the secrets signed this token: until when that secret is good, in seconds since the Unix epoch,
    /// where an end is set.
    fn signed(&self, token: &Compact<'_>, now_ms: i64) -> Option<Option<i64>> {
        let current = self.current.as_ref()?;
        if token.is_signed_with(current) {
            return Some(None);
        }
        let (previous, until_ms) = self.previous.as_ref()?;
        let signed = now_ms < *until_ms && token.is_signed_with(previous);
        signed.then(|| Some(until_ms.div_euclid(1000)))
    }
}
