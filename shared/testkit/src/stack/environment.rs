//! What each service is told, by the variables that operators use too.

use std::collections::BTreeMap;
use std::path::Path;

use super::builder::Database;
use super::service::Kind;

/// Variables and their values.
pub(super) type Variables = BTreeMap<String, String>;

/// The variables of one kind of service. Every port is a free one, which the service announces in its log.
pub(super) fn of(kind: Kind, nats: &str, database: &Database, folder: &Path) -> Variables {
    let anywhere = "127.0.0.1:0".to_owned();
    let mut variables = vec![
        ("EARSHOT_NATS__URL", nats.to_owned()),
        ("EARSHOT_OPS__ADDRESS", anywhere.clone()),
        ("EARSHOT_OPS__LOG", "info".to_owned()),
        ("EARSHOT_OPS__LOG_FORMAT", "json".to_owned()),
    ];
    match kind {
        Kind::Gateway => variables.extend([
            ("EARSHOT_GATEWAY__LISTENER", anywhere.clone()),
            ("EARSHOT_GATEWAY__CONTROL", anywhere),
        ]),
        Kind::Auth => variables.push((
            "EARSHOT_AUTH__PRIVATE_KEY_FILE",
            folder.join("auth.key").display().to_string(),
        )),
        Kind::Registry => variables.push(("EARSHOT_REGISTRY__DATABASE_URL", url(database, folder))),
        Kind::Runner => {}
    }
    variables
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// The variables that give a service that starts again the ports that it had.
pub(super) fn same_ports(kind: Kind, port: impl Fn(&str) -> Option<String>) -> Variables {
    let names: &[(&str, &str)] = match kind {
        Kind::Gateway => &[
            ("listener", "EARSHOT_GATEWAY__LISTENER"),
            ("control", "EARSHOT_GATEWAY__CONTROL"),
        ],
        _ => &[],
    };
    names
        .iter()
        .filter_map(|(name, variable)| Some(((*variable).to_owned(), port(name)?)))
        .collect()
}

fn url(database: &Database, folder: &Path) -> String {
    match database {
        Database::Sqlite => format!("sqlite://{}", folder.join("earshot.db").display()),
        Database::Postgres(url) => url.clone(),
    }
}
