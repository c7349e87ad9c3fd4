//! A real PostgreSQL, without any state that outlives the test.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use std::{env, fs};

use crate::child::Child;
use crate::launcher;
use crate::port;
use crate::scratch::Scratch;
use crate::waiting::until_blocking;
use crate::workspace::on_path;

/// How long a start may take on a busy machine.
const START: Duration = Duration::from_secs(60);

/// The system's user that the server runs as when the test is root's: PostgreSQL refuses to be root.
const USER: &str = "postgres";

/// A PostgreSQL server that listens on a loopback port only, where the user `earshot` needs no password. Ended, and
/// its data removed, when dropped.
#[derive(Debug)]
pub struct Server {
    child: Child,
    port: u16,
    next: AtomicU32,
    _scratch: Scratch,
}

impl Server {
    /// The server that all tests of this process share, each with a database of its own. It ends with the process.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Server> = OnceLock::new();
        SHARED.get_or_init(Self::start)
    }

    /// Starts a server for one test, for instance one that kills it, and waits until it answers.
    #[must_use]
    pub fn start() -> Self {
        Self::start_with(&[
            "fsync=off",
            "synchronous_commit=off",
            "full_page_writes=off",
        ])
    }

    /// Starts a server with these settings, such as `synchronous_commit=off`; with none it waits for the disk, as it does
    /// in production.
    #[must_use]
    pub fn start_with(settings: &[&str]) -> Self {
        let scratch = Scratch::new("postgres");
        let data = scratch.path().join("data");
        initialise(scratch.path(), &data);
        let port = port::free();
        Self {
            child: run(scratch.path(), &data, port, settings),
            port,
            next: AtomicU32::new(0),
            _scratch: scratch,
        }
    }

    /// The URL of the database that every server has, for administration.
    #[must_use]
    pub fn url(&self) -> String {
        self.url_of("postgres")
    }

    /// Makes an empty database and returns its URL.
    #[must_use]
    pub fn create_database(&self) -> String {
        let name = format!("test_{}", self.next.fetch_add(1, Ordering::Relaxed));
        let status = Command::new(program("createdb"))
            .args([
                "-h",
                "127.0.0.1",
                "-U",
                "earshot",
                "-p",
                &self.port.to_string(),
                &name,
            ])
            .status()
            .expect("createdb runs");
        assert!(status.success(), "createdb {name} failed");
        self.url_of(&name)
    }

    /// The process: to kill, pause and resume it.
    #[must_use]
    pub fn process(&self) -> &Child {
        &self.child
    }

    fn url_of(&self, database: &str) -> String {
        format!("postgres://earshot@127.0.0.1:{}/{database}", self.port)
    }
}

/// Makes the folder of the data. Nothing is flushed to the disk: tests survive no power loss anyway.
fn initialise(folder: &Path, data: &Path) {
    if rustix::process::geteuid().is_root() {
        let owner = Command::new("chown").arg(USER).arg(folder).status();
        assert!(
            owner.is_ok_and(|status| status.success()),
            "the folder cannot be given to the user {USER}, whom PostgreSQL's package makes"
        );
    }
    let mut command = launcher::command(&program("initdb"), Some(USER));
    command
        .args([
            "--username=earshot",
            "--auth=trust",
            "--no-sync",
            "--encoding=UTF8",
            "--locale=C",
            "-D",
        ])
        .arg(data)
        .current_dir(folder)
        .stdin(Stdio::null());
    let output = command.output().expect("initdb runs");
    assert!(
        output.status.success(),
        "initdb failed:\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Starts the server and waits until it answers.
fn run(folder: &Path, data: &Path, port: u16, settings: &[&str]) -> Child {
    let errors = fs::File::create(folder.join("log")).expect("the folder is ours");
    let mut command = launcher::command(&program("postgres"), Some(USER));
    command
        .arg("-D")
        .arg(data)
        .args(["-p", &port.to_string(), "-h", "127.0.0.1"]);
    let always = ["unix_socket_directories=", "max_connections=200"];
    for setting in always.iter().chain(settings) {
        command.args(["-c", setting]);
    }
    command
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(errors);
    let child = Child::start("postgres", command);
    until_blocking(START, "PostgreSQL to answer", || {
        assert!(
            child.ended().is_none(),
            "PostgreSQL has ended:\n{}",
            log(folder)
        );
        answers(port).then_some(())
    });
    child
}

fn answers(port: u16) -> bool {
    Command::new(program("pg_isready"))
        .args(["-q", "-h", "127.0.0.1", "-p", &port.to_string()])
        .status()
        .is_ok_and(|status| status.success())
}

fn log(folder: &Path) -> String {
    fs::read_to_string(folder.join("log")).unwrap_or_default()
}

/// A program of PostgreSQL: in `EARSHOT_TEST_POSTGRES_BIN`, on the PATH, or where Debian keeps them, the newest version first.
fn program(name: &str) -> PathBuf {
    let named = env::var_os("EARSHOT_TEST_POSTGRES_BIN").map(PathBuf::from);
    let mut versions: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path().join("bin"))
        .collect();
    versions.sort();
    named
        .into_iter()
        .chain(versions.into_iter().rev())
        .map(|folder| folder.join(name))
        .find(|path| path.is_file())
        .or_else(|| on_path(name))
        .unwrap_or_else(|| {
            panic!("PostgreSQL's {name} is not here: `cargo xtask test` installs it, or EARSHOT_TEST_POSTGRES_BIN names its folder")
        })
}
