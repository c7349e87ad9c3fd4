//! Connecting to NATS, and what every use of the connection shares.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_nats::connection::State;
use async_nats::header::{HeaderMap, NATS_MESSAGE_ID};
use async_nats::{Client, ConnectOptions, Event, jetstream};
use bytes::Bytes;
use shared::ids::InstanceId;
use shared::{limits, subjects};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};
use uuid::Uuid;

use crate::inbox::{Delivery, Inbox};

/// The oldest nats-server that is safe to run on: older ones can lose a stream when they are killed.
const OLDEST_SERVER: (i64, i64, i64) = (2, 10, 23);

/// How a service proves to NATS who it is.
#[derive(Clone, Default)]
pub enum Auth {
    /// It does not.
    #[default]
    None,
    /// By user name and password.
    Password {
        /// The user.
        user: String,
        /// The password.
        password: String,
    },
    /// By an nkey's seed.
    Nkey {
        /// The seed.
        seed: String,
    },
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::Password { .. } => "Password(hidden)",
            Self::Nkey { .. } => "Nkey(hidden)",
        })
    }
}

/// Where NATS is, and who connects.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Server URLs, separated by commas.
    pub url: String,
    /// The service's name: shown by NATS' monitoring, and part of its inbox prefix.
    pub service: &'static str,
    /// How it proves who it is.
    pub auth: Auth,
    /// How long to wait for NATS to be there.
    pub connect_timeout: Duration,
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// Nobody answered in time.
    #[error("no NATS server answered at {url} within {waited:?}")]
    Unreachable {
        /// Where it was looked for.
        url: String,
        /// For how long.
        waited: Duration,
        /// The last attempt's error.
        #[source]
        source: async_nats::ConnectError,
    },
    /// The server is too old to be safe.
    #[error(
        "nats-server {found} is too old: 2.10.23 or newer is required, since older ones can lose \
         stored runs when they are killed"
    )]
    TooOld {
        /// Its version.
        found: String,
    },
    /// The server cannot carry the largest message.
    #[error("nats-server takes messages of {found} bytes at most, and 8 MiB are needed")]
    SmallPayload {
        /// Its limit in bytes.
        found: usize,
    },
    /// The reply inbox could not be set up.
    #[error("the reply inbox could not be set up")]
    Inbox(#[source] async_nats::SubscribeError),
    /// The connection was lost before it was ready.
    #[error(transparent)]
    NotConnected(#[from] NotConnected),
}

/// NATS is not there at the moment. Nothing was sent.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the connection to NATS is down")]
pub struct NotConnected;

/// The one connection of a process. Cheap to clone.
#[derive(Clone)]
pub struct Bus {
    inner: Arc<Inner>,
}

struct Inner {
    client: Client,
    connections: watch::Receiver<u64>,
    instance: InstanceId,
    inbox: Inbox,
}

impl Bus {
    /// Connects, waiting for the server with a growing pause, and checks that it is fit for use.
    ///
    /// # Errors
    /// See [`ConnectError`].
    pub async fn connect(settings: &Settings) -> Result<Self, ConnectError> {
        let (made, connections) = watch::channel(0);
        let (lost, outages) = watch::channel(0);
        let client = connect_patiently(settings, &Arc::new(Counters { made, lost })).await?;
        check_server(&client)?;
        let instance = InstanceId(Uuid::now_v7());
        let inbox = Inbox::open(&client, instance, outages)
            .await
            .map_err(ConnectError::Inbox)?;
        let bus = Self {
            inner: Arc::new(Inner {
                client,
                connections,
                instance,
                inbox,
            }),
        };
        bus.round_trip().await?;
        Ok(bus)
    }

    /// This process, as others on the bus know it.
    #[must_use]
    pub fn instance(&self) -> InstanceId {
        self.inner.instance
    }

    /// The reply inbox.
    #[must_use]
    pub fn inbox(&self) -> &Inbox {
        &self.inner.inbox
    }

    /// Changes whenever the connection has been made anew. What hangs on a subscription of the
    /// server's making starts over then, rather than wait for a missed heartbeat.
    #[must_use]
    pub fn connections(&self) -> watch::Receiver<u64> {
        self.inner.connections.clone()
    }

    /// The client underneath.
    pub(crate) fn client(&self) -> &Client {
        &self.inner.client
    }

    pub(crate) fn jetstream(&self) -> jetstream::Context {
        let mut context = jetstream::new(self.inner.client.clone());
        context.set_timeout(Duration::from_secs(5));
        context
    }

    /// Whether NATS is there right now.
    ///
    /// # Errors
    /// [`NotConnected`] where it is not: commands would queue up and arrive late.
    pub fn connected(&self) -> Result<(), NotConnected> {
        match self.inner.client.connection_state() {
            State::Connected => Ok(()),
            State::Pending | State::Disconnected => Err(NotConnected),
        }
    }

    /// Sends a message and waits for nothing.
    ///
    /// # Errors
    /// [`NotConnected`].
    pub async fn publish(&self, subject: String, payload: Bytes) -> Result<(), NotConnected> {
        self.connected()?;
        self.inner
            .client
            .publish(subject, payload)
            .await
            .map_err(|_| NotConnected)
    }

    /// Sends a message whose answers go to `reply`, a slot of an inbox.
    ///
    /// # Errors
    /// [`NotConnected`].
    pub async fn publish_for(
        &self,
        subject: String,
        reply: String,
        payload: Bytes,
    ) -> Result<(), NotConnected> {
        self.connected()?;
        let sent = self
            .inner
            .client
            .publish_with_reply(subject, reply, payload)
            .await;
        sent.map_err(|_| NotConnected)
    }

    /// Sends a message of an author's, and waits until the server has it. A stream that takes the subject stores the same
    /// `id` once.
    ///
    /// # Errors
    /// [`NotConnected`]; the server may have the message all the same.
    pub async fn publish_message(
        &self,
        subject: &str,
        id: &str,
        headers: &[(String, String)],
        payload: &str,
    ) -> Result<(), NotConnected> {
        self.connected()?;
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(name.as_str(), value.as_str());
        }
        map.insert(NATS_MESSAGE_ID, id);
        let payload = Bytes::from(payload.to_owned());
        let client = &self.inner.client;
        let sent = client.publish_with_headers(subject.to_owned(), map, payload);
        sent.await.map_err(|_| NotConnected)?;
        self.round_trip().await
    }

    /// Waits until the server has handled all that was sent before: subscriptions are then in place.
    ///
    /// A flush of the socket would not do, since it proves nothing about the server.
    ///
    /// # Errors
    /// [`NotConnected`] when no answer comes within five seconds.
    pub async fn round_trip(&self) -> Result<(), NotConnected> {
        let mut slot = self.inner.inbox.slot(1);
        let fence = subjects::fence(self.inner.instance);
        self.publish_for(fence, slot.subject().to_owned(), Bytes::new())
            .await?;
        match timeout(Duration::from_secs(5), slot.next()).await {
            Ok(Some(Delivery::Message(_) | Delivery::NoResponder)) => Ok(()),
            Ok(Some(Delivery::Disconnected) | None) | Err(_) => Err(NotConnected),
        }
    }

    /// Sends what is buffered and closes the connection. Call it last, after every drain.
    pub async fn close(&self) {
        if self.connected().is_ok() {
            // Bounded, since a flush never ends while the server is away.
            let _ = timeout(Duration::from_secs(2), self.inner.client.flush()).await;
        }
        let _ = self.inner.client.drain().await;
    }
}

/// How often the connection was made and lost.
struct Counters {
    made: watch::Sender<u64>,
    lost: watch::Sender<u64>,
}

async fn connect_patiently(
    settings: &Settings,
    counters: &Arc<Counters>,
) -> Result<Client, ConnectError> {
    let started = Instant::now();
    let mut pause = Duration::from_millis(50);
    loop {
        let servers: Vec<&str> = settings.url.split(',').map(str::trim).collect();
        let error = match options(settings, counters.clone()).connect(servers).await {
            Ok(client) => return Ok(client),
            Err(error) => error,
        };
        let waited = started.elapsed();
        if waited >= settings.connect_timeout {
            let url = without_password(&settings.url);
            return Err(ConnectError::Unreachable {
                url,
                waited,
                source: error,
            });
        }
        tracing::info!(%error, service = settings.service, "waiting for NATS");
        sleep(pause.min(settings.connect_timeout.saturating_sub(waited))).await;
        pause = (pause * 2).min(Duration::from_secs(2));
    }
}

fn options(settings: &Settings, counters: Arc<Counters>) -> ConnectOptions {
    let options = ConnectOptions::new()
        .name(settings.service)
        .custom_inbox_prefix(subjects::inbox_prefix(settings.service))
        .ping_interval(Duration::from_secs(5))
        .reconnect_delay_callback(|attempt| Duration::from_millis((20 * attempt as u64).min(1_000)))
        .event_callback(move |event| {
            match event {
                Event::Connected => counters.made.send_modify(|count| *count += 1),
                Event::Disconnected => counters.lost.send_modify(|count| *count += 1),
                _ => {}
            }
            log_event(event)
        });
    match &settings.auth {
        Auth::None => options,
        Auth::Password { user, password } => {
            options.user_and_password(user.clone(), password.clone())
        }
        Auth::Nkey { seed } => options.nkey(seed.clone()),
    }
}

/// A refused publish or subscription is told here and nowhere else.
async fn log_event(event: Event) {
    match event {
        Event::Connected => tracing::info!("NATS connected"),
        Event::SlowConsumer(_) => {
            metrics::counter!("earshot_bus_slow_consumer_total").increment(1);
            tracing::error!("a NATS subscription overflowed and lost messages");
        }
        Event::Draining | Event::Closed => tracing::debug!(%event, "NATS event"),
        event => tracing::warn!(%event, "NATS event"),
    }
}

fn check_server(client: &Client) -> Result<(), ConnectError> {
    let (major, minor, patch) = OLDEST_SERVER;
    if !client.is_server_compatible(major, minor, patch) {
        return Err(ConnectError::TooOld {
            found: client.server_info().version,
        });
    }
    let found = client.max_payload();
    if found < limits::MAX_PAYLOAD {
        return Err(ConnectError::SmallPayload { found });
    }
    Ok(())
}

/// The URL as logs may show it.
fn without_password(url: &str) -> String {
    url.split(',')
        .map(|server| match (server.find("://"), server.rfind('@')) {
            (Some(scheme), Some(at)) if scheme < at => {
                let scheme = server.get(..scheme + 3).unwrap_or_default();
                format!("{scheme}{}", server.get(at + 1..).unwrap_or_default())
            }
            _ => server.to_owned(),
        })
        .collect::<Vec<_>>()
        .join(",")
}

#[cfg(test)]
mod tests {
    use super::without_password;

    #[test]
    fn a_url_is_shown_without_its_password() {
        assert_eq!(
            without_password("nats://u:p@a:1,nats://b:2"),
            "nats://a:1,nats://b:2"
        );
    }
}
