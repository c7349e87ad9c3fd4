//! What of the database is live, in the buckets that the other services watch: the three views of each published version,
//! and secrets and variables.
//!
//! The database is the truth and the buckets are a cache of it. Nothing but [`Live::apply`] and
//! [`Live::setting_changed`] writes to them.

mod content;
mod credentials;
mod gateways;
mod live;
mod origins;
mod reconcile;
mod resolve;
mod route;
mod settings;
mod turns;

pub use content::{content_hash, document_view};
pub use credentials::{credentials_view, draft_revision};
pub use gateways::Gateways;
pub use live::{Live, LiveError};
pub use origins::{OriginsError, origins};
pub use reconcile::{Reconciler, run};
pub use resolve::{Resolved, Values, with_values};
pub use route::{Facts, route_view};
pub use settings::{secret_view, variable_view};
pub use turns::Turn;
