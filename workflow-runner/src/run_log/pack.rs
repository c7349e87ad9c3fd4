//! Records as messages that the bus takes.

use bytes::Bytes;
use shared::frame;
use shared::ids::InstanceId;
use shared::v1::run_log::{Payload, RunLogBatch, RunRecord, Told};

/// Some records as one message.
pub(super) struct Message {
    pub(super) payload: Bytes,
    pub(super) records: usize,
}

/// The records as messages of up to `largest` bytes each, as few as halving makes. A record that is larger by itself goes
/// without its bodies, and not at all where it is too large even so.
pub(super) fn pack(runner: InstanceId, records: Vec<RunRecord>, largest: usize) -> Vec<Message> {
    let mut messages = Vec::new();
    let mut left = vec![records];
    while let Some(records) = left.pop() {
        let count = records.len();
        let mut batch = RunLogBatch { runner, records };
        match frame::pack(&batch) {
            Ok(payload) if payload.len() <= largest => messages.push(Message {
                payload,
                records: count,
            }),
            Ok(_) if count > 1 => {
                let second = batch.records.split_off(count / 2);
                left.extend([second, batch.records]);
            }
            Ok(payload) => {
                let bytes = payload.len();
                let emptied = batch.records.iter_mut().map(without_bodies);
                if emptied.fold(false, |any, emptied| any | emptied) {
                    left.push(batch.records);
                } else {
                    tracing::warn!(bytes, "a record of the run log is too large");
                }
            }
            Err(error) => {
                tracing::error!(%error, records = count, "records of the run log could not be written");
            }
        }
    }
    messages
}

/// Leaves the bodies out; whether there were any.
fn without_bodies(record: &mut RunRecord) -> bool {
    let steps = record.steps.iter_mut();
    let told = steps.flat_map(|step| [&mut step.input, &mut step.output]);
    let mut any = told.fold(false, |any, told| any | untold(told));
    any |= emptied(&mut record.request.body);
    if let Some(reply) = &mut record.reply {
        any |= untold(&mut reply.reply);
        for frame in &mut reply.first_frames {
            any |= emptied(&mut frame.data);
        }
    }
    any
}

fn untold(told: &mut Option<Told>) -> bool {
    let body = told.as_mut().and_then(|told| told.body.as_mut());
    body.is_some_and(emptied)
}

fn emptied(body: &mut Payload) -> bool {
    let any = !body.bytes.is_empty();
    body.bytes = Vec::new();
    body.truncated |= any;
    any
}

#[cfg(test)]
mod tests {
    use shared::v1::run_log::{LogLine, StepRecord};
    use uuid::Uuid;

    use super::super::notes::tests::{record, step};
    use super::*;

    fn body(size: usize) -> Payload {
        Payload {
            bytes: vec![b'x'; size],
            size: size as u64,
            truncated: false,
        }
    }

    fn with_body(size: usize) -> RunRecord {
        let mut record = record();
        record.request.body = body(size);
        record.steps.push(StepRecord {
            output: Some(Told {
                status: Some(200),
                body: Some(body(size)),
                ..Told::default()
            }),
            ..step("s", Vec::new())
        });
        record
    }

    fn packed(records: Vec<RunRecord>) -> Vec<Vec<RunRecord>> {
        let messages = pack(InstanceId(Uuid::nil()), records, 10_000);
        let read = messages.into_iter().map(|message| {
            assert!(message.payload.len() <= 10_000);
            let batch: RunLogBatch = frame::unpack(&message.payload).unwrap();
            assert_eq!(batch.records.len(), message.records);
            batch.records
        });
        read.collect()
    }

    #[test]
    fn a_batch_that_the_bus_would_refuse_is_split_and_nothing_is_lost() {
        assert_eq!(packed(vec![record(), record()]).len(), 1);
        let mut records = vec![with_body(3_000); 9];
        for (count, record) in (0..).zip(&mut records) {
            record.attempt = count;
        }
        let messages = packed(records.clone());
        assert!(messages.len() > 1);
        assert_eq!(messages.concat(), records, "in their order");
    }

    #[test]
    fn a_record_too_large_by_itself_goes_without_its_bodies_or_not_at_all() {
        let mut endless = record();
        endless.lines.push(LogLine {
            at_ms: 0,
            step: None,
            level: "info".to_owned(),
            text: "x".repeat(20_000),
        });
        let records = packed(vec![record(), with_body(9_000), endless, record()]).concat();
        assert_eq!(records.len(), 3);
        let cut = &records[1];
        let response = cut.steps[0].output.as_ref().unwrap();
        assert_eq!(response.status, Some(200));
        for body in [&cut.request.body, response.body.as_ref().unwrap()] {
            assert_eq!((body.bytes.len(), body.size), (0, 9_000));
            assert!(body.truncated);
        }
    }
}
