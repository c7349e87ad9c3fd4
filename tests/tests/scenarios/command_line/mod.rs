//! The binary `earshot`, as people and scripts use it.

mod apply;
mod earshot;
mod endpoints;
mod examples;
mod failures;
mod invoke;
mod platform;
mod publish;
mod script;
mod settings;
mod tokens;
mod up;
mod up_refused;
mod up_running;
mod validate;
