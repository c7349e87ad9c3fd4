//! Requests that `http_request` steps make.

mod client;
mod guard;

pub(crate) use client::{HttpClient, HttpSettings};
pub(crate) use guard::Guard;

#[cfg(test)]
mod client_tests;
