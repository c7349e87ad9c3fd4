//! Writes arrow functions.
//!
//! Each becomes a template of its own, which the filter that takes the function renders once for every call. What it
//! reads of the script around it is handed over by name, with the values of the moment.

use std::collections::BTreeSet;

use super::Part;
use super::emit::Emitter;
use super::expression::variable;
use crate::engine::run::RUN;
use crate::front::ast::{Expr, Kind, Named};
use crate::front::place::Fault;
use crate::lang::registry::Entry;

/// How deep arrow functions may stand inside each other: each level of calls takes stack of the machine.
const DEEPEST: usize = 6;

/// An arrow function that is being written.
#[derive(Debug)]
pub(super) struct OpenArrow {
    arguments: Vec<String>,
    /// The engine's names that it reads and that are not its own.
    free: BTreeSet<String>,
}

impl Emitter {
    /// Whether an arrow function around this place has an argument of this name.
    pub(super) fn is_argument(&self, name: &str) -> bool {
        let name = variable(name);
        self.open.iter().any(|open| open.arguments.contains(&name))
    }

    /// Writes a name of the engine, and remembers that the arrow functions around it need it.
    pub(super) fn engine_name(&mut self, name: &str) {
        self.out.push_str(name);
        self.needs(name);
    }

    pub(super) fn needs(&mut self, name: &str) {
        if let Some(open) = self.open.last_mut()
            && !open.arguments.iter().any(|argument| argument == name)
        {
            open.free.insert(name.to_owned());
        }
    }

    /// Writes an argument of an entry, which may be an arrow function where the entry takes one there.
    pub(super) fn argument(
        &mut self,
        entry: &Entry,
        place: usize,
        value: &Expr,
    ) -> Result<(), Fault> {
        if entry.params.get(place) != Some(&"arrow") {
            return self.value(value);
        }
        match &value.kind {
            Kind::Arrow(names, body) => {
                let given = if entry.name == "reduce" { 3 } else { 2 };
                self.arrow(value.at, names, body, entry.name, given)
            }
            Kind::Null if entry.required <= place => {
                self.out.push_str("omitted");
                Ok(())
            }
            _ => Err(needs_arrow(value.at, entry.name)),
        }
    }

    /// Writes an arrow function whose taker calls it with so many values.
    pub(super) fn arrow(
        &mut self,
        at: usize,
        names: &[Named],
        body: &Expr,
        taker: &str,
        given: usize,
    ) -> Result<(), Fault> {
        if names.len() > given {
            return Err(Fault::new(
                at,
                format!("`{taker}` gives its arrow function {given} values at most"),
            ));
        }
        if self.open.len() >= DEEPEST {
            return Err(Fault::new(at, "the arrow functions are nested too deep"));
        }
        let number = self.arrows.len();
        self.arrows.push(Part::default());
        let arguments: Vec<String> = names.iter().map(|name| variable(&name.name)).collect();
        let free = self.arrow_body(number, arguments.clone(), body)?;
        let quoted = |names: &mut dyn Iterator<Item = &String>| -> String {
            names.map(|name| format!("\"{name}\", ")).collect()
        };
        self.out.push_str(&format!(
            "{RUN}|o_arrow({number}, [{}], [{}])",
            quoted(&mut arguments.iter()),
            quoted(&mut free.iter()),
        ));
        for name in &free {
            self.needs(name);
        }
        Ok(())
    }

    /// Writes the body into a part of its own; yields the names that it needs.
    fn arrow_body(
        &mut self,
        number: usize,
        arguments: Vec<String>,
        body: &Expr,
    ) -> Result<BTreeSet<String>, Fault> {
        let around = Part {
            text: std::mem::take(&mut self.out),
            marks: std::mem::take(&mut self.marks),
        };
        self.elsewhere = self.elsewhere.saturating_add(around.text.len());
        self.depth += 1;
        self.deepest = self.deepest.max(self.depth);
        self.open.push(OpenArrow {
            arguments,
            free: BTreeSet::new(),
        });
        self.open_block("set r_ = ");
        self.value(body)?;
        self.close_block();
        self.depth -= 1;
        let free = self.open.pop().map(|open| open.free).unwrap_or_default();
        self.elsewhere = self.elsewhere.saturating_sub(around.text.len());
        let part = Part {
            text: std::mem::replace(&mut self.out, around.text),
            marks: std::mem::replace(&mut self.marks, around.marks),
        };
        self.elsewhere = self.elsewhere.saturating_add(part.text.len());
        if let Some(place) = self.arrows.get_mut(number) {
            *place = part;
        }
        Ok(free)
    }
}

/// The fault of a value where an arrow function must stand.
pub(super) fn needs_arrow(at: usize, taker: &str) -> Fault {
    Fault::new(
        at,
        format!("`{taker}` takes an arrow function, such as `v => v.name`"),
    )
}

/// The fault of an arrow function that stands where none can.
pub(super) fn misplaced(at: usize) -> Fault {
    Fault::new(at, "an arrow function cannot stand here").hint(
        "it can be the argument of `map`, `filter`, `reduce`, `find` and `sort`, and stand after `has some` and \
         `has every`",
    )
}
