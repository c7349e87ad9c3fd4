//! Bringing notes to registry-svc, apart from runs.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use bus::Bus;
use bytes::Bytes;
use shared::{limits, subjects};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::build::build;
use super::mask::Masks;
use super::notes::Notes;
use super::pack::pack;

/// How many runs may wait to be told of.
const WAITING: usize = 8_192;

/// How many bytes their notes may take.
const WAITING_BYTES: usize = 64 * 1024 * 1024;

/// How many runs are told of in one message, and about how many bytes.
const BATCH: usize = 256;
const BATCH_BYTES: usize = 1024 * 1024;

/// How large a message may be, in bytes. The bus takes twice that.
const LARGEST_MESSAGE: usize = 4 * 1024 * 1024;
const _: () = assert!(2 * LARGEST_MESSAGE <= limits::MAX_PAYLOAD);

/// How long a batch that is not full waits for more.
const LINGER: Duration = Duration::from_millis(20);

/// How long one try to store a batch may take, and the pause before the next.
const STORE_PATIENCE: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(250);

/// How often at most the log says that notes were dropped.
const COMPLAIN_EVERY: Duration = Duration::from_secs(30);

/// Where runs hand in their notes. Cheap to clone.
#[derive(Clone)]
pub(crate) struct RunLog {
    queue: mpsc::Sender<Notes>,
    shared: Arc<Counts>,
}

#[derive(Default)]
struct Counts {
    waiting_bytes: AtomicUsize,
    dropped: AtomicU64,
}

impl RunLog {
    /// A run log, and what brings it to registry-svc.
    pub(crate) fn new(bus: Bus) -> (Self, Teller) {
        let (queue, notes) = mpsc::channel(WAITING);
        let shared = Arc::new(Counts::default());
        let log = Self {
            queue,
            shared: shared.clone(),
        };
        let teller = Teller {
            bus,
            notes,
            shared,
            masks: Masks::default(),
            sequence: 0,
            complained: None,
        };
        (log, teller)
    }

    /// Hands notes in. Where too many wait already they are dropped and counted: a run waits for nothing here.
    pub(super) fn tell(&self, notes: Notes) {
        let weight = notes.weight();
        let waiting = &self.shared.waiting_bytes;
        if waiting.fetch_add(weight, Ordering::Relaxed) + weight <= WAITING_BYTES
            && self.queue.try_send(notes).is_ok()
        {
            return;
        }
        waiting.fetch_sub(weight, Ordering::Relaxed);
        self.shared.drop_some(1);
    }
}

impl Counts {
    fn drop_some(&self, records: usize) {
        if records == 0 {
            return;
        }
        metrics::counter!("earshot_runner_run_log_dropped_total").increment(records as u64);
        self.dropped.fetch_add(records as u64, Ordering::Relaxed);
    }
}

/// Turns notes into records and stores them in the stream, batch by batch.
pub(crate) struct Teller {
    bus: Bus,
    notes: mpsc::Receiver<Notes>,
    shared: Arc<Counts>,
    masks: Masks,
    sequence: u64,
    complained: Option<Instant>,
}

impl Teller {
    /// Works until `stop`, and then for up to `grace` on what was handed in before.
    pub(crate) async fn run(mut self, stop: CancellationToken, grace: Duration) {
        loop {
            let first = tokio::select! {
                first = self.notes.recv() => first,
                () = stop.cancelled() => break,
            };
            let Some(first) = first else { return };
            self.tell(first, &stop, grace).await;
        }
        self.notes.close();
        let ends_at = Instant::now() + grace;
        while let Some(first) = self.notes.recv().await {
            let left = ends_at.saturating_duration_since(Instant::now());
            self.tell(first, &stop, left).await;
        }
    }

    /// Tells of this run and of those that wait behind it.
    async fn tell(&mut self, first: Notes, stop: &CancellationToken, grace: Duration) {
        let batch = self.gather(first, stop).await;
        let records = batch.len();
        let runner = self.bus.instance();
        let mut masks = std::mem::take(&mut self.masks);
        let built = tokio::task::spawn_blocking(move || {
            let records = batch.into_iter().map(|notes| build(notes, &mut masks));
            (pack(runner, records.collect(), LARGEST_MESSAGE), masks)
        });
        let messages = match built.await {
            Ok((messages, masks)) => {
                self.masks = masks;
                messages
            }
            Err(error) => {
                tracing::error!(%error, records, "records of the run log could not be written");
                return self.shared.drop_some(records);
            }
        };
        let written = messages.iter().map(|message| message.records);
        self.shared.drop_some(records - written.sum::<usize>());
        let ends_at = Instant::now() + grace;
        for message in messages {
            self.sequence += 1;
            let id = format!("{runner}:{}", self.sequence);
            let left = ends_at.saturating_duration_since(Instant::now());
            // What a stopping runner has no time for is tried once.
            let grace = if stop.is_cancelled() { left } else { grace };
            if self.store(&id, message.payload, stop, grace).await {
                metrics::counter!("earshot_runner_run_log_records_total")
                    .increment(message.records as u64);
            } else {
                self.shared.drop_some(message.records);
            }
        }
        self.complain();
    }

    /// Waits a moment for more, where that fills the batch better.
    async fn gather(&mut self, first: Notes, stop: &CancellationToken) -> Vec<Notes> {
        let mut bytes = first.weight();
        let mut batch = vec![first];
        let mut lingered = stop.is_cancelled();
        while batch.len() < BATCH && bytes < BATCH_BYTES {
            match self.notes.try_recv() {
                Ok(notes) => {
                    bytes += notes.weight();
                    batch.push(notes);
                }
                Err(_) if lingered => break,
                Err(_) => {
                    lingered = true;
                    sleep(LINGER).await;
                }
            }
        }
        self.shared
            .waiting_bytes
            .fetch_sub(bytes, Ordering::Relaxed);
        batch
    }

    /// Stores a batch once, however often that is tried: while NATS is away, until it is back; while the runner stops,
    /// for as long as it may.
    async fn store(
        &mut self,
        id: &str,
        payload: Bytes,
        stop: &CancellationToken,
        grace: Duration,
    ) -> bool {
        let mut ends_at = None;
        loop {
            let subject = subjects::RUN_LOG.to_owned();
            let stored = self.bus.store(subject, id, payload.clone(), STORE_PATIENCE);
            match stored.await {
                Ok(()) => return true,
                Err(error) => tracing::debug!(%error, "the run log is told again"),
            }
            if stop.is_cancelled()
                && Instant::now() >= *ends_at.get_or_insert(Instant::now() + grace)
            {
                return false;
            }
            // Meanwhile the queue may have run full.
            self.complain();
            sleep(PAUSE).await;
        }
    }

    fn complain(&mut self) {
        let lately = self
            .complained
            .is_some_and(|last| last.elapsed() < COMPLAIN_EVERY);
        if lately {
            return;
        }
        let dropped = self.shared.dropped.swap(0, Ordering::Relaxed);
        if dropped > 0 {
            tracing::warn!(
                dropped,
                "records of the run log were dropped: too many waited, or they were too large"
            );
            self.complained = Some(Instant::now());
        }
    }
}

#[cfg(test)]
mod tests {
    use shared::trace::TraceContext;
    use shared::v1::run::{BodyKind, Received, RunMode, RunRequest};
    use testkit::nats;

    use super::super::notes::tests::record;
    use super::super::recorder::Recorder;
    use super::*;

    fn notes() -> Notes {
        Notes::new(record(), 1024 * 1024)
    }

    fn request() -> RunRequest {
        let record = record();
        RunRequest {
            run_id: record.run_id,
            attempt: 0,
            trace: TraceContext {
                trace_id: 1,
                span_id: 1,
                sampled: false,
            },
            request_id: record.request_id,
            endpoint_id: record.endpoint_id,
            workflow_id: record.workflow_id,
            version: 1,
            content_hash: record.content_hash,
            mode: RunMode::Sync,
            reply_to: None,
            gateway: None,
            deadline_ms: 0,
            credit: 0,
            request: Received {
                received_at_ms: 0,
                method: "POST".to_owned(),
                query: String::new(),
                ip: String::new(),
                headers: Vec::new(),
                claims: None,
                body_kind: BodyKind::Empty,
            },
            resumed: false,
            pardoned: 0,
            restart: 0,
            pushes: 0,
            caller: None,
            trigger: None,
            replay_of: None,
            trial: None,
        }
    }

    async fn log() -> (RunLog, Teller, nats::Server) {
        let server = nats::Server::start();
        let settings = bus::Settings {
            url: server.url(),
            service: "test",
            auth: bus::Auth::None,
            connect_timeout: Duration::from_secs(20),
        };
        let (log, teller) = RunLog::new(Bus::connect(&settings).await.unwrap());
        (log, teller, server)
    }

    fn dropped(log: &RunLog) -> u64 {
        log.shared.dropped.load(Ordering::Relaxed)
    }

    #[tokio::test]
    async fn notes_that_find_no_place_are_dropped_and_counted_and_nobody_waits() {
        let (log, _teller, _server) = log().await;
        for _ in 0..WAITING + 7 {
            log.tell(notes());
        }
        assert_eq!(dropped(&log), 7);
    }

    fn plan(keep: &str) -> workflow::machine::Plan {
        let listener = serde_json::json!({"return_type": "data", "return_data": "ok"});
        let steps = serde_json::json!([]);
        let mut document = testkit::document::document("a", "sync", &listener, &steps);
        document["spec"]["run_log"] = serde_json::json!({"keep": keep});
        workflow::machine::Plan::from_json(&document.to_string()).unwrap()
    }

    #[tokio::test]
    async fn a_run_that_cannot_begin_is_told_of_unless_its_version_keeps_nothing() {
        let (log, mut teller, _server) = log().await;
        let request = request();
        let (all, none) = (plan("all"), plan("none"));
        for (plan, told) in [(None, true), (Some(&all), true), (Some(&none), false)] {
            Recorder::refused(&log, &request, plan, "no secrets");
            assert_eq!(teller.notes.try_recv().is_ok(), told);
        }
    }

    #[tokio::test]
    async fn a_few_large_notes_fill_the_queue_as_well() {
        let (log, mut teller, _server) = log().await;
        let large = || {
            let mut notes = notes();
            let body = notes.payload(&vec![b'x'; 1024 * 1024]);
            notes.record.request.body = body;
            notes
        };
        for _ in 0..70 {
            log.tell(large());
        }
        let lost = dropped(&log);
        assert!((1..70).contains(&lost), "{lost}");
        // What is taken out makes room.
        let first = teller.notes.recv().await.unwrap();
        let stop = CancellationToken::new();
        assert_eq!(teller.gather(first, &stop).await.len(), 1);
        log.tell(large());
        assert_eq!(dropped(&log), lost);
    }

    #[tokio::test]
    async fn what_nobody_takes_is_given_up_when_the_runner_stops() {
        // There is no stream on this server.
        let (log, teller, _server) = log().await;
        log.tell(notes());
        let stop = CancellationToken::new();
        stop.cancel();
        let told = teller.run(stop, Duration::from_millis(300));
        tokio::time::timeout(Duration::from_secs(20), told)
            .await
            .unwrap();
        assert_eq!(log.shared.waiting_bytes.load(Ordering::Relaxed), 0);
    }
}
