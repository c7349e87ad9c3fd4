//! Signs a short-lived JWT that an endpoint accepts, for a test call.

use ops::clock;
use serde_json::{Map, Value};
use shared::codes::Code;
use shared::rpc::Context;
use shared::v1::auth::{SignCallerToken, SignedToken};
use shared::v1::reply::Failure;

use super::{Answer, Answers};
use crate::credentials::unavailable;
use crate::jwt::{self, Checker, Members};

/// The longest that such a token is good, in seconds.
const LONGEST: u32 = 3_600;

impl Answers {
    /// A token with the caller's claims and with `iss`, `iat` and `exp` of ours, signed with HS256. The endpoint must be
    /// published with authentication on.
    pub(super) async fn sign_caller_token(
        &self,
        _: Context,
        asked: SignCallerToken,
    ) -> Answer<SignedToken> {
        let claims = claims(&asked)?;
        let endpoint = asked.endpoint_id;
        let Some(opened) = self.credentials.any(&self.bus, endpoint).await? else {
            let detail = format!("endpoint {endpoint} is not published with authentication on");
            return Err(Failure::new(Code::NotFound, detail));
        };
        let checker = opened
            .checker
            .as_ref()
            .ok_or_else(|| unavailable(endpoint))?;
        let signed = sign(
            checker,
            claims,
            clock::now_ms().div_euclid(1000),
            asked.seconds,
        )?;
        signed.ok_or_else(|| unavailable(endpoint))
    }
}

fn claims(asked: &SignCallerToken) -> Answer<Map<String, Value>> {
    if asked.seconds == 0 || asked.seconds > LONGEST {
        let detail = format!(
            "a caller's token is good for 1 to {LONGEST} seconds, not for {}",
            asked.seconds
        );
        return Err(Failure::new(Code::InvalidRequest, detail));
    }
    let members = Members::read(&asked.claims);
    members.map(|members| members.0).ok_or_else(|| {
        let detail = "the claims are not a JSON object whose members stand once each";
        Failure::new(Code::InvalidRequest, detail)
    })
}

/// None where the endpoint's secret is one that no token can be checked with.
fn sign(
    checker: &Checker,
    mut claims: Map<String, Value>,
    now: i64,
    seconds: u32,
) -> Answer<Option<SignedToken>> {
    let secret = checker
        .secrets
        .current
        .as_ref()
        .and_then(|key| key.try_get_as_bytes().ok());
    let Some(secret) = secret else {
        return Ok(None);
    };
    claims.insert("iss".to_owned(), checker.rules.issuer.as_str().into());
    claims.insert("iat".to_owned(), now.into());
    claims.insert("exp".to_owned(), now.saturating_add(seconds.into()).into());
    jwt::sign(&claims, secret).map(Some)
}

#[cfg(test)]
mod tests {
    use seal::PrivateKey;
    use shared::ids::EndpointId;
    use uuid::Uuid;

    use super::*;
    use crate::credentials::Opened;
    use crate::credentials::samples::{ISSUER, SECRET, view};

    fn asked(claims: &str, seconds: u32) -> SignCallerToken {
        SignCallerToken {
            endpoint_id: EndpointId(Uuid::from_u128(1)),
            claims: claims.to_owned(),
            seconds,
        }
    }

    fn checker() -> Checker {
        let key = PrivateKey::from_bytes(&[5; 32]).unwrap();
        Opened::open(&key, &view(&key, ISSUER, SECRET))
            .checker
            .unwrap()
    }

    #[test]
    fn the_token_passes_its_endpoint_with_the_callers_claims_and_our_own_times() {
        let wish = claims(&asked(r#"{"sub":"7","iss":"forged","exp":1}"#, 60)).unwrap();
        let token = sign(&checker(), wish, 1_000, 60).unwrap().unwrap().token;
        let good = checker().judge(&token, 1_000_000).unwrap();
        let claims: Value = serde_json::from_str(&good.claims).unwrap();
        assert_eq!(
            claims,
            serde_json::json!({"sub": "7", "iss": ISSUER, "iat": 1_000, "exp": 1_060})
        );
    }

    #[test]
    fn other_times_and_claims_that_are_no_object_are_refused() {
        for bad in [
            asked("{}", 0),
            asked("{}", 3_601),
            asked("[]", 60),
            asked("{", 60),
            asked(r#"{"a":1,"a":2}"#, 60),
        ] {
            assert_eq!(claims(&bad).unwrap_err().code, Code::InvalidRequest);
        }
        assert!(claims(&asked("{}", 3_600)).is_ok());
    }
}
