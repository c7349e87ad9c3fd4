//! One service of the platform, as a process.

use std::fs::{self, File};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;

use super::environment::Variables;
use super::log;
use crate::child::Child;
use crate::proxy::Proxy;
use crate::waiting::{until, until_blocking};
use crate::{http, launcher, workspace};

/// How long a start may take on a busy machine.
const START: Duration = Duration::from_secs(60);

/// How many lines of its log are shown when the test has failed.
const TAIL: usize = 60;

/// The four services.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// gateway.
    Gateway,
    /// auth-svc.
    Auth,
    /// workflow-runner.
    Runner,
    /// registry-svc.
    Registry,
}

impl Kind {
    /// The name of the binary.
    #[must_use]
    pub fn program(self) -> &'static str {
        match self {
            Self::Gateway => "gateway",
            Self::Auth => "auth-svc",
            Self::Runner => "workflow-runner",
            Self::Registry => "registry-svc",
        }
    }
}

/// One process of the platform.
#[derive(Debug)]
pub struct Service {
    kind: Kind,
    variables: Variables,
    stdout: PathBuf,
    link: Option<Proxy>,
    run: Mutex<Run>,
}

/// The process since its last start.
#[derive(Debug)]
struct Run {
    child: Child,
    /// One log for every start, the last one at the end.
    logs: Vec<PathBuf>,
}

impl Service {
    pub(super) fn start(
        kind: Kind,
        index: usize,
        variables: Variables,
        folder: &Path,
        link: Option<Proxy>,
    ) -> Self {
        let name = format!("{index}-{}", kind.program());
        let stdout = folder.join(format!("{name}.out"));
        let log = folder.join(format!("{name}.0.log"));
        let child = run(kind, &variables, &stdout, &log);
        Self {
            kind,
            variables,
            stdout,
            link,
            run: Mutex::new(Run {
                child,
                logs: vec![log],
            }),
        }
    }

    /// Which of the services it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Its link to nats-server, where the platform was built with links ([`super::Builder::linked`]).
    #[must_use]
    pub fn link(&self) -> Option<&Proxy> {
        self.link.as_ref()
    }

    /// The id of its process.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.process().child.pid()
    }

    /// `http://…` of a gateway's listener port.
    #[must_use]
    pub fn listener_url(&self) -> String {
        format!("http://{}", self.address("listener"))
    }

    /// `http://…` of a gateway's control-plane port.
    #[must_use]
    pub fn control_url(&self) -> String {
        format!("http://{}", self.address("control"))
    }

    /// `http://…` of its ops port.
    #[must_use]
    pub fn ops_url(&self) -> String {
        format!("http://{}", self.address("ops"))
    }

    /// The address of a port that it announces: `listener`, `control` or `ops`.
    #[must_use]
    pub fn address(&self, port_name: &str) -> SocketAddr {
        let what = format!("{} to open its port {port_name}", self.kind.program());
        let address = until_blocking(START, &what, || {
            self.assert_running();
            log::announced(&self.latest_logs(), port_name)
        });
        address.parse().expect("what is announced is an address")
    }

    /// Waits until its ops port says that it is ready.
    pub async fn wait_until_ready(&self) {
        let url = format!("{}/readyz", self.ops_url());
        let client = http::client();
        let what = format!("{} to be ready", self.kind.program());
        until(START, &what, async || {
            self.assert_running();
            let response = client.get(&url).send().await.ok()?;
            response.status().is_success().then_some(())
        })
        .await;
    }

    /// SIGKILL, and waits for the end.
    pub fn kill(&self) {
        self.process().child.kill();
    }

    /// SIGTERM, and returns at once.
    pub fn terminate(&self) {
        self.process().child.terminate();
    }

    /// SIGSTOP: it is there but does nothing.
    pub fn pause(&self) {
        self.process().child.pause();
    }

    /// SIGCONT: goes on after [`Service::pause`].
    pub fn resume(&self) {
        self.process().child.resume();
    }

    /// How it ended; `None` while it runs.
    #[must_use]
    pub fn ended(&self) -> Option<ExitStatus> {
        self.process().child.ended()
    }

    /// Waits until it has ended, a minute at most.
    pub async fn wait(&self) -> ExitStatus {
        let what = format!("{} to end", self.kind.program());
        until(START, &what, async || self.ended()).await
    }

    /// Starts it again with the same data and on the same ports, killing it first where it still runs, and waits until
    /// it is ready.
    pub async fn restart(&self) {
        self.restart_with(&[]).await;
    }

    /// Does what [`Service::restart`] does, with more variables.
    pub async fn restart_with(&self, more: &[(&str, &str)]) {
        self.kill();
        self.start_again(more);
        self.wait_until_ready().await;
    }

    /// Starts it again, and once more where it ends before it is ready, as a supervisor does.
    pub async fn restart_supervised(&self) {
        let client = http::client();
        let what = format!("{} to be ready", self.kind.program());
        loop {
            self.kill();
            self.start_again(&[]);
            let ready = until(START, &what, async || {
                if self.ended().is_some() {
                    return Some(false);
                }
                let ops = log::announced(&self.latest_logs(), "ops")?;
                let response = client
                    .get(format!("http://{ops}/readyz"))
                    .send()
                    .await
                    .ok()?;
                response.status().is_success().then_some(true)
            });
            if ready.await {
                return;
            }
        }
    }

    fn start_again(&self, more: &[(&str, &str)]) {
        let mut variables = self.variables.clone();
        let more = more.iter().copied();
        variables.extend(more.map(|(name, value)| (name.to_owned(), value.to_owned())));
        let mut process = self.process();
        let log = self
            .stdout
            .with_extension(format!("{}.log", process.logs.len()));
        process.child = run(self.kind, &variables, &self.stdout, &log);
        process.logs.push(log);
    }

    /// What it has logged since its first start.
    #[must_use]
    pub fn logs(&self) -> Vec<Value> {
        let logs = self.process().logs.clone();
        logs.iter()
            .flat_map(|path| log::parse(&read(path)))
            .collect()
    }

    /// What it has written to standard output since its first start.
    #[must_use]
    pub fn stdout(&self) -> String {
        read(&self.stdout)
    }

    /// The end of its log as it stands.
    pub(super) fn tail(&self) -> String {
        let process = self.process();
        let path = &process.logs[process.logs.len() - 1];
        let name = path.file_name().unwrap_or_default().display();
        format!("--- {name}\n{}", log::tail(&read(path), TAIL))
    }

    fn latest_logs(&self) -> Vec<Value> {
        let process = self.process();
        log::parse(&read(&process.logs[process.logs.len() - 1]))
    }

    fn assert_running(&self) {
        if let Some(status) = self.ended() {
            panic!(
                "{} has ended ({status}):\n{}",
                self.kind.program(),
                self.tail()
            );
        }
    }

    fn process(&self) -> MutexGuard<'_, Run> {
        self.run.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn run(kind: Kind, variables: &Variables, stdout: &Path, log: &Path) -> Child {
    let mut command = launcher::command(&workspace::binary(kind.program()), None);
    let append = |path: &Path| -> File {
        let opened = File::options().create(true).append(true).open(path);
        opened.expect("the folder is ours")
    };
    // Nothing of the machine's own environment gets in.
    command
        .env_clear()
        .envs(variables)
        .stdin(Stdio::null())
        .stdout(append(stdout))
        .stderr(append(log));
    Child::start(kind.program(), command)
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_default()
}
