//! auth-svc, the only holder of secrets: it gives verdicts on callers' JWTs, keeps API tokens, opens sealed
//! credentials, and signs.
//!
//! Nothing secret leaves it: not in a log, not in `Debug`, not in an error. Keys and secrets of endpoints arrive sealed
//! through a bucket of the bus and are opened in memory alone, and so do the secrets that scripts read: those of a run leave
//! it sealed to the key of the run's runner. API tokens are stored by registry-svc as hashes.

mod answers;
mod callback_link;
mod config;
mod credentials;
mod jwt;
mod own_key;
mod reply_link;
mod secrets;
mod service;
mod tokens;

pub use config::Config;
pub use service::Auth;
