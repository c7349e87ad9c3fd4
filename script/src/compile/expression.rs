//! Writes expressions in the engine's language.
//!
//! Whatever is written can be followed by `|`: what the engine has its own words for (`and`, `or`, `not`, `if`) stands in
//! brackets, everything else is a name, a literal, a path or a chain of filters.

use super::Site;
use super::arrows::needs_arrow;
use super::emit::Emitter;
use crate::front::ast::{APPLIED, Binary, Expr, Kind};
use crate::front::place::Fault;

/// The engine's name of an author's name. The prefix keeps it apart from the engine's own words.
pub(super) fn variable(name: &str) -> String {
    if name == "__data" {
        return name.to_owned();
    }
    let mut mangled = String::from("v_");
    for letter in name.chars() {
        if letter.is_ascii() {
            mangled.push(letter);
        } else {
            mangled.push_str(&format!("_u{:x}_", u32::from(letter)));
        }
    }
    mangled
}

/// The engine filter behind an operator.
fn operator(operator: Binary) -> &'static str {
    match operator {
        Binary::Add => "o_add",
        Binary::Subtract => "o_subtract",
        Binary::Multiply => "o_multiply",
        Binary::Divide => "o_divide",
        Binary::FloorDivide => "o_floor_divide",
        Binary::Remainder => "o_remainder",
        Binary::Power => "o_power",
        Binary::Range => "o_range",
        Binary::Equal => "o_equal",
        Binary::NotEqual => "o_not_equal",
        Binary::Less => "o_less",
        Binary::LessOrEqual => "o_less_or_equal",
        Binary::Greater => "o_greater",
        Binary::GreaterOrEqual => "o_greater_or_equal",
        Binary::Spaceship => "o_spaceship",
        Binary::In => "o_in",
        Binary::NotIn => "o_not_in",
        Binary::Matches => "o_matches",
        Binary::StartsWith => "o_starts_with",
        Binary::EndsWith => "o_ends_with",
        Binary::HasSome => "o_has_some",
        Binary::HasEvery => "o_has_every",
        Binary::BitAnd => "o_bit_and",
        Binary::BitOr => "o_bit_or",
        Binary::BitXor => "o_bit_xor",
        Binary::Xor => "o_xor",
    }
}

/// How an operator that takes an arrow function is spelt.
fn sign(operator: Binary) -> &'static str {
    if operator == Binary::HasSome {
        "has some"
    } else {
        "has every"
    }
}

/// Whether an expression always is true or false, so that a condition need not ask.
fn is_bool(value: &Expr) -> bool {
    match &value.kind {
        Kind::Bool(_) | Kind::Not(_) | Kind::And(..) | Kind::Or(..) | Kind::Test(..) => true,
        Kind::Binary(operator, ..) => matches!(
            operator,
            Binary::Equal
                | Binary::NotEqual
                | Binary::Less
                | Binary::LessOrEqual
                | Binary::Greater
                | Binary::GreaterOrEqual
                | Binary::In
                | Binary::NotIn
                | Binary::StartsWith
                | Binary::EndsWith
                | Binary::HasSome
                | Binary::HasEvery
                | Binary::Xor
        ),
        _ => false,
    }
}

/// The engine takes no more arguments than a few more than this.
const MOST_ARGUMENTS: usize = 1000;

/// Filters that are there to deal with what is undefined.
fn expects_undefined(filter: &str) -> bool {
    filter == "default"
}

impl Emitter {
    /// A value that goes to the engine's formatter as it is: a path is not watched.
    pub(super) fn printed_straight(&mut self, value: &Expr) -> Result<(), Fault> {
        let is_path = matches!(&value.kind, Kind::Name(_) | Kind::Attr(..) | Kind::Item(..));
        match value.path() {
            Some(path) if is_path && path != APPLIED => {
                self.value(value)?;
                self.unwatched = true;
                // Sites have the same numbers with and without watching.
                self.sites.push(Site { path, at: value.at });
                Ok(())
            }
            _ => self.printed(value),
        }
    }

    /// A value that is printed: paths in it are watched, so that an undefined one is reported.
    pub(super) fn printed(&mut self, value: &Expr) -> Result<(), Fault> {
        match &value.kind {
            Kind::Name(name) if name == APPLIED => self.value(value),
            Kind::Name(_) | Kind::Attr(..) | Kind::Item(..) => {
                self.value(value)?;
                if let Some(path) = value.path() {
                    self.out
                        .push_str(&format!("|o_watch({})", self.sites.len()));
                    self.sites.push(Site { path, at: value.at });
                }
                Ok(())
            }
            Kind::Filter(inner, name, args) if !expects_undefined(&name.name) => {
                self.filtered(inner, name, args, true)
            }
            Kind::Choice(condition, then, otherwise) => {
                self.one_of(condition, then, otherwise.as_deref(), Self::printed)
            }
            Kind::Concat(parts) => self.concat(parts, Self::printed),
            _ => self.value(value),
        }
    }

    /// One of two values, the second of which may be left out.
    fn one_of(
        &mut self,
        condition: &Expr,
        then: &Expr,
        otherwise: Option<&Expr>,
        write: fn(&mut Self, &Expr) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        self.out.push('(');
        write(self, then)?;
        self.out.push_str(" if ");
        self.condition(condition)?;
        self.out.push_str(" else ");
        match otherwise {
            Some(otherwise) => write(self, otherwise)?,
            None => self.out.push_str("\"\""),
        }
        self.out.push(')');
        Ok(())
    }

    /// A value as a condition.
    pub(super) fn condition(&mut self, value: &Expr) -> Result<(), Fault> {
        self.value(value)?;
        if !is_bool(value) {
            self.out.push_str("|o_true");
        }
        Ok(())
    }

    /// A value.
    pub(super) fn value(&mut self, value: &Expr) -> Result<(), Fault> {
        if self.too_large() {
            return Err(Fault::new(value.at, "the script is too complex"));
        }
        self.mark(value.at);
        match &value.kind {
            literal @ (Kind::Null
            | Kind::Bool(_)
            | Kind::Int(_)
            | Kind::Float(_)
            | Kind::Text(_)) => {
                self.literal(literal);
            }
            Kind::Name(name) => self.name(name, value.at),
            Kind::List(items) => {
                self.list(items)?;
                self.watch_depth(items.iter());
            }
            Kind::Map(members) => {
                self.map(members)?;
                self.watch_depth(members.iter().map(|(_, value)| value));
            }
            Kind::Attr(object, key) => {
                self.note_read(value);
                self.attribute(object, key)?;
            }
            Kind::Item(object, key) => {
                self.note_read(value);
                self.item(object, key)?;
            }
            Kind::Slice(inner, start, length) => {
                self.slice(inner, start.as_deref(), length.as_deref())?;
            }
            Kind::Not(inner) => {
                self.out.push_str("(not ");
                self.condition(inner)?;
                self.out.push(')');
            }
            Kind::Negative(inner) => self.unary(inner, "|o_negative")?,
            Kind::Positive(inner) => self.unary(inner, "|o_positive")?,
            Kind::Binary(which, left, right) => self.binary(*which, left, right)?,
            Kind::Concat(parts) => self.concat(parts, Self::value)?,
            Kind::And(left, right) => self.both(left, " and ", right)?,
            Kind::Or(left, right) => self.both(left, " or ", right)?,
            Kind::Choice(condition, then, otherwise) => {
                self.one_of(condition, then, otherwise.as_deref(), Self::value)?;
            }
            Kind::Elvis(left, right) => self.fallback(left, "|o_true", right)?,
            Kind::Coalesce(left, right) => self.fallback(left, "|o_set", right)?,
            Kind::Filter(inner, name, args) => self.filtered(inner, name, args, false)?,
            Kind::Call(name, args) => self.called(name, args)?,
            Kind::Arrow(..) => return Err(super::arrows::misplaced(value.at)),
            Kind::Test(inner, name, args) => self.tested(inner, name, args)?,
        }
        Ok(())
    }

    fn literal(&mut self, literal: &Kind) {
        match literal {
            Kind::Null => self.out.push_str("none"),
            Kind::Bool(flag) => self.out.push_str(if *flag { "true" } else { "false" }),
            Kind::Int(number) => self.out.push_str(&number.to_string()),
            Kind::Float(number) => self.out.push_str(&format!("{number:?}")),
            Kind::Text(text) => self.quote(text),
            _ => {}
        }
    }

    fn slice(
        &mut self,
        inner: &Expr,
        start: Option<&Expr>,
        length: Option<&Expr>,
    ) -> Result<(), Fault> {
        self.value(inner)?;
        self.out.push_str("|x_slice(");
        match start {
            Some(start) => self.value(start)?,
            None => self.out.push('0'),
        }
        if let Some(length) = length {
            self.out.push_str(", ");
            self.value(length)?;
        }
        self.out.push(')');
        Ok(())
    }

    pub(super) fn name(&mut self, name: &str, at: usize) {
        let argument = self.is_argument(name);
        if name == "__data" || argument {
            self.engine_name(&variable(name));
        } else if name == "loop" && self.loops > 0 {
            self.engine_name("loop");
        } else if self.known.kept.contains(name) {
            self.quote(name);
            self.out.push_str("|o_get");
        } else {
            self.engine_name(&variable(name));
        }
        self.note_stranger(name, at);
    }

    /// Notes a name at the top level that nothing defines.
    pub(super) fn note_stranger(&mut self, name: &str, at: usize) {
        let known = self.is_argument(name)
            || self.known.given.contains(name)
            || name.starts_with("__")
            || name == "loop";
        if !known && self.strangers_before.insert(name.to_owned()) {
            self.strangers.push((name.to_owned(), at));
        }
    }

    fn list(&mut self, items: &[Expr]) -> Result<(), Fault> {
        self.out.push('[');
        for item in items {
            self.value(item)?;
            self.out.push_str(", ");
        }
        self.out.push(']');
        Ok(())
    }

    fn map(&mut self, members: &[(Expr, Expr)]) -> Result<(), Fault> {
        self.out.push('{');
        for (key, value) in members {
            self.value(key)?;
            if !matches!(key.kind, Kind::Text(_)) {
                self.out.push_str("|o_key");
            }
            self.out.push_str(": ");
            self.value(value)?;
            self.out.push_str(", ");
        }
        self.out.push('}');
        Ok(())
    }

    /// A list or map around values of names may grow deeper with every turn of a loop, so that its depth is checked.
    fn watch_depth<'a>(&mut self, mut inside: impl Iterator<Item = &'a Expr>) {
        if inside.any(|value| {
            !matches!(
                value.kind,
                Kind::Text(_) | Kind::Int(_) | Kind::Float(_) | Kind::Bool(_)
            )
        }) {
            self.out.push_str("|o_nest");
        }
    }

    fn unary(&mut self, inner: &Expr, filter: &str) -> Result<(), Fault> {
        self.value(inner)?;
        self.out.push_str(filter);
        Ok(())
    }

    fn binary(&mut self, which: Binary, left: &Expr, right: &Expr) -> Result<(), Fault> {
        if which == Binary::Matches
            && let Kind::Text(pattern) = &right.kind
        {
            crate::lang::pattern::compile(pattern).map_err(|why| Fault::new(right.at, why))?;
        }
        // The right side does not matter, and must not fail, where the left one is no text.
        let asks = matches!(which, Binary::StartsWith | Binary::EndsWith) && !right.is_plain();
        if asks {
            self.out.push('(');
            self.value(left)?;
            self.out.push_str("|o_is_text and ");
        }
        self.value(left)?;
        self.out.push('|');
        self.mark(left.at);
        self.out.push_str(operator(which));
        self.out.push('(');
        match (which, &right.kind) {
            (Binary::HasSome | Binary::HasEvery, Kind::Arrow(names, body)) => {
                self.arrow(right.at, names, body, sign(which), 2)?;
            }
            (Binary::HasSome | Binary::HasEvery, _) => {
                return Err(needs_arrow(right.at, sign(which)));
            }
            _ => self.value(right)?,
        }
        self.out.push(')');
        if asks {
            self.out.push(')');
        }
        Ok(())
    }

    fn concat(
        &mut self,
        parts: &[Expr],
        write: fn(&mut Self, &Expr) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let Some((first, rest)) = parts.split_first() else {
            self.out.push_str("\"\"");
            return Ok(());
        };
        write(self, first)?;
        for some in rest.chunks(MOST_ARGUMENTS) {
            self.out.push_str("|o_concat(");
            for part in some {
                write(self, part)?;
                self.out.push_str(", ");
            }
            self.out.push(')');
        }
        if rest.is_empty() {
            self.out.push_str("|o_concat");
        }
        Ok(())
    }

    fn both(&mut self, left: &Expr, word: &str, right: &Expr) -> Result<(), Fault> {
        self.out.push('(');
        self.condition(left)?;
        self.out.push_str(word);
        self.condition(right)?;
        self.out.push(')');
        Ok(())
    }

    fn fallback(&mut self, left: &Expr, question: &str, right: &Expr) -> Result<(), Fault> {
        self.out.push('(');
        self.value(left)?;
        self.out.push_str(" if ");
        self.value(left)?;
        self.out.push_str(question);
        self.out.push_str(" else ");
        self.value(right)?;
        self.out.push(')');
        Ok(())
    }

    /// A literal text of the engine.
    pub(super) fn quote(&mut self, text: &str) {
        self.out.push('"');
        for letter in text.chars() {
            match letter {
                '"' => self.out.push_str("\\\""),
                '\\' => self.out.push_str("\\\\"),
                '\n' => self.out.push_str("\\n"),
                '\r' => self.out.push_str("\\r"),
                control if control.is_control() => {
                    self.out.push_str(&format!("\\u{:04x}", u32::from(control)));
                }
                other => self.out.push(other),
            }
        }
        self.out.push('"');
    }
}
