//! Secrets and variables: who may set them, which scripts read them, and where their values are never seen.

mod access;
mod api;
mod at_rest;
mod platform;
mod runs;
