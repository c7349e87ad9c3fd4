//! The smallest service there is: it says that it is ready, and ends when it is told to.

use std::process::ExitCode;
use std::time::Duration;

use ops::shutdown::Shutdown;
use ops::{Health, Service, Settings, StartError};
use serde::Deserialize;

/// What the section `[gateway]` holds for this service.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    /// What to do instead of serving: `serve`, `refuse`, `panic`, `give-up` or `linger` (drain for ever).
    behaviour: String,
}

struct Steady {
    shutdown: Shutdown,
}

impl Service for Steady {
    const NAME: &'static str = "steady";
    const DEFAULTS: &'static str = "[gateway]\nbehaviour = \"serve\"\n";
    const SECTION: &'static str = "gateway";
    type Config = Config;

    async fn start(settings: Settings<Config>, health: Health) -> Result<Self, StartError> {
        let shutdown = Shutdown::new();
        match settings.service.behaviour.as_str() {
            "serve" => {}
            "refuse" => return Err(StartError::unavailable("there is no bus", "start one")),
            "give-up" => health.give_up("the ground is gone"),
            "linger" => {
                shutdown.tracker.spawn(std::future::pending::<()>());
            }
            "panic" => {
                let caller_data = "hunter2".to_owned();
                let number: Result<u8, _> = caller_data.parse();
                // A text put together at run time, as a panic in a library may hold what a caller sent.
                assert!(number.is_ok(), "no number: {caller_data}");
            }
            other => return Err(StartError::config(format!("unknown behaviour {other}"))),
        }
        Ok(Self { shutdown })
    }

    async fn drain(self, grace: Duration) {
        self.shutdown.drain(grace).await;
    }
}

fn main() -> ExitCode {
    ops::main::<Steady>()
}
