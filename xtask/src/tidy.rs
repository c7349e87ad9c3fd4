//! The house rules that no compiler knows, each as a check over the files of the checkout.
//!
//! A rule about a line can be set aside where it does not fit, with a reason:
//! `// tidy-allow(rule): reason`, on the line or on the one above.

mod edges;
mod error_pages;
mod files;
mod links;
mod mask;
mod names;
mod needles;
mod size;
mod source;

use std::fmt;
use std::path::Path;

use crate::failure::{FOUND, Failure};
use crate::project::Project;
use files::Tree;

/// A breach of a rule: where, which rule, and how to mend it.
#[derive(Debug, PartialEq, Eq)]
struct Violation {
    path: String,
    line: usize,
    rule: &'static str,
    mend: String,
}

impl Violation {
    fn new(path: &str, line: usize, rule: &'static str, mend: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            line,
            rule,
            mend: mend.into(),
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{}:{}: [{}] {}",
            self.path, self.line, self.rule, self.mend
        )
    }
}

/// Checks every rule and prints every breach.
pub(crate) fn run(project: &Project) -> Result<(), Failure> {
    let tree = Tree::read(project.root())?;
    let violations = check(&tree, project.root());
    for violation in &violations {
        println!("{violation}");
    }
    if violations.is_empty() {
        println!("    {} files keep the house rules", tree.files().len());
        return Ok(());
    }
    Err(Failure::new(
        FOUND,
        format!("tidy: {} breaches of the house rules", violations.len()),
    ))
}

fn check(tree: &Tree, root: &Path) -> Vec<Violation> {
    let mut violations = Vec::new();
    for file in tree.files() {
        violations.extend(size::check(file));
        violations.extend(names::check(file));
        violations.extend(needles::check(file));
        violations.extend(edges::check(file));
        violations.extend(links::check(file, root));
    }
    violations.extend(error_pages::check(tree));
    violations.sort_by(|one, other| (&one.path, one.line).cmp(&(&other.path, other.line)));
    violations
}
