//! The `eventsource` package of npm, as a program of its own.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

/// How long the next line may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// An `EventSource` in Node. Ends when dropped.
pub(super) struct Node {
    _child: Child,
    _stdin: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Node {
    /// Opens a stream and closes it upon the event `last`; listens for `names` too.
    pub(super) fn open(url: &str, last: &str, names: &[&str]) -> Self {
        let script =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios/streams/eventsource.cjs");
        let mut child = Command::new("node")
            .arg(script)
            .args([url, last])
            .args(names)
            .env("NODE_PATH", packages())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("node is installed: `cargo xtask test` sees to it");
        let stdin = child.stdin.take().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self {
            _child: child,
            _stdin: stdin,
            lines,
        }
    }

    /// What it sees next.
    pub(super) async fn next(&mut self) -> Value {
        let line = timeout(PATIENCE, self.lines.next_line()).await;
        let line = line
            .expect("something happens")
            .unwrap()
            .expect("node goes on");
        serde_json::from_str(&line).unwrap()
    }

    /// The next frame, whatever happens to the connection before it.
    pub(super) async fn frame(&mut self) -> Value {
        loop {
            let seen = self.next().await;
            if seen["event"].is_string() {
                return seen;
            }
        }
    }
}

/// The packages that `tests/npm` names.
fn packages() -> PathBuf {
    let named = std::env::var_os("EARSHOT_TEST_NODE_MODULES").map(PathBuf::from);
    let folder = named.unwrap_or_else(|| {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../.earshot/npm/node_modules")
    });
    assert!(
        folder.join("eventsource").is_dir(),
        "{} has no `eventsource`: run `cargo xtask test --only node`",
        folder.display()
    );
    folder
}
