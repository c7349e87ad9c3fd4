//! The nats-server of `earshot up`.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep, timeout};

use crate::args::Up;
use crate::failure::Failure;

const CONFIG: &str = include_str!("../../../deploy/nats-server.conf");
const START_PATIENCE: Duration = Duration::from_secs(20);
const STOP_PATIENCE: Duration = Duration::from_secs(10);

/// A nats-server: our own child, or one that was there before.
pub(crate) struct Nats {
    child: Option<Child>,
    url: String,
}

impl Nats {
    /// One that runs already, and goes on running.
    pub(crate) fn existing(url: String) -> Self {
        Self { child: None, url }
    }

    /// Starts one with its data and its log under `data`, and waits until it answers.
    pub(crate) async fn start(up: &Up, data: &Path) -> Result<Self, Failure> {
        if !is_there(&up.nats_server) {
            return Err(cannot_be_started(
                &up.nats_server,
                "there is no such program",
            ));
        }
        let folder = data.join("nats");
        let log = folder.join("log");
        prepare(&folder)?;
        let port = free_port(up.nats_port).await?;
        let mut command = launcher(&up.nats_server);
        command
            .arg("--config")
            .arg(folder.join("nats-server.conf"))
            .arg("--log")
            .arg(&log)
            .env("EARSHOT_NATS_LISTEN", format!("127.0.0.1:{port}"))
            .env("EARSHOT_NATS_STORE", folder.join("jetstream"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // Ctrl-C is for us: nats-server has to outlive the drain.
            .process_group(0)
            .kill_on_drop(true);
        let spawned = command.spawn();
        let child =
            spawned.map_err(|error| cannot_be_started(&up.nats_server, &error.to_string()))?;
        let mut nats = Self {
            child: Some(child),
            url: format!("nats://127.0.0.1:{port}"),
        };
        nats.wait_until_it_answers(port, &log).await?;
        Ok(nats)
    }

    /// Where it is.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Stops our own child and waits for it.
    pub(crate) async fn stop(mut self) {
        let Some(child) = self.child.as_mut() else {
            return;
        };
        if let Some(pid) = child.id() {
            let kill = Command::new("kill")
                .arg("-TERM")
                .arg(pid.to_string())
                .status()
                .await;
            if kill.is_ok_and(|status| status.success())
                && timeout(STOP_PATIENCE, child.wait()).await.is_ok()
            {
                return;
            }
        }
        // It is gone already, or does not listen: killed when dropped.
        let _ = child.kill().await;
    }

    async fn wait_until_it_answers(&mut self, port: u16, log: &Path) -> Result<(), Failure> {
        let started = Instant::now();
        loop {
            if tokio::net::TcpStream::connect(("127.0.0.1", port))
                .await
                .is_ok()
            {
                return Ok(());
            }
            let ended = self
                .child
                .as_mut()
                .and_then(|child| child.try_wait().ok().flatten());
            if ended.is_some() || started.elapsed() > START_PATIENCE {
                return Err(Failure::unavailable(format!(
                    "nats-server did not start; its log, {}, says:\n{}",
                    log.display(),
                    last_lines(log)
                )));
            }
            sleep(Duration::from_millis(20)).await;
        }
    }
}

/// Whether there is such a program: at its path, or on the PATH where it has none. What starts it would not say.
fn is_there(server: &Path) -> bool {
    if server.components().count() > 1 {
        return server.is_file();
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(server).is_file())
}

fn cannot_be_started(server: &Path, why: &str) -> Failure {
    let name = server.display();
    Failure::unavailable(format!(
        "{name} cannot be started: {why}; install nats-server 2.10.23 or newer, or name it with --nats-server"
    ))
}

/// Where util-linux is there, nats-server ends with us, however we end.
fn launcher(server: &Path) -> Command {
    let setpriv = Path::new("/usr/bin/setpriv");
    if setpriv.exists() {
        let mut command = Command::new(setpriv);
        command.arg("--pdeathsig").arg("TERM").arg(server);
        return command;
    }
    Command::new(server)
}

fn prepare(folder: &Path) -> Result<(), Failure> {
    let failed = |error: std::io::Error| {
        Failure::unavailable(format!("{} cannot be prepared: {error}", folder.display()))
    };
    std::fs::create_dir_all(folder).map_err(failed)?;
    std::fs::write(folder.join("nats-server.conf"), CONFIG).map_err(failed)
}

/// The wanted port where it is free, or any free one for 0.
async fn free_port(wanted: u16) -> Result<u16, Failure> {
    let listener = TcpListener::bind(("127.0.0.1", wanted))
        .await
        .map_err(|error| {
            Failure::unavailable(format!(
                "port {wanted} cannot be used for nats-server: {error}; choose another --nats-port"
            ))
        })?;
    let address = listener.local_addr();
    address
        .map(|address| address.port())
        .map_err(|error| Failure::unavailable(error.to_string()))
}

fn last_lines(log: &Path) -> String {
    let text = std::fs::read_to_string(PathBuf::from(log)).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    let from = lines.len().saturating_sub(5);
    lines.get(from..).unwrap_or_default().join("\n")
}
