//! Writes paths: names, attributes and items.

use super::emit::Emitter;
use super::expression::variable;
use crate::engine::run::RUN;
use crate::front::ast::{Expr, Kind, is_word};
use crate::front::place::Fault;

impl Emitter {
    /// Notes the longest written-out path of `__data` that an expression reads.
    pub(super) fn note_read(&mut self, value: &Expr) {
        let (Kind::Attr(inner, _) | Kind::Item(inner, _)) = &value.kind else {
            return;
        };
        if let Some(path) = value.path()
            && path.starts_with("__data")
            && !path.contains('…')
            && self.read_before.insert(path.clone())
        {
            self.reads.push(path);
        }
        // The paths on the way are no reads of their own.
        let mut on_the_way = inner;
        while let Kind::Attr(object, _) | Kind::Item(object, _) = &on_the_way.kind {
            if let Some(path) = on_the_way.path() {
                self.read_before.insert(path);
            }
            on_the_way = object;
        }
    }

    pub(super) fn attribute(&mut self, object: &Expr, key: &str) -> Result<(), Fault> {
        if self.known.parents && self.is_loop(object) && key == "parent" {
            return Err(Fault::new(
                object.at,
                "`loop.parent` alone has no value; read a name of it",
            ));
        }
        if self.is_parent(object) {
            if key == "loop" {
                self.engine_name(&format!("loop_{}", self.loops - 1));
            } else {
                self.name(key, object.at);
            }
            return Ok(());
        }
        self.path_head(object)?;
        if is_word(key) {
            self.out.push('.');
            self.out.push_str(key);
        } else {
            self.out.push('[');
            self.quote(key);
            self.out.push(']');
        }
        Ok(())
    }

    /// Whether something has defined a name or a path.
    pub(super) fn defined(&mut self, value: &Expr) -> Result<(), Fault> {
        self.note_read(value);
        if let Kind::Name(name) = &value.kind {
            self.note_stranger(name, value.at);
        }
        match &value.kind {
            Kind::Name(name) if name == "loop" && self.loops > 0 => self.out.push_str("true"),
            Kind::Name(name) if self.known.kept.contains(name) && !self.is_argument(name) => {
                self.quote(name);
                self.out.push_str("|o_kept");
            }
            Kind::Name(name) => {
                let name = variable(name);
                self.needs(&name);
                self.out.push_str(&format!("{RUN}|o_named(\"{name}\")"));
            }
            Kind::Attr(object, key) if !self.is_parent(object) => {
                self.value(object)?;
                self.out.push_str("|o_has(");
                self.quote(key);
                self.out.push(')');
            }
            Kind::Item(object, key) => {
                self.value(object)?;
                self.out.push_str("|o_has(");
                self.value(key)?;
                self.out.push(')');
            }
            // A literal is there.
            Kind::Null
            | Kind::Bool(_)
            | Kind::Int(_)
            | Kind::Float(_)
            | Kind::Text(_)
            | Kind::List(_)
            | Kind::Map(_) => self.out.push_str("true"),
            Kind::Attr(..) => {
                self.value(value)?;
                self.out.push_str("|t_defined");
            }
            _ => {
                return Err(Fault::new(
                    value.at,
                    "`is defined` asks about a name, a path or a literal only",
                ));
            }
        }
        Ok(())
    }

    /// Whether a value is `loop.parent`.
    fn is_parent(&self, value: &Expr) -> bool {
        matches!(&value.kind, Kind::Attr(inner, key) if key == "parent" && self.is_loop(inner))
    }

    pub(super) fn item(&mut self, object: &Expr, key: &Expr) -> Result<(), Fault> {
        if let Kind::Text(key) = &key.kind
            && !key.starts_with(|first: char| first.is_ascii_digit() || first == '-')
        {
            return self.attribute(object, key);
        }
        self.value(object)?;
        self.out.push_str("|o_item(");
        self.value(key)?;
        self.out.push(')');
        Ok(())
    }

    /// A value that a dot or a bracket may follow.
    fn path_head(&mut self, object: &Expr) -> Result<(), Fault> {
        let plain = match &object.kind {
            Kind::Name(name) => self.is_argument(name) || !self.known.kept.contains(name),
            Kind::Attr(..) => true,
            _ => false,
        };
        if plain {
            return self.value(object);
        }
        self.out.push('(');
        self.value(object)?;
        self.out.push(')');
        Ok(())
    }
}
