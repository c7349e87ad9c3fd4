//! The four services in this process.

use std::path::Path;
use std::time::Duration;

use auth_svc::Auth;
use bus::Bus;
use gateway::Gateway;
use ops::{Health, OpsSettings, Secret, Service, Settings, config, telemetry};
use registry_svc::Registry;
use workflow_runner::Runner;

use crate::args::Up;
use crate::failure::Failure;

/// How long each service may take to end its work.
const GRACE: Duration = Duration::from_secs(20);

/// Networks that `--allow-private` opens to authors' requests.
const PRIVATE: &str =
    r#"["127.0.0.0/8", "::1/128", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"]"#;

/// The running platform.
pub(crate) struct Platform {
    registry: Registry,
    auth: Auth,
    runner: Runner,
    gateway: Gateway,
    bus: Bus,
    first_token: Option<Secret>,
}

impl Platform {
    /// Starts the services; where one cannot start, those before it are stopped again.
    pub(crate) async fn start(up: &Up, data: &Path, nats: &str) -> Result<Self, Failure> {
        let settings = Plan { up, data, nats };
        let ops = OpsSettings {
            log: up.log.clone(),
            log_format: ops::LogFormat::Text,
            ..OpsSettings::default()
        };
        // Kept by the process: logging ends with it.
        std::mem::forget(telemetry::init("earshot", &ops));
        let own = ops::NatsSettings::plain(nats);
        let bus = bus::start::connect(&own, "earshot", &Health::new()).await?;
        let registry = settings.start::<Registry>().await?;
        let mut auth = match settings.start::<Auth>().await {
            Ok(auth) => auth,
            Err(failure) => {
                registry.drain(GRACE).await;
                return Err(failure);
            }
        };
        let rest = tokio::try_join!(settings.start::<Runner>(), settings.start::<Gateway>());
        let (runner, gateway) = match rest {
            Ok(rest) => rest,
            Err(failure) => {
                auth.drain(GRACE).await;
                registry.drain(GRACE).await;
                return Err(failure);
            }
        };
        let first_token = auth.first_token().await;
        Ok(Self {
            registry,
            auth,
            runner,
            gateway,
            bus,
            first_token,
        })
    }

    /// The first admin token, at the first start.
    pub(crate) const fn first_token(&self) -> Option<&Secret> {
        self.first_token.as_ref()
    }

    /// A connection of our own.
    pub(crate) const fn bus(&self) -> &Bus {
        &self.bus
    }

    /// Ends what is in flight: first what callers see, then what that needs.
    pub(crate) async fn drain(self) {
        self.gateway.drain(GRACE).await;
        self.runner.drain(GRACE).await;
        self.auth.drain(GRACE).await;
        self.registry.drain(GRACE).await;
        self.bus.close().await;
    }
}

/// What the services are told, from the command line.
struct Plan<'a> {
    up: &'a Up,
    data: &'a Path,
    nats: &'a str,
}

impl Plan<'_> {
    async fn start<S: Service>(&self) -> Result<S, Failure> {
        let settings: Settings<S::Config> = self.settings::<S>()?;
        Ok(S::start(settings, Health::new()).await?)
    }

    /// The service's defaults, the environment, and above them the command line.
    fn settings<S: Service>(&self) -> Result<Settings<S::Config>, Failure> {
        let (up, data) = (self.up, self.data.display());
        let database = up
            .postgres
            .clone()
            .unwrap_or_else(|| format!("sqlite://{data}/registry.db"));
        let mut own = vec![
            ("EARSHOT_NATS__URL", self.nats.to_owned()),
            ("EARSHOT_REGISTRY__DATABASE_URL", database),
            ("EARSHOT_AUTH__PRIVATE_KEY_FILE", format!("{data}/auth.key")),
            ("EARSHOT_AUTH__PRINT_FIRST_TOKEN", "false".to_owned()),
            (
                "EARSHOT_GATEWAY__LISTENER",
                format!("127.0.0.1:{}", up.listener_port),
            ),
            (
                "EARSHOT_GATEWAY__CONTROL",
                format!("127.0.0.1:{}", up.control_port),
            ),
        ];
        if up.allow_private {
            own.push(("EARSHOT_RUNNER__ALLOWED_NETWORKS", PRIVATE.to_owned()));
        }
        let environment = std::env::vars_os().filter_map(|(name, value)| {
            let name = name.into_string().ok()?;
            let given = !own.iter().any(|(own, _)| *own == name);
            // The client's own variables are no settings.
            let setting = name.contains("__") && given;
            setting.then_some((name, value.into_string().ok()?))
        });
        let all: Vec<(String, String)> = environment
            .chain(
                own.iter()
                    .map(|(name, value)| ((*name).to_owned(), value.clone())),
            )
            .collect();
        config::load(S::SECTION, S::DEFAULTS, None, all)
            .map_err(|error| Failure::from(ops::StartError::from(error)))
    }
}
