//! The engines of one set of scripts: one for light evaluations, and one for those that may cost more.

use std::sync::OnceLock;

use minijinja::{Environment, Error};

use super::arrow;
use super::environment::environment;
use super::run::FUEL_CEILING;
use crate::bounds::LIGHT;
use crate::compile::{BLOCK, Code, Compiled, Part, Text};
use crate::error::CompileError;

/// What the names of templates have in them that watch what is printed.
const WATCHED: &str = "watched";

/// The engine's names of a script's templates.
#[derive(Debug, Clone, Default)]
pub(crate) struct Names {
    pub(crate) main: String,
    /// The one that watches all that is printed, where there is another.
    pub(crate) watched: Option<String>,
    arrows: Vec<String>,
}

impl Names {
    /// The names for a script with this number.
    pub(crate) fn of(id: u32, code: &Code) -> Self {
        let Code::Template {
            watched,
            arrows,
            context,
            ..
        } = code
        else {
            return Self::default();
        };
        let suffix = context.suffix();
        Self {
            main: format!("{id}.{suffix}"),
            watched: watched
                .is_some()
                .then(|| format!("{id}.{WATCHED}.{suffix}")),
            arrows: (0..arrows.len())
                .map(|number| arrow::template_name(id, number))
                .collect(),
        }
    }

    /// Every template, and whether an arrow function.
    fn templates<'a>(&'a self, code: &'a Code) -> Vec<(&'a str, &'a Part, bool)> {
        let Code::Template {
            main,
            watched,
            arrows,
            ..
        } = code
        else {
            return Vec::new();
        };
        let arrows = self.arrows.iter().zip(arrows);
        let watched = self.watched.iter().zip(watched);
        arrows
            .map(|(name, part)| (name.as_str(), part, true))
            .chain([(self.main.as_str(), main, false)])
            .chain(watched.map(|(name, part)| (name.as_str(), part, false)))
            .collect()
    }
}

/// The engines. The one for more than light evaluations is made when the first of them comes.
#[derive(Debug, Default)]
pub(crate) struct Engines {
    light: Environment<'static>,
    whole: OnceLock<Option<Environment<'static>>>,
}

impl Engines {
    /// Engines without scripts.
    pub(crate) fn new() -> Result<Self, Error> {
        Ok(Self {
            light: environment(LIGHT)?,
            whole: OnceLock::new(),
        })
    }

    /// Adds the templates of a script.
    pub(crate) fn add(&mut self, names: &Names, compiled: &Compiled) -> Result<(), CompileError> {
        add(&mut self.light, names, compiled, false).map_err(|error| {
            let (line, column) = place(&error, compiled, false);
            CompileError {
                line,
                column,
                message: message(&error),
                hint: None,
            }
        })
    }

    /// The engine whose every evaluation may use up [`LIGHT`], and nothing else.
    pub(crate) fn light(&self) -> &Environment<'static> {
        &self.light
    }

    /// The engine for any other bound: its evaluations begin with burning what they may not use.
    pub(crate) fn whole<'a>(
        &self,
        scripts: impl Iterator<Item = (&'a Names, &'a Compiled)>,
    ) -> Option<&Environment<'static>> {
        let whole = self.whole.get_or_init(|| {
            let mut engine = environment(FUEL_CEILING).ok()?;
            for (names, compiled) in scripts {
                add(&mut engine, names, compiled, true).ok()?;
            }
            Some(engine)
        });
        whole.as_ref()
    }
}

/// Adds templates. Those of arrow functions always begin with a burn, since each call has the fuel that its caller has left.
fn add(
    engine: &mut Environment<'static>,
    names: &Names,
    compiled: &Compiled,
    burns: bool,
) -> Result<(), Error> {
    for (name, part, is_arrow) in names.templates(&compiled.code) {
        let begin = if burns || is_arrow {
            burn()
        } else {
            String::new()
        };
        engine.add_template_owned(name.to_owned(), format!("{begin}{}", part.text))?;
    }
    Ok(())
}

/// What a template begins with that may use up less than its engine allows.
fn burn() -> String {
    format!("{} set b_ = 0|o_begin {}", BLOCK.0, BLOCK.1)
}

/// The place of an engine's error in the author's text; `burns` where the engine's templates begin with a burn.
pub(crate) fn place(error: &Error, compiled: &Compiled, burns: bool) -> (u32, u32) {
    let offset = error.range().map_or(0, |range| range.start);
    let name = error.name().unwrap_or_default();
    let text = match arrow::number_of(name) {
        Some(number) => Text::Arrow(number),
        None if name.split('.').nth(1) == Some(WATCHED) => Text::Watched,
        None => Text::Main,
    };
    let begin = if burns || matches!(text, Text::Arrow(_)) {
        burn().len()
    } else {
        0
    };
    compiled.place(text, offset.saturating_sub(begin))
}

/// What an engine's error says.
pub(crate) fn message(error: &Error) -> String {
    error
        .detail()
        .map_or_else(|| error.kind().to_string(), str::to_owned)
}
