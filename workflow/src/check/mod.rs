//! Judging a document: every problem at once, each with its place and a hint.
//!
//! The structure comes first, from the catalogue; what it refuses gets a stand-in, and the checks
//! of meaning run over the rest, each in a file of its own. A check says nothing about a stand-in.

mod arguments;
mod beside_stop;
mod compile;
mod constant;
mod context;
mod cors;
mod credentials;
mod data_names;
mod deadline;
mod depth;
mod double_reply;
mod each;
mod headers;
mod holes;
mod ids;
mod nearest;
mod order;
mod place;
mod problem;
mod question;
mod reachable;
mod reply_shape;
mod reply_steps;
mod request_data;
mod schedule;
mod script_field;
mod secret_shown;
mod settings;
mod silent_path;
mod structure;
mod sync_only;
#[cfg(test)]
mod tests;
mod times;
mod tree;
mod turn_names;
mod unattended;
mod waits;

pub use crate::document::effects;
pub use nearest::nearest;
pub use problem::{Problem, Severity};

use crate::document::Document;
use context::Context;
use serde::Serialize;
use serde_json::Value;
use shared::v1::settings::SettingUses;
use std::collections::BTreeMap;

/// The most problems that a report holds. Nobody reads more at once, and a document of mistakes
/// alone would make a report many times as large as itself.
const MOST_PROBLEMS: usize = 200;

/// What the platform adds to the rules of the format.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// The operator's cap on `max_body_bytes`.
    pub max_body_bytes: u64,
    /// The most steps of one document.
    pub max_steps: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            max_body_bytes: shared::limits::MAX_BODY,
            max_steps: 500,
        }
    }
}

/// The judgement on a document.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// Everything that is wrong, errors first, each kind in the order of the document. Of very many
    /// problems the first ones; the last one then says how many more there are.
    pub problems: Vec<Problem>,
    /// The document, where it has no error.
    #[serde(skip)]
    pub document: Option<Document>,
    /// The secrets and variables that its scripts use, those of the endpoint's key and secrets apart.
    #[serde(skip)]
    pub uses: SettingUses,
    /// Those among them that its origins use, which are rendered before there is a request.
    #[serde(skip)]
    pub origin_uses: SettingUses,
    /// The path of the first script that names a secret, by the secret.
    #[serde(skip)]
    pub secret_places: BTreeMap<String, String>,
}

impl Report {
    /// Whether the document can be published.
    #[must_use]
    pub fn passes(&self) -> bool {
        self.document.is_some()
    }

    /// A report of one problem, such as text that does not parse.
    #[must_use]
    pub fn of(problem: Problem) -> Self {
        Self {
            problems: vec![problem],
            ..Self::default()
        }
    }
}

/// Parses a text and judges it.
#[must_use]
pub fn check_text(text: &str, options: Options) -> Report {
    match crate::document::parse(text) {
        Ok(value) => check(&value, options),
        Err(problem) => Report::of(problem),
    }
}

/// Judges a parsed document.
#[must_use]
pub fn check(value: &Value, options: Options) -> Report {
    if let Some(problem) = depth::judge(value) {
        return Report::of(problem);
    }
    let structure = structure::examine(value);
    let mut problems = structure.problems.clone();
    let mut typed = None;
    let mut uses = settings::Uses::default();
    if structure.steps > options.max_steps {
        // What the steps mean takes far longer to judge than how they are written.
        problems.push(too_many_steps(structure.steps, options.max_steps));
    } else {
        match Document::from_value(&structure.repaired) {
            Ok(document) => {
                let (found, used) = meaning(&document, &structure, options);
                problems.extend(found);
                uses = used;
                typed = Some(document);
            }
            // Cannot happen while the catalogue agrees with the types, which a test sees to.
            Err(problem) if problems.is_empty() => problems.push(problem),
            Err(_) => {}
        }
    }
    order::sort(&mut problems, value);
    let failed = problems.iter().any(|p| p.severity == Severity::Error);
    shorten(&mut problems);
    Report {
        problems,
        document: typed.filter(|_| !failed),
        uses: uses.all,
        origin_uses: uses.origins,
        secret_places: uses.secret_places,
    }
}

fn too_many_steps(steps: usize, allowed: usize) -> Problem {
    let message = format!("the workflow has {steps} steps; {allowed} are allowed");
    Problem::error("spec.steps", "too_many_steps", message).hint("split the workflow")
}

/// Leaves the first problems, and one that counts the others.
fn shorten(problems: &mut Vec<Problem>) {
    if problems.len() <= MOST_PROBLEMS {
        return;
    }
    let left_out = problems.split_off(MOST_PROBLEMS - 1);
    // Errors come first, so the first one that is left out is the worst of them.
    let worst = left_out.first().map(|problem| problem.severity);
    let message = format!("there are {} more problems", left_out.len());
    let summary = Problem::error("", "more_problems", message);
    problems.push(Problem {
        severity: worst.unwrap_or(Severity::Error),
        ..summary.hint("correct these first, then check again")
    });
}

fn meaning(
    document: &Document,
    structure: &structure::Structure,
    options: Options,
) -> (Vec<Problem>, settings::Uses) {
    let mut problems = Vec::new();
    let compiled = compile::compile(&structure.scripts, &mut problems);
    let context = Context::new(document, structure, &compiled, options);
    for judge in JUDGES {
        judge(&context, &mut problems);
    }
    problems.retain(|problem| context.is_known(&problem.path));
    (problems, settings::Uses::of(&compiled))
}

/// One check of meaning.
type Judge = fn(&Context<'_>, &mut Vec<Problem>);

const JUDGES: &[Judge] = &[
    ids::judge,
    request_data::judge,
    credentials::judge,
    cors::judge,
    sync_only::judge,
    reply_shape::judge,
    headers::judge,
    reply_steps::judge,
    arguments::judge,
    reachable::judge,
    beside_stop::judge,
    silent_path::judge,
    double_reply::judge,
    deadline::judge,
    times::judge,
    each::judge,
    schedule::judge,
    unattended::judge,
    waits::judge,
    data_names::judge,
    secret_shown::judge,
    settings::judge,
];
