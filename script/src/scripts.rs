//! The compiled scripts of one document.

use std::sync::atomic::AtomicBool;

use minijinja::Value;

use crate::bounds::Bounds;
use crate::compile::{Compiled, SettingNames, compile};
use crate::engine::engines::{Engines, Names};
use crate::error::{CompileError, EvalError, TopLevelName, Undefined};
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
    /// What it cost, in fuel; 0 for a script without a loop unless the scope is [measured](Scope::measured).
    pub fuel: u64,
}

/// A value that a script yielded.
#[derive(Debug, Clone)]
pub struct Evaluated {
    /// The value: typed where the script is one expression alone, else text.
    pub value: Value,
    /// The undefined values that were met, in order.
    pub undefined: Vec<Undefined>,
    /// As [`Rendered::fuel`].
    pub fuel: u64,
}

/// Collects the scripts of one document and compiles each as it is added.
#[derive(Debug)]
pub struct ScriptsBuilder {
    engines: Result<Engines, String>,
    scripts: Vec<Script>,
}

/// All compiled scripts of one document. Share it behind an `Arc`.
#[derive(Debug)]
pub struct Scripts {
    pub(crate) engines: Engines,
    scripts: Vec<Script>,
}

#[derive(Debug)]
pub(crate) struct Script {
    pub(crate) compiled: Compiled,
    /// The engine's names of its templates.
    pub(crate) names: Names,
    /// Whether the last evaluation printed something undefined: then the next one most likely does, too.
    pub(crate) printed_undefined: AtomicBool,
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
            engines: Engines::new().map_err(|error| error.to_string()),
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
        let names = Names::of(id, &compiled.code);
        match &mut self.engines {
            Ok(engines) => engines.add(&names, &compiled)?,
            Err(why) => return Err(CompileError::of_engine(why)),
        }
        self.scripts.push(Script {
            compiled,
            names,
            printed_undefined: AtomicBool::new(false),
        });
        Ok(ScriptId(id))
    }

    /// The scripts that were added.
    #[must_use]
    pub fn build(self) -> Scripts {
        Scripts {
            engines: self.engines.unwrap_or_default(),
            scripts: self.scripts,
        }
    }
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

    /// The secrets and variables that a script names; none for a script that is not there.
    #[must_use]
    pub fn settings(&self, id: ScriptId) -> SettingNames {
        self.script(id)
            .map(|script| script.compiled.settings.clone())
            .unwrap_or_default()
    }

    /// The secrets and variables that any of the scripts names.
    #[must_use]
    pub fn all_settings(&self) -> SettingNames {
        let mut all = SettingNames::default();
        for script in &self.scripts {
            all.extend(&script.compiled.settings);
        }
        all
    }

    pub(crate) fn scripts(&self) -> impl Iterator<Item = &Script> {
        self.scripts.iter()
    }

    pub(crate) fn script(&self, id: ScriptId) -> Option<&Script> {
        self.scripts.get(usize::try_from(id.0).ok()?)
    }
}
