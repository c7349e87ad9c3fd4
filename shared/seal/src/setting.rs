//! What a sealed value is for. It is authenticated with the value, so none opens as another: not one secret as a second
//! one, nor a secret as the key of an endpoint. The settings of a listener go by the names that the workflow document gives
//! them; those of secrets begin with a word that is no such name.

/// The expected issuer.
pub const KEY: &str = "endpoint_key";

/// The secret that tokens are signed with.
pub const SECRET: &str = "endpoint_secret";

/// The secret before the last rotation.
pub const PREVIOUS_SECRET: &str = "endpoint_secret_previous";

/// The value of a secret, on its way to auth-svc and at rest.
#[must_use]
pub fn secret(name: &str) -> String {
    format!("secret/{name}")
}

/// The value of a secret, on its way from auth-svc to the runner of a run.
#[must_use]
pub fn run_secret(name: &str) -> String {
    format!("run_secret/{name}")
}
