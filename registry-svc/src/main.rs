//! The binary of registry-svc.

use std::process::ExitCode;

fn main() -> ExitCode {
    ops::main::<registry_svc::Registry>()
}
