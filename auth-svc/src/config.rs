//! What the section `[auth]` holds.

use std::path::PathBuf;

use ops::Secret;
use serde::Deserialize;

/// The settings of auth-svc; `defaults.toml` says what each means.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The private key: 32 bytes in base64.
    #[serde(default)]
    pub private_key: Option<Secret>,
    /// A file that holds the private key, made where it is missing.
    #[serde(default)]
    pub private_key_file: Option<PathBuf>,
    /// How many requests may be in work at once.
    pub permits: usize,
    /// Whether the first start prints the first admin token.
    pub print_first_token: bool,
}
