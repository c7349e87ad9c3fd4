//! What can go wrong, when a script is compiled and when it runs.

use thiserror::Error;

use crate::budget::TooLarge;

/// A script that does not compile. Line and column count from 1, in characters, in the author's text.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("line {line}, column {column}: {message}")]
pub struct CompileError {
    /// Line of the author's text.
    pub line: u32,
    /// Column of the author's text, in characters.
    pub column: u32,
    /// What is wrong, with the text that stands there.
    pub message: String,
    /// What to write instead, where that can be guessed.
    pub hint: Option<String>,
}

impl CompileError {
    /// The engine itself cannot be had.
    pub(crate) fn of_engine(why: &str) -> Self {
        Self {
            line: 1,
            column: 1,
            message: why.to_owned(),
            hint: None,
        }
    }
}

/// A script that failed or crossed a bound while it ran.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum EvalError {
    /// A function or an operator failed.
    #[error("line {line}: {message}")]
    Failed {
        /// Line of the author's text, from 1.
        line: u32,
        /// Column of the author's text, from 1, where it is known.
        column: Option<u32>,
        /// What failed and why.
        message: String,
    },
    /// The bound on instructions was crossed.
    #[error("the script crossed the bound `fuel` of {bound} instructions")]
    Fuel {
        /// The bound that was set.
        bound: u64,
    },
    /// The bound on the size of the text was crossed.
    #[error("the rendered text crosses the bound `output_bytes` of {bound} bytes")]
    Output {
        /// The bound that was set.
        bound: usize,
    },
    /// The bound on nesting was crossed.
    #[error("the script crossed the bound `recursion` of {bound} levels")]
    Recursion {
        /// The bound that was set.
        bound: usize,
    },
    /// The bound on wall time was crossed.
    #[error("the script crossed the bound `milliseconds` of {bound} ms")]
    Time {
        /// The bound that was set, in milliseconds.
        bound: u128,
    },
    /// The value, or that of several scripts together, is too large.
    #[error(transparent)]
    Value(#[from] TooLarge),
    /// The script asked for something that is not known yet: see [`crate::Asks::open`].
    #[error("the script waits for an answer")]
    Asked,
    /// The id belongs to another set of scripts.
    #[error("there is no such script")]
    UnknownScript,
}

/// A value that a script printed although nothing has defined it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Undefined {
    /// The path as the author wrote it, as far as it is known: `__data.user.email`.
    pub path: String,
    /// Line of the author's text, from 1.
    pub line: u32,
    /// Column of the author's text, from 1, in characters.
    pub column: u32,
}

/// A name at the top level that nothing defines: most often a field written without `__data`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TopLevelName {
    /// The name.
    pub name: String,
    /// Line of the author's text, from 1.
    pub line: u32,
    /// Column of the author's text, from 1, in characters.
    pub column: u32,
}
