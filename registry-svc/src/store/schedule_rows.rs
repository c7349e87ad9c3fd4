//! Schedules and targets as the database gives them.

use shared::v1::registry::{PushTarget, WorkflowSource};
use shared::v1::run::{Trigger, TriggerSource};
use sqlx::FromRow;

use super::error::StoreError;
use super::model::PublishedSchedule;
use super::rows::{content, count, id};

#[derive(FromRow)]
pub(super) struct TargetRow {
    workflow_id: String,
    endpoint_id: String,
    number: i64,
    source: String,
    content_hash: Vec<u8>,
}

#[derive(FromRow)]
pub(super) struct ScheduleRow {
    #[sqlx(flatten)]
    target: TargetRow,
    timetable: String,
    data: String,
    done_to: i64,
}

impl TryFrom<TargetRow> for PushTarget {
    type Error = StoreError;

    fn try_from(row: TargetRow) -> Result<Self, StoreError> {
        Ok(Self {
            workflow_id: id(&row.workflow_id)?,
            endpoint_id: id(&row.endpoint_id)?,
            version: count(row.number)?,
            content_hash: content(&row.content_hash)?,
            source: source(&row.source)?,
        })
    }
}

impl TryFrom<ScheduleRow> for PublishedSchedule {
    type Error = StoreError;

    fn try_from(row: ScheduleRow) -> Result<Self, StoreError> {
        Ok(Self {
            target: row.target.try_into()?,
            timetable: row.timetable,
            data: row.data,
            done_to_ms: row.done_to,
        })
    }
}

pub(super) fn source(word: &str) -> Result<WorkflowSource, StoreError> {
    WorkflowSource::named(word).ok_or(StoreError::Unreadable("source"))
}

/// What started a run, where its workflow has no listener.
pub(super) fn trigger(
    started_by: Option<&str>,
    scheduled_at_ms: Option<i64>,
) -> Result<Option<Trigger>, StoreError> {
    let Some(word) = started_by else {
        return Ok(None);
    };
    let source = TriggerSource::ALL
        .into_iter()
        .find(|source| source.as_str() == word)
        .ok_or(StoreError::Unreadable("trigger"))?;
    Ok(Some(Trigger {
        source,
        scheduled_at_ms,
    }))
}
