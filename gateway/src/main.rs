//! The gateway as a process.

use std::process::ExitCode;

use gateway::Gateway;

fn main() -> ExitCode {
    ops::main::<Gateway>()
}
