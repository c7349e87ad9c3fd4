//! Workflows and their drafts.

/// The `SELECT` of a workflow, less what follows `WHERE`; the argument is what stands for its document.
macro_rules! select_workflow {
    ($document:literal, $rest:literal) => {
        concat!(
            "SELECT w.id, w.name, w.category, ",
            $document,
            " AS document, w.draft_hash, w.revision, w.last_version, w.endpoint_id, w.first_hash, ",
            "w.second_hash, w.created_at, w.updated_at, v.number, v.content_hash, v.message, ",
            "v.actor, v.published_at, w.source, p.source AS published_source, s.timetable, ",
            "s.done_to, s.last_fired FROM workflows w ",
            "LEFT JOIN published p ON p.workflow_id = w.id ",
            "LEFT JOIN schedules s ON s.workflow_id = p.workflow_id ",
            "LEFT JOIN versions v ON v.workflow_id = p.workflow_id AND v.number = p.number ",
            "WHERE w.deleted_at IS NULL AND ",
            $rest
        )
    };
}

pub(in crate::store) const INSERT: &str = "INSERT INTO workflows (id, name, category, document, \
    draft_hash, revision, endpoint_id, first_hash, second_hash, created_at, updated_at, updated_by, \
    source) VALUES ($1, $2, $3, $4, $5, 1, $6, $7, $8, $9, $9, $10, $11)";

pub(in crate::store) const ONE: &str = select_workflow!("w.document", "w.id = $1");

pub(in crate::store) const PAGE: &str = select_workflow!(
    "CAST(NULL AS TEXT)",
    "($1 IS NULL OR w.name = $1) AND ($2 IS NULL OR w.category = $2) \
     AND ($3 IS NULL OR (w.name, w.id) > ($3, $4)) ORDER BY w.name, w.id LIMIT $5"
);

pub(in crate::store) const UPDATE: &str = "UPDATE workflows SET name = $3, category = $4, \
    document = $5, draft_hash = $6, updated_at = $7, updated_by = $8, source = $9, revision = revision + 1 \
    WHERE id = $1 AND revision = $2 AND deleted_at IS NULL";

pub(in crate::store) const DELETE: &str = "UPDATE workflows SET deleted_at = $3, \
    serial = serial + 1 WHERE id = $1 AND ($2 IS NULL OR revision = $2) AND deleted_at IS NULL";

pub(in crate::store) const PUT_CREDENTIALS: &str = "INSERT INTO credentials \
    (workflow_id, endpoint_key, endpoint_secret, previous_secret, uses) VALUES ($1, $2, $3, $4, $5) \
    ON CONFLICT (workflow_id) DO UPDATE SET endpoint_key = excluded.endpoint_key, \
    endpoint_secret = excluded.endpoint_secret, previous_secret = excluded.previous_secret, \
    uses = excluded.uses";

pub(in crate::store) const CREDENTIALS: &str = "SELECT endpoint_key, endpoint_secret, \
    previous_secret, uses FROM credentials WHERE workflow_id = $1";

/// Implements [`crate::store::Workflows`].
macro_rules! workflows_of {
    ($store:ty, $db:ty) => {
        impl crate::store::Workflows for $store {
            async fn create(&self, new: &NewWorkflow) -> Result<(), StoreError> {
                let draft = &new.draft;
                let mut transaction = self.begin().await?;
                sqlx::query::<$db>(workflows::INSERT)
                    .bind(new.id.to_string())
                    .bind(&draft.name)
                    .bind(&draft.category)
                    .bind(&draft.document)
                    .bind(draft.hash.0.as_slice())
                    .bind(new.endpoint.to_string())
                    .bind(new.first_hash.as_slice())
                    .bind(new.second_hash.as_slice())
                    .bind(draft.saved_at_ms)
                    .bind(draft.actor.to_string())
                    .bind(draft.source.as_str())
                    .execute(&mut *transaction)
                    .await?;
                put_credentials(&mut transaction, new.id, &draft.credentials).await?;
                put_uses(
                    &mut transaction,
                    new.id,
                    false,
                    &draft.uses,
                    &SettingUses::default(),
                )
                .await?;
                Ok(transaction.commit().await?)
            }

            async fn workflow(&self, id: WorkflowId) -> Result<Option<Workflow>, StoreError> {
                let row: Option<WorkflowRow> = sqlx::query_as::<$db, _>(workflows::ONE)
                    .bind(id.to_string())
                    .fetch_optional(self.reader())
                    .await?;
                row.map(Workflow::try_from).transpose()
            }

            async fn credentials(&self, id: WorkflowId) -> Result<SealedCredentials, StoreError> {
                let row: Option<CredentialsRow> = sqlx::query_as::<$db, _>(workflows::CREDENTIALS)
                    .bind(id.to_string())
                    .fetch_optional(self.reader())
                    .await?;
                row.map_or_else(
                    || Ok(SealedCredentials::default()),
                    SealedCredentials::try_from,
                )
            }

            async fn update(
                &self,
                id: WorkflowId,
                revision: u64,
                draft: &StoredDraft,
            ) -> Result<bool, StoreError> {
                let mut transaction = self.begin().await?;
                let done = sqlx::query::<$db>(workflows::UPDATE)
                    .bind(id.to_string())
                    .bind(rows::number(revision))
                    .bind(&draft.name)
                    .bind(&draft.category)
                    .bind(&draft.document)
                    .bind(draft.hash.0.as_slice())
                    .bind(draft.saved_at_ms)
                    .bind(draft.actor.to_string())
                    .bind(draft.source.as_str())
                    .execute(&mut *transaction)
                    .await?;
                if done.rows_affected() == 0 {
                    return Ok(false);
                }
                put_credentials(&mut transaction, id, &draft.credentials).await?;
                put_uses(
                    &mut transaction,
                    id,
                    false,
                    &draft.uses,
                    &SettingUses::default(),
                )
                .await?;
                transaction.commit().await?;
                Ok(true)
            }

            async fn delete(
                &self,
                id: WorkflowId,
                revision: Option<u64>,
                now_ms: i64,
            ) -> Result<bool, StoreError> {
                let mut transaction = self.begin().await?;
                let done = sqlx::query::<$db>(workflows::DELETE)
                    .bind(id.to_string())
                    .bind(revision.map(rows::number))
                    .bind(now_ms)
                    .execute(&mut *transaction)
                    .await?;
                if done.rows_affected() == 0 {
                    return Ok(false);
                }
                for statement in [
                    schedules::DROP,
                    "DELETE FROM published WHERE workflow_id = $1",
                    "DELETE FROM credentials WHERE workflow_id = $1",
                    "DELETE FROM setting_uses WHERE workflow_id = $1",
                ] {
                    let statement = sqlx::query::<$db>(statement).bind(id.to_string());
                    statement.execute(&mut *transaction).await?;
                }
                transaction.commit().await?;
                Ok(true)
            }

            async fn list(&self, filter: &WorkflowFilter) -> Result<Vec<Workflow>, StoreError> {
                let after = filter.after.as_ref();
                let rows: Vec<WorkflowRow> = sqlx::query_as::<$db, _>(workflows::PAGE)
                    .bind(&filter.name)
                    .bind(&filter.category)
                    .bind(after.map(|(name, _)| name))
                    .bind(after.map(|(_, id)| id.to_string()))
                    .bind(i64::from(filter.limit))
                    .fetch_all(self.reader())
                    .await?;
                rows::all(rows)
            }
        }

        async fn put_credentials(
            transaction: &mut sqlx::Transaction<'static, $db>,
            id: WorkflowId,
            credentials: &SealedCredentials,
        ) -> Result<(), StoreError> {
            sqlx::query::<$db>(workflows::PUT_CREDENTIALS)
                .bind(id.to_string())
                .bind(rows::pack(credentials.endpoint_key.as_ref())?)
                .bind(rows::pack(credentials.endpoint_secret.as_ref())?)
                .bind(rows::pack(credentials.previous_secret.as_ref())?)
                .bind(rows::pack(Some(&credentials.uses))?)
                .execute(&mut **transaction)
                .await?;
            Ok(())
        }
    };
}

pub(in crate::store) use workflows_of;
