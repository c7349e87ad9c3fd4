//! Schedules of published versions, and what a new run of a workflow needs.

/// The `SELECT` of a published schedule, less what follows its joins.
macro_rules! select_schedule {
    ($rest:literal) => {
        concat!(
            "SELECT s.workflow_id, w.endpoint_id, p.number, p.source, v.content_hash, s.timetable, ",
            "s.data, s.done_to FROM schedules s JOIN workflows w ON w.id = s.workflow_id ",
            "JOIN published p ON p.workflow_id = s.workflow_id ",
            "JOIN versions v ON v.workflow_id = p.workflow_id AND v.number = p.number ",
            $rest
        )
    };
}

/// The `SELECT` of a target, less its condition.
macro_rules! select_target {
    ($condition:literal) => {
        concat!(
            "SELECT w.id AS workflow_id, w.endpoint_id, p.number, p.source, v.content_hash ",
            "FROM workflows w JOIN published p ON p.workflow_id = w.id ",
            "JOIN versions v ON v.workflow_id = p.workflow_id AND v.number = p.number ",
            "WHERE w.deleted_at IS NULL AND ",
            $condition
        )
    };
}

/// Another timetable counts from its publish on; the same one goes on where it was.
pub(in crate::store) const PUT: &str = "INSERT INTO schedules (workflow_id, timetable, data, \
    done_to) VALUES ($1, $2, $3, $4) ON CONFLICT (workflow_id) DO UPDATE SET \
    done_to = CASE WHEN schedules.timetable = excluded.timetable \
    OR schedules.done_to > excluded.done_to THEN schedules.done_to ELSE excluded.done_to END, \
    timetable = excluded.timetable, data = excluded.data";

pub(in crate::store) const DROP: &str = "DELETE FROM schedules WHERE workflow_id = $1";

pub(in crate::store) const ONE: &str = select_schedule!("WHERE s.workflow_id = $1");

pub(in crate::store) const PAGE: &str =
    select_schedule!("WHERE ($1 IS NULL OR s.workflow_id > $1) ORDER BY s.workflow_id LIMIT $2");

pub(in crate::store) const FIRED: &str = "UPDATE schedules SET done_to = $3, last_fired = $3 \
    WHERE workflow_id = $1 AND done_to = $2 AND done_to < $3";

pub(in crate::store) const NAMED: &str = select_target!("w.name = $1");

pub(in crate::store) const WITH_ID: &str = select_target!("w.id = $1");

/// Implements [`crate::store::Schedules`].
macro_rules! schedules_of {
    ($store:ty, $db:ty) => {
        impl crate::store::Schedules for $store {
            async fn schedules(
                &self,
                after: Option<WorkflowId>,
                limit: u32,
            ) -> Result<Vec<PublishedSchedule>, StoreError> {
                let rows: Vec<ScheduleRow> = sqlx::query_as::<$db, _>(schedules::PAGE)
                    .bind(after.map(|id| id.to_string()))
                    .bind(i64::from(limit))
                    .fetch_all(self.reader())
                    .await?;
                rows::all(rows)
            }

            async fn schedule(
                &self,
                id: WorkflowId,
            ) -> Result<Option<PublishedSchedule>, StoreError> {
                let row: Option<ScheduleRow> = sqlx::query_as::<$db, _>(schedules::ONE)
                    .bind(id.to_string())
                    .fetch_optional(self.reader())
                    .await?;
                row.map(PublishedSchedule::try_from).transpose()
            }

            async fn fired(
                &self,
                id: WorkflowId,
                done_to_ms: i64,
                moment_ms: i64,
            ) -> Result<bool, StoreError> {
                let done = sqlx::query::<$db>(schedules::FIRED)
                    .bind(id.to_string())
                    .bind(done_to_ms)
                    .bind(moment_ms)
                    .execute(self.writer())
                    .await?;
                Ok(done.rows_affected() > 0)
            }

            async fn target_named(&self, name: &str) -> Result<Option<PushTarget>, StoreError> {
                let row: Option<TargetRow> = sqlx::query_as::<$db, _>(schedules::NAMED)
                    .bind(name)
                    .fetch_optional(self.reader())
                    .await?;
                row.map(PushTarget::try_from).transpose()
            }

            async fn target(&self, id: WorkflowId) -> Result<Option<PushTarget>, StoreError> {
                let row: Option<TargetRow> = sqlx::query_as::<$db, _>(schedules::WITH_ID)
                    .bind(id.to_string())
                    .fetch_optional(self.reader())
                    .await?;
                row.map(PushTarget::try_from).transpose()
            }
        }

        /// The schedule of the version that is published now; none where it has none.
        async fn put_schedule(
            transaction: &mut sqlx::Transaction<'static, $db>,
            id: WorkflowId,
            version: &NewVersion,
        ) -> Result<(), StoreError> {
            let statement = match &version.schedule {
                Some(schedule) => sqlx::query::<$db>(schedules::PUT)
                    .bind(id.to_string())
                    .bind(&schedule.timetable)
                    .bind(&schedule.data)
                    .bind(version.info.published_at_ms),
                None => sqlx::query::<$db>(schedules::DROP).bind(id.to_string()),
            };
            statement.execute(&mut **transaction).await?;
            Ok(())
        }
    };
}

pub(in crate::store) use schedules_of;
