//! What each service is told, by the variables that operators use too.

use std::collections::BTreeMap;
use std::path::Path;

use super::builder::Database;
use super::service::Kind;
use crate::port;

/// Variables and their values.
pub(super) type Variables = BTreeMap<String, String>;

/// The variables of one kind of service. Its ports are free ones, which it announces in its log; a gateway, which callers
/// know by its address, has the same ones after each start.
pub(super) fn of(kind: Kind, nats: &str, database: &Database, folder: &Path) -> Variables {
    let ours = || format!("127.0.0.1:{}", port::free());
    let mut variables = vec![
        ("EARSHOT_NATS__URL", nats.to_owned()),
        ("EARSHOT_OPS__ADDRESS", "127.0.0.1:0".to_owned()),
        ("EARSHOT_OPS__LOG", "info".to_owned()),
        ("EARSHOT_OPS__LOG_FORMAT", "json".to_owned()),
    ];
    match kind {
        Kind::Gateway => variables.extend([
            ("EARSHOT_GATEWAY__LISTENER", ours()),
            ("EARSHOT_GATEWAY__CONTROL", ours()),
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

fn url(database: &Database, folder: &Path) -> String {
    match database {
        Database::Sqlite => format!("sqlite://{}", folder.join("earshot.db").display()),
        Database::Postgres(url) => url.clone(),
    }
}
