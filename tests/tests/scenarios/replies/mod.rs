//! What callers get: every reply type in both run modes (spec section 6).

mod accepted;
mod asynchronous;
mod conditions;
mod content_types;
mod continue_async;
mod continue_sync;
mod escaping;
mod failures;
mod headers;
mod large;
mod memory;
mod nobody;
mod platform;
mod redirects;
mod synchronous;
