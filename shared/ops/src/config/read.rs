//! From the tree to a type.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::str::FromStr;

use serde::de::value::StringDeserializer;
use serde::de::{DeserializeOwned, Deserializer, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;

use super::error::ConfigError;
use super::file;
use super::flaw::Flaw;
use super::sequence::{Entries, Items};
use super::tree::{Kind, Node};
use crate::secret;

/// The keys that were read as secrets.
pub(super) type Secrets = RefCell<BTreeSet<String>>;

/// One node as serde sees it. The text of a variable is read as whatever the type asks for.
#[derive(Clone)]
pub(super) struct Reader<'a> {
    pub(super) key: String,
    pub(super) node: &'a Node,
    pub(super) secrets: &'a Secrets,
    pub(super) fields: &'static [&'static str],
}

impl<'a> Reader<'a> {
    /// The reader of a whole section.
    pub(super) fn root(section: &str, node: &'a Node, secrets: &'a Secrets) -> Self {
        Self {
            key: section.to_owned(),
            node,
            secrets,
            fields: &[],
        }
    }

    /// Reads the section as a type.
    pub(super) fn read<T: DeserializeOwned>(self) -> Result<T, ConfigError> {
        T::deserialize(self).map_err(Flaw::into_error)
    }

    /// Adds to a refusal which setting it is about.
    pub(super) fn place<T>(&self, outcome: Result<T, Flaw>) -> Result<T, Flaw> {
        outcome.map_err(|flaw| flaw.at(&self.key, &self.node.origin))
    }

    /// Reads the text of a variable as `T`, or leaves the value to the visitor as it is.
    fn parsed<'de, T: FromStr, V: Visitor<'de>>(
        self,
        expected: &str,
        visitor: V,
        visit: impl FnOnce(V, T) -> Result<V::Value, Flaw>,
    ) -> Result<V::Value, Flaw> {
        let Kind::Variable(text) = &self.node.kind else {
            return self.deserialize_any(visitor);
        };
        let outcome = match text.trim().parse() {
            Ok(value) => visit(visitor, value),
            Err(_) => Err(Flaw::invalid(format!("expected {expected}, found text"))),
        };
        self.place(outcome)
    }

    /// The text of a variable that stands for a list or a table, read as TOML; a list may also be `a, b`.
    fn structured(&self, text: &str) -> Result<Node, Flaw> {
        let text = text.trim();
        if !text.starts_with(['[', '{']) {
            let items = text.split(',').map(|item| {
                let item = Kind::Variable(item.trim().to_owned());
                Node::new(item, self.node.origin.clone())
            });
            return Ok(Node::new(
                Kind::List(items.collect()),
                self.node.origin.clone(),
            ));
        }
        let bad = || Flaw::invalid("expected a list or a table as TOML writes it");
        let origin = self.node.origin.clone();
        let parsed =
            file::parse(&format!("value = {text}"), &|_| origin.clone()).map_err(|_| bad())?;
        match parsed.kind {
            Kind::Table(mut table) => table.remove("value").ok_or_else(bad),
            _ => Err(bad()),
        }
    }

    /// Visits a list or a table, which a variable writes as text.
    fn visit_structured<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Flaw> {
        let Kind::Variable(text) = &self.node.kind else {
            return self.deserialize_any(visitor);
        };
        let node = self.structured(text);
        let node = self.place(node)?;
        Reader {
            key: self.key.clone(),
            node: &node,
            secrets: self.secrets,
            fields: self.fields,
        }
        .deserialize_any(visitor)
    }
}

macro_rules! whole_numbers {
    ($($method:ident $visit:ident $type:ty,)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Flaw> {
            self.parsed::<$type, V>("a whole number that fits", visitor, |visitor, value| visitor.$visit(value))
        }
    )*};
}

impl<'de> Deserializer<'de> for Reader<'_> {
    type Error = Flaw;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Flaw> {
        let outcome = match &self.node.kind {
            Kind::Bool(value) => visitor.visit_bool(*value),
            Kind::Integer(value) => visitor.visit_i64(*value),
            Kind::Float(value) => visitor.visit_f64(*value),
            Kind::Text(text) | Kind::Variable(text) => visitor.visit_str(text),
            Kind::List(items) => visitor.visit_seq(Items::new(&self, items)),
            Kind::Table(table) => visitor.visit_map(Entries::new(&self, table)),
        };
        self.place(outcome)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Flaw> {
        self.parsed::<bool, V>("true or false", visitor, |visitor, value| {
            visitor.visit_bool(value)
        })
    }

    whole_numbers! {
        deserialize_i8 visit_i8 i8,
        deserialize_i16 visit_i16 i16,
        deserialize_i32 visit_i32 i32,
        deserialize_i64 visit_i64 i64,
        deserialize_u8 visit_u8 u8,
        deserialize_u16 visit_u16 u16,
        deserialize_u32 visit_u32 u32,
        deserialize_u64 visit_u64 u64,
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Flaw> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Flaw> {
        self.parsed::<f64, V>("a number", visitor, |visitor, value| {
            visitor.visit_f64(value)
        })
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Flaw> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Flaw> {
        if name == secret::MARK {
            self.secrets.borrow_mut().insert(self.key.clone());
        }
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Flaw> {
        let outcome = match &self.node.kind {
            Kind::Text(text) | Kind::Variable(text) => {
                let word: StringDeserializer<Flaw> = text.clone().into_deserializer();
                visitor.visit_enum(word)
            }
            Kind::Table(table) => visitor.visit_enum(serde::de::value::MapAccessDeserializer::new(
                Entries::new(&self, table),
            )),
            other => Err(Flaw::invalid(format!(
                "expected text, found {}",
                other.name()
            ))),
        };
        self.place(outcome)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        mut self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Flaw> {
        self.fields = fields;
        self.visit_structured(visitor)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Flaw> {
        self.visit_structured(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Flaw> {
        self.visit_structured(visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Flaw> {
        self.visit_structured(visitor)
    }

    /// A key that its type would pass over is unknown, also where the type does not say so itself.
    fn deserialize_ignored_any<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value, Flaw> {
        let name = self.key.rsplit('.').next().unwrap_or_default();
        self.place(Err(Flaw::unknown(name, self.fields)))
    }

    forward_to_deserialize_any! {
        i128 u128 char str string bytes byte_buf unit unit_struct tuple_struct identifier
    }
}
