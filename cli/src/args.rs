//! The command line.

mod trials;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub(crate) use trials::{Replay, TestRun, TrialRequest};

/// Earshot: workflows that answer at URLs of their own.
#[derive(Parser)]
#[command(name = "earshot", version, about, disable_help_subcommand = true)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) connection: Connection,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Where the platform is, and how results are shown.
#[derive(Args)]
pub(crate) struct Connection {
    /// The control-plane API
    #[arg(
        long,
        env = "EARSHOT_URL",
        default_value = "http://127.0.0.1:8081",
        global = true
    )]
    pub(crate) url: String,
    /// An API token
    #[arg(long, env = "EARSHOT_TOKEN", hide_env_values = true, global = true)]
    pub(crate) token: Option<String>,
    /// How results are shown
    #[arg(short, long, value_enum, default_value_t = Output::Table, global = true)]
    pub(crate) output: Output,
}

/// How results are shown on standard output.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    /// For people
    Table,
    /// For programs
    Json,
    /// For both
    Yaml,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Starts nats-server and all services on this machine, and publishes the examples
    Up(Up),
    /// Checks workflow files and reports every problem, without a platform
    Validate(Validate),
    /// The scripting language, tried out without a platform
    #[command(subcommand)]
    Script(Script),
    /// Creates or updates workflows from files
    Apply(Apply),
    /// Publishes a workflow's draft
    Publish(Publish),
    /// Takes a workflow's endpoint off
    Unpublish(Name),
    /// Published endpoints
    #[command(subcommand)]
    Endpoints(Endpoints),
    /// Calls an endpoint, with a signed JWT where it wants one
    Invoke(Invoke),
    /// Runs that nobody could carry out
    #[command(subcommand)]
    DeadLetter(DeadLetter),
    /// Secrets, which scripts read with `secret("NAME")`
    #[command(subcommand)]
    Secret(Secret),
    /// Variables, which scripts read with `variable("NAME")`
    #[command(subcommand)]
    Variable(Variable),
    /// What runs did
    #[command(subcommand)]
    Runs(Runs),
    /// API tokens
    #[command(subcommand)]
    Token(Token),
}

#[derive(Args)]
pub(crate) struct Up {
    /// The folder that holds all state between starts
    #[arg(long, value_name = "DIR", default_value = ".earshot/data")]
    pub(crate) data: PathBuf,
    /// The nats-server to start, 2.10.23 or newer
    #[arg(
        long,
        value_name = "PATH",
        env = "NATS_SERVER",
        default_value = "nats-server"
    )]
    pub(crate) nats_server: PathBuf,
    /// A nats-server that runs already; none is started then
    #[arg(long, value_name = "URL", conflicts_with = "nats_server")]
    pub(crate) nats_url: Option<String>,
    /// The port nats-server listens on; 0 takes a free one
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    pub(crate) nats_port: u16,
    /// The public port, where published workflows answer
    #[arg(long, value_name = "PORT", default_value_t = 8080)]
    pub(crate) listener_port: u16,
    /// The port of the control-plane API
    #[arg(long, value_name = "PORT", default_value_t = 8081)]
    pub(crate) control_port: u16,
    /// Keep the database in PostgreSQL at this URL
    #[arg(long, value_name = "URL")]
    pub(crate) postgres: Option<String>,
    /// Let `http_request` steps reach this machine and private networks
    #[arg(long)]
    pub(crate) allow_private: bool,
    /// What is logged: a level, or levels by target
    #[arg(long, value_name = "FILTER", default_value = "warn", value_parser = log_filter)]
    pub(crate) log: String,
}

#[derive(Args)]
pub(crate) struct Validate {
    /// Workflow files, or folders of them; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
}

#[derive(Subcommand)]
pub(crate) enum Script {
    /// Shows what a script yields, its type, its cost and what it found undefined
    Eval(Eval),
}

#[derive(Args)]
pub(crate) struct Eval {
    /// The script; `@FILE` reads it from a file, `@-` from standard input
    #[arg(value_name = "TEMPLATE")]
    pub(crate) template: String,
    /// What the script sees as `__data`: a JSON object, `@FILE` or `@-`
    #[arg(short, long, value_name = "JSON")]
    pub(crate) data: Option<String>,
    /// Where the script is to stand, which decides how its values are escaped
    #[arg(long, value_enum, default_value_t = Place::Data)]
    pub(crate) place: Place,
}

/// Where a script may stand.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Place {
    /// The body of a `data` reply
    Data,
    /// An HTML page
    Html,
    /// The target of a redirect
    Redirect,
    /// Plain text, as in a log line
    Text,
    /// A value, as `store_value` takes it
    Value,
}

impl From<Place> for workflow::trial::Place {
    fn from(place: Place) -> Self {
        match place {
            Place::Data => Self::Data,
            Place::Html => Self::Html,
            Place::Redirect => Self::Redirect,
            Place::Text => Self::Text,
            Place::Value => Self::Value,
        }
    }
}

#[derive(Args)]
pub(crate) struct Apply {
    /// A workflow file or a folder of them; `-` is standard input
    #[arg(short = 'f', long = "file", required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Publish what was applied
    #[arg(long)]
    pub(crate) publish: bool,
    /// Why, for the version's history
    #[arg(long, value_name = "TEXT", requires = "publish")]
    pub(crate) message: Option<String>,
}

#[derive(Args)]
pub(crate) struct Publish {
    /// The workflow's name or id
    pub(crate) workflow: String,
    /// Why, for the version's history
    #[arg(long, value_name = "TEXT")]
    pub(crate) message: Option<String>,
}

#[derive(Args)]
pub(crate) struct Name {
    /// The workflow's name or id
    pub(crate) workflow: String,
}

#[derive(Subcommand)]
pub(crate) enum Endpoints {
    /// Lists published endpoints
    List(ListEndpoints),
    /// Signs a short-lived JWT that an endpoint accepts, for a call by other means
    Token(CallerToken),
}

#[derive(Args)]
pub(crate) struct CallerToken {
    /// The workflow's name
    pub(crate) workflow: String,
    /// Claims to add, as a JSON object
    #[arg(long, value_name = "JSON", default_value = "{}")]
    pub(crate) claims: String,
    /// How long it is good for, in seconds
    #[arg(long, default_value_t = 300)]
    pub(crate) seconds: u32,
}

#[derive(Args)]
pub(crate) struct ListEndpoints {
    /// Only that of this workflow
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// Only those of this category
    #[arg(long)]
    pub(crate) category: Option<String>,
    /// Only those of this return type: data, html, redirect, continue or sse
    #[arg(long)]
    pub(crate) return_type: Option<String>,
    /// Only those that do (true) or do not (false) want a JWT
    #[arg(long)]
    pub(crate) authentication: Option<bool>,
}

#[derive(Args)]
pub(crate) struct Invoke {
    /// The workflow's name
    pub(crate) workflow: String,
    /// The method [default: POST with data, else GET where the endpoint takes it]
    #[arg(short = 'X', long, value_name = "METHOD")]
    pub(crate) request: Option<String>,
    /// The body; `@FILE` reads a file, `@-` standard input
    #[arg(short, long, value_name = "BODY")]
    pub(crate) data: Option<String>,
    /// A header, `Name: value`; a body without a type is sent as JSON
    #[arg(short = 'H', long = "header", value_name = "HEADER")]
    pub(crate) headers: Vec<String>,
    /// A query parameter, `name=value`
    #[arg(short, long = "query", value_name = "NAME=VALUE")]
    pub(crate) query: Vec<String>,
    /// Claims for the JWT, as a JSON object
    #[arg(long, value_name = "JSON", default_value = "{}")]
    pub(crate) claims: String,
    /// Show status and headers on standard error
    #[arg(short, long)]
    pub(crate) include: bool,
}

#[derive(Subcommand)]
pub(crate) enum DeadLetter {
    /// Lists them, oldest first
    List {
        /// Only those of this workflow, by its name or id
        #[arg(long)]
        workflow: Option<String>,
    },
    /// Shows one with what its caller sent
    Show {
        /// The run's id
        run: String,
    },
    /// Sends runs again: each goes on where it was
    Retry {
        #[command(flatten)]
        which: DeadLetters,
        /// Begin again instead of going on: steps that were done are done once more
        #[arg(long)]
        from_start: bool,
    },
    /// Throws runs away
    Drop(DeadLetters),
}

#[derive(Args)]
pub(crate) struct DeadLetters {
    /// The runs' ids
    #[arg(
        value_name = "RUN",
        required_unless_present = "all",
        conflicts_with = "all"
    )]
    pub(crate) runs: Vec<String>,
    /// All there are
    #[arg(long)]
    pub(crate) all: bool,
    /// With --all: only those of this workflow, by its name or id
    #[arg(long, requires = "all")]
    pub(crate) workflow: Option<String>,
}

#[derive(Subcommand)]
pub(crate) enum Secret {
    /// Sets a secret, new or not; its value comes from standard input or a file, never from the command line
    Set(SetSecret),
    /// Lists secrets, never with a value
    List,
    /// Deletes a secret
    Delete(DeleteSetting),
}

#[derive(Args)]
pub(crate) struct SetSecret {
    /// The secret's name
    pub(crate) name: String,
    /// The file that holds the value; a line's end at its end is dropped [default: standard input]
    #[arg(long, value_name = "FILE")]
    pub(crate) value_file: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct DeleteSetting {
    /// Its name
    pub(crate) name: String,
    /// Delete it also where a published version uses it
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(Subcommand)]
pub(crate) enum Variable {
    /// Sets a variable, new or not
    Set(SetVariable),
    /// Lists variables with their values
    List,
    /// Shows the value of a variable
    Get(NamedVariable),
    /// Deletes a variable
    Delete(DeleteSetting),
}

#[derive(Args)]
pub(crate) struct SetVariable {
    /// The variable's name
    pub(crate) name: String,
    /// Its value
    #[arg(required_unless_present = "value_file")]
    pub(crate) value: Option<String>,
    /// The file that holds the value, `-` for standard input; a line's end at its end is dropped
    #[arg(long, value_name = "FILE", conflicts_with = "value")]
    pub(crate) value_file: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct NamedVariable {
    /// The variable's name
    pub(crate) name: String,
}

#[derive(Subcommand)]
pub(crate) enum Runs {
    /// Lists runs, newest first
    List(ListRuns),
    /// Shows all that is kept of a run
    Show(ShowRun),
    /// Shows runs as they end
    Follow(RunFilter),
    /// Stops runs: in the queue, at work, or waiting
    Cancel(CancelRuns),
    /// Starts a run of a published workflow without a listener
    Start(StartRun),
    /// Carries a run out again, with the same or another request
    Replay(Replay),
    /// Carries a workflow's draft out, published or not
    Test(TestRun),
}

#[derive(Args)]
pub(crate) struct StartRun {
    /// The workflow's name or id
    pub(crate) workflow: String,
    /// What the run finds under `__data`, a JSON object; `@FILE` reads a file, `@-` standard input
    #[arg(short, long, value_name = "JSON", default_value = "{}")]
    pub(crate) data: String,
}

#[derive(Args)]
pub(crate) struct ListRuns {
    #[command(flatten)]
    pub(crate) filter: RunFilter,
    /// How many at most
    #[arg(long, default_value_t = 50)]
    pub(crate) limit: usize,
}

#[derive(Args)]
pub(crate) struct RunFilter {
    /// Only those of the workflow of this name or id
    #[arg(long)]
    pub(crate) workflow: Option<String>,
    /// Only those of the endpoint with this id
    #[arg(long)]
    pub(crate) endpoint: Option<String>,
    /// Only those in this state: running, waiting, succeeded, failed, cancelled or dead
    #[arg(long)]
    pub(crate) state: Option<String>,
    /// Only those that began then or later: a time, a date, or how long ago, such as 2h
    #[arg(long, value_name = "TIME")]
    pub(crate) from: Option<String>,
    /// Only those that began before
    #[arg(long, value_name = "TIME")]
    pub(crate) to: Option<String>,
    /// Only those with words that begin with these, in errors, ids, step names, or the beginnings of request and reply
    #[arg(long, value_name = "WORDS")]
    pub(crate) text: Option<String>,
    /// Only those that repeat this run
    #[arg(long, value_name = "RUN_ID")]
    pub(crate) replay_of: Option<String>,
    /// Only those that do (true) or do not (false) carry out a draft
    #[arg(long)]
    pub(crate) test: Option<bool>,
}

#[derive(Args)]
pub(crate) struct CancelRuns {
    /// The runs' ids
    #[arg(value_name = "RUN_ID", required = true)]
    pub(crate) runs: Vec<String>,
}

#[derive(Args)]
pub(crate) struct ShowRun {
    /// The run's id
    #[arg(value_name = "RUN_ID")]
    pub(crate) run: String,
}

#[derive(Subcommand)]
pub(crate) enum Token {
    /// Makes an API token and shows it, once
    Mint(Mint),
    /// Lists the API tokens
    List,
    /// Ends an API token
    Revoke(Revoke),
}

#[derive(Args)]
pub(crate) struct Mint {
    /// What it is for
    #[arg(long)]
    pub(crate) name: String,
    /// What it may do: viewer, editor or admin
    #[arg(long, default_value = "viewer")]
    pub(crate) role: String,
    /// When it ends, in days from now; never, where it is not given
    #[arg(long, value_name = "DAYS")]
    pub(crate) days: Option<u32>,
}

#[derive(Args)]
pub(crate) struct Revoke {
    /// The token's id
    pub(crate) id: String,
}

fn log_filter(text: &str) -> Result<String, String> {
    ops::telemetry::check_filter(text).map(|()| text.to_owned())
}
