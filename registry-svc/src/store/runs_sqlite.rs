//! The run log on SQLite: a table of payloads for each day, and an index of words (FTS5).

use std::collections::{BTreeMap, BTreeSet};

use shared::ids::{RunId, WorkflowId};
use shared::v1::run_log::RunSummary;
use sqlx::{AssertSqlSafe, QueryBuilder, Sqlite, Transaction};

use super::adapter::{runs, runs_of};
use super::error::StoreError;
use super::model::{NewRun, RunFilter};
use super::rows::{self, RunRow};
use super::sqlite::SqliteStore;

/// How many runs are deleted in one transaction: others write in between.
const AT_ONCE: i64 = 2_000;

runs_of!(SqliteStore, Sqlite);

impl SqliteStore {
    /// What finds the place of a text in another.
    const PLACE: &str = "instr";

    /// Nothing: a day's table is made in the transaction that needs it.
    async fn make_days(&self, _days: &BTreeSet<i64>) -> Result<(), StoreError> {
        Ok(())
    }

    async fn put_payloads(
        transaction: &mut Transaction<'static, Sqlite>,
        put: &[(i64, &NewRun)],
    ) -> Result<(), StoreError> {
        let mut by_day: BTreeMap<i64, Vec<&NewRun>> = BTreeMap::new();
        for (day, run) in put {
            by_day.entry(*day).or_default().push(run);
        }
        for (day, runs) in by_day {
            put_day(transaction, day, &runs).await?;
        }
        Ok(())
    }

    async fn payload(&self, day: i64, id: RunId) -> Result<Option<Vec<u8>>, StoreError> {
        if !self.days().await?.contains(&day) {
            return Ok(None);
        }
        let table = runs::table(day);
        let sql = format!(
            "SELECT p.record FROM runs r JOIN {table} p ON p.id = r.id WHERE r.run_id = $1"
        );
        let found = sqlx::query_scalar(AssertSqlSafe(sql)).bind(id.to_string());
        Ok(found.fetch_optional(self.reader()).await?)
    }

    /// The days that have a table.
    async fn days(&self) -> Result<BTreeSet<i64>, StoreError> {
        let tables: Vec<String> = sqlx::query_scalar(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name GLOB 'run_payloads_*'",
        )
        .fetch_all(self.reader())
        .await?;
        Ok(tables
            .iter()
            .filter_map(|table| runs::day_of(table))
            .collect())
    }

    /// A search begins with the words, however the planner would like to begin.
    fn search(words: &[String]) -> QueryBuilder<Sqlite> {
        let mut query = QueryBuilder::new(concat!(
            "SELECT ",
            runs::columns!(),
            " FROM run_words f CROSS JOIN runs r ON r.id = f.rowid",
            runs::names!(),
            " WHERE f.words MATCH ",
        ));
        let words: Vec<String> = words.iter().map(|word| format!("\"{word}\"*")).collect();
        query.push_bind(words.join(" "));
        query
    }

    const fn search_end(_query: &mut QueryBuilder<Sqlite>) {}

    async fn drop_payloads(&self, before_day: i64) -> Result<(), StoreError> {
        for day in self.days().await?.range(..before_day) {
            let sql = format!("DROP TABLE IF EXISTS {}", runs::table(*day));
            sqlx::query(AssertSqlSafe(sql))
                .execute(self.writer())
                .await?;
        }
        Ok(())
    }

    async fn drop_some(&self, before_ms: i64) -> Result<u64, StoreError> {
        let mut transaction = self.begin().await?;
        let mut dropped = 0;
        for sql in [
            "DELETE FROM run_words WHERE rowid IN \
             (SELECT id FROM runs WHERE started_at < $1 ORDER BY started_at, run_id LIMIT $2)",
            "DELETE FROM runs WHERE id IN \
             (SELECT id FROM runs WHERE started_at < $1 ORDER BY started_at, run_id LIMIT $2)",
        ] {
            let done = sqlx::query(sql).bind(before_ms).bind(AT_ONCE);
            dropped = done.execute(&mut *transaction).await?.rows_affected();
        }
        transaction.commit().await?;
        Ok(dropped)
    }
}

/// Stores the payloads and words of one day's runs. A statement for all of them: each statement is handed to the thread of
/// its connection and back, which costs more than the statement itself.
async fn put_day(
    transaction: &mut Transaction<'static, Sqlite>,
    day: i64,
    put: &[&NewRun],
) -> Result<(), StoreError> {
    let table = runs::table(day);
    let made = format!(
        "CREATE TABLE IF NOT EXISTS {table} (id INTEGER NOT NULL PRIMARY KEY, record BLOB NOT NULL)"
    );
    sqlx::query(AssertSqlSafe(made))
        .execute(&mut **transaction)
        .await?;
    let mut query = QueryBuilder::new("WITH put (run_id, record) AS (");
    query.push_values(put, |mut row, run| {
        row.push_bind(run.summary.run_id.to_string())
            .push_bind(run.record.as_slice());
    });
    query.push(format!(
        ") INSERT OR REPLACE INTO {table} (id, record) \
         SELECT r.id, put.record FROM put CROSS JOIN runs r ON r.run_id = put.run_id"
    ));
    let query = query.build().persistent(false);
    query.execute(&mut **transaction).await?;
    let mut query = QueryBuilder::new(
        "INSERT OR REPLACE INTO run_words (rowid, words) SELECT id, words FROM runs WHERE run_id IN (",
    );
    let mut ids = query.separated(", ");
    for run in put {
        ids.push_bind(run.summary.run_id.to_string());
    }
    query.push(")");
    let query = query.build().persistent(false);
    query.execute(&mut **transaction).await?;
    Ok(())
}
