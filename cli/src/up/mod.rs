//! `earshot up`: the whole platform on this machine, for a first try.

mod banner;
mod examples;
mod nats;
mod platform;

use std::path::Path;

use tokio::signal::unix::{SignalKind, signal};

use crate::args::Up;
use crate::failure::Failure;
use crate::output;
use crate::up::platform::{Plan, Services};

/// Starts everything, says where it is, and drains everything on Ctrl-C or SIGTERM.
pub(crate) async fn run(up: Up) -> Result<(), Failure> {
    std::fs::create_dir_all(&up.data)
        .map_err(|error| Failure::unavailable(format!("{}: {error}", up.data.display())))?;
    let data = up
        .data
        .canonicalize()
        .map_err(|error| Failure::unavailable(format!("{}: {error}", up.data.display())))?;
    let _lock = lock(&data)?;
    let mut stop = Stop::new()?;
    let nats = match &up.nats_url {
        Some(url) => nats::Nats::existing(url.clone()),
        None => nats::Nats::start(&up, &data).await?,
    };
    let plan = Plan {
        up: &up,
        data: &data,
        nats: nats.url(),
    };
    let started = tokio::select! {
        started = Services::start(&plan) => started,
        () = stop.wait() => Err(Failure::refused("stopped before everything had started")),
    };
    let started = match started {
        Ok(services) => services.with_auth(&plan).await,
        Err(failure) => Err(failure),
    };
    let platform = match started {
        Ok(platform) => platform,
        Err(failure) => {
            nats.stop().await;
            return Err(failure);
        }
    };
    let shown = banner::show(&up, &data, &platform).await;
    if shown.is_ok() {
        stop.wait().await;
        output::say("draining; Ctrl-C again ends at once");
    }
    tokio::select! {
        () = platform.drain() => {}
        () = stop.wait() => output::say("ended before everything was drained"),
    }
    nats.stop().await;
    shown
}

/// One platform at a time uses a data folder.
fn lock(data: &Path) -> Result<std::fs::File, Failure> {
    let path = data.join("lock");
    let file = std::fs::File::create(&path)
        .map_err(|error| Failure::unavailable(format!("{}: {error}", path.display())))?;
    file.try_lock().map_err(|_| {
        Failure::unavailable(format!(
            "{} is in use by another `earshot up`; stop that one, or choose another --data",
            data.display()
        ))
    })?;
    Ok(file)
}

/// The signals that ask for an end.
struct Stop {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

impl Stop {
    fn new() -> Result<Self, Failure> {
        let listen = |kind| {
            signal(kind).map_err(|error| Failure::unavailable(format!("no signals: {error}")))
        };
        Ok(Self {
            interrupt: listen(SignalKind::interrupt())?,
            terminate: listen(SignalKind::terminate())?,
        })
    }

    async fn wait(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
