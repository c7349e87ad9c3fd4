//! `cargo xtask test`: every step from a bare machine to the last test, in order, up to the first that fails.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::chaos;
use crate::command;
use crate::deny;
use crate::failure::{FOUND, Failure};
use crate::nats;
use crate::project::Project;
use crate::setup;
use crate::tally::Tally;
use crate::tidy;

const ENVIRONMENT: &str = "\
The tests find what is not theirs by these variables, which the test step sets:
  NATS_SERVER                the nats-server program; set by hand, it is used as it is
  EARSHOT_TEST_POSTGRES_BIN  the folder of PostgreSQL's programs (initdb, postgres)
  EARSHOT_TEST_CHROMIUM      the browser
  EARSHOT_TEST_CHROMEDRIVER  its WebDriver server
  EARSHOT_TEST_NODE_MODULES  the packages that tests/npm names
What is missing is not set, and the test that needs it fails.
EARSHOT_DEBIAN_MIRROR names the mirror to take nats-server's package from where the system has none of its own.";

/// What `cargo xtask test` takes.
#[derive(clap::Args)]
#[command(after_help = ENVIRONMENT)]
pub(crate) struct Arguments {
    /// Run only this step (may be repeated)
    #[arg(long, value_name = "STEP")]
    only: Vec<Step>,
    /// Leave out the steps that install: nats, packages and node
    #[arg(long)]
    skip_setup: bool,
    /// More for `cargo test`, behind `--`
    #[arg(last = true, value_name = "MORE")]
    more: Vec<String>,
}

/// One step, in the order in which they run: what costs seconds stands before what costs minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Step {
    /// The formatter's check
    Fmt,
    /// The house rules
    Tidy,
    /// Find or fetch nats-server
    Nats,
    /// Debian packages: PostgreSQL's server, Chromium and its driver, PHP with Twig
    Packages,
    /// Node packages of the tests
    Node,
    /// Licences, bans and sources of the dependencies
    Deny,
    /// The linter, warnings as errors
    Clippy,
    /// The programs that the integration tests start
    Build,
    /// A minute of kills, hangs and cut links under load
    Chaos,
    /// Unit, integration, scenario and documentation tests
    Test,
}

impl Step {
    const ALL: [Self; 10] = [
        Self::Fmt,
        Self::Tidy,
        Self::Nats,
        Self::Packages,
        Self::Node,
        Self::Deny,
        Self::Clippy,
        Self::Build,
        Self::Chaos,
        Self::Test,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Fmt => "fmt",
            Self::Tidy => "tidy",
            Self::Nats => "nats",
            Self::Packages => "packages",
            Self::Node => "node",
            Self::Deny => "deny",
            Self::Clippy => "clippy",
            Self::Build => "build",
            Self::Chaos => "chaos",
            Self::Test => "test",
        }
    }

    /// The steps that may install something.
    fn installs(self) -> bool {
        matches!(self, Self::Nats | Self::Packages | Self::Node)
    }
}

/// A step that ran: its time, and whether it ended well.
struct Ran {
    step: Step,
    time: Duration,
    well: bool,
}

/// Runs the steps, then says how long each took, and last how many tests passed.
pub(crate) fn run(project: &Project, arguments: &Arguments) -> Result<(), Failure> {
    let mut tally = Tally::default();
    let mut ran = Vec::new();
    let mut result = Ok(());
    for step in chosen(arguments) {
        println!("==> {}", step.name());
        let start = Instant::now();
        result = carry_out(step, project, arguments, &mut tally);
        ran.push(Ran {
            step,
            time: start.elapsed(),
            well: result.is_ok(),
        });
        if let Err(failure) = result {
            result = Err(Failure::new(
                failure.code(),
                format!("step {}: {failure}", step.name()),
            ));
            break;
        }
    }
    println!("==> {}", summary(&ran));
    if ran.iter().any(|ran| ran.step == Step::Test) {
        println!("{tally}");
    }
    result
}

fn chosen(arguments: &Arguments) -> Vec<Step> {
    let wanted = |step: &Step| {
        let named = arguments.only.is_empty() || arguments.only.contains(step);
        named && !(arguments.skip_setup && step.installs())
    };
    Step::ALL.into_iter().filter(wanted).collect()
}

fn summary(ran: &[Ran]) -> String {
    let parts = ran.iter().map(|ran| {
        let failed = if ran.well { "" } else { " FAILED" };
        format!(
            "{} {:.1} s{failed}",
            ran.step.name(),
            ran.time.as_secs_f64()
        )
    });
    parts.collect::<Vec<_>>().join(", ")
}

fn carry_out(
    step: Step,
    project: &Project,
    arguments: &Arguments,
    tally: &mut Tally,
) -> Result<(), Failure> {
    let cargo = |words: &[&str]| command::run(command::cargo(project).args(words));
    match step {
        Step::Fmt => {
            component(project, "fmt", "rustfmt")?;
            cargo(&["fmt", "--all", "--check"])
        }
        Step::Tidy => tidy::run(project),
        Step::Nats => nats::ensure(project).map(drop),
        Step::Packages => setup::debian::ensure(),
        Step::Node => setup::node::ensure(project),
        Step::Deny => deny::check(project, &deny::ensure(project)?),
        Step::Clippy => {
            component(project, "clippy", "clippy")?;
            cargo(&[
                "clippy",
                "--workspace",
                "--all-targets",
                "--locked",
                "--",
                "-D",
                "warnings",
            ])
        }
        Step::Build => cargo(&["build", "--workspace", "--bins", "--locked"]),
        Step::Chaos => chaos::minute(project),
        Step::Test => test(project, &arguments.more, tally),
    }
}

/// Fails with the command that helps when a part of the toolchain is missing.
fn component(project: &Project, subcommand: &str, name: &str) -> Result<(), Failure> {
    if command::succeeds(command::cargo(project).args([subcommand, "--version"])) {
        return Ok(());
    }
    Err(Failure::unavailable(format!(
        "this toolchain has no {name}: `rustup component add {name}` brings it"
    )))
}

/// Runs every test, even after one has failed, and counts.
fn test(project: &Project, more: &[String], tally: &mut Tally) -> Result<(), Failure> {
    let server = nats::find(project)?;
    let server = server.ok_or_else(|| {
        Failure::unavailable("no nats-server is here: `cargo xtask test --only nats` brings it")
    })?;
    let mut command = command::cargo(project);
    command
        .args(["test", "--workspace", "--locked", "--no-fail-fast"])
        .args(more);
    command
        .env(nats::VARIABLE, server)
        .envs(setup::test_environment(project));
    println!("    $ {}", command::describe(&command));
    let spawned = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
    let mut child = spawned
        .map_err(|error| Failure::unavailable(format!("cargo cannot be started: {error}")))?;
    if let Some(output) = child.stdout.take() {
        for line in BufReader::new(output).split(b'\n') {
            let line =
                line.map_err(|error| Failure::file(Path::new("the output of cargo test"), &error))?;
            let line = String::from_utf8_lossy(&line);
            tally.add_line(&line);
            println!("{line}");
        }
    }
    command::check(&command, child.wait())?;
    if tally.ran() {
        return Ok(());
    }
    Err(Failure::new(FOUND, "no test ran"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(only: &[Step], skip_setup: bool) -> Arguments {
        Arguments {
            only: only.to_vec(),
            skip_setup,
            more: Vec::new(),
        }
    }

    #[test]
    fn without_flags_every_step_runs_and_the_tests_come_last() {
        let steps = chosen(&arguments(&[], false));
        assert_eq!(steps.len(), Step::ALL.len());
        assert_eq!(steps.last(), Some(&Step::Test));
    }

    #[test]
    fn skipping_the_setup_leaves_out_what_installs() {
        let steps = chosen(&arguments(&[], true));
        assert!(!steps.iter().any(|step| step.installs()), "{steps:?}");
        assert!(steps.contains(&Step::Deny));
    }

    #[test]
    fn named_steps_run_in_the_usual_order() {
        assert_eq!(
            chosen(&arguments(&[Step::Test, Step::Fmt], false)),
            [Step::Fmt, Step::Test]
        );
    }

    #[test]
    fn the_summary_names_each_step_with_its_seconds_and_the_one_that_failed() {
        let ran = [
            Ran {
                step: Step::Fmt,
                time: Duration::from_millis(1234),
                well: true,
            },
            Ran {
                step: Step::Tidy,
                time: Duration::from_millis(40),
                well: false,
            },
        ];
        assert_eq!(summary(&ran), "fmt 1.2 s, tidy 0.0 s FAILED");
    }
}
