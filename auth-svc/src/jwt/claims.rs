//! What the claims of a well-signed token must say.

use serde_json::Value;
use shared::limits;
use shared::v1::auth::Denial;

use super::members::Members;

/// What an endpoint asks of the claims.
#[derive(Clone)]
pub(crate) struct Rules {
    /// The expected `iss`; an empty one matches nothing.
    pub(crate) issuer: String,
    /// Whether `exp` must be there.
    pub(crate) require_exp: bool,
}

impl Rules {
    /// Judges claims at `now`, in whole seconds since the Unix epoch. The result is the last second at which the token
    /// is good: its `exp` with leeway; none where it has no `exp`.
    ///
    /// The issuer is judged before the times. Each time is a JSON number, and none may be of another type.
    ///
    /// A leeway of 60 seconds counts as good to its last second: a token is expired from the 61st second after its
    /// `exp` on, and `nbf` and `iat` may lie up to 60 seconds ahead. (RFC 7519 leaves the leeway to us.)
    pub(crate) fn judge(&self, claims: &Members, now: i64) -> Result<Option<i64>, Denial> {
        let issuer = claims.get("iss").and_then(Value::as_str);
        if self.issuer.is_empty() || issuer != Some(self.issuer.as_str()) {
            return Err(Denial::Issuer);
        }
        let exp = time(claims, "exp")?;
        let begins = [time(claims, "nbf")?, time(claims, "iat")?];
        if exp.is_none() && self.require_exp {
            return Err(Denial::Invalid);
        }
        let leeway = limits::JWT_LEEWAY_SECONDS as f64;
        let now = now as f64;
        if exp.is_some_and(|exp| now - exp > leeway) {
            return Err(Denial::Expired);
        }
        if begins
            .into_iter()
            .flatten()
            .any(|begin| begin - now > leeway)
        {
            return Err(Denial::Invalid);
        }
        // The cast saturates, so that a far future stays one.
        Ok(exp.map(|exp| (exp.floor() + leeway) as i64))
    }
}

/// A NumericDate (RFC 7519 section 2); fractions of a second are allowed.
fn time(claims: &Members, name: &str) -> Result<Option<f64>, Denial> {
    let Some(value) = claims.get(name) else {
        return Ok(None);
    };
    let seconds = value.as_f64().filter(|seconds| seconds.is_finite());
    seconds.map(Some).ok_or(Denial::Invalid)
}
