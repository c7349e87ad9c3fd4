//! A configuration before it has types: a tree whose every node knows where it came from.

use std::collections::BTreeMap;

use super::origin::Origin;

/// The keys of a table.
pub(super) type Table = BTreeMap<String, Node>;

/// One value and where it came from.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) kind: Kind,
    pub(super) origin: Origin,
}

/// A value.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    Bool(bool),
    Integer(i64),
    Float(f64),
    Text(String),
    /// The text of a variable: it is read as whatever type the setting has.
    Variable(String),
    List(Vec<Node>),
    Table(Table),
}

impl Kind {
    /// What the value is called in a message.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Bool(_) => "true or false",
            Self::Integer(_) => "a whole number",
            Self::Float(_) => "a number",
            Self::Text(_) | Self::Variable(_) => "text",
            Self::List(_) => "a list",
            Self::Table(_) => "a table",
        }
    }
}

impl Node {
    pub(super) fn new(kind: Kind, origin: Origin) -> Self {
        Self { kind, origin }
    }

    /// Lays another tree over this one: tables are merged key by key, everything else is replaced.
    pub(super) fn lay_over(&mut self, upper: Self) {
        match (&mut self.kind, upper.kind) {
            (Kind::Table(below), Kind::Table(above)) => {
                for (key, node) in above {
                    match below.get_mut(&key) {
                        Some(lower) => lower.lay_over(node),
                        None => {
                            below.insert(key, node);
                        }
                    }
                }
            }
            (kind, above) => {
                *kind = above;
                self.origin = upper.origin;
            }
        }
    }
}
