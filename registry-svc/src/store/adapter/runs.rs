//! The run log: what lists and searches need.
//!
//! Conditions are put together as they are asked for: a statement with a place for each that may be asked for would use
//! none of the indexes.

use std::collections::BTreeMap;

use shared::ids::RunId;

use crate::store::NewRun;
use crate::store::closed::{not_heard_of, not_told};

/// What a listing reads.
macro_rules! columns {
    () => {
        "r.run_id, r.workflow_id, w.name AS workflow, r.endpoint_id, r.version, r.mode, r.state, \
         r.trace_id, r.request_id, r.attempt, r.received_at, r.started_at, r.ended_at, r.method, \
         r.status, r.steps, r.error, r.replay_of, r.started_by, r.scheduled_at, r.against"
    };
}
pub(in crate::store) use columns;

/// How workflows' names come to a listing.
macro_rules! names {
    () => {
        " LEFT JOIN workflows w ON w.id = r.workflow_id AND w.deleted_at IS NULL"
    };
}
pub(in crate::store) use names;

pub(in crate::store) const INSERT: &str = "INSERT INTO runs (run_id, workflow_id, endpoint_id, \
    version, mode, state, trace_id, request_id, attempt, received_at, started_at, ended_at, \
    method, status, steps, error, replay_of, started_by, scheduled_at, against, words) ";

/// A run that has ended never changes again, save for one that registry-svc closed itself: what its runner tells of the end
/// counts, should it come after all. An older attempt says nothing about a newer one. When a run began stays as it was first
/// told.
pub(in crate::store) const CHANGE: &str = concat!(
    " ON CONFLICT (run_id) DO UPDATE SET \
    state = excluded.state, attempt = excluded.attempt, ended_at = excluded.ended_at, \
    status = excluded.status, steps = excluded.steps, error = excluded.error, \
    words = excluded.words WHERE (runs.ended_at IS NULL \
    AND (excluded.ended_at IS NOT NULL OR excluded.attempt >= runs.attempt)) \
    OR (excluded.ended_at IS NOT NULL AND runs.error IN ('",
    not_told!(),
    "', '",
    not_heard_of!(),
    "') AND excluded.error IS DISTINCT FROM runs.error) RETURNING run_id, started_at"
);

pub(in crate::store) const NEWEST: &str = " ORDER BY r.started_at DESC, r.run_id DESC LIMIT ";

/// How many of the newest runs a search reads word by word before it asks the index of words: what is common is found
/// there at once, and what is not has few enough entries in the index.
pub(in crate::store) const READ_FIRST: i64 = 5_000;

/// The day of a moment, in days since the Unix epoch.
pub(in crate::store) fn day(at_ms: i64) -> i64 {
    at_ms.div_euclid(24 * 60 * 60 * 1000)
}

/// The table of a day's payloads.
pub(in crate::store) fn table(day: i64) -> String {
    format!("run_payloads_{day}")
}

/// The day of a table's payloads.
pub(in crate::store) fn day_of(table: &str) -> Option<i64> {
    table.strip_prefix("run_payloads_")?.parse().ok()
}

/// Each run once: of several records of one, the one that says most.
pub(in crate::store) fn once(runs: &[NewRun]) -> Vec<&NewRun> {
    let mut by_id: BTreeMap<RunId, &NewRun> = BTreeMap::new();
    for run in runs {
        let there = by_id.entry(run.summary.run_id).or_insert(run);
        let says_more = |run: &NewRun| (run.summary.ended_at_ms.is_some(), run.summary.attempt);
        if there.summary.ended_at_ms.is_none() && says_more(run) >= says_more(there) {
            *there = run;
        }
    }
    // In the order of their ids, so that two registries never wait for each other.
    by_id.into_values().collect()
}

/// Implements [`crate::store::RunLog`].
///
/// The adapter brings `put_payloads`, `payload`, `search` and `drop_payloads`, in which the databases differ.
macro_rules! runs_of {
    ($store:ty, $db:ty) => {
        impl crate::store::RunLog for $store {
            async fn put_runs(&self, runs: &[NewRun]) -> Result<BTreeMap<RunId, i64>, StoreError> {
                let runs = runs::once(runs);
                if runs.is_empty() {
                    return Ok(BTreeMap::new());
                }
                let days = runs.iter().map(|run| runs::day(run.summary.started_at_ms));
                self.make_days(&days.collect()).await?;
                let mut transaction = self.begin().await?;
                let changed = upsert(&mut transaction, &runs).await?;
                let mut put = Vec::with_capacity(changed.len());
                let mut ended = BTreeMap::new();
                for (run_id, started_at) in &changed {
                    let run_id: RunId = rows::id(run_id)?;
                    let run = runs
                        .binary_search_by_key(&run_id, |run| run.summary.run_id)
                        .ok()
                        .and_then(|place| runs.get(place));
                    if let Some(run) = run {
                        put.push((runs::day(*started_at), *run));
                        if run.summary.ended_at_ms.is_some() {
                            ended.insert(run_id, *started_at);
                        }
                    }
                }
                Self::put_payloads(&mut transaction, &put).await?;
                transaction.commit().await?;
                Ok(ended)
            }

            async fn runs(&self, filter: &RunFilter) -> Result<Vec<RunSummary>, StoreError> {
                let horizon = if filter.words.is_empty() {
                    None
                } else {
                    self.horizon(filter).await?
                };
                let found = self.newest(filter, horizon.as_ref()).await?;
                let full = found.len() >= usize::try_from(filter.limit).unwrap_or(usize::MAX);
                if full || horizon.is_none() {
                    return rows::all(found);
                }
                let mut query = Self::search(&filter.words);
                narrow(&mut query, filter);
                Self::search_end(&mut query);
                query.push(runs::NEWEST).push_bind(i64::from(filter.limit));
                let found: Vec<RunRow> = query.build_query_as().fetch_all(self.reader()).await?;
                rows::all(found)
            }

            async fn run(&self, id: RunId) -> Result<Option<(RunSummary, Vec<u8>)>, StoreError> {
                const ONE: &str = concat!(
                    "SELECT ",
                    runs::columns!(),
                    " FROM runs r",
                    runs::names!(),
                    " WHERE r.run_id = $1"
                );
                let found = sqlx::query_as(ONE).bind(id.to_string());
                let found: Option<RunRow> = found.fetch_optional(self.reader()).await?;
                let Some(summary) = found.map(RunSummary::try_from).transpose()? else {
                    return Ok(None);
                };
                let payload = self.payload(runs::day(summary.started_at_ms), id).await?;
                Ok(payload.map(|payload| (summary, payload)))
            }

            async fn names(
                &self,
                ids: &BTreeSet<WorkflowId>,
            ) -> Result<BTreeMap<WorkflowId, String>, StoreError> {
                let mut names = BTreeMap::new();
                // As few as there are in a batch; a list of them would be another statement for each length.
                for id in ids {
                    let name = sqlx::query_scalar::<$db, String>(
                        "SELECT name FROM workflows WHERE id = $1 AND deleted_at IS NULL",
                    );
                    let name = name.bind(id.to_string());
                    let name = name.fetch_optional(self.reader()).await?;
                    names.extend(name.map(|name| (*id, name)));
                }
                Ok(names)
            }

            async fn workflow_named(&self, name: &str) -> Result<Option<WorkflowId>, StoreError> {
                let id: Option<String> = sqlx::query_scalar::<$db, _>(
                    "SELECT id FROM workflows WHERE name = $1 AND deleted_at IS NULL",
                )
                .bind(name)
                .fetch_optional(self.reader())
                .await?;
                id.map(|id| rows::id(&id)).transpose()
            }

            async fn drop_runs(&self, before_day: i64) -> Result<u64, StoreError> {
                self.drop_payloads(before_day).await?;
                let before_ms = before_day.saturating_mul(24 * 60 * 60 * 1000);
                let mut all = 0;
                loop {
                    let dropped = self.drop_some(before_ms).await?;
                    all += dropped;
                    if dropped == 0 {
                        return Ok(all);
                    }
                }
            }
        }

        impl $store {
            /// Where a search that reads run by run gives up; none where there are fewer runs than that.
            async fn horizon(
                &self,
                filter: &RunFilter,
            ) -> Result<Option<(i64, String)>, StoreError> {
                let select = "SELECT r.started_at, r.run_id FROM runs r WHERE TRUE";
                let mut query = QueryBuilder::<$db>::new(select);
                narrow(&mut query, filter);
                query.push(runs::NEWEST).push("1 OFFSET ");
                query.push_bind(runs::READ_FIRST);
                let query = query.build_query_as();
                Ok(query.fetch_optional(self.reader()).await?)
            }

            /// The newest runs, read one by one as far as `horizon`.
            async fn newest(
                &self,
                filter: &RunFilter,
                horizon: Option<&(i64, String)>,
            ) -> Result<Vec<RunRow>, StoreError> {
                let select = concat!("SELECT ", runs::columns!(), " FROM runs r", runs::names!());
                let mut query = QueryBuilder::<$db>::new(select);
                query.push(" WHERE TRUE");
                narrow(&mut query, filter);
                if let Some((started_at, run_id)) = horizon {
                    query.push(" AND (r.started_at, r.run_id) > (");
                    query.push_bind(*started_at).push(", ");
                    query.push_bind(run_id.as_str()).push(")");
                }
                for word in &filter.words {
                    query
                        .push(" AND ")
                        .push(Self::PLACE)
                        .push("(' ' || r.words, ");
                    query.push_bind(format!(" {word}")).push(") > 0");
                }
                query.push(runs::NEWEST).push_bind(i64::from(filter.limit));
                Ok(query.build_query_as().fetch_all(self.reader()).await?)
            }
        }

        async fn upsert(
            transaction: &mut sqlx::Transaction<'static, $db>,
            runs: &[&NewRun],
        ) -> Result<Vec<(String, i64)>, StoreError> {
            let mut query = QueryBuilder::<$db>::new(runs::INSERT);
            query.push_values(runs, |mut row, run| {
                let run_ = &run.summary;
                row.push_bind(run_.run_id.to_string())
                    .push_bind(run_.workflow_id.to_string())
                    .push_bind(run_.endpoint_id.to_string())
                    .push_bind(rows::number(run_.version))
                    .push_bind(rows::mode_word(run_.mode))
                    .push_bind(run_.state.as_str())
                    .push_bind(run_.trace_id.as_str())
                    .push_bind(run_.request_id.to_string())
                    .push_bind(i64::from(run_.attempt))
                    .push_bind(run_.received_at_ms)
                    .push_bind(run_.started_at_ms)
                    .push_bind(run_.ended_at_ms)
                    .push_bind(run_.method.as_str())
                    .push_bind(run_.status.map(i64::from))
                    .push_bind(i64::from(run_.steps))
                    .push_bind(run_.error.as_deref())
                    .push_bind(run_.replay_of.map(|id| id.to_string()))
                    .push_bind(run_.trigger.map(|trigger| trigger.source.as_str()))
                    .push_bind(run_.trigger.and_then(|trigger| trigger.scheduled_at_ms))
                    .push_bind(run_.against.map(Against::as_str))
                    .push_bind(run.words.as_str());
            });
            query.push(runs::CHANGE);
            let query = query.build_query_as::<(String, i64)>().persistent(false);
            Ok(query.fetch_all(&mut **transaction).await?)
        }

        fn narrow(query: &mut QueryBuilder<$db>, filter: &RunFilter) {
            if let Some(workflow) = filter.workflow {
                query
                    .push(" AND r.workflow_id = ")
                    .push_bind(workflow.to_string());
            }
            if let Some(endpoint) = filter.endpoint {
                query
                    .push(" AND r.endpoint_id = ")
                    .push_bind(endpoint.to_string());
            }
            if let Some(state) = filter.state {
                query.push(" AND r.state = ").push_bind(state.as_str());
            }
            if let Some(from) = filter.from_ms {
                query.push(" AND r.started_at >= ").push_bind(from);
            }
            if let Some(to) = filter.to_ms {
                query.push(" AND r.started_at < ").push_bind(to);
            }
            if let Some(origin) = filter.replay_of {
                query
                    .push(" AND r.replay_of = ")
                    .push_bind(origin.to_string());
            }
            match filter.test {
                None => {}
                Some(true) => {
                    query.push(" AND r.against = 'draft'");
                }
                Some(false) => {
                    query.push(" AND (r.against IS NULL OR r.against <> 'draft')");
                }
            }
            if let Some((started_at, run_id)) = filter.after {
                query
                    .push(" AND (r.started_at, r.run_id) < (")
                    .push_bind(started_at);
                query.push(", ").push_bind(run_id.to_string()).push(")");
            }
        }
    };
}

pub(in crate::store) use runs_of;
