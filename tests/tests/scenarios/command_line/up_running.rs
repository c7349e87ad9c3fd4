//! A running `earshot up`.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use testkit::{Child, Scratch};

/// How long a start with its examples may take on a busy machine.
const START: Duration = Duration::from_secs(60);

/// The process, with what it has written.
pub(super) struct Up {
    child: Child,
    scratch: Scratch,
    /// The port of the control plane.
    pub(super) control: u16,
}

/// The nats-server that tests use: `NATS_SERVER`, or the one under `.earshot/bin`, or the one on the PATH.
fn nats_server() -> PathBuf {
    let fetched = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.earshot/bin/nats-server");
    match std::env::var_os("NATS_SERVER") {
        Some(named) => named.into(),
        None if fetched.is_file() => fetched,
        None => "nats-server".into(),
    }
}

/// The command lines of all processes that were told this folder.
pub(super) fn processes_of(data: &Path) -> Vec<String> {
    let data = data.display().to_string();
    let processes = fs::read_dir("/proc").unwrap().flatten();
    let lines = processes.filter_map(|process| fs::read(process.path().join("cmdline")).ok());
    lines
        .map(|line| String::from_utf8_lossy(&line).replace('\0', " "))
        .filter(|line| line.contains(&data))
        .collect()
}

impl Up {
    /// Starts it with its state under `data`, on free ports unless `more` says others.
    pub(super) fn start(data: &Path, listener: u16, control: u16, more: &[&str]) -> Self {
        let scratch = Scratch::new("up");
        let file = |name: &str| File::create(scratch.path().join(name)).unwrap();
        let mut command = testkit::program("earshot");
        command
            .arg("up")
            .arg("--data")
            .arg(data)
            .args(["--listener-port", &listener.to_string()])
            .args(["--control-port", &control.to_string()])
            .args(more)
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("NATS_SERVER", nats_server())
            .stdout(Stdio::from(file("out")))
            .stderr(Stdio::from(file("err")));
        let child = Child::start("earshot up", command);
        Self {
            child,
            scratch,
            control,
        }
    }

    /// The process.
    pub(super) fn process(&self) -> &Child {
        &self.child
    }

    /// What it has written to standard output.
    pub(super) fn out(&self) -> String {
        fs::read_to_string(self.scratch.path().join("out")).unwrap()
    }

    /// What it has written to standard error.
    pub(super) fn err(&self) -> String {
        fs::read_to_string(self.scratch.path().join("err")).unwrap()
    }

    /// Waits until it has said everything, and returns that.
    pub(super) async fn banner(&self) -> String {
        testkit::until(START, "the platform to be up", async || {
            let ended = self.child.ended();
            assert!(ended.is_none(), "{ended:?}: {}{}", self.out(), self.err());
            let out = self.out();
            out.ends_with("Ctrl-C drains and stops everything.\n")
                .then_some(out)
        })
        .await
    }

    /// Ends it as Ctrl-C does, and returns its exit code.
    pub(super) async fn interrupt(&self) -> Option<i32> {
        self.child.interrupt();
        self.child.wait().await.code()
    }
}

/// The token that a banner shows.
pub(super) fn token(banner: &str) -> Option<&str> {
    let line = banner.lines().find(|line| line.contains("admin token"))?;
    let last = line.split_whitespace().last()?;
    last.starts_with("ear_").then_some(last)
}

/// The lines to paste, by reply type.
pub(super) fn curl_lines(banner: &str) -> Vec<(&str, &str)> {
    let lines: Vec<&str> = banner.lines().collect();
    let pairs = lines.windows(2).filter(|pair| pair[1].starts_with("curl "));
    pairs
        .map(|pair| (pair[0].trim_start_matches("# "), pair[1]))
        .collect()
}

/// What a shell prints for a line.
pub(super) async fn paste(line: &str, variables: &[(&str, &str)]) -> String {
    let mut command = tokio::process::Command::new("sh");
    command.args(["-c", line]).kill_on_drop(true);
    command
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap());
    command.envs(variables.iter().copied());
    let output = tokio::time::timeout(START, command.output()).await;
    let output = output.expect("the line ends").unwrap();
    assert!(
        output.status.success(),
        "{line}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}
