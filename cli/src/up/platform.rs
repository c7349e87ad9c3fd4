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
    services: Services,
    auth: Auth,
    first_token: Option<Secret>,
}

/// All services but auth-svc.
pub(crate) struct Services {
    registry: Registry,
    runner: Runner,
    gateway: Gateway,
    bus: Bus,
}

impl Services {
    /// Starts them; where one cannot start, those before it are stopped again.
    pub(crate) async fn start(plan: &Plan<'_>) -> Result<Self, Failure> {
        let ops = OpsSettings {
            log: plan.up.log.clone(),
            log_format: ops::LogFormat::Text,
            ..OpsSettings::default()
        };
        // Kept by the process: logging ends with it.
        std::mem::forget(telemetry::init("earshot", &ops));
        let own = ops::NatsSettings::plain(plan.nats);
        let bus = bus::start::connect(&own, "earshot", &Health::new()).await?;
        let registry = plan.start::<Registry>().await?;
        match tokio::try_join!(plan.start::<Runner>(), plan.start::<Gateway>()) {
            Ok((runner, gateway)) => Ok(Self {
                registry,
                runner,
                gateway,
                bus,
            }),
            Err(failure) => {
                registry.drain(GRACE).await;
                Err(failure)
            }
        }
    }

    /// Starts auth-svc, which makes the first admin token where the platform has never had one. It comes last, and is
    /// not to be given up half-way: a token that was made and never shown could not be had again.
    pub(crate) async fn with_auth(self, plan: &Plan<'_>) -> Result<Platform, Failure> {
        match plan.start::<Auth>().await {
            Ok(mut auth) => Ok(Platform {
                first_token: auth.first_token().await,
                services: self,
                auth,
            }),
            Err(failure) => {
                self.gateway.drain(GRACE).await;
                self.runner.drain(GRACE).await;
                self.registry.drain(GRACE).await;
                Err(failure)
            }
        }
    }
}

impl Platform {
    /// The first admin token, at the first start.
    pub(crate) const fn first_token(&self) -> Option<&Secret> {
        self.first_token.as_ref()
    }

    /// A connection of our own.
    pub(crate) const fn bus(&self) -> &Bus {
        &self.services.bus
    }

    /// Ends what is in flight: first what callers see, then what that needs.
    pub(crate) async fn drain(self) {
        let Services {
            registry,
            runner,
            gateway,
            bus,
        } = self.services;
        gateway.drain(GRACE).await;
        runner.drain(GRACE).await;
        self.auth.drain(GRACE).await;
        registry.drain(GRACE).await;
        bus.close().await;
    }
}

/// What the services are told, from the command line.
pub(crate) struct Plan<'a> {
    /// The command line.
    pub(crate) up: &'a Up,
    /// Where state is kept.
    pub(crate) data: &'a Path,
    /// Where nats-server is.
    pub(crate) nats: &'a str,
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
        if let Some(url) = callers_url(up) {
            own.push(("EARSHOT_RUNNER__PUBLIC_URL", url));
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

/// Where callers reach the gateway, for the runner, which makes URLs of it too: what the operator set for the gateway, else
/// the port. None where the operator set it for the runner, or the port is any free one.
fn callers_url(up: &Up) -> Option<String> {
    if std::env::var_os("EARSHOT_RUNNER__PUBLIC_URL").is_some() {
        return None;
    }
    let set = std::env::var("EARSHOT_GATEWAY__PUBLIC_URL").ok();
    let port = up.listener_port;
    set.or_else(|| (port != 0).then(|| format!("http://localhost:{port}")))
}
