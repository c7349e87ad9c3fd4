//! Configuration: defaults, then a TOML file, then the environment; what nobody knows is refused.
//!
//! The rules are told to operators in `ops/defaults.toml`, which lies beneath every service's own defaults.

mod effective;
mod environment;
mod error;
mod file;
mod flaw;
mod origin;
mod read;
mod sequence;
mod tree;

use std::path::Path;

use serde::de::DeserializeOwned;

pub use effective::Effective;
pub use error::ConfigError;
pub use origin::Origin;

use crate::settings::Settings;
use read::Reader;
use tree::{Kind, Node};

/// The defaults of `[nats]` and `[ops]`, documented; they lie beneath the service's own.
pub const COMMON_DEFAULTS: &str = include_str!("../../defaults.toml");

/// Every section that a file or an environment may hold.
pub const SECTIONS: [&str; 6] = ["nats", "ops", "gateway", "auth", "runner", "registry"];

/// Reads the configuration of the service whose section is `section`.
///
/// `defaults` is the service's documented defaults file, `file` a TOML file that may hold the sections of every
/// service, and `env` the environment, of which the variables `EARSHOT_<SECTION>__<KEY>` count.
///
/// # Errors
///
/// The first key that is unknown, missing or of a wrong type, with where it came from, or a file that cannot be read.
/// No error shows the value of a setting.
pub fn load<C: DeserializeOwned>(
    section: &str,
    defaults: &str,
    file: Option<&Path>,
    env: impl IntoIterator<Item = (String, String)>,
) -> Result<Settings<C>, ConfigError> {
    load_effective(section, defaults, file, env).map(|(settings, _)| settings)
}

/// Does what [`load`] does, and also returns what `--check-config` prints.
///
/// # Errors
///
/// Those of [`load`].
pub fn load_effective<C: DeserializeOwned>(
    section: &str,
    defaults: &str,
    file: Option<&Path>,
    env: impl IntoIterator<Item = (String, String)>,
) -> Result<(Settings<C>, Effective), ConfigError> {
    let mut root = file::parse(COMMON_DEFAULTS, &|line| Origin::Defaults { line })?;
    root.lay_over(file::parse(defaults, &|line| Origin::Defaults { line })?);
    if let Some(path) = file {
        root.lay_over(file::read(path)?);
    }
    root.lay_over(environment::read(env)?);
    let mut sections = known_sections(root)?;
    let mut take = |name: &str| {
        let missing = || Node::new(Kind::Table(tree::Table::new()), Origin::Nowhere);
        sections.remove(name).unwrap_or_else(missing)
    };
    let taken = [
        ("nats", take("nats")),
        ("ops", take("ops")),
        (section, take(section)),
    ];
    let secrets = read::Secrets::default();
    let [nats, ops, service] = taken
        .each_ref()
        .map(|(name, node)| Reader::root(name, node, &secrets));
    let settings = Settings {
        nats: nats.read()?,
        ops: ops.read()?,
        service: service.read()?,
    };
    let effective = Effective::new(&taken, &secrets);
    Ok((settings, effective))
}

/// The root's sections, when all of them are known.
fn known_sections(root: Node) -> Result<tree::Table, ConfigError> {
    let Kind::Table(sections) = root.kind else {
        return Ok(tree::Table::new());
    };
    match sections
        .iter()
        .find(|(name, _)| !SECTIONS.contains(&name.as_str()))
    {
        None => Ok(sections),
        Some((name, node)) => Err(ConfigError::unknown(
            name.clone(),
            name,
            node.origin.clone(),
            &SECTIONS,
        )),
    }
}
