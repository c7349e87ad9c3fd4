//! One auth-svc on a nats-server of its own, and somebody who asks it.

use std::time::Duration;

use auth_svc::{Auth, Config};
use bus::kv::Bucket;
use bus::topology::{self, Storage};
use bus::{Bus, CallError};
use ops::{Health, NatsSettings, OpsSettings, Secret, Service, Settings, clock};
use seal::{PrivateKey, setting};
use shared::codes::Code;
use shared::ids::{ContentHash, EndpointId, RequestId};
use shared::rpc::{Context, Rpc};
use shared::trace::TraceContext;
use shared::v1::views::CredentialsView;
use shared::{frame, subjects};
use testkit::nats::Server;
use testkit::until;
use uuid::Uuid;

/// 32 bytes in base64.
const PRIVATE_KEY: &str = "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=";

pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
pub(crate) const ISSUER: &str = "acme-billing";
pub(crate) const SECRET: &str = "q3ZK8hTn1YwVd0LrXb6CsPm9EuJf2AgWo7NxRk5ItQyHv4MjBc";

pub(crate) struct Desk {
    pub(crate) nats: Server,
    pub(crate) asker: Asker,
    pub(crate) auth: Auth,
    pub(crate) health: Health,
}

impl Desk {
    /// Starts auth-svc where registry-svc has not been yet.
    pub(crate) async fn before_registry() -> Self {
        let nats = Server::start();
        let (auth, health) = instance(&nats).await;
        let settings = bus::Settings {
            url: nats.url(),
            service: "asker",
            auth: bus::Auth::None,
            connect_timeout: PATIENCE,
        };
        let asker = Asker {
            bus: Bus::connect(&settings).await.unwrap(),
        };
        Self {
            nats,
            asker,
            auth,
            health,
        }
    }

    /// Starts auth-svc and waits until it has read the credentials.
    pub(crate) async fn open() -> Self {
        let desk = Self::before_registry().await;
        topology::create(&desk.asker.bus, Storage::default())
            .await
            .unwrap();
        desk.wait_until_ready().await;
        desk
    }

    pub(crate) async fn wait_until_ready(&self) {
        until(PATIENCE, "auth-svc to be ready", || async {
            self.health.is_ready().then_some(())
        })
        .await;
    }

    /// Asks auth-svc.
    pub(crate) async fn ask<M: Rpc>(&self, message: M) -> Result<M::Reply, CallError> {
        self.asker.ask(message).await
    }

    /// Puts credentials where registry-svc would put them.
    pub(crate) async fn put(&self, view: &CredentialsView) {
        let bucket = self.bucket().await;
        let key = subjects::endpoint_key(view.endpoint_id);
        bucket.put(&key, frame::pack(view).unwrap()).await.unwrap();
    }

    pub(crate) async fn bucket(&self) -> Bucket {
        Bucket::open(&self.asker.bus, subjects::CREDENTIALS_BUCKET)
            .await
            .unwrap()
    }
}

/// Somebody who asks.
pub(crate) struct Asker {
    pub(crate) bus: Bus,
}

impl Asker {
    /// Asks auth-svc.
    pub(crate) async fn ask<M: Rpc>(&self, message: M) -> Result<M::Reply, CallError> {
        let now = clock::now_ms();
        let id = Uuid::now_v7();
        let context = Context {
            trace: TraceContext {
                trace_id: id.as_u128(),
                span_id: 1,
                sampled: false,
            },
            request_id: RequestId(id),
            deadline_ms: now,
        };
        self.bus.call(context, message, PATIENCE, now).await
    }
}

/// One more auth-svc with the same key.
pub(crate) async fn instance(nats: &Server) -> (Auth, Health) {
    let health = Health::new();
    let settings = Settings {
        nats: NatsSettings::plain(nats.url()),
        ops: OpsSettings::default(),
        service: Config {
            private_key: Some(Secret::new(PRIVATE_KEY)),
            private_key_file: None,
            permits: 64,
            print_first_token: false,
        },
    };
    (Auth::start(settings, health.clone()).await.unwrap(), health)
}

/// The key of every instance.
pub(crate) fn key() -> PrivateKey {
    PrivateKey::from_bytes(&[b'A'; 32]).unwrap()
}

/// Credentials of a revision, sealed to a key.
pub(crate) fn credentials(
    key: &PrivateKey,
    endpoint_id: EndpointId,
    revision: u8,
    secret: &str,
) -> CredentialsView {
    let seal = |setting, text: &str| seal::seal(key.public(), setting, text.as_bytes()).unwrap();
    CredentialsView {
        endpoint_id,
        revision: ContentHash([revision; 32]),
        endpoint_key: seal(setting::KEY, ISSUER),
        endpoint_secret: seal(setting::SECRET, secret),
        previous_secret: None,
        require_exp: true,
        secrets: std::collections::BTreeMap::new(),
        variables: std::collections::BTreeMap::new(),
    }
}

/// The secret of a revision.
pub(crate) fn secret(revision: u8) -> String {
    format!("{SECRET}-{revision}")
}

pub(crate) fn endpoint(number: u128) -> EndpointId {
    EndpointId(Uuid::from_u128(number))
}

pub(crate) fn code<T: std::fmt::Debug>(outcome: Result<T, CallError>) -> Code {
    match outcome.unwrap_err() {
        CallError::Failed(failure) => failure.code,
        other => panic!("{other}"),
    }
}
