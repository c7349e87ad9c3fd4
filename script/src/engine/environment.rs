//! Sets the engine up.

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Rest;
use minijinja::{AutoEscape, Environment, Error, State, UndefinedBehavior, Value};

use super::{arrow, format, operators, presence, safety};
use crate::compile::{BLOCK, COMMENT, PRINT, escaping_suffix};
use crate::lang::registry::{Group, invoke};

/// The engine caps nesting here.
const DEEPEST: usize = 500;

/// An engine whose every evaluation may use up so much fuel, and that knows the operators, filters, functions and tests of the language and nothing else.
pub(crate) fn environment(fuel: u64) -> Result<Environment<'static>, Error> {
    let mut engine = Environment::empty();
    let syntax = SyntaxConfig::builder()
        .block_delimiters(BLOCK.0, BLOCK.1)
        .variable_delimiters(PRINT.0, PRINT.1)
        .comment_delimiters(COMMENT.0, COMMENT.1)
        .keep_trailing_newline(true)
        .build()?;
    engine.set_syntax(syntax);
    engine.set_debug(false);
    engine.set_fuel(Some(fuel));
    engine.set_recursion_limit(DEEPEST);
    engine.set_undefined_behavior(UndefinedBehavior::Chainable);
    engine.set_auto_escape_callback(|name| match name.rsplit_once('.') {
        Some((_, escaping_suffix::MARKUP)) => AutoEscape::Html,
        Some((_, escaping_suffix::JSON)) => AutoEscape::Custom("json value".into()),
        _ => AutoEscape::None,
    });
    engine.set_formatter(|out, state, value| format::format(out, state, value));
    operators::add(&mut engine);
    arrow::add(&mut engine);
    presence::add(&mut engine);
    safety::add(&mut engine);
    for group in [Group::Filter, Group::Function, Group::Test] {
        for entry in group.entries() {
            let name = format!("{}_{}", group.prefix(), entry.name.replace(' ', "_"));
            engine.add_filter(name, move |state: &State<'_, '_>, args: Rest<Value>| {
                invoke(entry, state, &args)
            });
        }
    }
    Ok(engine)
}
