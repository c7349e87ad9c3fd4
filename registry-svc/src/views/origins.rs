//! The origins that may call an endpoint, rendered when it is published.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use script::{Bounds, CompileError, EvalError, Scope, ScriptsBuilder, Target, json_to_value};
use serde_json::json;

/// Why `cors_domains` does not render.
#[derive(Debug, thiserror::Error)]
pub enum OriginsError {
    /// It does not compile.
    #[error(transparent)]
    Compile(#[from] CompileError),
    /// It fails.
    #[error(transparent)]
    Eval(#[from] EvalError),
}

/// Renders `cors_domains` with these variables and without any request data, and takes it apart at its commas. A text that renders to nothing
/// allows no origin.
///
/// # Errors
/// [`OriginsError`] when the script does not compile or fails.
pub fn origins(
    cors_domains: &str,
    now: Timestamp,
    variables: Arc<HashMap<String, String>>,
) -> Result<Vec<String>, OriginsError> {
    let mut scripts = ScriptsBuilder::new();
    let script = scripts.add(cors_domains, Target::Text)?;
    // What changes with every publish has no place in a list of origins, so there is no randomness to draw.
    let scope = Scope::new(json_to_value(&json!({})), now, 0).with_variables(variables);
    let rendered = scripts.build().render(script, &scope, &Bounds::default())?;
    let entries = rendered.text.split(',').map(str::trim);
    Ok(entries
        .filter(|entry| !entry.is_empty())
        .map(str::to_owned)
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(script: &str) -> Vec<String> {
        let region = HashMap::from([("APP".to_owned(), "https://app.example".to_owned())]);
        origins(script, Timestamp::UNIX_EPOCH, Arc::new(region)).unwrap()
    }

    #[test]
    fn a_list_is_taken_apart_at_its_commas() {
        assert_eq!(
            list(" https://a.example ,,https://*.b.example"),
            ["https://a.example", "https://*.b.example"]
        );
    }

    #[test]
    fn origins_may_stand_in_a_variable() {
        assert_eq!(
            list("{{ variable('APP') }}, {{ variable('NONE') }}"),
            ["https://app.example"]
        );
    }

    #[test]
    fn what_renders_to_nothing_allows_nobody() {
        assert_eq!(list("{{ '' }}"), Vec::<String>::new());
        assert_eq!(list("{{ __data.__headers.origin }}"), Vec::<String>::new());
    }

    #[test]
    fn a_script_that_fails_is_an_error() {
        for script in ["{{ secret('X') }}", "{{"] {
            assert!(origins(script, Timestamp::UNIX_EPOCH, Arc::default()).is_err());
        }
    }
}
