//! What runs leave behind.

use shared::ids::{EndpointId, InstanceId, RunId, WorkflowId};
use shared::v1::dead_letters::{
    DeadLetter, DropDeadLetter, GetDeadLetter, ListDeadLetters, OpenedDeadLetter, RetryDeadLetter,
};
use shared::v1::idempotency::{KeyedRequest, KeyedState};
use shared::v1::journal::{Entry, Fact};
use shared::v1::memory::MemoryValue;
use shared::v1::run::{BodyKind, Received, RunMode, Trigger, TriggerSource};

use crate::frozen;
use crate::samples::ID;

#[test]
fn entries_of_a_journal_read_back() {
    let facts = [
        ("begun", Fact::Begun),
        ("taken", Fact::Taken { attempt: 2 }),
        (
            "answered",
            Fact::Answered {
                step: "charge".to_owned(),
                status: 201,
                headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            },
        ),
        (
            "unanswered",
            Fact::Unanswered {
                step: "charge".to_owned(),
                error: "the connection was refused".to_owned(),
            },
        ),
        (
            "due",
            Fact::Due {
                step: "remind".to_owned(),
            },
        ),
        (
            "returned",
            Fact::Returned {
                step: "count".to_owned(),
                error: None,
            },
        ),
        ("parked", Fact::Parked),
        ("restarted", Fact::Restarted { of: 7 }),
        ("ended", Fact::Ended),
        ("cancelled", Fact::Cancelled),
    ];
    for (name, fact) in facts {
        let entry = Entry {
            seq: 1,
            at_ms: 1_700_000_000_000,
            steps: 3,
            by: InstanceId(ID),
            fact,
        };
        frozen(&format!("journal_{name}"), &entry);
    }
}

#[test]
fn values_of_shared_memory_read_back() {
    let value = MemoryValue {
        name: "orders:today".into(),
        value: "41".into(),
        expires_at_ms: 1_700_000_000_000,
        added: vec![("018f3f6e:count".into(), 41)],
    };
    frozen("memory_value", &value);
}

#[test]
fn requests_with_a_key_read_back() {
    let answered = |left_out| KeyedState::Answered {
        status: 201,
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        left_out,
    };
    let states = [
        ("running", KeyedState::Running),
        ("accepted", KeyedState::Accepted),
        ("stream", KeyedState::Stream),
        ("answered", answered(None)),
        ("left_out", answered(Some(9_000_000))),
    ];
    for (name, state) in states {
        let request = KeyedRequest {
            fingerprint: [7; 32],
            run_id: RunId(ID),
            mode: RunMode::Sync,
            gateway: InstanceId(ID),
            state,
        };
        frozen(&format!("keyed_{name}"), &request);
    }
}

#[test]
fn messages_about_dead_letters_read_back() {
    let (run_id, workflow_id) = (RunId(ID), WorkflowId(ID));
    let letter = DeadLetter {
        run_id,
        workflow_id,
        endpoint_id: EndpointId(ID),
        version: 3,
        received_at_ms: 1_700_000_000_000,
        attempts: 20,
        reason: "20 attempts in a row came no step further".into(),
        died_at_ms: 1_700_000_100_000,
        trigger: None,
    };
    frozen("dead_letter", &letter);
    let scheduled = DeadLetter {
        trigger: Some(Trigger {
            source: TriggerSource::Scheduled,
            scheduled_at_ms: Some(1_700_000_000_000),
        }),
        ..letter.clone()
    };
    frozen("dead_letter_scheduled", &scheduled);
    let request = Received {
        received_at_ms: 1_700_000_000_000,
        method: "POST".into(),
        query: String::new(),
        ip: "192.0.2.7".into(),
        headers: Vec::new(),
        claims: None,
        body_kind: BodyKind::Json,
    };
    let opened = OpenedDeadLetter {
        letter,
        request,
        body: b"{}".to_vec(),
        body_bytes: 2,
    };
    frozen("opened_dead_letter", &opened);
    let list = ListDeadLetters {
        workflow_id: Some(workflow_id),
        cursor: Some("7".into()),
        limit: 50,
    };
    frozen("list_dead_letters", &list);
    frozen("get_dead_letter", &GetDeadLetter { run_id });
    let retry = RetryDeadLetter {
        run_id,
        from_start: true,
    };
    frozen("retry_dead_letter", &retry);
    frozen("drop_dead_letter", &DropDeadLetter { run_id });
}
