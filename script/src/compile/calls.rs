//! Writes filters, functions and tests with their arguments.

use super::emit::Emitter;
use crate::engine::run::RUN;
use crate::front::ast::{Arg, Expr, Kind, Named};
use crate::front::place::Fault;
use crate::lang::registry::{self, Group};

impl Emitter {
    /// Writes `|prefix_name(args)`.
    pub(super) fn apply(
        &mut self,
        prefix: char,
        name: &str,
        at: usize,
        args: &[Option<&Expr>],
    ) -> Result<(), Fault> {
        self.out.push('|');
        self.mark(at);
        self.out.push(prefix);
        self.out.push('_');
        self.out.push_str(&name.replace(' ', "_"));
        if args.is_empty() {
            return Ok(());
        }
        self.out.push('(');
        for arg in args {
            match arg {
                Some(value) => self.value(value)?,
                None => self.out.push_str("omitted"),
            }
            self.out.push_str(", ");
        }
        self.out.push(')');
        Ok(())
    }

    pub(super) fn filtered(
        &mut self,
        inner: &Expr,
        name: &Named,
        args: &[Arg],
        printed: bool,
    ) -> Result<(), Fault> {
        let entry = registry::find(Group::Filter, name)?;
        let args = registry::arrange(entry, name, args, 1)?;
        if printed {
            self.printed(inner)?;
        } else {
            self.value(inner)?;
        }
        let escaped = matches!(&inner.kind, Kind::Filter(_, inner, _) if matches!(inner.name.as_str(), "raw" | "escape" | "e"));
        if entry.name == "nl2br" && !escaped {
            self.out.push_str("|o_markup");
        }
        self.apply('x', entry.name, name.at, &args)
    }

    pub(super) fn called(&mut self, name: &Named, args: &[Arg]) -> Result<(), Fault> {
        let entry = registry::find(Group::Function, name)?;
        let args = registry::arrange(entry, name, args, 0)?;
        if args.is_empty() {
            self.out.push_str(RUN);
        }
        let mut args = args.into_iter();
        match args.next() {
            Some(Some(first)) => self.value(first)?,
            Some(None) => self.out.push_str("omitted"),
            None => {}
        }
        let rest: Vec<_> = args.collect();
        self.apply('f', entry.name, name.at, &rest)
    }
}
