//! Writes filters, functions and tests with their arguments.

use super::emit::Emitter;
use super::escaping::{Escape, is_safe};
use crate::engine::run::RUN;
use crate::front::ast::{Arg, Expr, Named};
use crate::front::place::Fault;
use crate::lang::registry::{self, Entry, Group};

impl Emitter {
    /// Writes `|prefix_name(args)`, where the entry's first argument stands before it.
    pub(super) fn apply(
        &mut self,
        group: Group,
        entry: &Entry,
        at: usize,
        args: &[Option<&Expr>],
    ) -> Result<(), Fault> {
        self.out.push('|');
        self.mark(at);
        self.out.push(group.prefix());
        self.out.push('_');
        self.out.push_str(&entry.name.replace(' ', "_"));
        if args.is_empty() {
            return Ok(());
        }
        self.out.push('(');
        for (index, arg) in args.iter().enumerate() {
            match arg {
                Some(value) => self.argument(entry, index + 1, value)?,
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
        let is_markup = matches!(entry.name, "nl2br" | "spaceless");
        if is_markup && !is_safe(inner, &Escape::Markup) {
            self.out.push_str("|o_markup");
        }
        self.apply(Group::Filter, entry, name.at, &args)
    }

    pub(super) fn called(&mut self, name: &Named, args: &[Arg]) -> Result<(), Fault> {
        let entry = registry::find(Group::Function, name)?;
        let args = registry::arrange(entry, name, args, 0)?;
        let first = args.first().copied().flatten();
        self.settings.note(entry.name, name, first)?;
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
        self.apply(Group::Function, entry, name.at, &rest)
    }
    pub(super) fn tested(&mut self, inner: &Expr, name: &Named, args: &[Arg]) -> Result<(), Fault> {
        if name.name == "defined" && args.is_empty() {
            return self.defined(inner);
        }
        let entry = registry::find(Group::Test, name)?;
        let args = registry::arrange(entry, name, args, 1)?;
        self.value(inner)?;
        self.apply(Group::Test, entry, name.at, &args)
    }
}
