//! The front: reads the author's text into a tree, with the place of everything.
//!
//! [`cut`] parts the text from the tags, [`token`] reads what stands in a tag, [`expr`], [`arrow`] and [`block`] build
//! the tree of [`ast`].

mod arrow;
pub(crate) mod ast;
pub(crate) mod block;
pub(crate) mod cut;
pub(crate) mod expr;
pub(crate) mod place;
mod primary;
mod tags;
mod text_literal;
pub(crate) mod token;

use place::Fault;

/// Reads an author's text into its tree.
pub(crate) fn read(source: &str) -> Result<Vec<ast::Node>, Fault> {
    block::read(cut::cut(source)?)
}
