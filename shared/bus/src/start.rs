//! How a service gets its connection: from its settings, with its errors as reasons not to start.

use std::time::Duration;

use ops::{Health, NatsSettings, StartError, State};
use tokio::time::sleep;

use crate::connect::{Auth, Bus, ConnectError, Settings};
use crate::topology::{self, TopologyError};

/// Connects a service by its `[nats]` section and keeps its health check `nats` up to date.
///
/// # Errors
/// [`StartError`]: 64 for settings that cannot be used, 69 where NATS is away or unfit.
pub async fn connect(
    nats: &NatsSettings,
    service: &'static str,
    health: &Health,
) -> Result<Bus, StartError> {
    health.set("nats", State::waiting("for nats-server"));
    let settings = Settings {
        url: nats.url.clone(),
        service,
        auth: auth(nats)?,
        connect_timeout: nats.connect_timeout(),
    };
    let bus = Bus::connect(&settings).await?;
    health.set("nats", State::Ready);
    tokio::spawn(watch(bus.clone(), health.clone()));
    Ok(bus)
}

/// Waits for the streams and buckets that registry-svc creates.
///
/// # Errors
/// [`StartError`] with exit code 69 when they do not appear in time.
pub async fn wait_for_streams(
    bus: &Bus,
    nats: &NatsSettings,
    health: &Health,
) -> Result<(), StartError> {
    health.set(
        "streams",
        State::waiting("for registry-svc to create the streams"),
    );
    topology::wait(bus, nats.connect_timeout()).await?;
    health.set("streams", State::Ready);
    Ok(())
}

fn auth(nats: &NatsSettings) -> Result<Auth, StartError> {
    if let Some(file) = &nats.nkey_seed_file {
        let seed = std::fs::read_to_string(file).map_err(|error| {
            StartError::config(format!("nats.nkey_seed_file {} : {error}", file.display()))
        })?;
        return Ok(Auth::Nkey {
            seed: seed.trim().to_owned(),
        });
    }
    Ok(match (&nats.user, &nats.password) {
        (Some(user), Some(password)) => Auth::Password {
            user: user.clone(),
            password: password.expose().to_owned(),
        },
        _ => Auth::None,
    })
}

async fn watch(bus: Bus, health: Health) {
    loop {
        let state = match bus.connected() {
            Ok(()) => State::Ready,
            Err(_) => State::waiting("for nats-server"),
        };
        health.set("nats", state);
        sleep(Duration::from_millis(250)).await;
    }
}

impl From<ConnectError> for StartError {
    fn from(error: ConnectError) -> Self {
        let mend = match &error {
            ConnectError::TooOld { .. } => "install nats-server 2.10.23 or newer",
            ConnectError::SmallPayload { .. } => "set max_payload in nats-server's configuration",
            ConnectError::Unreachable { .. }
            | ConnectError::Inbox(_)
            | ConnectError::NotConnected(_) => {
                "start nats-server, or set EARSHOT_NATS__URL to where it is"
            }
        };
        Self::unavailable(error.to_string(), mend)
    }
}

impl From<TopologyError> for StartError {
    fn from(error: TopologyError) -> Self {
        Self::unavailable(
            error.to_string(),
            "start registry-svc, and see that nats-server runs with JetStream",
        )
    }
}
