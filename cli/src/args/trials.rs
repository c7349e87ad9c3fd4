//! What `earshot runs replay` and `earshot runs test` take.

use clap::Args;

#[derive(Args)]
pub(crate) struct Replay {
    /// The run's id
    #[arg(value_name = "RUN_ID")]
    pub(crate) run: String,
    #[command(flatten)]
    pub(crate) request: TrialRequest,
    /// Carry out the workflow's draft instead of its published version
    #[arg(long, conflicts_with = "origin")]
    pub(crate) draft: bool,
    /// Carry out the version that the run carried out
    #[arg(long)]
    pub(crate) origin: bool,
    /// Take the answers of that run: nothing is done outside
    #[arg(long)]
    pub(crate) recorded: bool,
    /// Wait for the run's end and show all that is kept of it
    #[arg(long, alias = "wait")]
    pub(crate) follow: bool,
}

#[derive(Args)]
pub(crate) struct TestRun {
    /// The workflow's name or id
    pub(crate) workflow: String,
    #[command(flatten)]
    pub(crate) request: TrialRequest,
    /// Take the answers of this run: nothing is done outside
    #[arg(long, value_name = "RUN_ID")]
    pub(crate) recorded: Option<String>,
    /// Wait for the run's end and show all that is kept of it
    #[arg(long, alias = "wait")]
    pub(crate) follow: bool,
}

#[derive(Args)]
pub(crate) struct TrialRequest {
    /// The request as the run log shows one, as JSON: method, query, headers, body; `@FILE` reads a file, `@-` standard input
    #[arg(long, value_name = "JSON")]
    pub(crate) payload: Option<String>,
    /// The body alone, sent as JSON; `@FILE` reads a file, `@-` standard input
    #[arg(short, long, value_name = "BODY", conflicts_with = "payload")]
    pub(crate) data: Option<String>,
}
