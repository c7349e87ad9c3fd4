//! Calls from pages of other origins.

mod browser;
mod endpoint;
mod errors;
mod off;
mod origins;
mod preflight;
mod replies;
mod runs;
