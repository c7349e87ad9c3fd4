//! The scripting language of Earshot: what authors write between `{{ }}` and `{% %}`.
//!
//! A script is compiled once, for one [`Target`], into a [`Scripts`] set, and then rendered or evaluated any number of
//! times against a [`Scope`], within [`Bounds`]. Nothing here reads a file, the network, a clock, randomness or the
//! environment: the scope brings all of it.

mod asks;
mod bounds;
mod budget;
mod compile;
mod engine;
mod error;
mod evaluation;
mod filters;
mod front;
mod functions;
mod interrupt;
mod json;
mod lang;
mod scope;
mod scripts;
mod secrets;
mod spellings;
pub mod target;

pub use asks::{Asks, MOST_QUESTIONS, Question};
pub use bounds::Bounds;
pub use budget::{Budget, TooLarge};
pub use compile::SettingNames;
pub use error::{CompileError, EvalError, TopLevelName, Undefined};
pub use interrupt::{Interrupt, Offload};
pub use json::{Beginning, json_beginning, json_text, json_to_value, value_to_json};
pub use minijinja::Value;
pub use scope::Scope;
pub use scripts::{Evaluated, Rendered, ScriptId, Scripts, ScriptsBuilder};
pub use secrets::Secrets;
pub use spellings::{plain_spellings, spellings};
pub use target::{BodyMode, Target};
