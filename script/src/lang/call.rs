//! The arguments of a filter, function or test.

use std::borrow::Cow;
use std::sync::Arc;

use minijinja::{Error, ErrorKind, State, Value};

use super::compare::is_nothing;
use super::number::{self, Num};
use super::registry::Entry;
use super::walk;
use crate::engine::run::Run;

/// One call.
pub(crate) struct Call<'a, 't, 'e> {
    pub(crate) state: &'a State<'t, 'e>,
    pub(crate) args: &'a [Value],
    pub(crate) entry: &'static Entry,
}

/// What a call yields.
pub(crate) type Outcome = Result<Value, Error>;

static NOTHING: Value = Value::UNDEFINED;

impl<'a> Call<'a, '_, '_> {
    /// An argument; undefined where it was left out.
    pub(crate) fn arg(&self, index: usize) -> &'a Value {
        self.args.get(index).unwrap_or(&NOTHING)
    }

    /// An argument, where one was given that is not null.
    pub(crate) fn given(&self, index: usize) -> Option<&'a Value> {
        self.args.get(index).filter(|value| !is_nothing(value))
    }

    /// An argument as text.
    pub(crate) fn text(&self, index: usize) -> Cow<'a, str> {
        walk::text(self.state, self.arg(index))
    }

    /// An argument as text, or this where it was left out.
    pub(crate) fn text_or(&self, index: usize, default: &'a str) -> Cow<'a, str> {
        self.given(index).map_or(Cow::Borrowed(default), |value| {
            walk::text(self.state, value)
        })
    }

    /// An argument as a number; nothing and empty text count as 0.
    pub(crate) fn number(&self, index: usize) -> Result<Num, Error> {
        let value = self.arg(index);
        walk::charge_text(self.state, value)?;
        if value.as_str() == Some("") {
            return Ok(Num::Int(0));
        }
        number::of(value).ok_or_else(|| self.wrong(index, "must be a number"))
    }

    /// An argument as a number; text that is none counts as 0.
    pub(crate) fn number_or_zero(&self, index: usize) -> Result<Num, Error> {
        match self.arg(index).as_str() {
            Some(_) => {
                walk::charge_text(self.state, self.arg(index))?;
                Ok(number::of(self.arg(index)).unwrap_or(Num::Int(0)))
            }
            None => self.number(index),
        }
    }

    /// An argument as a whole number, or this where it was left out.
    pub(crate) fn whole_or(&self, index: usize, default: i64) -> Result<i64, Error> {
        match self.given(index) {
            None => Ok(default),
            Some(_) => Ok(self.number(index)?.as_i64()),
        }
    }

    /// The fault of an argument, by its name.
    pub(crate) fn wrong(&self, index: usize, why: &str) -> Error {
        let param = self
            .entry
            .params
            .get(index)
            .or(self.entry.params.last())
            .copied()
            .unwrap_or("value");
        Error::new(
            ErrorKind::InvalidOperation,
            format!("`{}`: the argument `{param}` {why}", self.entry.name),
        )
    }

    /// A fault of the call as a whole.
    pub(crate) fn fault(&self, why: &str) -> Error {
        Error::new(
            ErrorKind::InvalidOperation,
            format!("`{}`: {why}", self.entry.name),
        )
    }

    /// Charges for work on so many items, before it is done.
    pub(crate) fn charge(&self, items: usize) -> Result<(), Error> {
        walk::charge(self.state, items)
    }

    /// Charges for all of a list or map, before something walks over it.
    pub(crate) fn weigh(&self, index: usize) -> Result<(), Error> {
        walk::weigh(self.state, self.arg(index))
    }

    /// Charges for text of so many bytes, before it is made.
    pub(crate) fn charge_bytes(&self, bytes: usize) -> Result<(), Error> {
        self.charge(bytes / 64)
    }

    /// The run that this call is part of.
    pub(crate) fn run(&self) -> Result<Arc<Run>, Error> {
        Run::of(self.state)
    }
}
