//! Bringing a schema up to date, and refusing one that a newer release wrote.

use std::ops::Deref;

use sqlx::migrate::{Migrate, MigrateError, Migrator};
use sqlx::{Acquire, Database, Pool};

use super::error::is_busy;
use super::open::OpenError;

/// Applies what is missing.
///
/// # Errors
/// [`OpenError::Newer`] and [`OpenError::Dirty`] before anything is changed; [`OpenError::Locked`] and
/// [`OpenError::Migrate`] as they happen.
pub(super) async fn migrate<DB>(
    migrations: &'static Migrator,
    pool: &Pool<DB>,
) -> Result<(), OpenError>
where
    DB: Database,
    for<'a> &'a Pool<DB>: Acquire<'a, Database = DB>,
    for<'a> <<&'a Pool<DB> as Acquire<'a>>::Connection as Deref>::Target: Migrate,
{
    let known = migrations
        .iter()
        .map(|migration| migration.version)
        .max()
        .unwrap_or(0);
    match migrations.run(pool).await {
        Ok(()) => Ok(()),
        Err(MigrateError::VersionMissing(found)) => Err(OpenError::Newer { found, known }),
        Err(MigrateError::Dirty(found) | MigrateError::VersionMismatch(found)) => {
            Err(OpenError::Dirty { found, known })
        }
        Err(MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _))
            if error
                .as_database_error()
                .is_some_and(|e| is_busy(e.code().as_deref())) =>
        {
            Err(OpenError::Locked(error))
        }
        Err(error) => Err(OpenError::Migrate(error)),
    }
}
