//! Secrets and variables.

mod delete;
mod entry;
mod find;
mod get;
mod list;
mod put;
mod refusal;

pub use delete::delete;
pub use find::find_secrets;
pub use get::get;
pub use list::list;
pub use put::put;
