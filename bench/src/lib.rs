//! What the benchmarks have in common.
#![allow(clippy::expect_used, reason = "a benchmark fails loudly")]

pub mod responder;
pub mod table;

use std::hint::black_box;

use jiff::Timestamp;
use minijinja::{AutoEscape, Environment, context};
use script::{Bounds, Scope, ScriptId, Scripts, ScriptsBuilder, Target, Value, json_to_value};
use serde_json::json;

const OURS: &str = r#"{"order": "{{ __data.order }}", "customer": {"name": "{{ __data.name }}", "city": "{{ __data.city }}"}, "total": {{ __data.total }}, "lines": {{ __data.lines }}, "status": "accepted", "message": "thank you for your order, which is on its way to you now: it leaves us today", "links": {"self": "/orders", "help": "/help"}}"#;

/// The engine's JSON escaping writes quotes of its own, so the values stand bare.
const BARE: &str = r#"{"order": {{ d.order }}, "customer": {"name": {{ d.name }}, "city": {{ d.city }}}, "total": {{ d.total }}, "lines": {{ d.lines }}, "status": "accepted", "message": "thank you for your order, which is on its way to you now: it leaves us today", "links": {"self": "/orders", "help": "/help"}}"#;

/// A JSON body with five values: as a script, and as a template of the engine underneath.
pub struct Case {
    scripts: Scripts,
    id: ScriptId,
    scope: Scope,
    engine: Environment<'static>,
    data: Value,
}

impl Default for Case {
    fn default() -> Self {
        let data = json!({
            "order": "A-1027", "name": "Ada \"Countess\" Lovelace", "city": "London", "total": 59.9, "lines": 3,
        });
        let data = json_to_value(&data);
        let mut builder = ScriptsBuilder::new();
        let id = builder.add(OURS, Target::Body).expect("it compiles");
        let mut engine = Environment::new();
        engine.set_auto_escape_callback(|_| AutoEscape::Json);
        engine.add_template("bare", BARE).expect("it compiles");
        let case = Self {
            scripts: builder.build(),
            id,
            scope: Scope::new(data.clone(), Timestamp::UNIX_EPOCH, 7),
            engine,
            data,
        };
        assert_eq!(case.script(), case.bare(), "both render the same text");
        case
    }
}

impl Case {
    /// Renders the script.
    ///
    /// # Panics
    /// Where it fails.
    #[must_use]
    pub fn script(&self) -> String {
        let (scope, bounds) = (black_box(&self.scope), Bounds::default());
        let rendered = self.scripts.render(self.id, scope, &bounds);
        rendered.expect("it renders").text
    }

    /// Renders the template.
    ///
    /// # Panics
    /// Where it fails.
    #[must_use]
    pub fn bare(&self) -> String {
        let template = self.engine.get_template("bare").expect("it is there");
        let data = context! { d => black_box(&self.data).clone() };
        template.render(data).expect("it renders")
    }
}
