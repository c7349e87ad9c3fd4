//! What of the database is live: the three views of each published version, in the buckets that the other services watch.
//!
//! The database is the truth and the buckets are a cache of it. Nothing but [`Live::apply`] writes to them.

mod content;
mod credentials;
mod gateways;
mod live;
mod origins;
mod reconcile;
mod route;
mod turns;

pub use content::{content_hash, document_view};
pub use credentials::{credentials_view, draft_revision};
pub use gateways::Gateways;
pub use live::{Live, LiveError};
pub use origins::{OriginsError, origins};
pub use reconcile::{Reconciler, run};
pub use route::{Facts, route_view};
pub use turns::Turn;
