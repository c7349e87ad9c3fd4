//! A script tried out on its own: what it yields, what it found undefined, what it cost.

use script::{BodyMode, CompileError, EvalError, ScriptsBuilder, Target, json_to_value};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::reply::content_type;
use crate::template::{Evaluator, Surroundings};

/// Where the script is to stand, and so how its values are escaped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// The body of a `data` reply; its type is detected.
    #[default]
    Data,
    /// An HTML page.
    Html,
    /// The target of a redirect.
    Redirect,
    /// Plain text, as in a log line.
    Text,
    /// A value, as `store_value` takes it.
    Value,
}

impl Place {
    const fn target(self) -> Target {
        match self {
            Self::Data => Target::Body,
            Self::Html => Target::Html,
            Self::Redirect => Target::Url,
            Self::Text => Target::Text,
            Self::Value => Target::Value,
        }
    }
}

/// A script to try out.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trial {
    /// The script.
    pub template: String,
    /// Where it is to stand.
    #[serde(default)]
    pub place: Place,
    /// What it sees as `__data`.
    #[serde(default)]
    pub data: Value,
}

/// What came of a trial.
#[derive(Clone, Debug, Serialize)]
pub struct Tried {
    /// The text or value; null where there is an error.
    pub result: Value,
    /// The content type that was detected, of a `data` reply.
    pub content_type: Option<&'static str>,
    /// Why there is no result.
    pub error: Option<Fault>,
    /// Values that were printed and that nothing has defined.
    pub undefined: Vec<Found>,
    /// Names at the top level that nothing defines: most often a field without `__data`.
    pub top_level_names: Vec<Found>,
    /// The paths of `__data` that the script reads, as far as they are written out.
    pub reads: Vec<String>,
    /// What it cost, in fuel.
    pub fuel: u64,
}

/// What is wrong with a script, and where. Line and column count from 1, in characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// What is wrong.
    pub message: String,
    /// The line; none where the script as a whole crossed a bound.
    pub line: Option<u32>,
    /// The column.
    pub column: Option<u32>,
    /// What to write instead, where that can be guessed.
    pub hint: Option<String>,
}

/// A name in a script. Line and column count from 1, in characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Found {
    /// The name or path as it is written.
    pub name: String,
    /// The line.
    pub line: u32,
    /// The column.
    pub column: u32,
    /// What was probably meant.
    pub hint: Option<String>,
}

impl Found {
    fn is_at(&self, other: &Self) -> bool {
        (&self.name, self.line, self.column) == (&other.name, other.line, other.column)
    }
}

/// Compiles and evaluates a script. Nothing else happens.
#[must_use]
pub fn run(trial: &Trial, surroundings: &Surroundings) -> Tried {
    let surroundings = &Surroundings {
        measured: true,
        ..surroundings.clone()
    };
    let mut tried = Tried {
        result: Value::Null,
        content_type: None,
        error: None,
        undefined: Vec::new(),
        top_level_names: Vec::new(),
        reads: Vec::new(),
        fuel: 0,
    };
    let mut builder = ScriptsBuilder::new();
    let id = match builder.add(&trial.template, trial.place.target()) {
        Ok(id) => id,
        Err(error) => {
            tried.error = Some(error.into());
            return tried;
        }
    };
    let scripts = builder.build();
    tried.reads = scripts.reads(id).to_vec();
    let names = scripts.top_level_names(id).iter();
    tried.top_level_names = names
        .map(|name| Found {
            hint: meant(&trial.data, &name.name),
            name: name.name.clone(),
            line: name.line,
            column: name.column,
        })
        .collect();
    let mut evaluator = Evaluator::new(&scripts, surroundings, json_to_value(&trial.data));
    let outcome = match trial.place {
        Place::Value => evaluator
            .evaluate(id)
            .map(|value| script::value_to_json(&value)),
        _ => evaluator.render(id).map(Value::String),
    };
    match outcome {
        Ok(result) => {
            if let (Place::Data, Some(text)) = (trial.place, result.as_str()) {
                let mode: BodyMode = scripts.mode(id);
                tried.content_type = Some(content_type(mode, text));
            }
            tried.result = result;
        }
        Err(error) => tried.error = Some(error.into()),
    }
    tried.fuel = evaluator.fuel();
    tried.undefined = evaluator
        .into_undefined()
        .into_iter()
        .map(|undefined| Found {
            name: undefined.path,
            line: undefined.line,
            column: undefined.column,
            hint: None,
        })
        // Those that are told with a better hint are not told twice.
        .filter(|found| !tried.top_level_names.iter().any(|name| found.is_at(name)))
        .collect();
    tried
}

/// The field of `__data` that has the name.
fn meant(data: &Value, name: &str) -> Option<String> {
    data.get(name)
        .map(|_| format!("did you mean `__data.{name}`?"))
}

impl From<CompileError> for Fault {
    fn from(error: CompileError) -> Self {
        Self {
            message: error.message,
            line: Some(error.line),
            column: Some(error.column),
            hint: error.hint,
        }
    }
}

impl From<EvalError> for Fault {
    fn from(error: EvalError) -> Self {
        match error {
            EvalError::Failed {
                line,
                column,
                message,
            } => Self {
                message,
                line: Some(line),
                column,
                hint: None,
            },
            bound => Self {
                message: bound.to_string(),
                line: None,
                column: None,
                hint: None,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use serde_json::json;

    use super::*;

    fn tried(template: &str, place: Place, data: Value) -> Tried {
        let trial = Trial {
            template: template.to_owned(),
            place,
            data,
        };
        run(&trial, &Surroundings::new(Timestamp::UNIX_EPOCH, 7))
    }

    #[test]
    fn a_trial_shows_result_type_cost_and_what_the_script_reads() {
        let data = json!({"name": "A \"b\""});
        let tried = tried(r#"{"name": "{{ __data.name }}"}"#, Place::Data, data);
        assert_eq!(tried.result, r#"{"name": "A \"b\""}"#);
        assert_eq!(tried.content_type, Some("application/json"));
        assert_eq!(tried.reads, ["__data.name"]);
        assert!((1..100).contains(&tried.fuel), "{}", tried.fuel);
        assert_eq!(tried.error, None);
    }

    #[test]
    fn undefined_values_and_names_without_data_are_told_with_their_place() {
        let tried = tried(
            "{{ email }}{{ __data.x }}",
            Place::Text,
            json!({"email": "a"}),
        );
        assert_eq!(tried.result, "");
        let name = &tried.top_level_names[0];
        assert_eq!(
            (name.name.as_str(), name.line, name.column),
            ("email", 1, 4)
        );
        assert_eq!(name.hint.as_deref(), Some("did you mean `__data.email`?"));
        let undefined: Vec<_> = tried.undefined.iter().map(|found| &found.name).collect();
        assert_eq!(undefined, ["__data.x"]);
    }

    #[test]
    fn a_value_keeps_its_type() {
        let tried = tried(
            "{{ __data.list }}",
            Place::Value,
            json!({"list": [1, true]}),
        );
        assert_eq!(tried.result, json!([1, true]));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        let unknown = tried("x {{ 1|uper }}", Place::Text, json!({}));
        let error = unknown.error.unwrap();
        assert_eq!((error.line, error.column), (Some(1), Some(8)));
        assert!(error.message.contains("uper"), "{}", error.message);
        let failing = tried("{{ 1 / 0 }}", Place::Text, json!({}));
        assert_eq!(failing.error.unwrap().message, "division by zero");
        let endless = tried(
            "{% for i in 1..99999999 %}{% endfor %}",
            Place::Text,
            json!({}),
        );
        assert!(endless.error.unwrap().message.contains("`fuel`"));
    }
}
