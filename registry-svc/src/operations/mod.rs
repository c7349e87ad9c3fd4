//! What registry-svc is asked to do, one operation to a file.
//!
//! An operation takes the store and what else it needs, and fails with the failure that the caller gets. What a request
//! asks for stands in `shared::v1::registry`.

mod authentication;
mod cancel;
mod create;
mod credentials;
mod dead_letters;
mod delete;
mod document;
mod draft;
mod endpoints;
mod entry;
mod existing;
mod get;
mod list;
mod page;
mod precondition;
mod publish;
mod refusal;
mod resolve;
mod runs;
pub mod settings;
mod tokens;
mod trials;
mod unpublish;
mod update;
mod version;

pub use cancel::cancel_run;
pub use create::create;
pub use dead_letters::{drop_dead_letter, get_dead_letter, list_dead_letters, retry_dead_letter};
pub use delete::delete;
pub use document::document;
pub use endpoints::endpoints;
pub use get::get;
pub use list::list;
pub use publish::publish;
pub use resolve::{resolve, target};
pub use runs::{get_run, list_runs};
pub use tokens::{all_tokens, drop_token, find_token, put_token};
pub use trials::{replay_run, test_run};
pub use unpublish::unpublish;
pub use update::update;
