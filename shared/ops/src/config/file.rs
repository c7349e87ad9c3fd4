//! From TOML to the tree.

use std::fs;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeInteger, DeTable, DeValue};

use super::error::ConfigError;
use super::origin::Origin;
use super::tree::{Kind, Node, Table};

/// Reads a TOML file.
pub(super) fn read(path: &Path) -> Result<Node, ConfigError> {
    let text = fs::read_to_string(path).map_err(|source| ConfigError::Unreadable {
        path: path.to_owned(),
        source,
    })?;
    parse(&text, &|line| Origin::File {
        path: path.to_owned(),
        line,
    })
}

/// Reads TOML whose lines have the given origins.
pub(super) fn parse(text: &str, origin: &dyn Fn(usize) -> Origin) -> Result<Node, ConfigError> {
    let source = Source { text, origin };
    // The parser's own rendering of the error shows the line, which may hold a secret: only its message is taken.
    let root = DeTable::parse(text).map_err(|error| ConfigError::Syntax {
        origin: source.at(error.span().map_or(0, |span| span.start)),
        problem: error.message().to_owned(),
    })?;
    let table = source.table(root.get_ref())?;
    Ok(Node::new(Kind::Table(table), origin(1)))
}

struct Source<'a> {
    text: &'a str,
    origin: &'a dyn Fn(usize) -> Origin,
}

impl Source<'_> {
    fn at(&self, offset: usize) -> Origin {
        let breaks = self
            .text
            .bytes()
            .take(offset)
            .filter(|byte| *byte == b'\n')
            .count();
        (self.origin)(breaks + 1)
    }

    fn table(&self, table: &DeTable<'_>) -> Result<Table, ConfigError> {
        table
            .iter()
            .map(|(key, value)| {
                let name = key.get_ref().to_string();
                let node = self.node(value, key.span().start)?;
                Ok((name, node))
            })
            .collect()
    }

    fn node(&self, value: &Spanned<DeValue<'_>>, offset: usize) -> Result<Node, ConfigError> {
        let origin = self.at(offset);
        let kind = match value.get_ref() {
            DeValue::String(text) => Kind::Text(text.to_string()),
            DeValue::Integer(digits) => Kind::Integer(integer(digits, &origin)?),
            DeValue::Float(digits) => {
                Kind::Float(digits.as_str().parse().map_err(|_| out_of_range(&origin))?)
            }
            DeValue::Boolean(value) => Kind::Bool(*value),
            DeValue::Datetime(time) => Kind::Text(time.to_string()),
            DeValue::Array(items) => Kind::List(
                items
                    .iter()
                    .map(|item| self.node(item, item.span().start))
                    .collect::<Result<_, _>>()?,
            ),
            DeValue::Table(table) => Kind::Table(self.table(table)?),
        };
        Ok(Node::new(kind, origin))
    }
}

fn integer(digits: &DeInteger<'_>, origin: &Origin) -> Result<i64, ConfigError> {
    i64::from_str_radix(digits.as_str(), digits.radix()).map_err(|_| out_of_range(origin))
}

fn out_of_range(origin: &Origin) -> ConfigError {
    ConfigError::Syntax {
        origin: origin.clone(),
        problem: "the number is out of range".to_owned(),
    }
}
