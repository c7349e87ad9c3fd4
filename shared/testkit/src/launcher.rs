//! Starting processes that cannot outlive the test program.

use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::{Sender, channel};
use std::thread;

use crate::workspace::{binary, on_path};

type Order = (Command, Sender<io::Result<Child>>);

/// A command for a binary of this workspace, which dies with this process. It gets nothing of the environment but what
/// the test sets, and no standard input. [`crate::Child::start`] starts one that goes on; `output` waits for one.
#[must_use]
pub fn program(name: &str) -> Command {
    let mut command = command(&binary(name), None);
    command.env_clear().stdin(Stdio::null());
    command
}

/// A command that dies with this process: the kernel kills it, so that a killed test run leaves nothing behind.
///
/// `user` is the user to run as, when this process is root's.
pub(crate) fn command(program: &Path, user: Option<&str>) -> Command {
    let Some(setpriv) = on_path("setpriv") else {
        // Not on Linux: what is left is the end of the test by its own accord.
        return Command::new(program);
    };
    let mut command = Command::new(setpriv);
    command.args(["--pdeathsig", "KILL"]);
    if let Some(user) = user.filter(|_| rustix::process::geteuid().is_root()) {
        command.args(["--reuid", user, "--regid", user, "--init-groups"]);
    }
    command.arg(OsString::from(program));
    command
}

/// Starts a process from a thread that lives as long as this process.
///
/// The kernel takes the end of the *thread* that started a child for the death of its parent, and a test's thread ends
/// with the test, also where others share what it started.
pub(crate) fn start(command: Command) -> io::Result<Child> {
    static LAUNCHER: OnceLock<Sender<Order>> = OnceLock::new();
    let launcher = LAUNCHER.get_or_init(|| {
        let (sender, orders) = channel::<Order>();
        thread::Builder::new()
            .name("launcher".to_owned())
            .spawn(move || {
                for (mut command, reply) in orders {
                    // Nobody waits for it any more when the test has panicked.
                    let _ = reply.send(command.spawn());
                }
            })
            .expect("a thread can be started");
        sender
    });
    let (reply, started) = channel();
    launcher
        .send((command, reply))
        .expect("the launcher lives as long as the process");
    started.recv().expect("the launcher answers every order")
}
