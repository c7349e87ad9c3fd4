//! Every NATS subject, stream and bucket of the platform. No other file spells one.
//!
//! Only generated ids become subject tokens, never text from outside.

use crate::ids::{EndpointId, InstanceId, RunId, SettingId};
use crate::v1::letters::LetterKey;

/// The subject of a request to a service: `earshot.v1.<service>.<verb>`.
macro_rules! request_subject {
    ($service:literal, $verb:literal) => {
        concat!("earshot.v1.", $service, ".", $verb)
    };
}
pub(crate) use request_subject;

/// Verdicts, API tokens and sealing: `earshot.v1.auth.<verb>`, answered by auth-svc.
pub const AUTH: &str = "earshot.v1.auth.>";

/// Workflows, versions, endpoints: `earshot.v1.registry.<verb>`, answered by registry-svc.
pub const REGISTRY: &str = "earshot.v1.registry.>";

/// The queue group of auth-svc.
pub const AUTH_GROUP: &str = "auth-svc";

/// The queue group of registry-svc.
pub const REGISTRY_GROUP: &str = "registry-svc";

/// The queue group of workflow-runner.
pub const RUNNER_GROUP: &str = "workflow-runner";

/// Where every runner says that it is there.
pub const RUNNER_PRESENCE: &str = "earshot.v1.presence.runner";

/// Where every gateway says that it is there and which routes it serves.
pub const GATEWAY_PRESENCE: &str = "earshot.v1.presence.gateway";

/// The lane of runs that ask for no other.
pub const DEFAULT_LANE: &str = "default";

/// The work-queue stream of asynchronous runs.
pub const RUNS_STREAM: &str = "RUNS";

/// What [`RUNS_STREAM`] takes.
pub const RUNS_SUBJECTS: &str = "earshot.v1.run.async.*";

/// The durable consumer that all runners share.
pub const RUNS_CONSUMER: &str = "runners";

/// The stream of the journals of asynchronous runs.
pub const JOURNAL_STREAM: &str = "JOURNAL";

/// What [`JOURNAL_STREAM`] takes.
pub const JOURNAL_SUBJECTS: &str = "earshot.v1.journal.*";

/// The header of the last entry in the journal of a run that has ended, for who clears journals away: how it ended, in a
/// word.
pub const ENDED_HEADER: &str = "Earshot-Ended";

/// The stream of asynchronous runs that wait for a moment.
pub const PARKED_STREAM: &str = "PARKED";

/// What [`PARKED_STREAM`] takes.
pub const PARKED_SUBJECTS: &str = "earshot.v1.parked.*";

/// The header of a message in [`PARKED_STREAM`] that says when its run is due, in milliseconds since the Unix epoch: who
/// watches for that reads the headers alone.
pub const DUE_HEADER: &str = "Earshot-Due";

/// The header of a message in [`PARKED_STREAM`] with the keys of the letters that its run waits for, separated by commas.
pub const AWAITS_HEADER: &str = "Earshot-Awaits";

/// The stream of what reaches runs from outside while they wait: one letter for each place of a run.
pub const LETTERS_STREAM: &str = "LETTERS";

/// What [`LETTERS_STREAM`] takes.
pub const LETTERS_SUBJECTS: &str = "earshot.v1.letter.*.*";

/// The letters in [`LETTERS_STREAM`] that stop runs.
pub const CANCEL_LETTERS: &str = "earshot.v1.letter.*.cancel";

/// The stream of runs that nobody could carry out.
pub const DEAD_LETTERS_STREAM: &str = "DEAD_LETTERS";

/// What [`DEAD_LETTERS_STREAM`] takes.
pub const DEAD_LETTERS_SUBJECTS: &str = "earshot.v1.dead_letter.*";

/// The header of a message in [`DEAD_LETTERS_STREAM`] with [`crate::v1::dead_letters::DeadLetter`] as JSON: a listing reads
/// the headers alone.
pub const DEAD_LETTER_HEADER: &str = "Earshot-Dead-Letter";

/// The stream that keeps the frames of asynchronous event streams for reconnecting callers.
pub const FRAMES_STREAM: &str = "FRAMES";

/// What [`FRAMES_STREAM`] takes.
pub const FRAMES_SUBJECTS: &str = "earshot.v1.frames.*.*";

/// The stream that keeps what runners tell of their runs until registry-svc has stored it.
pub const RUN_LOG_STREAM: &str = "RUN_LOG";

/// What [`RUN_LOG_STREAM`] takes.
pub const RUN_LOG: &str = "earshot.v1.runlog";

/// The durable consumer that all registry-svc share.
pub const RUN_LOG_CONSUMER: &str = "registry-svc";

/// Where registry-svc tells of runs that have ended, for whoever follows them live.
pub const RUNS_ENDED: &str = "earshot.v1.runs.ended";

/// Bucket: the routes that gateways serve, by endpoint id.
pub const ROUTES_BUCKET: &str = "ROUTES";

/// Bucket: the sealed credentials that auth-svc checks against, by endpoint id.
pub const CREDENTIALS_BUCKET: &str = "CREDENTIALS";

/// Bucket: the documents that runners execute, by content hash.
pub const DOCUMENTS_BUCKET: &str = "DOCUMENTS";

/// Bucket: the sealed secrets that auth-svc opens for runs, by setting id.
pub const SECRETS_BUCKET: &str = "SECRETS";

/// Bucket: the variables that gateways and runners read, by setting id.
pub const VARIABLES_BUCKET: &str = "VARIABLES";

/// Bucket: the kept replies of asynchronous `continue` runs, by run id.
pub const REPLIES_BUCKET: &str = "REPLIES";

/// Bucket: shared memory, by a hash of each name.
pub const MEMORY_BUCKET: &str = "MEMORY";

/// Bucket: requests that came with an `Idempotency-Key`, by [`idempotency_key`].
pub const IDEMPOTENCY_BUCKET: &str = "IDEMPOTENCY";

/// A run for one runner that the gateway picked.
#[must_use]
pub fn run_to(runner: InstanceId) -> String {
    format!("earshot.v1.run.to.{runner}")
}

/// A run for any runner of a lane (queue group), where the gateway knows of none.
#[must_use]
pub fn run_any(lane: &str) -> String {
    format!("earshot.v1.run.any.{lane}")
}

/// A durable run for a lane.
#[must_use]
pub fn run_async(lane: &str) -> String {
    format!("earshot.v1.run.async.{lane}")
}

/// Probe, cancel and credit for one runner; questions to one gateway.
#[must_use]
pub fn control(runner: InstanceId) -> String {
    format!("earshot.v1.control.{runner}")
}

/// The one reply inbox of an instance, as a subscription.
#[must_use]
pub fn replies(instance: InstanceId) -> String {
    format!("earshot.v1.reply.{instance}.*")
}

/// One slot of an instance's reply inbox.
#[must_use]
pub fn reply(instance: InstanceId, slot: u64) -> String {
    format!("earshot.v1.reply.{instance}.{slot}")
}

/// The kept frames of one run. The endpoint is a part of it, so that a caller of one never reads
/// frames of another.
#[must_use]
pub fn frames(endpoint: EndpointId, run: RunId) -> String {
    format!("earshot.v1.frames.{endpoint}.{run}")
}

/// The journal of one run.
#[must_use]
pub fn journal(run: RunId) -> String {
    format!("earshot.v1.journal.{run}")
}

/// A run that waits for a moment.
#[must_use]
pub fn parked(run: RunId) -> String {
    format!("earshot.v1.parked.{run}")
}

/// The letter of a run with this key.
#[must_use]
pub fn letter(run: RunId, key: &LetterKey) -> String {
    format!("earshot.v1.letter.{run}.{key}")
}

/// All letters of a run.
#[must_use]
pub fn letters(run: RunId) -> String {
    format!("earshot.v1.letter.{run}.*")
}

/// A run that nobody could carry out.
#[must_use]
pub fn dead_letter(run: RunId) -> String {
    format!("earshot.v1.dead_letter.{run}")
}

/// A subject on which nobody ever listens: a request to it proves a round trip to the server.
#[must_use]
pub fn fence(instance: InstanceId) -> String {
    format!("earshot.v1.fence.{instance}")
}

/// The stream that a bucket is (NATS ADR-8).
#[must_use]
pub fn bucket_stream(bucket: &str) -> String {
    format!("KV_{bucket}")
}

/// The subjects of all keys of a bucket.
#[must_use]
pub fn bucket_subjects(bucket: &str) -> String {
    format!("$KV.{bucket}.>")
}

/// The subject of one key of a bucket.
#[must_use]
pub fn bucket_subject(bucket: &str, key: &str) -> String {
    format!("$KV.{bucket}.{key}")
}

/// The key in [`IDEMPOTENCY_BUCKET`] of an endpoint's request, by the SHA-256 of the caller and its `Idempotency-Key`.
#[must_use]
pub fn idempotency_key(endpoint: EndpointId, digest: &[u8; 32]) -> String {
    format!("{endpoint}.{}", hex(digest))
}

/// The key in [`MEMORY_BUCKET`] of the name with this SHA-256.
#[must_use]
pub fn memory_key(digest: &[u8; 32]) -> String {
    hex(digest)
}

fn hex(digest: &[u8; 32]) -> String {
    use std::fmt::Write as _;

    let mut text = String::with_capacity(64);
    for byte in digest {
        // Writing into a text never fails.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// The key of an endpoint in [`ROUTES_BUCKET`] and [`CREDENTIALS_BUCKET`].
#[must_use]
pub fn endpoint_key(endpoint: EndpointId) -> String {
    endpoint.to_string()
}

/// The key of a secret or variable in [`SECRETS_BUCKET`] or [`VARIABLES_BUCKET`].
#[must_use]
pub fn setting_key(setting: SettingId) -> String {
    setting.to_string()
}

/// The prefix of the NATS client's own inboxes, one per service so that permissions can tell them apart.
#[must_use]
pub fn inbox_prefix(service: &str) -> String {
    format!("_IN.{service}")
}
