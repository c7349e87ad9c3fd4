//! A whole service as a process: arguments, exit codes, signals.

// A test may fail loudly, and so may what it shares with others.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::io::{BufRead, BufReader, Lines};
use std::path::PathBuf;
use std::process::{Child, ChildStderr, Command, Output, Stdio};

use serde_json::Value;

/// The example service, which cargo builds beside this test.
fn steady() -> Command {
    let test = std::env::current_exe().unwrap();
    let folder: PathBuf = test.ancestors().nth(2).unwrap().join("examples");
    let program = folder.join("steady");
    assert!(
        program.is_file(),
        "the example is not built: run `cargo build -p ops --examples`"
    );
    let mut command = Command::new(program);
    command.env_clear().stdin(Stdio::null());
    command
}

fn behaving(behaviour: &str) -> Command {
    let mut command = steady();
    command.env("EARSHOT_GATEWAY__BEHAVIOUR", behaviour);
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A service that runs, and its log.
struct Running {
    child: Child,
    log: Lines<BufReader<ChildStderr>>,
}

impl Running {
    fn start(command: &mut Command) -> Self {
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let log = BufReader::new(child.stderr.take().unwrap()).lines();
        Self { child, log }
    }

    /// Reads the log up to a line with this value in this field.
    fn until(&mut self, field: &str, value: &str) -> Value {
        self.log
            .by_ref()
            .map(|line| serde_json::from_str::<Value>(&line.unwrap()).unwrap())
            .find(|line| line[field] == value)
            .expect("the log ended before the line came")
    }

    fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-s", name, &pid])
                .status()
                .unwrap()
                .success()
        );
    }

    fn code(mut self) -> Option<i32> {
        self.child.wait().unwrap().code()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_wrong_configuration_ends_with_64_and_says_what_is_wrong() {
    let Output { status, stderr, .. } = steady()
        .env("EARSHOT_GATEWAY__BEHAVIOR", "x")
        .output()
        .unwrap();
    assert_eq!(status.code(), Some(64));
    let stderr = text(&stderr);
    assert!(
        stderr.contains("EARSHOT_GATEWAY__BEHAVIOR") && stderr.contains("did you mean behaviour?"),
        "{stderr}"
    );
}

#[test]
fn an_argument_that_nobody_knows_ends_with_64() {
    assert_eq!(
        steady().arg("--nonsense").output().unwrap().status.code(),
        Some(64)
    );
}

#[test]
fn check_config_prints_the_settings_without_secrets_and_ends() {
    let output = steady()
        .arg("--check-config")
        .env("EARSHOT_NATS__PASSWORD", "hunter2")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0));
    let stdout = text(&output.stdout);
    assert!(
        stdout.contains("behaviour = \"serve\"") && stdout.contains("password = \"[redacted]\""),
        "{stdout}"
    );
    assert!(!stdout.contains("hunter2"), "{stdout}");
}

#[test]
fn something_missing_at_start_ends_with_69_and_a_remedy() {
    let output = behaving("refuse").output().unwrap();
    assert_eq!(output.status.code(), Some(69));
    assert!(text(&output.stderr).contains("there is no bus; start one"));
}

#[test]
fn a_panic_is_logged_with_its_place_and_without_its_data() {
    let output = behaving("panic").output().unwrap();
    assert_eq!(output.status.code(), Some(70));
    let stderr = text(&output.stderr);
    assert!(stderr.contains("steady.rs:"), "{stderr}");
    assert!(!stderr.contains("hunter2"), "{stderr}");
}

#[test]
fn a_service_that_gives_up_ends_with_70() {
    let output = behaving("give-up").output().unwrap();
    assert_eq!(output.status.code(), Some(70));
    assert!(text(&output.stderr).contains("the ground is gone"));
}

#[test]
fn a_signal_to_stop_drains_and_ends_with_0() {
    for signal in ["TERM", "INT"] {
        let mut running = Running::start(&mut behaving("serve"));
        while running.until("check", "started")["message"] != "ready" {}
        running.signal(signal);
        running.until("message", "drained");
        assert_eq!(running.code(), Some(0));
    }
}

#[test]
fn a_second_signal_ends_a_drain_at_once() {
    let mut running = Running::start(&mut behaving("linger"));
    while running.until("check", "started")["message"] != "ready" {}
    running.signal("TERM");
    running.until("message", "draining");
    running.signal("TERM");
    assert_eq!(
        running.until("message", "ended with work cut short")["problem"],
        "a second signal came"
    );
    assert_eq!(running.code(), Some(1));
}

#[test]
fn healthcheck_asks_the_ops_port_of_the_running_service() {
    let mut running = Running::start(behaving("serve").env("EARSHOT_OPS__ADDRESS", "127.0.0.1:0"));
    let address = running.until("port_name", "ops")["address"]
        .as_str()
        .unwrap()
        .to_owned();
    while running.until("check", "started")["message"] != "ready" {}
    let healthcheck = |address: &str| {
        steady()
            .arg("healthcheck")
            .env("EARSHOT_OPS__ADDRESS", address)
            .output()
            .unwrap()
            .status
            .code()
    };
    assert_eq!(healthcheck(&address), Some(0));
    running.signal("TERM");
    running.until("message", "drained");
    assert_eq!(running.code(), Some(0));
    assert_eq!(healthcheck(&address), Some(1));
}
