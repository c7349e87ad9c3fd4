//! What arrives at an endpoint, and what a run gets to see of it.

mod concurrency;
mod exact_body;
mod fields;
mod files;
mod github;
mod headers;
mod json_suite;
mod malformed;
mod methods;
mod multipart_pairs;
mod not_found;
mod platform;
mod protocols;
mod rate;
mod request_itself;
mod signatures;
mod sizes;
mod slow;
mod wire;
