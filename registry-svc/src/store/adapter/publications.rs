//! Versions, and which of them are published.

/// The `SELECT` of what is to be live, less what follows its joins.
macro_rules! select_publication {
    ($join:literal, $rest:literal) => {
        concat!(
            "SELECT w.id, w.endpoint_id, w.serial, w.last_version, v.content_hash, v.document, ",
            "v.route, v.credentials, v.access_uses, v.published_at FROM workflows w ",
            $join,
            " JOIN published p ON p.workflow_id = w.id ",
            $join,
            " JOIN versions v ON v.workflow_id = p.workflow_id AND v.number = p.number ",
            $rest
        )
    };
}

/// The row of the workflow is the lock: a publish of the same draft waits here, and then finds another `last_version`.
pub(in crate::store) const NUMBER: &str = "UPDATE workflows SET last_version = $3, \
    serial = serial + 1 WHERE id = $1 AND revision = $2 AND last_version = $3 - 1 \
    AND deleted_at IS NULL";

pub(in crate::store) const ADD_VERSION: &str = "INSERT INTO versions (workflow_id, number, \
    content_hash, document, route, credentials, message, actor, published_at, access_uses) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";

pub(in crate::store) const PUT_PUBLISHED: &str = "INSERT INTO published \
    (workflow_id, number, return_type, authentication, source) VALUES ($1, $2, $3, $4, $5) \
    ON CONFLICT (workflow_id) DO UPDATE SET number = excluded.number, \
    return_type = excluded.return_type, authentication = excluded.authentication, \
    source = excluded.source";

pub(in crate::store) const COUNT: &str =
    "UPDATE workflows SET serial = serial + 1 WHERE id = $1 AND deleted_at IS NULL";

pub(in crate::store) const ONE: &str = select_publication!("LEFT", "WHERE w.id = $1");

pub(in crate::store) const LIVE: &str = select_publication!(
    "INNER",
    "WHERE ($1 IS NULL OR w.id > $1) ORDER BY w.id LIMIT $2"
);

pub(in crate::store) const CHANGES: &str =
    "SELECT CAST(COALESCE(SUM(serial), 0) AS BIGINT) FROM workflows";

pub(in crate::store) const ENDPOINTS: &str = "SELECT w.id, w.name, w.category, v.number, \
    v.content_hash, v.message, v.actor, v.published_at, v.route FROM workflows w \
    JOIN published p ON p.workflow_id = w.id \
    JOIN versions v ON v.workflow_id = p.workflow_id AND v.number = p.number \
    WHERE ($1 IS NULL OR w.name = $1) AND ($2 IS NULL OR w.category = $2) \
    AND ($3 IS NULL OR (w.name, w.id) > ($3, $4)) AND ($5 IS NULL OR p.return_type = $5) \
    AND ($6 IS NULL OR p.authentication = $6) AND p.source = 'listener' ORDER BY w.name, w.id LIMIT $7";

/// Implements [`crate::store::Publications`].
macro_rules! publications_of {
    ($store:ty, $db:ty) => {
        impl crate::store::Publications for $store {
            async fn publish(
                &self,
                id: WorkflowId,
                revision: u64,
                version: &NewVersion,
            ) -> Result<bool, StoreError> {
                let number = rows::number(version.info.number);
                let mut transaction = self.begin().await?;
                let done = sqlx::query::<$db>(publications::NUMBER)
                    .bind(id.to_string())
                    .bind(rows::number(revision))
                    .bind(number)
                    .execute(&mut *transaction)
                    .await?;
                if done.rows_affected() == 0 {
                    return Ok(false);
                }
                sqlx::query::<$db>(publications::ADD_VERSION)
                    .bind(id.to_string())
                    .bind(number)
                    .bind(version.views.content_hash.0.as_slice())
                    .bind(&version.views.document)
                    .bind(version.views.route.as_deref().unwrap_or_default())
                    .bind(&version.views.credentials)
                    .bind(&version.info.message)
                    .bind(version.info.actor.to_string())
                    .bind(version.info.published_at_ms)
                    .bind(rows::pack(version.views.access.given())?)
                    .execute(&mut *transaction)
                    .await?;
                let access = version.views.access.all();
                put_uses(&mut transaction, id, true, &version.uses, &access).await?;
                sqlx::query::<$db>(publications::PUT_PUBLISHED)
                    .bind(id.to_string())
                    .bind(number)
                    .bind(version.return_type.map_or("", return_type_word))
                    .bind(version.authentication)
                    .bind(version.source.as_str())
                    .execute(&mut *transaction)
                    .await?;
                put_schedule(&mut transaction, id, version).await?;
                transaction.commit().await?;
                Ok(true)
            }

            async fn unpublish(&self, id: WorkflowId) -> Result<bool, StoreError> {
                let mut transaction = self.begin().await?;
                let count = sqlx::query::<$db>(publications::COUNT).bind(id.to_string());
                if count.execute(&mut *transaction).await?.rows_affected() == 0 {
                    return Ok(false);
                }
                for statement in [
                    schedules::DROP,
                    "DELETE FROM published WHERE workflow_id = $1",
                ] {
                    let statement = sqlx::query::<$db>(statement).bind(id.to_string());
                    statement.execute(&mut *transaction).await?;
                }
                forget_uses(&mut transaction, id, true).await?;
                transaction.commit().await?;
                Ok(true)
            }

            async fn publication(&self, id: WorkflowId) -> Result<Option<Publication>, StoreError> {
                let row: Option<PublicationRow> = sqlx::query_as::<$db, _>(publications::ONE)
                    .bind(id.to_string())
                    .fetch_optional(self.reader())
                    .await?;
                row.map(Publication::try_from).transpose()
            }

            async fn serial(&self, id: WorkflowId) -> Result<Option<u64>, StoreError> {
                let serial: Option<i64> =
                    sqlx::query_scalar::<$db, _>("SELECT serial FROM workflows WHERE id = $1")
                        .bind(id.to_string())
                        .fetch_optional(self.reader())
                        .await?;
                serial.map(rows::count).transpose()
            }

            async fn owner(&self, endpoint: EndpointId) -> Result<Option<WorkflowId>, StoreError> {
                let id: Option<String> =
                    sqlx::query_scalar::<$db, _>("SELECT id FROM workflows WHERE endpoint_id = $1")
                        .bind(endpoint.to_string())
                        .fetch_optional(self.reader())
                        .await?;
                id.map(|id| rows::id(&id)).transpose()
            }

            async fn live(
                &self,
                after: Option<WorkflowId>,
                limit: u32,
            ) -> Result<Vec<Publication>, StoreError> {
                let rows: Vec<PublicationRow> = sqlx::query_as::<$db, _>(publications::LIVE)
                    .bind(after.map(|id| id.to_string()))
                    .bind(i64::from(limit))
                    .fetch_all(self.reader())
                    .await?;
                rows::all(rows)
            }

            async fn changes(&self) -> Result<u64, StoreError> {
                let sum: i64 = sqlx::query_scalar::<$db, _>(publications::CHANGES)
                    .fetch_one(self.reader())
                    .await?;
                rows::count(sum)
            }

            async fn endpoints(
                &self,
                filter: &EndpointFilter,
            ) -> Result<Vec<ListedEndpoint>, StoreError> {
                let after = filter.workflows.after.as_ref();
                let rows: Vec<EndpointRow> = sqlx::query_as::<$db, _>(publications::ENDPOINTS)
                    .bind(&filter.workflows.name)
                    .bind(&filter.workflows.category)
                    .bind(after.map(|(name, _)| name))
                    .bind(after.map(|(_, id)| id.to_string()))
                    .bind(filter.return_type.map(return_type_word))
                    .bind(filter.authentication)
                    .bind(i64::from(filter.workflows.limit))
                    .fetch_all(self.reader())
                    .await?;
                rows::all(rows)
            }

            async fn document(&self, content: ContentHash) -> Result<Option<String>, StoreError> {
                Ok(sqlx::query_scalar::<$db, _>(
                    "SELECT document FROM versions WHERE content_hash = $1 LIMIT 1",
                )
                .bind(content.0.as_slice())
                .fetch_optional(self.reader())
                .await?)
            }
        }
    };
}

pub(in crate::store) use publications_of;
