//! What unit tests over a real nats-server or a real database begin with.

use std::time::Duration;

use bus::Bus;
use bus::topology::{self, Storage};
use shared::ids::{ContentHash, EndpointId, RequestId, RunId, WorkflowId};
use shared::v1::run::RunMode;
use shared::v1::run_log::{RunRecord, RunState, ToldRequest};
use tempfile::TempDir;
use testkit::nats::Server;
use uuid::Uuid;

use crate::store::SqliteStore;

/// A nats-server with every stream and bucket, and a connection to it.
pub(crate) async fn bus() -> (Server, Bus) {
    let server = Server::start();
    let settings = bus::Settings {
        url: server.url(),
        service: "registry-svc",
        auth: bus::Auth::None,
        connect_timeout: Duration::from_secs(30),
    };
    let bus = Bus::connect(&settings).await.unwrap();
    topology::create(&bus, Storage::default()).await.unwrap();
    (server, bus)
}

/// An empty database in a folder of its own.
pub(crate) async fn store() -> (TempDir, SqliteStore) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("registry.db");
    let store = SqliteStore::open(&path).await.unwrap();
    (folder, store)
}

/// What a runner tells of a run that goes on.
pub(crate) fn running(mode: RunMode, started_at_ms: i64) -> RunRecord {
    RunRecord {
        run_id: RunId(Uuid::now_v7()),
        workflow_id: WorkflowId(Uuid::nil()),
        endpoint_id: EndpointId(Uuid::nil()),
        version: 1,
        content_hash: ContentHash([1; 32]),
        mode,
        state: RunState::Running,
        trace_id: "0af7651916cd43dd8448eb211c80319c".to_owned(),
        request_id: RequestId(Uuid::now_v7()),
        attempt: 2,
        received_at_ms: started_at_ms,
        started_at_ms,
        ended_at_ms: None,
        error: None,
        request: ToldRequest::default(),
        steps: Vec::new(),
        lines: Vec::new(),
        undefined: Vec::new(),
        reply: None,
        answers: Vec::new(),
        replay_of: None,
        against: None,
        recorded_run: None,
        left_out: 0,
        trigger: None,
    }
}
