//! Which database, and why it could not be opened.

use std::path::PathBuf;
use std::str::FromStr;

use ops::StartError;
use sqlx::migrate::MigrateError;
use sqlx::postgres::PgConnectOptions;

use super::error::is_busy;

/// The database that a URL names.
#[derive(Clone, Debug)]
pub enum Target {
    /// A SQLite file.
    Sqlite(PathBuf),
    /// A PostgreSQL database. Boxed, since it is far larger than a path.
    Postgres(Box<PgConnectOptions>),
}

impl FromStr for Target {
    type Err = StartError;

    /// Reads `sqlite://PATH` or `postgres://…`. The error never repeats the URL, which may hold a password.
    fn from_str(url: &str) -> Result<Self, StartError> {
        if let Some(path) = url.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            if path.is_empty() || path.contains(['?', '#']) || path.starts_with(':') {
                return Err(StartError::config(
                    "registry.database_url: after `sqlite://` comes the path of a file, such as \
                     sqlite://data/registry.db or sqlite:///var/lib/earshot/registry.db",
                ));
            }
            return Ok(Self::Sqlite(path.into()));
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            let options = url.parse().map_err(|_| {
                StartError::config(
                    "registry.database_url: not readable; expected \
                     postgres://user:password@host:5432/database",
                )
            })?;
            return Ok(Self::Postgres(Box::new(options)));
        }
        Err(StartError::config(
            "registry.database_url: begins with sqlite:// or postgres://",
        ))
    }
}

/// Why a database could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The SQLite file cannot be made or written.
    #[error("the file {file} cannot be written", file = .file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// It cannot be reached or opened.
    #[error("the database cannot be opened")]
    Connect(#[source] sqlx::Error),
    /// Another process holds it.
    #[error("the database is locked by another process")]
    Locked(#[source] sqlx::Error),
    /// A newer release has changed its schema.
    #[error("the database's schema has version {found}, and this release knows it up to {known}")]
    Newer {
        /// The schema's version.
        found: i64,
        /// The newest version that this release knows.
        known: i64,
    },
    /// A migration was cut short, or is not the one that this release has.
    #[error(
        "the database's schema is broken at version {found}; this release knows it up to {known}"
    )]
    Dirty {
        /// The broken version.
        found: i64,
        /// The newest version that this release knows.
        known: i64,
    },
    /// A migration failed.
    #[error("the database's schema cannot be brought up to date")]
    Migrate(#[source] MigrateError),
}

impl OpenError {
    /// Tells a database that another holds from one that is not there.
    pub(super) fn connect(error: sqlx::Error) -> Self {
        match error.as_database_error() {
            Some(cause) if is_busy(cause.code().as_deref()) => Self::Locked(error),
            _ => Self::Connect(error),
        }
    }
}

impl From<OpenError> for StartError {
    fn from(error: OpenError) -> Self {
        let mend = match &error {
            OpenError::File { .. } => {
                "give this user the right to write there, or set registry.database_url to another \
                 place"
            }
            OpenError::Connect(_) => "check registry.database_url, and that the database is up",
            OpenError::Locked(_) => {
                "end the other process (another registry-svc, or a shell on the file), or use \
                 PostgreSQL, which several may share"
            }
            OpenError::Newer { .. } => {
                "run the release that wrote it, or a newer one, or restore a backup from before"
            }
            OpenError::Dirty { .. } => "restore a backup from before the upgrade",
            OpenError::Migrate(_) => "restore a backup from before the upgrade, and report this",
        };
        let mut what = error.to_string();
        let mut cause = std::error::Error::source(&error);
        while let Some(reason) = cause {
            what = format!("{what}: {reason}");
            cause = reason.source();
        }
        Self::unavailable(what, mend)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_a_file_or_a_server() {
        let file = |url: &str| match url.parse::<Target>() {
            Ok(Target::Sqlite(path)) => path,
            other => panic!("{url}: {other:?}"),
        };
        assert_eq!(
            file("sqlite://data/registry.db"),
            PathBuf::from("data/registry.db")
        );
        assert_eq!(
            file("sqlite:///var/registry.db"),
            PathBuf::from("/var/registry.db")
        );
        let server = "postgres://u:p@localhost/earshot"
            .parse::<Target>()
            .unwrap();
        assert!(matches!(server, Target::Postgres(_)));
    }

    #[test]
    fn any_other_url_is_refused_without_repeating_it() {
        for url in [
            "",
            "sqlite://",
            "sqlite::memory:",
            "mysql://hunter2",
            "postgres://h:hunter2/x",
        ] {
            let error = url.parse::<Target>().unwrap_err();
            assert_eq!(error.exit_code(), 64, "{url}");
            assert!(!error.to_string().contains("hunter2"), "{error}");
        }
    }
}
