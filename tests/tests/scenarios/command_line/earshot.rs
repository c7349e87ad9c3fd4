//! Running `earshot`.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;
use testkit::{Child, Scratch};

/// One run of the binary.
pub(super) struct Earshot {
    command: Command,
    scratch: Scratch,
}

/// How it ended.
#[derive(Debug)]
pub(super) struct Ended {
    /// The exit code.
    pub(super) code: i32,
    /// Standard output.
    pub(super) out: String,
    /// Standard error.
    pub(super) err: String,
}

impl Earshot {
    /// The binary with these arguments, in an empty folder and an empty environment.
    pub(super) fn new<S: AsRef<std::ffi::OsStr>>(arguments: impl IntoIterator<Item = S>) -> Self {
        let scratch = Scratch::new("earshot");
        let mut command = testkit::program("earshot");
        command.args(arguments).current_dir(scratch.path());
        Self { command, scratch }
    }

    /// With a variable.
    pub(super) fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// With a file in its folder.
    pub(super) fn file(self, name: &str, text: &str) -> Self {
        let path = self.scratch.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    /// With this on standard input.
    pub(super) fn input(mut self, text: &str) -> Self {
        let path = self.scratch.path().join("standard-input");
        fs::write(&path, text).unwrap();
        self.command.stdin(File::open(path).unwrap());
        self
    }

    /// Runs it to its end.
    pub(super) async fn run(mut self) -> Ended {
        let file = |name: &str| self.scratch.path().join(name);
        let (out, err) = (file("standard-output"), file("standard-error"));
        self.command
            .stdout(Stdio::from(File::create(&out).unwrap()))
            .stderr(Stdio::from(File::create(&err).unwrap()));
        let status = Child::start("earshot", self.command).wait().await;
        let read = |path: &Path| fs::read_to_string(path).unwrap();
        Ended {
            code: status.code().expect("it ended by itself"),
            out: read(&out),
            err: read(&err),
        }
    }
}

impl Ended {
    /// Asserts the exit code, and shows what was said where it is another.
    pub(super) fn with(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}{}", self.out, self.err);
        self
    }

    /// Standard output as JSON.
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}", self.out))
    }
}
