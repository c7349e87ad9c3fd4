//! A NATS, a registry-svc on it, and a client.

use std::time::Duration;

use bus::kv::Bucket;
use bus::{Bus, CallError};
use ops::clock::now_ms;
use ops::{Health, NatsSettings, OpsSettings, Secret, Service, Settings, StartError};
use registry_svc::{Config, Registry};
use serde_json::{Value, json};
use shared::codes::Code;
use shared::frame;
use shared::ids::{RequestId, TokenId, WorkflowId};
use shared::rpc::{Context, Rpc};
use shared::subjects::{self, endpoint_key};
use shared::trace::TraceContext;
use shared::v1::auth::SealedCredentials;
use shared::v1::registry::{
    CreateWorkflow, Draft, GetWorkflow, Publish, Saved, Unpublish, UpdateWorkflow, WorkflowInfo,
};
use shared::v1::reply::Failure;
use shared::v1::settings::SettingUses;
use shared::v1::views::{CredentialsView, DocumentView, RouteView, Sealed};
use testkit::nats;
use uuid::Uuid;

pub(crate) const SOON: Duration = Duration::from_secs(20);

/// A running registry-svc with all that it needs.
pub(crate) struct Platform {
    pub(crate) nats: nats::Server,
    pub(crate) bus: Bus,
    pub(crate) registry: Option<Registry>,
    pub(crate) health: Health,
    database_url: String,
    _folder: tempfile::TempDir,
}

/// Starts a registry-svc.
pub(crate) async fn start(nats: &str, database: &str) -> Result<(Registry, Health), StartError> {
    let settings = Settings {
        nats: NatsSettings::plain(nats),
        ops: OpsSettings::default(),
        service: Config {
            database_url: Secret::new(database),
            replicas: 1,
            runs_bytes: 64 * 1024 * 1024,
            ack_wait_seconds: 30,
            run_log_days: 7,
            run_log_bytes: 64 * 1024 * 1024,
            permits: 1_024,
        },
    };
    let health = Health::new();
    Ok((Registry::start(settings, health.clone()).await?, health))
}

/// Connects a client.
pub(crate) async fn connect(nats: &nats::Server) -> Bus {
    let settings = bus::Settings {
        url: nats.url(),
        service: "test",
        auth: bus::Auth::None,
        connect_timeout: SOON,
    };
    Bus::connect(&settings).await.unwrap()
}

impl Platform {
    /// On a SQLite file.
    pub(crate) async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("registry.db").display());
        Self::start_on(url, folder).await
    }

    /// On PostgreSQL.
    pub(crate) async fn start_on_postgres() -> Self {
        let url = testkit::postgres::Server::shared().create_database();
        Self::start_on(url, tempfile::tempdir().unwrap()).await
    }

    async fn start_on(database_url: String, folder: tempfile::TempDir) -> Self {
        let nats = nats::Server::start();
        let (registry, health) = start(&nats.url(), &database_url).await.unwrap();
        let bus = connect(&nats).await;
        Self {
            nats,
            bus,
            registry: Some(registry),
            health,
            database_url,
            _folder: folder,
        }
    }

    /// One more registry-svc on the same database and NATS.
    pub(crate) async fn start_another(&self) -> (Registry, Health) {
        start(&self.nats.url(), &self.database_url).await.unwrap()
    }

    pub(crate) fn database_url(&self) -> &str {
        &self.database_url
    }

    /// Ends registry-svc in an orderly way.
    pub(crate) async fn stop_registry(&mut self) {
        self.registry.take().unwrap().drain(SOON).await;
    }

    /// Asks registry-svc.
    pub(crate) async fn ask<M: Rpc>(&self, message: M) -> Result<M::Reply, Failure> {
        ask(&self.bus, message).await
    }

    /// Asks for what must fail, and how.
    pub(crate) async fn refused<M: Rpc>(&self, message: M) -> Failure {
        match self.ask(message).await {
            Ok(_) => panic!("{} was done", M::SUBJECT),
            Err(failure) => failure,
        }
    }

    pub(crate) async fn create(&self, document: &Value) -> Saved {
        self.ask(CreateWorkflow {
            draft: draft(document),
        })
        .await
        .unwrap()
    }

    pub(crate) async fn update(&self, id: WorkflowId, document: &Value) -> Saved {
        let if_match = "*".to_owned();
        self.ask(UpdateWorkflow {
            id,
            if_match,
            draft: draft(document),
        })
        .await
        .unwrap()
    }

    pub(crate) async fn get(&self, id: WorkflowId) -> WorkflowInfo {
        self.ask(GetWorkflow { id }).await.unwrap()
    }

    pub(crate) async fn publish(&self, id: WorkflowId) -> WorkflowInfo {
        self.ask(publish(id)).await.unwrap()
    }

    pub(crate) async fn unpublish(&self, id: WorkflowId) -> WorkflowInfo {
        self.ask(Unpublish { id }).await.unwrap()
    }

    /// The route that gateways see.
    pub(crate) async fn route(&self, workflow: &WorkflowInfo) -> Option<RouteView> {
        let key = endpoint_key(workflow.endpoint.as_ref().unwrap().id);
        self.value(subjects::ROUTES_BUCKET, &key).await
    }

    /// The credentials that auth-svc sees.
    pub(crate) async fn credentials(&self, workflow: &WorkflowInfo) -> Option<CredentialsView> {
        let key = endpoint_key(workflow.endpoint.as_ref().unwrap().id);
        self.value(subjects::CREDENTIALS_BUCKET, &key).await
    }

    /// The document that runners see.
    pub(crate) async fn document(&self, route: &RouteView) -> Option<DocumentView> {
        self.value(subjects::DOCUMENTS_BUCKET, &route.content_hash.to_string())
            .await
    }

    pub(crate) async fn bucket(&self, name: &'static str) -> Bucket {
        Bucket::open(&self.bus, name).await.unwrap()
    }

    async fn value<T: serde::de::DeserializeOwned>(
        &self,
        bucket: &'static str,
        key: &str,
    ) -> Option<T> {
        let value = self.bucket(bucket).await.get(key).await.unwrap();
        value.map(|bytes| frame::unpack(&bytes).unwrap())
    }
}

/// Asks registry-svc over a connection.
pub(crate) async fn ask<M: Rpc>(bus: &Bus, message: M) -> Result<M::Reply, Failure> {
    let context = Context {
        trace: TraceContext {
            trace_id: 1,
            span_id: 1,
            sampled: false,
        },
        request_id: RequestId(Uuid::now_v7()),
        deadline_ms: 0,
    };
    let answer = bus.call(context, message, SOON, now_ms()).await;
    answer.map_err(|error: CallError| error.into_failure(Code::RegistryUnavailable))
}

pub(crate) fn publish(id: WorkflowId) -> Publish {
    Publish {
        id,
        if_match: "*".to_owned(),
        actor: actor(),
        message: None,
    }
}

pub(crate) fn actor() -> TokenId {
    TokenId(Uuid::from_u128(77))
}

/// A synchronous echo, which can be published.
pub(crate) fn echo(name: &str) -> Value {
    json!({
        "apiVersion": "earshot/v1",
        "kind": "Workflow",
        "metadata": {"name": name, "category": "demo"},
        "spec": {
            "record_type": "virtual",
            "source": "listener",
            "run_mode": "sync",
            "listener": {"return_type": "data", "return_data": "{\"ok\": true}"},
        },
    })
}

/// The echo with authentication on.
pub(crate) fn guarded(name: &str) -> Value {
    let mut document = echo(name);
    document["spec"]["listener"]["add_authentication"] = json!(true);
    document
}

pub(crate) fn sealed(byte: u8) -> Sealed {
    Sealed {
        key_id: 1,
        encapsulated: vec![byte; 32],
        ciphertext: vec![byte; 66],
    }
}

/// A draft as the gateway sends it: without given credentials, with offered ones.
pub(crate) fn draft(document: &Value) -> Draft {
    Draft {
        document: document.to_string(),
        given: SealedCredentials::default(),
        offered: SealedCredentials {
            endpoint_key: Some(sealed(100)),
            endpoint_secret: Some(sealed(101)),
            ..SealedCredentials::default()
        },
        actor: actor(),
        uses: SettingUses::default(),
    }
}
