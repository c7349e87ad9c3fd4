//! `earshot validate`: the whole check, offline.

use serde_json::{Value, json};
use workflow::check::{Options, check_text};

use crate::args::{Output, Validate};
use crate::commands::files;
use crate::failure::Failure;
use crate::output;

/// Reports every problem of every file; fails where one has an error.
pub(crate) fn run(validate: &Validate, form: Output) -> Result<(), Failure> {
    let mut rows = Vec::new();
    let mut results = Vec::new();
    let mut failed = 0;
    for source in files::read(&validate.files)? {
        let report = check_text(&source.text, Options::default());
        failed += usize::from(!report.passes());
        for problem in &report.problems {
            rows.push(vec![
                source.name.clone(),
                problem.severity.as_str().to_owned(),
                problem.path.clone(),
                problem.message.clone(),
                problem.hint.clone(),
            ]);
        }
        if report.problems.is_empty() {
            rows.push(vec![source.name.clone(), "ok".to_owned()]);
        }
        results.push(json!({
            "file": source.name,
            "valid": report.passes(),
            "problems": report.problems,
        }));
    }
    let columns = ["file", "severity", "path", "problem", "hint"];
    output::show(form, &Value::Array(results), &columns, rows)?;
    if failed > 0 {
        return Err(Failure::refused(format!(
            "{failed} of the files cannot be published"
        )));
    }
    Ok(())
}
