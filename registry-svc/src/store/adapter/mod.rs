//! The traits of the store for both databases.
//!
//! Both understand the statements here word for word, so each stands once. sqlx's types differ by database, and bounds
//! that span them are longer than the code: hence macros, one for each trait.
//!
//! An adapter brings `reader()`, `writer()` (pools) and `begin()` (a transaction that may write).

pub(super) mod publications;
pub(super) mod runs;
pub(super) mod schedules;
pub(super) mod settings;
pub(super) mod tokens;
pub(super) mod workflows;

pub(super) use publications::publications_of;
pub(super) use runs::runs_of;
pub(super) use schedules::schedules_of;
pub(super) use settings::settings_of;
pub(super) use tokens::tokens_of;
pub(super) use workflows::workflows_of;
