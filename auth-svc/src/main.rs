//! The binary of auth-svc.

use std::process::ExitCode;

fn main() -> ExitCode {
    ops::main::<auth_svc::Auth>()
}
