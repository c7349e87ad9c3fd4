//! The settings of a listener that are sealed, by the names that the workflow document gives them.

/// The expected issuer.
pub const KEY: &str = "endpoint_key";

/// The secret that tokens are signed with.
pub const SECRET: &str = "endpoint_secret";

/// The secret before the last rotation.
pub const PREVIOUS_SECRET: &str = "endpoint_secret_previous";
