//! The arguments of a filter, function or test.

use std::borrow::Cow;
use std::sync::Arc;

use minijinja::{Error, ErrorKind, State, Value};

use super::compare::is_nothing;
use super::number::{self, Num};
use super::registry::Entry;
use super::{text, walk};
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

    /// An argument as text. Fails for a list or a map, which has no text of its own.
    pub(crate) fn text(&self, index: usize) -> Result<Cow<'a, str>, Error> {
        let value = self.arg(index);
        if walk::is_container(value) {
            return Err(self.wrong(index, "must be text"));
        }
        Ok(text::of(value))
    }

    /// An argument as text, or this where it was left out.
    pub(crate) fn text_or(&self, index: usize, default: &'a str) -> Result<Cow<'a, str>, Error> {
        match self.given(index) {
            Some(_) => self.text(index),
            None => Ok(Cow::Borrowed(default)),
        }
    }

    /// An argument as a number; nothing counts as 0.
    pub(crate) fn number(&self, index: usize) -> Result<Num, Error> {
        let value = self.arg(index);
        walk::charge_text(self.state, value)?;
        number::of(value).ok_or_else(|| self.wrong(index, "must be a number"))
    }

    /// An argument as a whole number; nothing counts as 0.
    pub(crate) fn whole(&self, index: usize) -> Result<i64, Error> {
        number::whole(self.arg(index)).ok_or_else(|| self.wrong(index, "must be a number"))
    }

    /// An argument as a number; nothing counts as 0, and text must be a number from end to end.
    pub(crate) fn exact_number(&self, index: usize) -> Result<Num, Error> {
        let value = self.arg(index);
        let number = if value.as_str().is_some() {
            number::exactly(value)
        } else {
            number::of(value)
        };
        number.ok_or_else(|| self.wrong(index, "must be a number"))
    }

    /// An argument as a number with a fraction; text that is none counts as 0.
    pub(crate) fn float(&self, index: usize) -> Result<f64, Error> {
        match self.arg(index).as_str() {
            Some(text) => {
                walk::charge_text(self.state, self.arg(index))?;
                Ok(number::float_of_text(text))
            }
            None => self.number(index).map(Num::as_f64),
        }
    }

    /// An argument as a whole number, or this where it was left out.
    pub(crate) fn whole_or(&self, index: usize, default: i64) -> Result<i64, Error> {
        match self.given(index) {
            None => Ok(default),
            Some(_) => Ok(self.exact_number(index)?.capped()),
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
