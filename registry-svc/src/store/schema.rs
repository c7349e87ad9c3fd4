//! Bringing a schema up to date, and refusing one that a newer release wrote.

use sqlx::migrate::{Migrate, MigrateError, Migrator};
use sqlx::pool::PoolConnection;
use sqlx::{Acquire, Database, Pool};

use super::error::is_busy;
use super::open::OpenError;

/// Where sqlx notes which migrations were applied.
const APPLIED: &str = "_sqlx_migrations";

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
    DB::Connection: Migrate,
    for<'a> &'a Pool<DB>: Acquire<'a, Connection = PoolConnection<DB>>,
{
    let versions = migrations.iter().map(|migration| migration.version);
    let known = versions.max().unwrap_or(0);
    match migrations.run(pool).await {
        Ok(()) => Ok(()),
        Err(MigrateError::VersionMissing(missing)) => {
            let connection = pool.acquire().await;
            let mut connection = connection.map_err(OpenError::connect)?;
            let applied = connection.list_applied_migrations(APPLIED).await;
            let applied = applied.map_err(OpenError::Migrate)?.into_iter();
            let newest = applied.map(|migration| migration.version).max();
            let found = newest.unwrap_or(missing);
            Err(OpenError::Newer { found, known })
        }
        Err(MigrateError::Dirty(found) | MigrateError::VersionMismatch(found)) => {
            Err(OpenError::Dirty { found, known })
        }
        Err(MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _))
            if error
                .as_database_error()
                .is_some_and(|cause| is_busy(cause.code().as_deref())) =>
        {
            Err(OpenError::Locked(error))
        }
        Err(error) => Err(OpenError::Migrate(error)),
    }
}
