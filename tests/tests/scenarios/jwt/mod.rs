//! Tokens: those of callers (JWT) and those of the control plane.

mod algorithms;
mod api_tokens;
mod arrival;
mod at_rest;
mod auth_down;
mod carriers;
mod credentials;
mod endpoint;
mod first_token;
mod issuers;
mod malformed;
mod previous_secret;
mod rotation;
mod test_calls;
mod times;
mod unpublished;
mod vectors;
