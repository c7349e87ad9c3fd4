//! chromedriver, the program that takes the orders.

use std::env;
use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use crate::child::Child;
use crate::launcher;
use crate::port;
use crate::scratch::Scratch;
use crate::waiting::until_blocking;
use crate::workspace::on_path;

/// How long a start may take on a busy machine.
const START: Duration = Duration::from_secs(60);

/// A running chromedriver on a port of its own. Everything that it and its browser write goes into one folder.
#[derive(Debug)]
pub(super) struct Driver {
    child: Child,
    port: u16,
    scratch: Scratch,
}

impl Driver {
    pub(super) fn start() -> Self {
        let scratch = Scratch::new("browser");
        // It listens under both versions of IP, and of itself finds no port that is free under both.
        let port = port::free();
        let folder = scratch.path();
        let log = folder.join("driver.log");
        let output = || File::options().create(true).append(true).open(&log);
        let program = program("EARSHOT_TEST_CHROMEDRIVER", "chromedriver");
        let mut command = launcher::command(&program, None);
        // A browser that finds the profile or the proxy of whoever runs the tests is not the same browser everywhere.
        command
            .arg(format!("--port={port}"))
            .env_clear()
            .env("PATH", env::var_os("PATH").unwrap_or_default())
            .env("HOME", folder)
            .env("TMPDIR", folder)
            .stdin(Stdio::null())
            .stdout(output().expect("the folder is ours"))
            .stderr(output().expect("the folder is ours"));
        let child = Child::start("chromedriver", command);
        until_blocking(START, "chromedriver to listen", || {
            let text = fs::read_to_string(&log).unwrap_or_default();
            assert!(child.ended().is_none(), "chromedriver has ended:\n{text}");
            text.contains("started successfully on port").then_some(())
        });
        Self {
            child,
            port,
            scratch,
        }
    }

    /// Where it takes orders.
    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// The folder for all that the browser writes.
    pub(super) fn folder(&self) -> &Path {
        self.scratch.path()
    }

    /// What it and the browser have said.
    pub(super) fn log(&self) -> String {
        fs::read_to_string(self.folder().join("driver.log")).unwrap_or_default()
    }

    /// Whether it still runs.
    pub(super) fn runs(&self) -> bool {
        self.child.ended().is_none()
    }

    /// A program that runs the browser, and takes it along when chromedriver is killed together with the test.
    pub(super) fn browser(&self) -> PathBuf {
        let program = program("EARSHOT_TEST_CHROMIUM", "chromium");
        let Some(setpriv) = on_path("setpriv") else {
            return program;
        };
        let path = self.folder().join("browser");
        let text = format!(
            "#!/bin/sh\nexec '{}' --pdeathsig KILL '{}' \"$@\"\n",
            setpriv.display(),
            program.display()
        );
        fs::write(&path, text).expect("the folder is ours");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("the file is ours");
        path
    }
}

/// The program that a variable names, or else the one on the PATH.
fn program(variable: &str, name: &str) -> PathBuf {
    env::var_os(variable)
        .map(PathBuf::from)
        .or_else(|| on_path(name))
        .unwrap_or_else(|| {
            panic!(
                "no {name}: install it (Debian's package chromium-driver), or name it in {variable}"
            )
        })
}
