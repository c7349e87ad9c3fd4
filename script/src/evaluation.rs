//! One evaluation of a script, from its bounds to what it leaves behind.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use minijinja::{Environment, Error, ErrorKind, Template, Value};

use crate::asks::Asks;
use crate::bounds::{Bounds, LIGHT};
use crate::compile::Code;
use crate::engine::capped::Capped;
use crate::engine::engines::{message, place};
use crate::engine::run::{FUEL_CEILING, Run};
use crate::error::EvalError;
use crate::interrupt::{self, Interrupt};
use crate::scope::Scope;
use crate::scripts::{Script, ScriptId, Scripts};

/// What an evaluation left behind.
pub(crate) struct Outcome {
    pub(crate) text: String,
    pub(crate) result: Option<Value>,
    pub(crate) undefined: Vec<u32>,
    /// Whether something undefined was printed that nothing watched.
    printed_undefined: bool,
    /// What it cost, where that was measured.
    pub(crate) fuel: u64,
}

/// What an evaluation is carried out with.
struct Attempt<'a> {
    scope: &'a Scope,
    bounds: &'a Bounds,
    interrupt: Option<Interrupt>,
}

impl Scripts {
    /// Evaluates a script, at first as a light one. One that needs more than that is evaluated anew with the whole bound,
    /// where the scope has heavy ones evaluated.
    pub(crate) fn run(
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
        let mark = scope.asks.as_ref().map_or(0, Asks::mark);
        let attempt = |fuel, interrupt| {
            if let Some(asks) = &scope.asks {
                asks.go_back(mark);
            }
            let bounds = &Bounds { fuel, ..*bounds };
            self.watch(
                script,
                &Attempt {
                    scope,
                    bounds,
                    interrupt,
                },
            )
        };
        let outcome = match attempt(bounds.fuel.min(LIGHT), None) {
            Err(EvalError::Fuel { bound }) if bound < bounds.fuel => match &scope.offload {
                None => attempt(bounds.fuel, None),
                Some(offload) => {
                    let mut outcome = Err(EvalError::UnknownScript);
                    offload.carry(&mut |interrupt| outcome = attempt(bounds.fuel, Some(interrupt)));
                    outcome
                }
            },
            light => light,
        };
        // Whatever came of it: it was made without an answer.
        if scope
            .asks
            .as_ref()
            .is_some_and(|asks| asks.open().is_some())
        {
            return Err(EvalError::Asked);
        }
        Ok((script, outcome?))
    }

    /// Only a script that prints something undefined is evaluated with all that it prints watched, which costs half as
    /// much again.
    fn watch(&self, script: &Script, attempt: &Attempt<'_>) -> Result<Outcome, EvalError> {
        let names = &script.names;
        let mark = attempt.scope.asks.as_ref().map_or(0, Asks::mark);
        let Some(watched) = &names.watched else {
            return self.attempt(script, &names.main, attempt);
        };
        if !script.printed_undefined.load(Ordering::Relaxed) {
            let outcome = self.attempt(script, &names.main, attempt)?;
            if !outcome.printed_undefined {
                return Ok(outcome);
            }
        }
        if let Some(asks) = &attempt.scope.asks {
            asks.go_back(mark);
        }
        let outcome = self.attempt(script, watched, attempt)?;
        script
            .printed_undefined
            .store(!outcome.undefined.is_empty(), Ordering::Relaxed);
        Ok(outcome)
    }

    fn attempt(
        &self,
        script: &Script,
        name: &str,
        attempt: &Attempt<'_>,
    ) -> Result<Outcome, EvalError> {
        let fuel = attempt.bounds.fuel;
        let is_light = fuel == LIGHT;
        let engine = self.engine(is_light).ok_or(EvalError::UnknownScript)?;
        let template = engine
            .get_template(name)
            .map_err(|_| EvalError::UnknownScript)?;
        let ceiling = if is_light { LIGHT } else { FUEL_CEILING };
        let run = Arc::new(Run::new(attempt.scope, attempt.bounds, ceiling));
        // Without a loop the text is hardly longer than the script and what was paid for.
        let is_short = is_light && !script.compiled.repeats && !attempt.scope.measured;
        let (text, used) = if is_short {
            let done = template.render(Value::from_dyn_object(run.clone()));
            (done.map_err(|error| failure(script, &error, attempt))?, 0)
        } else {
            capped(script, &template, &run, attempt)?
        };
        Ok(Outcome {
            fuel: used.saturating_sub(run.fuel_to_burn()),
            text,
            result: run.take_result(),
            undefined: run.take_undefined(),
            printed_undefined: run.printed_undefined(),
        })
    }

    fn engine(&self, is_light: bool) -> Option<&Environment<'static>> {
        if is_light {
            return Some(self.engines.light());
        }
        let scripts = self.scripts();
        self.engines
            .whole(scripts.map(|script| (&script.names, &script.compiled)))
    }
}

/// Renders into a text that cannot grow past its bound; the text, and the fuel that was used up.
fn capped(
    script: &Script,
    template: &Template<'_, '_>,
    run: &Arc<Run>,
    attempt: &Attempt<'_>,
) -> Result<(String, u64), EvalError> {
    let most = attempt.bounds.output_bytes;
    let mut buffer = Capped::new(most, script.compiled.source.len());
    let done = interrupt::under(attempt.interrupt.clone(), || {
        template.render_captured_to(Value::from_dyn_object(run.clone()), &mut buffer)
    });
    let used = match done {
        Ok(captured) => captured.state().fuel_levels().map_or(0, |(used, _)| used),
        Err(_) if buffer.crossed() => return Err(EvalError::Output { bound: most }),
        Err(error) => return Err(failure(script, &error, attempt)),
    };
    Ok((buffer.into_text(), used))
}

fn failure(script: &Script, error: &Error, attempt: &Attempt<'_>) -> EvalError {
    let fuel = attempt.bounds.fuel;
    match &attempt.interrupt {
        Some(interrupt) if interrupt.is_given() => {
            return EvalError::Time {
                bound: interrupt.bound().as_millis(),
            };
        }
        _ if error.kind() == ErrorKind::OutOfFuel => return EvalError::Fuel { bound: fuel },
        _ => {}
    }
    let (line, column) = place(error, &script.compiled, fuel != LIGHT);
    EvalError::Failed {
        line,
        column: Some(column),
        message: message(error),
    }
}

impl Outcome {
    fn of_text(text: String) -> Self {
        Self {
            text,
            result: None,
            undefined: Vec::new(),
            printed_undefined: false,
            fuel: 0,
        }
    }
}
