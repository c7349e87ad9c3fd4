//! The run log on PostgreSQL: a partition of payloads for each day, and an index of words (GIN).

use std::collections::{BTreeMap, BTreeSet};

use shared::ids::{RunId, WorkflowId};
use shared::v1::run_log::RunSummary;
use sqlx::{AssertSqlSafe, Postgres, QueryBuilder, Transaction};

use super::adapter::{runs, runs_of};
use super::error::StoreError;
use super::model::{NewRun, RunFilter};
use super::postgres::PostgresStore;
use super::rows::{self, RunRow};

/// How many runs are deleted in one transaction.
const AT_ONCE: i64 = 10_000;

/// The lock under which partitions are made and dropped: two registries at once would trip over each other.
const LOCK: &str = "SELECT pg_advisory_xact_lock(7234019481)";

runs_of!(PostgresStore, Postgres);

impl PostgresStore {
    /// What finds the place of a text in another.
    const PLACE: &str = "strpos";

    /// Makes the partitions of these days where they are missing.
    async fn make_days(&self, days: &BTreeSet<i64>) -> Result<(), StoreError> {
        let there = self.days().await?;
        for day in days.difference(&there) {
            let mut transaction = self.begin().await?;
            sqlx::query(LOCK).execute(&mut *transaction).await?;
            let (table, next) = (runs::table(*day), day + 1);
            let sql = format!(
                "CREATE TABLE IF NOT EXISTS {table} PARTITION OF run_payloads \
                 FOR VALUES FROM ({day}) TO ({next})"
            );
            sqlx::query(AssertSqlSafe(sql))
                .execute(&mut *transaction)
                .await?;
            transaction.commit().await?;
        }
        Ok(())
    }

    async fn put_payloads(
        transaction: &mut Transaction<'static, Postgres>,
        put: &[(i64, &NewRun)],
    ) -> Result<(), StoreError> {
        if put.is_empty() {
            return Ok(());
        }
        let mut query = QueryBuilder::new("INSERT INTO run_payloads (day, run_id, record) ");
        query.push_values(put, |mut row, (day, run)| {
            row.push_bind(*day)
                .push_bind(run.summary.run_id.to_string())
                .push_bind(run.record.as_slice());
        });
        query.push(" ON CONFLICT (day, run_id) DO UPDATE SET record = excluded.record");
        let query = query.build().persistent(false);
        query.execute(&mut **transaction).await?;
        Ok(())
    }

    async fn payload(&self, day: i64, id: RunId) -> Result<Option<Vec<u8>>, StoreError> {
        let sql = "SELECT record FROM run_payloads WHERE day = $1 AND run_id = $2";
        let found = sqlx::query_scalar(sql).bind(day).bind(id.to_string());
        Ok(found.fetch_optional(self.reader()).await?)
    }

    /// The days that have a partition.
    async fn days(&self) -> Result<BTreeSet<i64>, StoreError> {
        let tables: Vec<String> = sqlx::query_scalar(
            "SELECT c.relname::TEXT FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid \
             WHERE i.inhparent = 'run_payloads'::regclass",
        )
        .fetch_all(self.reader())
        .await?;
        Ok(tables
            .iter()
            .filter_map(|table| runs::day_of(table))
            .collect())
    }

    /// A search begins with the words, however the planner would like to begin.
    fn search(words: &[String]) -> QueryBuilder<Postgres> {
        let mut query = QueryBuilder::new(
            "WITH r AS MATERIALIZED (SELECT r.* FROM runs r \
             WHERE array_to_tsvector(string_to_array(r.words, ' ')) @@ ",
        );
        let words: Vec<String> = words.iter().map(|word| format!("'{word}':*")).collect();
        query.push_bind(words.join(" & ")).push("::tsquery");
        query
    }

    fn search_end(query: &mut QueryBuilder<Postgres>) {
        query.push(concat!(
            ") SELECT ",
            runs::columns!(),
            " FROM r",
            runs::names!()
        ));
    }

    async fn drop_payloads(&self, before_day: i64) -> Result<(), StoreError> {
        for day in self.days().await?.range(..before_day) {
            let mut transaction = self.begin().await?;
            sqlx::query(LOCK).execute(&mut *transaction).await?;
            let sql = format!("DROP TABLE IF EXISTS {}", runs::table(*day));
            sqlx::query(AssertSqlSafe(sql))
                .execute(&mut *transaction)
                .await?;
            transaction.commit().await?;
        }
        Ok(())
    }

    async fn drop_some(&self, before_ms: i64) -> Result<u64, StoreError> {
        let sql = "DELETE FROM runs WHERE run_id IN \
            (SELECT run_id FROM runs WHERE started_at < $1 ORDER BY started_at, run_id LIMIT $2)";
        let done = sqlx::query(sql).bind(before_ms).bind(AT_ONCE);
        Ok(done.execute(self.writer()).await?.rows_affected())
    }
}
