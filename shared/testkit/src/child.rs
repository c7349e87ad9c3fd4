//! A process that a test started.

use std::fs;
use std::process::{Command, ExitStatus};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::launcher;
use crate::waiting::{until, until_blocking};

/// How long a process may take to end after it was told to, before the test fails.
const END: Duration = Duration::from_secs(60);

/// A running process, killed when dropped.
#[derive(Debug)]
pub struct Child {
    name: String,
    pid: u32,
    process: Mutex<std::process::Child>,
}

impl Child {
    /// Starts a command. Panics where that is not possible.
    #[must_use]
    pub fn start(name: &str, command: Command) -> Self {
        let program = format!("{command:?}");
        let process = launcher::start(command)
            .unwrap_or_else(|error| panic!("{name} does not start ({program}): {error}"));
        Self {
            name: name.to_owned(),
            pid: process.id(),
            process: Mutex::new(process),
        }
    }

    /// The id of the process.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// How it ended; `None` while it runs.
    #[must_use]
    pub fn ended(&self) -> Option<ExitStatus> {
        let mut process = self.process.lock().unwrap_or_else(PoisonError::into_inner);
        process.try_wait().expect("a child can be waited for")
    }

    /// Waits until it has ended. Panics when that takes more than a minute.
    pub async fn wait(&self) -> ExitStatus {
        let what = format!("{} to end", self.name);
        until(END, &what, async || self.ended()).await
    }

    /// Does what [`Child::wait`] does, for code that is not asynchronous.
    pub fn wait_blocking(&self) -> ExitStatus {
        until_blocking(END, &format!("{} to end", self.name), || self.ended())
    }

    /// SIGKILL, and waits for the end.
    pub fn kill(&self) {
        self.signal(Signal::KILL);
        self.wait_blocking();
    }

    /// SIGTERM, and returns at once.
    pub fn terminate(&self) {
        self.signal(Signal::TERM);
    }

    /// SIGINT, and returns at once.
    pub fn interrupt(&self) {
        self.signal(Signal::INT);
    }

    /// SIGSTOP: it is there but does nothing, as on a machine that hangs. Returns when every thread stands still.
    pub fn pause(&self) {
        self.signal(Signal::STOP);
        until_blocking(END, &format!("{} to stand still", self.name), || {
            (self.ended().is_some() || threads(self.pid).all(stopped)).then_some(())
        });
    }

    /// SIGCONT: goes on after [`Child::pause`].
    pub fn resume(&self) {
        self.signal(Signal::CONT);
    }

    fn signal(&self, signal: Signal) {
        // A process that has ended gets no signal: its id may belong to another one by now.
        if self.ended().is_none()
            && let Some(pid) = i32::try_from(self.pid).ok().and_then(Pid::from_raw)
        {
            kill_process(pid, signal).expect("a running child takes signals");
        }
    }
}

/// What the kernel says about each thread of a process; nothing where there is no `/proc`.
fn threads(pid: u32) -> impl Iterator<Item = String> {
    fs::read_dir(format!("/proc/{pid}/task"))
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|thread| fs::read_to_string(thread.path().join("stat")).ok())
}

/// Whether a thread is stopped by a signal: the letter after the name, which stands in brackets (proc(5)).
fn stopped(stat: impl AsRef<str>) -> bool {
    let state = stat.as_ref().rsplit_once(") ").map(|(_, rest)| rest);
    state.is_some_and(|rest| rest.starts_with('T'))
}

impl Drop for Child {
    fn drop(&mut self) {
        let process = self
            .process
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        let _ = process.kill();
        let _ = process.wait();
    }
}
