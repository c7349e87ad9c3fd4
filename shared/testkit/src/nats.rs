//! A real nats-server with JetStream, for one test.

use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use std::{env, fs};

use crate::child::Child;
use crate::launcher;
use crate::port;
use crate::scratch::Scratch;
use crate::waiting::until_blocking;
use crate::workspace::{on_path, root};

/// How long a start may take on a busy machine.
const START: Duration = Duration::from_secs(30);

/// A nats-server on a port of its own with JetStream in a folder of its own. Ended, and its folder removed, when
/// dropped.
#[derive(Debug)]
pub struct Server {
    child: Mutex<Child>,
    port: u16,
    extra: String,
    scratch: Scratch,
}

impl Server {
    /// Starts a server and waits until it answers.
    #[must_use]
    pub fn start() -> Self {
        Self::with_config("")
    }

    /// Starts a server with more configuration, in the syntax of its configuration file: users, permissions, limits.
    #[must_use]
    pub fn with_config(extra: &str) -> Self {
        let scratch = Scratch::new("nats");
        let port = port::free();
        let server = Self {
            child: Mutex::new(run(&scratch, port, extra)),
            port,
            extra: extra.to_owned(),
            scratch,
        };
        server.wait_until_it_answers();
        server
    }

    /// `nats://127.0.0.1:<port>`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// The port for clients; the same after a restart.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The id of the process.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child().pid()
    }

    /// SIGKILL, as when the machine goes. Its data stays for [`Server::restart`].
    pub fn kill(&self) {
        self.child().kill();
    }

    /// SIGTERM, and waits for the orderly end. Its data stays for [`Server::restart`].
    pub fn stop(&self) {
        let child = self.child();
        child.terminate();
        child.wait_blocking();
    }

    /// Starts it again on the same port with the same data, killing it first where it still runs.
    pub fn restart(&self) {
        let mut child = self.child();
        child.kill();
        *child = run(&self.scratch, self.port, &self.extra);
        drop(child);
        self.wait_until_it_answers();
    }

    /// Does what [`Server::restart`] does, without the data, as when the disk was lost.
    pub fn restart_empty(&self) {
        self.kill();
        fs::remove_dir_all(self.scratch.path().join("data")).expect("the folder is ours");
        self.restart();
    }

    /// SIGSTOP: connections stay open and nothing moves.
    pub fn pause(&self) {
        self.child().pause();
    }

    /// SIGCONT: goes on after [`Server::pause`].
    pub fn resume(&self) {
        self.child().resume();
    }

    /// The folder of its configuration, its log and what JetStream stores.
    #[must_use]
    pub fn folder(&self) -> &std::path::Path {
        self.scratch.path()
    }

    /// What it has logged so far.
    #[must_use]
    pub fn log(&self) -> String {
        fs::read_to_string(self.scratch.path().join("log")).unwrap_or_default()
    }

    fn child(&self) -> MutexGuard<'_, Child> {
        self.child.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A server that answers greets every connection with a line.
    fn wait_until_it_answers(&self) {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        until_blocking(START, "nats-server to answer", || {
            assert_running(&self.child(), &self.scratch);
            let stream = TcpStream::connect_timeout(&address, START).ok()?;
            stream.set_read_timeout(Some(START)).ok()?;
            let mut greeting = String::new();
            BufReader::new(stream).read_line(&mut greeting).ok()?;
            greeting.starts_with("INFO ").then_some(())
        });
    }
}

fn run(scratch: &Scratch, port: u16, extra: &str) -> Child {
    let folder = scratch.path();
    let config = folder.join("nats.conf");
    let text = format!(
        "listen: \"127.0.0.1:{port}\"\nmax_payload: 8MB\njetstream {{ store_dir: \"{0}/data\" }}\n\
         log_file: \"{0}/log\"\n{extra}\n",
        folder.display()
    );
    fs::write(&config, text).expect("the folder is ours");
    let mut command = launcher::command(&program(), None);
    command.arg("--config").arg(config);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    Child::start("nats-server", command)
}

fn assert_running(child: &Child, scratch: &Scratch) {
    if let Some(status) = child.ended() {
        let log = fs::read_to_string(scratch.path().join("log")).unwrap_or_default();
        panic!("nats-server ended at once ({status}):\n{log}");
    }
}

/// The program: `NATS_SERVER`, or the one under `.earshot/bin`, or the one on the PATH.
fn program() -> PathBuf {
    let named = env::var_os("NATS_SERVER").map(PathBuf::from);
    let fetched = Some(root().join(".earshot/bin/nats-server"));
    [named, fetched, on_path("nats-server")]
        .into_iter()
        .flatten()
        .find(|path| path.is_file())
        .expect(
            "no nats-server: `cargo xtask test` fetches one into .earshot/bin, or NATS_SERVER names one (2.10.23 or newer)",
        )
}
