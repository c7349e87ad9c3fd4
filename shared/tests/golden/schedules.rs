//! The messages of workflows without a listener.

use shared::ids::{ContentHash, EndpointId, RunId, WorkflowId};
use shared::v1::registry::{FindTarget, PushTarget, ScheduleInfo, WorkflowInfo, WorkflowSource};
use shared::v1::run::{RunRequest, Trigger, TriggerSource};
use shared::v1::run_log::{RunRecord, RunSummary};

use crate::frozen;
use crate::samples::{ID, workflow};

pub(crate) const SCHEDULED: Trigger = Trigger {
    source: TriggerSource::Scheduled,
    scheduled_at_ms: Some(1_764_000_000_000),
};

/// What is like the messages of other workflows but for its trigger.
pub(crate) fn triggered(run: &RunRequest) {
    for (name, source) in [
        ("manual", TriggerSource::Manual),
        ("push", TriggerSource::Push),
    ] {
        let trigger = Some(Trigger {
            source,
            scheduled_at_ms: None,
        });
        let run = RunRequest {
            trigger,
            ..run.clone()
        };
        frozen(&format!("run_request_{name}"), &run);
    }
    let scheduled = RunRequest {
        run_id: RunId(ID),
        trigger: Some(SCHEDULED),
        ..run.clone()
    };
    frozen("run_request_scheduled", &scheduled);
}

pub(crate) fn told(record: &RunRecord, summary: &RunSummary) {
    let record = RunRecord {
        trigger: Some(SCHEDULED),
        ..record.clone()
    };
    frozen("run_record_scheduled", &record);
    let summary = RunSummary {
        trigger: Some(SCHEDULED),
        ..summary.clone()
    };
    frozen("run_summary_scheduled", &summary);
}

#[test]
fn workflows_without_a_listener_are_read_as_they_were_written() {
    let id = WorkflowId(ID);
    frozen("find_target", &FindTarget { id });
    let manual = PushTarget {
        workflow_id: id,
        endpoint_id: EndpointId(ID),
        version: 3,
        content_hash: ContentHash([9; 32]),
        source: WorkflowSource::Manual,
    };
    frozen("push_target_manual", &manual);
    let scheduled = WorkflowInfo {
        source: WorkflowSource::Scheduled,
        schedule: Some(ScheduleInfo {
            next_ms: Some(1_764_000_060_000),
            last_ms: Some(1_764_000_000_000),
        }),
        endpoint: None,
        ..workflow()
    };
    frozen("workflow_info_scheduled", &scheduled);
}
