//! Every script must compile.

use super::place::Place;
use super::problem::Problem;
use super::script_field::ScriptField;
use script::{ScriptsBuilder, SettingNames, TopLevelName};

/// What a script that compiles reads.
pub(super) struct Compiled {
    /// Where the script stands.
    pub(super) place: Place,
    /// Whether it sees the request.
    pub(super) request: bool,
    /// The `__data` paths that it reads.
    pub(super) reads: Vec<String>,
    /// The names at the top level that nothing defines.
    pub(super) top_level: Vec<TopLevelName>,
    /// The secrets and variables that it names.
    pub(super) settings: SettingNames,
    /// Whether its text must not be shown.
    pub(super) sensitive: bool,
}

/// Compiles each script and reports those that do not.
pub(super) fn compile(scripts: &[ScriptField], problems: &mut Vec<Problem>) -> Vec<Compiled> {
    let mut builder = ScriptsBuilder::new();
    let mut added = Vec::new();
    for field in scripts {
        match builder.add(&field.text, field.target) {
            Ok(id) => added.push((field, id)),
            Err(error) => {
                let message = if field.sensitive {
                    // The compiler quotes the text, which may be a secret.
                    format!(
                        "line {}, column {}: the script does not compile",
                        error.line, error.column
                    )
                } else {
                    error.to_string()
                };
                let hint = error
                    .hint
                    .filter(|_| !field.sensitive)
                    .unwrap_or_else(|| "correct the script at this line and column".to_owned());
                problems.push(
                    Problem::error(field.place.path.clone(), "script", message)
                        .hint(hint)
                        .step(field.place.step.as_deref()),
                );
            }
        }
    }
    let scripts = builder.build();
    added
        .into_iter()
        .map(|(field, id)| Compiled {
            place: field.place.clone(),
            request: field.request,
            reads: scripts.reads(id).to_vec(),
            top_level: scripts.top_level_names(id).to_vec(),
            settings: scripts.settings(id),
            sensitive: field.sensitive,
        })
        .collect()
}
