//! The workflow-runner service.

use std::process::ExitCode;

fn main() -> ExitCode {
    ops::main::<workflow_runner::Runner>()
}
