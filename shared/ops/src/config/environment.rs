//! From `EARSHOT_<SECTION>__<KEY>` to the tree.

use super::SECTIONS;
use super::error::ConfigError;
use super::origin::Origin;
use super::tree::{Kind, Node, Table};

const PREFIX: &str = "EARSHOT_";
const LEVEL: &str = "__";

/// Reads the variables that are settings.
///
/// A variable without two underscores is none (`EARSHOT_CONFIG`, or what Kubernetes derives from the name of a
/// service), and an empty one counts as not set, because compose files can hardly leave one out.
pub(super) fn read(env: impl IntoIterator<Item = (String, String)>) -> Result<Node, ConfigError> {
    let mut settings: Vec<_> = env
        .into_iter()
        .filter(|(name, value)| is_setting(name) && !value.is_empty())
        .collect();
    settings.sort();
    let mut root = Table::new();
    for (name, value) in settings {
        let path = name.trim_start_matches(PREFIX).to_lowercase();
        let keys: Vec<&str> = path.split(LEVEL).collect();
        let origin = Origin::Variable(name);
        match keys.first() {
            Some(section) if SECTIONS.contains(section) => put(&mut root, &keys, value, origin)?,
            section => {
                let section = section.copied().unwrap_or_default();
                return Err(ConfigError::unknown(
                    section.to_owned(),
                    section,
                    origin,
                    &SECTIONS,
                ));
            }
        }
    }
    Ok(Node::new(Kind::Table(root), Origin::Nowhere))
}

fn is_setting(name: &str) -> bool {
    name.strip_prefix(PREFIX)
        .is_some_and(|rest| rest.contains(LEVEL))
}

fn put(table: &mut Table, keys: &[&str], value: String, origin: Origin) -> Result<(), ConfigError> {
    match keys {
        [] => Ok(()),
        [key] => {
            let node = Node::new(Kind::Variable(value), origin);
            table.insert((*key).to_owned(), node);
            Ok(())
        }
        [key, rest @ ..] => {
            let below = table
                .entry((*key).to_owned())
                .or_insert_with(|| Node::new(Kind::Table(Table::new()), origin.clone()));
            match &mut below.kind {
                Kind::Table(table) => put(table, rest, value, origin),
                _ => Err(ConfigError::Invalid {
                    key: (*key).to_owned(),
                    origin,
                    problem: format!("{} sets the whole of it", below.origin),
                }),
            }
        }
    }
}
