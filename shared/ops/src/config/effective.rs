//! What `--check-config` prints.

use std::fmt::{self, Display};

use super::read::Secrets;
use super::tree::{Kind, Node};
use crate::secret::{REDACTED, without_credentials};

/// The configuration that holds in the end, as TOML, each line with where it came from. Secrets are redacted: what is
/// read as a [`crate::Secret`], what is called like one, and users and passwords in URLs.
#[derive(Clone, Debug)]
pub struct Effective {
    sections: Vec<(String, Vec<Line>)>,
}

#[derive(Clone, Debug)]
struct Line {
    key: String,
    value: String,
    origin: String,
}

impl Effective {
    pub(super) fn new(sections: &[(&str, Node)], secrets: &Secrets) -> Self {
        let secrets = secrets.borrow();
        let hidden = |key: &str| secrets.iter().any(|secret| secret.starts_with(key));
        let sections = sections.iter().map(|(name, node)| {
            let mut lines = Vec::new();
            collect(name, node, &hidden, &mut lines);
            ((*name).to_owned(), lines)
        });
        Self {
            sections: sections.collect(),
        }
    }
}

fn collect(key: &str, node: &Node, hidden: &dyn Fn(&str) -> bool, lines: &mut Vec<Line>) {
    if let Kind::Table(table) = &node.kind {
        for (name, node) in table {
            collect(&format!("{key}.{name}"), node, hidden, lines);
        }
        return;
    }
    let value = if hidden(key) {
        toml::Value::String(REDACTED.to_owned())
    } else {
        shown(key, node)
    };
    lines.push(Line {
        key: key.split_once('.').map_or(key, |(_, rest)| rest).to_owned(),
        value: value.to_string(),
        origin: node.origin.to_string(),
    });
}

fn shown(key: &str, node: &Node) -> toml::Value {
    match &node.kind {
        Kind::Text(_) | Kind::Variable(_) if sounds_secret(key) => {
            toml::Value::String(REDACTED.to_owned())
        }
        Kind::Text(text) | Kind::Variable(text) => toml::Value::String(without_credentials(text)),
        Kind::Bool(value) => toml::Value::Boolean(*value),
        Kind::Integer(value) => toml::Value::Integer(*value),
        Kind::Float(value) => toml::Value::Float(*value),
        Kind::List(items) => {
            toml::Value::Array(items.iter().map(|item| shown(key, item)).collect())
        }
        Kind::Table(table) => toml::Value::Table(
            table
                .iter()
                .map(|(name, node)| (name.clone(), shown(name, node)))
                .collect(),
        ),
    }
}

/// Whether a key is called like a secret. A net beneath [`crate::Secret`], for a type that forgot to use it.
fn sounds_secret(key: &str) -> bool {
    ["password", "secret", "token", "seed", "key"]
        .iter()
        .any(|word| key.ends_with(word))
}

impl Display for Effective {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (section, lines)) in self.sections.iter().enumerate() {
            let gap = if index == 0 { "" } else { "\n" };
            writeln!(f, "{gap}[{section}]")?;
            for Line { key, value, origin } in lines {
                writeln!(f, "{key} = {value} # {origin}")?;
            }
        }
        Ok(())
    }
}
