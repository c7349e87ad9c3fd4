//! Secrets and variables. The two have a table each, of the same columns.

use shared::v1::settings::SettingKind;

/// What is asked of one of the tables.
pub(in crate::store) struct Statements {
    pub(in crate::store) by_name: &'static str,
    pub(in crate::store) by_id: &'static str,
    pub(in crate::store) page: &'static str,
    pub(in crate::store) names: &'static str,
    pub(in crate::store) count: &'static str,
    pub(in crate::store) insert: &'static str,
    pub(in crate::store) update: &'static str,
    pub(in crate::store) delete: &'static str,
}

macro_rules! select {
    ($table:literal, $rest:literal) => {
        concat!(
            "SELECT id, name, value, revision, updated_at, updated_by FROM ",
            $table,
            " ",
            $rest
        )
    };
}

macro_rules! statements {
    ($table:literal) => {
        Statements {
            by_name: select!($table, "WHERE name = $1"),
            by_id: select!($table, "WHERE id = $1"),
            page: select!(
                $table,
                "WHERE ($1 IS NULL OR name > $1) ORDER BY name LIMIT $2"
            ),
            names: concat!("SELECT name FROM ", $table, " ORDER BY name"),
            count: concat!("SELECT COUNT(*) FROM ", $table),
            insert: concat!(
                "INSERT INTO ",
                $table,
                " (id, name, value, revision, updated_at, updated_by) ",
                "VALUES ($1, $2, $3, $4, $5, $6)"
            ),
            update: concat!(
                "UPDATE ",
                $table,
                " SET value = $2, revision = $3, updated_at = $4, updated_by = $5 WHERE name = $1"
            ),
            delete: concat!("DELETE FROM ", $table, " WHERE name = $1"),
        }
    };
}

const SECRETS: Statements = statements!("secrets");
const VARIABLES: Statements = statements!("variables");

/// The statements about the table of a kind.
pub(in crate::store) const fn of(kind: SettingKind) -> &'static Statements {
    match kind {
        SettingKind::Secret => &SECRETS,
        SettingKind::Variable => &VARIABLES,
    }
}

/// Whoever changes one waits here for whoever does so at the same time.
pub(in crate::store) const TICK: &str =
    "UPDATE settings_clock SET at = at + 1 WHERE id = 1 RETURNING at";

pub(in crate::store) const CLOCK: &str = "SELECT at FROM settings_clock WHERE id = 1";

/// The views of these workflows are not what they were.
pub(in crate::store) const COUNT_USERS: &str = "UPDATE workflows SET serial = serial + 1 \
    WHERE id IN (SELECT workflow_id FROM setting_uses \
    WHERE secret = $1 AND name = $2 AND published AND access)";

pub(in crate::store) const ACCESS_USERS: &str = "SELECT workflow_id FROM setting_uses \
    WHERE secret = $1 AND name = $2 AND published AND access ORDER BY workflow_id";

pub(in crate::store) const PUBLISHED_USERS: &str = "SELECT COUNT(*) FROM setting_uses \
    WHERE secret = $1 AND name = $2 AND published";

pub(in crate::store) const USERS: &str = "SELECT u.name AS setting, w.id, w.name, u.published \
    FROM setting_uses u JOIN workflows w ON w.id = u.workflow_id \
    WHERE u.secret = $1 AND u.name >= $2 AND u.name <= $3 \
    ORDER BY u.name, w.name, w.id, u.published LIMIT $4";

pub(in crate::store) const FORGET_USES: &str =
    "DELETE FROM setting_uses WHERE workflow_id = $1 AND published = $2";

pub(in crate::store) const ADD_USE: &str = "INSERT INTO setting_uses \
    (workflow_id, published, secret, name, access) VALUES ($1, $2, $3, $4, $5)";

/// Implements [`crate::store::Settings`].
macro_rules! settings_of {
    ($store:ty, $db:ty) => {
        impl crate::store::Settings for $store {
            async fn setting(
                &self,
                kind: SettingKind,
                name: &str,
            ) -> Result<Option<Setting>, StoreError> {
                let row: Option<SettingRow> = sqlx::query_as::<$db, _>(settings::of(kind).by_name)
                    .bind(name)
                    .fetch_optional(self.reader())
                    .await?;
                row.map(Setting::try_from).transpose()
            }

            async fn setting_with_id(
                &self,
                kind: SettingKind,
                id: SettingId,
            ) -> Result<Option<Setting>, StoreError> {
                let row: Option<SettingRow> = sqlx::query_as::<$db, _>(settings::of(kind).by_id)
                    .bind(id.to_string())
                    .fetch_optional(self.reader())
                    .await?;
                row.map(Setting::try_from).transpose()
            }

            async fn settings(
                &self,
                kind: SettingKind,
                after: Option<&str>,
                limit: u32,
            ) -> Result<Vec<Setting>, StoreError> {
                let rows: Vec<SettingRow> = sqlx::query_as::<$db, _>(settings::of(kind).page)
                    .bind(after)
                    .bind(i64::from(limit))
                    .fetch_all(self.reader())
                    .await?;
                rows::all(rows)
            }

            async fn setting_names(&self, kind: SettingKind) -> Result<Vec<String>, StoreError> {
                let names = sqlx::query_scalar::<$db, String>(settings::of(kind).names);
                Ok(names.fetch_all(self.reader()).await?)
            }

            async fn put_setting(
                &self,
                new: &NewSetting,
                wanted: Wanted,
            ) -> Result<SettingChange, StoreError> {
                let statements = settings::of(new.kind);
                let mut transaction = self.begin().await?;
                let tick = sqlx::query_scalar::<$db, i64>(settings::TICK);
                let revision = tick.fetch_one(&mut *transaction).await?;
                let found = sqlx::query_as::<$db, SettingRow>(statements.by_name).bind(&new.name);
                let found = found.fetch_optional(&mut *transaction).await?;
                let found = found.map(Setting::try_from).transpose()?;
                if let Some(refused) = wanted.refuses(found.as_ref()) {
                    return Ok(refused);
                }
                if found.is_some() {
                    sqlx::query::<$db>(statements.update)
                        .bind(&new.name)
                        .bind(&new.value)
                        .bind(revision)
                        .bind(new.updated_at_ms)
                        .bind(new.updated_by.to_string())
                        .execute(&mut *transaction)
                        .await?;
                } else {
                    let count = sqlx::query_scalar::<$db, i64>(statements.count);
                    if count.fetch_one(&mut *transaction).await? >= i64::from(MAX_SETTINGS) {
                        return Ok(SettingChange::Full);
                    }
                    sqlx::query::<$db>(statements.insert)
                        .bind(new.id.to_string())
                        .bind(&new.name)
                        .bind(&new.value)
                        .bind(revision)
                        .bind(new.updated_at_ms)
                        .bind(new.updated_by.to_string())
                        .execute(&mut *transaction)
                        .await?;
                }
                count_users(&mut transaction, new.kind, &new.name).await?;
                transaction.commit().await?;
                Ok(SettingChange::Done {
                    id: found.as_ref().map_or(new.id, |found| found.id),
                    created: found.is_none(),
                })
            }

            async fn delete_setting(
                &self,
                kind: SettingKind,
                name: &str,
                wanted: Wanted,
                force: bool,
            ) -> Result<SettingChange, StoreError> {
                let statements = settings::of(kind);
                let mut transaction = self.begin().await?;
                let tick = sqlx::query_scalar::<$db, i64>(settings::TICK);
                tick.fetch_one(&mut *transaction).await?;
                let found = sqlx::query_as::<$db, SettingRow>(statements.by_name).bind(name);
                let found = found.fetch_optional(&mut *transaction).await?;
                let Some(found) = found.map(Setting::try_from).transpose()? else {
                    return Ok(SettingChange::Missing);
                };
                if let Some(refused) = wanted.refuses(Some(&found)) {
                    return Ok(refused);
                }
                let users = sqlx::query_scalar::<$db, i64>(settings::PUBLISHED_USERS)
                    .bind(kind == SettingKind::Secret)
                    .bind(name);
                if !force && users.fetch_one(&mut *transaction).await? > 0 {
                    return Ok(SettingChange::Used);
                }
                let delete = sqlx::query::<$db>(statements.delete).bind(name);
                delete.execute(&mut *transaction).await?;
                count_users(&mut transaction, kind, name).await?;
                transaction.commit().await?;
                Ok(SettingChange::Done {
                    id: found.id,
                    created: false,
                })
            }

            async fn setting_users(
                &self,
                kind: SettingKind,
                first: &str,
                last: &str,
                limit: u32,
            ) -> Result<Vec<(String, SettingUser)>, StoreError> {
                let rows: Vec<UserRow> = sqlx::query_as::<$db, _>(settings::USERS)
                    .bind(kind == SettingKind::Secret)
                    .bind(first)
                    .bind(last)
                    .bind(i64::from(limit))
                    .fetch_all(self.reader())
                    .await?;
                rows::users(rows)
            }

            async fn access_users(
                &self,
                kind: SettingKind,
                name: &str,
            ) -> Result<Vec<WorkflowId>, StoreError> {
                let ids = sqlx::query_scalar::<$db, String>(settings::ACCESS_USERS)
                    .bind(kind == SettingKind::Secret)
                    .bind(name)
                    .fetch_all(self.reader())
                    .await?;
                ids.iter().map(|id| rows::id(id)).collect()
            }

            async fn setting_changes(&self) -> Result<u64, StoreError> {
                let clock = sqlx::query_scalar::<$db, i64>(settings::CLOCK);
                rows::count(clock.fetch_one(self.reader()).await?)
            }
        }

        async fn count_users(
            transaction: &mut sqlx::Transaction<'static, $db>,
            kind: SettingKind,
            name: &str,
        ) -> Result<(), StoreError> {
            sqlx::query::<$db>(settings::COUNT_USERS)
                .bind(kind == SettingKind::Secret)
                .bind(name)
                .execute(&mut **transaction)
                .await?;
            Ok(())
        }

        /// Notes what a workflow's draft or published version uses, and nothing else of it.
        async fn put_uses(
            transaction: &mut sqlx::Transaction<'static, $db>,
            id: WorkflowId,
            published: bool,
            uses: &SettingUses,
            access: &SettingUses,
        ) -> Result<(), StoreError> {
            forget_uses(transaction, id, published).await?;
            for kind in [SettingKind::Secret, SettingKind::Variable] {
                for name in uses.of(kind).iter().filter(|name| is_setting_name(name)) {
                    sqlx::query::<$db>(settings::ADD_USE)
                        .bind(id.to_string())
                        .bind(published)
                        .bind(kind == SettingKind::Secret)
                        .bind(name)
                        .bind(access.of(kind).contains(name))
                        .execute(&mut **transaction)
                        .await?;
                }
            }
            Ok(())
        }

        async fn forget_uses(
            transaction: &mut sqlx::Transaction<'static, $db>,
            id: WorkflowId,
            published: bool,
        ) -> Result<(), StoreError> {
            sqlx::query::<$db>(settings::FORGET_USES)
                .bind(id.to_string())
                .bind(published)
                .execute(&mut **transaction)
                .await?;
            Ok(())
        }
    };
}

pub(in crate::store) use settings_of;
