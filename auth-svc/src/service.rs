//! Starting and stopping auth-svc.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use bus::Bus;
use bus::serve::{Intake, Permits, Serving};
use ops::shutdown::Shutdown;
use ops::{Health, Secret, Service, Settings, StartError};
use shared::subjects;
use tokio::sync::oneshot;

use crate::answers::{self, Answers};
use crate::callback_link::CallbackLinks;
use crate::config::Config;
use crate::credentials::{self, Credentials};
use crate::own_key;
use crate::reply_link::ReplyLinks;
use crate::secrets::{self, Secrets};
use crate::tokens::{self, Tokens};

/// A running auth-svc.
pub struct Auth {
    bus: Bus,
    serving: Serving,
    shutdown: Shutdown,
    first_token: Option<oneshot::Receiver<Secret>>,
}

impl Auth {
    /// Waits until it is decided whether this is the platform's first start, and gives the first admin token where it
    /// is; none at any other start, and none when it is asked for a second time.
    ///
    /// It waits for registry-svc for as long as it takes, and may be given up and called again.
    pub async fn first_token(&mut self) -> Option<Secret> {
        let token = self.first_token.as_mut()?.await;
        self.first_token = None;
        token.ok()
    }

    fn begin(
        bus: &Bus,
        credentials: &Arc<Credentials>,
        secrets: &Arc<Secrets>,
        health: &Health,
        print: bool,
    ) -> (Shutdown, oneshot::Receiver<Secret>) {
        let shutdown = Shutdown::new();
        let (sender, first_token) = oneshot::channel();
        let first = make_first_token(bus.clone(), sender, print);
        let follow = credentials::follow(credentials.clone(), bus.clone(), health.clone());
        shutdown
            .tracker
            .spawn(shutdown.token.clone().run_until_cancelled_owned(first));
        shutdown
            .tracker
            .spawn(shutdown.token.clone().run_until_cancelled_owned(follow));
        let follow = secrets::follow(secrets.clone(), bus.clone(), health.clone());
        shutdown
            .tracker
            .spawn(shutdown.token.clone().run_until_cancelled_owned(follow));
        (shutdown, first_token)
    }
}

impl Service for Auth {
    const NAME: &'static str = "auth-svc";
    const DEFAULTS: &'static str = include_str!("../defaults.toml");
    const SECTION: &'static str = "auth";
    type Config = Config;

    /// Serves as soon as NATS is there. What it needs of registry-svc it waits for beside that: until the credentials
    /// have been read the health check says so, and verdicts fetch what they need one by one.
    async fn start(settings: Settings<Config>, health: Health) -> Result<Self, StartError> {
        let config = settings.service;
        let key = own_key::load(&config)?;
        tracing::info!(
            key_id = format!("{:08x}", key.public().key_id),
            "secrets are sealed to this key"
        );
        let bus = bus::start::connect(&settings.nats, Self::NAME, &health).await?;
        let answers = Arc::new(Answers {
            bus: bus.clone(),
            links: ReplyLinks::new(&key),
            callbacks: CallbackLinks::new(&key),
            secrets: Arc::new(Secrets::new(key.clone())),
            credentials: Arc::new(Credentials::new(key)),
            tokens: Tokens::new(),
        });
        let (shutdown, first_token) = Self::begin(
            &bus,
            &answers.credentials,
            &answers.secrets,
            &health,
            config.print_first_token,
        );
        let intake = Intake {
            subject: subjects::AUTH.to_owned(),
            group: Some(subjects::AUTH_GROUP),
            permits: Permits::new(config.permits),
        };
        let serving = bus.serve(intake, answers::router(&answers)).await;
        let serving =
            serving.map_err(|error| StartError::internal("requests cannot be taken in", error))?;
        Ok(Self {
            bus,
            serving,
            shutdown,
            first_token: Some(first_token),
        })
    }

    async fn drain(self, grace: Duration) {
        if !self.serving.drain(grace).await {
            tracing::warn!("not every request was answered within the grace");
        }
        // These wait for nothing but the word to end.
        self.shutdown.drain(Duration::from_secs(1)).await;
        self.bus.close().await;
    }
}

async fn make_first_token(bus: Bus, taker: oneshot::Sender<Secret>, print: bool) {
    let Some(token) = tokens::make_first(&bus).await else {
        tracing::info!("no admin token is made: an earlier start has made the first one");
        return;
    };
    // The one time that a secret is written out: nobody could use the platform without it.
    let printed = print.then(|| writeln!(std::io::stdout(), "admin token: {}", token.expose()));
    if let Some(Err(error)) = printed {
        tracing::error!(%error, "the first admin token could not be printed, and cannot be shown again");
    }
    // Nobody needs to take it.
    let _ = taker.send(token);
}
