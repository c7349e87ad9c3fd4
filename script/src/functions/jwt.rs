//! Tokens: `jwtEncode`, `jwtDecode`.

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use minijinja::{Error, Value};

use crate::json::{json_to_value, value_to_json};
use crate::lang::call::{Call, Outcome};
use crate::lang::registry::{Entry, entry};

pub(crate) const FUNCTIONS: &[Entry] = &[
    entry(
        "jwtEncode",
        &["claims", "secret", "algorithm"],
        2,
        jwt_encode,
    ),
    entry(
        "jwtDecode",
        &["token", "secret", "algorithm"],
        2,
        jwt_decode,
    ),
];

/// How far clocks may be apart, in seconds.
const LEEWAY: i64 = 60;

/// `jwtEncode(claims, secret, algorithm = "HS256")`: a JWT (RFC 7519) with the members of a map as its claims, signed by
/// `HS256`, `HS384` or `HS512`. Nothing is added: give `exp` yourself, as seconds since 1970.
/// `jwtEncode({sub: "7", exp: now("U") + 300}, secret("PARTNER"))`.
fn jwt_encode(call: &Call<'_, '_, '_>) -> Outcome {
    call.weigh(0)?;
    let claims = value_to_json(call.arg(0));
    if !claims.is_object() {
        return Err(call.wrong(0, "must be a map"));
    }
    let header = Header::new(algorithm(call)?);
    let key = EncodingKey::from_secret(secret(call)?.as_bytes());
    let token = jsonwebtoken::encode(&header, &claims, &key)
        .map_err(|error| call.fault(&format!("the token cannot be signed: {error}")))?;
    call.charge_bytes(token.len())?;
    Ok(Value::from(token))
}

/// `jwtDecode(token, secret, algorithm = "HS256")`: the claims of a JWT; null where its signature is not that of the secret
/// by this algorithm, or it has expired or is not valid yet, with 60 s of leeway.
fn jwt_decode(call: &Call<'_, '_, '_>) -> Outcome {
    let token = call.text(0)?;
    call.charge_bytes(token.len().saturating_mul(4))?;
    let mut validation = Validation::new(algorithm(call)?);
    // The time is the run's own, so it is looked at below.
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    let key = DecodingKey::from_secret(secret(call)?.as_bytes());
    let Ok(decoded) =
        jsonwebtoken::decode::<serde_json::Value>(token.as_bytes(), &key, &validation)
    else {
        return Ok(Value::from(()));
    };
    let now = call.run()?.scope.now.as_second();
    let time = |name: &str| decoded.claims.get(name).map(serde_json::Value::as_f64);
    let is_past = |limit: Option<Option<f64>>| match limit {
        None => false,
        Some(None) => true,
        Some(Some(seconds)) => seconds <= (now - LEEWAY) as f64,
    };
    let is_ahead = |limit: Option<Option<f64>>| match limit {
        None => false,
        Some(None) => true,
        Some(Some(seconds)) => seconds > (now + LEEWAY) as f64,
    };
    if !decoded.claims.is_object() || is_past(time("exp")) || is_ahead(time("nbf")) {
        return Ok(Value::from(()));
    }
    Ok(json_to_value(&decoded.claims))
}

fn secret<'a>(call: &Call<'a, '_, '_>) -> Result<std::borrow::Cow<'a, str>, Error> {
    let secret = call.text(1)?;
    if secret.is_empty() {
        return Err(call.wrong(1, "must not be empty"));
    }
    Ok(secret)
}

fn algorithm(call: &Call<'_, '_, '_>) -> Result<Algorithm, Error> {
    match call.text_or(2, "HS256")?.as_ref() {
        "HS256" => Ok(Algorithm::HS256),
        "HS384" => Ok(Algorithm::HS384),
        "HS512" => Ok(Algorithm::HS512),
        _ => Err(call.wrong(2, "must be HS256, HS384 or HS512")),
    }
}
