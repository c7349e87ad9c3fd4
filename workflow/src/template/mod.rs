//! Values of a document whose texts are scripts, and what it takes to evaluate them.

mod evaluator;
mod surroundings;
mod value;

pub use evaluator::Evaluator;
pub use surroundings::Surroundings;

pub(crate) use evaluator::{Made, mix};
pub(crate) use value::Template;
