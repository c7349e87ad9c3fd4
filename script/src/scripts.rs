//! The compiled scripts of one document.

use std::sync::Arc;

use minijinja::{Environment, Error, ErrorKind, Value};

use crate::bounds::{Bounds, LIGHT};
use crate::compile::{BLOCK, Code, Compiled, compile};
use crate::engine::capped::Capped;
use crate::engine::environment::environment;
use crate::engine::run::Run;
use crate::error::{CompileError, EvalError, TopLevelName, Undefined};
use crate::interrupt::{self, Interrupt};
use crate::scope::Scope;
use crate::target::{BodyMode, Target};

/// A script within the [`Scripts`] that it was added to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ScriptId(u32);

/// Text that a script rendered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// The text.
    pub text: String,
    /// The undefined values that were printed, in order.
    pub undefined: Vec<Undefined>,
    /// What it cost, in fuel.
    pub fuel: u64,
}

/// A value that a script yielded.
#[derive(Debug, Clone)]
pub struct Evaluated {
    /// The value: typed where the script is one expression alone, else text.
    pub value: Value,
    /// The undefined values that were met, in order.
    pub undefined: Vec<Undefined>,
    /// What it cost, in fuel.
    pub fuel: u64,
}

/// Collects the scripts of one document and compiles each as it is added.
#[derive(Debug)]
pub struct ScriptsBuilder {
    engine: Result<Environment<'static>, String>,
    scripts: Vec<Script>,
}

/// All compiled scripts of one document. Share it behind an `Arc`.
#[derive(Debug)]
pub struct Scripts {
    engine: Environment<'static>,
    scripts: Vec<Script>,
}

#[derive(Debug)]
struct Script {
    compiled: Compiled,
    /// The engine's name of the template.
    name: String,
}

impl Default for ScriptsBuilder {
    fn default() -> Self {
        Self::new()
    }
}

impl ScriptsBuilder {
    /// A builder without scripts.
    #[must_use]
    pub fn new() -> Self {
        Self {
            engine: environment().map_err(|error| error.to_string()),
            scripts: Vec::new(),
        }
    }

    /// Compiles a script for a target and adds it.
    ///
    /// # Errors
    /// When the script does not compile, with the place in the author's text.
    pub fn add(&mut self, source: &str, target: Target) -> Result<ScriptId, CompileError> {
        let compiled = compile(source, target)?;
        let id = u32::try_from(self.scripts.len()).unwrap_or(u32::MAX);
        let mut name = String::new();
        if let Code::Template { text, context, .. } = &compiled.code {
            name = format!("{id}.{}", context.suffix());
            let whole = format!("{}{text}", prologue());
            let added = match &mut self.engine {
                Ok(engine) => engine.add_template_owned(name.clone(), whole),
                Err(why) => Err(Error::new(ErrorKind::InvalidOperation, why.clone())),
            };
            added.map_err(|error| refused(&error, &compiled))?;
        }
        self.scripts.push(Script { compiled, name });
        Ok(ScriptId(id))
    }

    /// The scripts that were added.
    #[must_use]
    pub fn build(self) -> Scripts {
        Scripts {
            engine: self.engine.unwrap_or_default(),
            scripts: self.scripts,
        }
    }
}

/// What every engine template begins with: it sets the fuel of the run.
fn prologue() -> String {
    format!("{} set b_ = 0|o_begin {}", BLOCK.0, BLOCK.1)
}

/// The place of an engine's error in the author's text.
fn place(error: &Error, compiled: &Compiled) -> (u32, u32) {
    let offset = error.range().map_or(0, |range| range.start);
    compiled.place(offset.saturating_sub(prologue().len()))
}

fn refused(error: &Error, compiled: &Compiled) -> CompileError {
    let (line, column) = place(error, compiled);
    CompileError {
        line,
        column,
        message: message(error),
        hint: None,
    }
}

fn message(error: &Error) -> String {
    error
        .detail()
        .map_or_else(|| error.kind().to_string(), str::to_owned)
}

impl Scripts {
    /// Renders a script to text.
    ///
    /// # Errors
    /// When the script fails or crosses a bound.
    pub fn render(
        &self,
        id: ScriptId,
        scope: &Scope,
        bounds: &Bounds,
    ) -> Result<Rendered, EvalError> {
        let (script, outcome) = self.run(id, scope, bounds)?;
        let text = match outcome.result {
            Some(value) => crate::lang::text::of(&value).into_owned(),
            None => outcome.text,
        };
        if text.len() > bounds.output_bytes {
            return Err(EvalError::Output {
                bound: bounds.output_bytes,
            });
        }
        Ok(Rendered {
            text,
            undefined: script.compiled.undefined(&outcome.undefined),
            fuel: outcome.fuel,
        })
    }

    /// Evaluates a script to a value.
    ///
    /// # Errors
    /// When the script fails or crosses a bound.
    pub fn evaluate(
        &self,
        id: ScriptId,
        scope: &Scope,
        bounds: &Bounds,
    ) -> Result<Evaluated, EvalError> {
        let (script, outcome) = self.run(id, scope, bounds)?;
        Ok(Evaluated {
            value: outcome.result.unwrap_or_else(|| Value::from(outcome.text)),
            undefined: script.compiled.undefined(&outcome.undefined),
            fuel: outcome.fuel,
        })
    }

    /// What the body is, for a script of [`Target::Body`]; of other targets, what they are by nature.
    #[must_use]
    pub fn mode(&self, id: ScriptId) -> BodyMode {
        self.script(id)
            .map_or(BodyMode::Dynamic, |script| script.compiled.mode)
    }

    /// The `__data` paths that a script reads, as far as they are written out: in order, each once.
    #[must_use]
    pub fn reads(&self, id: ScriptId) -> &[String] {
        self.script(id).map_or(&[], |script| &script.compiled.reads)
    }

    /// The names at the top level that nothing defines, each once.
    #[must_use]
    pub fn top_level_names(&self, id: ScriptId) -> &[TopLevelName] {
        self.script(id)
            .map_or(&[], |script| &script.compiled.top_level_names)
    }

    fn script(&self, id: ScriptId) -> Option<&Script> {
        self.scripts.get(usize::try_from(id.0).ok()?)
    }

    fn run(
        &self,
        id: ScriptId,
        scope: &Scope,
        bounds: &Bounds,
    ) -> Result<(&Script, Outcome), EvalError> {
        let script = self.script(id).ok_or(EvalError::UnknownScript)?;
        if let Code::Static(text) = &script.compiled.code {
            return Ok((script, Outcome::of_text(text.clone())));
        }
        if script.compiled.depth > bounds.recursion {
            return Err(EvalError::Recursion {
                bound: bounds.recursion,
            });
        }
        let attempt =
            |fuel, interrupt| self.attempt(script, scope, &Bounds { fuel, ..*bounds }, interrupt);
        let outcome = match &scope.offload {
            None => attempt(bounds.fuel, None),
            Some(offload) => match attempt(bounds.fuel.min(LIGHT), None) {
                Err(EvalError::Fuel { bound }) if bound < bounds.fuel => {
                    let mut outcome = Err(EvalError::UnknownScript);
                    offload.carry(&mut |interrupt| outcome = attempt(bounds.fuel, Some(interrupt)));
                    outcome
                }
                light => light,
            },
        };
        Ok((script, outcome?))
    }

    fn attempt(
        &self,
        script: &Script,
        scope: &Scope,
        bounds: &Bounds,
        interrupt: Option<Interrupt>,
    ) -> Result<Outcome, EvalError> {
        let template = self
            .engine
            .get_template(&script.name)
            .map_err(|_| EvalError::UnknownScript)?;
        let run = Arc::new(Run::new(scope, bounds.fuel));
        let mut buffer = Capped::new(bounds.output_bytes, script.compiled.source.len());
        let done = interrupt::under(interrupt.clone(), || {
            template.render_captured_to(Value::from_dyn_object(run.clone()), &mut buffer)
        });
        let captured = done.map_err(|error| match interrupt {
            Some(interrupt) if interrupt.is_given() => EvalError::Time {
                bound: interrupt.bound().as_millis(),
            },
            _ => script.failure(&error, bounds, buffer.crossed()),
        })?;
        let consumed = captured.state().fuel_levels().map_or(0, |(used, _)| used);
        drop(captured);
        Ok(Outcome {
            fuel: consumed.saturating_sub(run.fuel_to_burn()),
            text: buffer.into_text(),
            result: run.take_result(),
            undefined: run.take_undefined(),
        })
    }
}

/// What a run left behind.
struct Outcome {
    text: String,
    result: Option<Value>,
    undefined: Vec<u32>,
    fuel: u64,
}

impl Outcome {
    fn of_text(text: String) -> Self {
        Self {
            text,
            result: None,
            undefined: Vec::new(),
            fuel: 0,
        }
    }
}

impl Script {
    fn failure(&self, error: &Error, bounds: &Bounds, output_crossed: bool) -> EvalError {
        if output_crossed {
            return EvalError::Output {
                bound: bounds.output_bytes,
            };
        }
        if error.kind() == ErrorKind::OutOfFuel {
            return EvalError::Fuel { bound: bounds.fuel };
        }
        let (line, column) = place(error, &self.compiled);
        EvalError::Failed {
            line,
            column: Some(column),
            message: message(error),
        }
    }
}
