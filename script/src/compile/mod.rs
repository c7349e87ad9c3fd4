//! Compiles the tree of a script into the engine's language.
//!
//! The engine sees text of its own kind: every operator, filter, function and test becomes an engine filter under a
//! prefixed name, so that what they mean is decided in [`crate::lang`] alone. [`emit`] writes nodes, [`expression`]
//! writes expressions, [`arrows`] arrow functions, [`escaping`] decides how each print is escaped, [`quotes`] follows the static text of JSON.

mod arrows;
mod body;
mod calls;
mod emit;
pub(crate) mod escaping;
mod expression;
mod loops;
mod names;
mod paths;
mod quotes;
mod settings;

use crate::error::{CompileError, TopLevelName, Undefined};
use crate::front::ast::{Expr, Node};
use crate::front::place::{Fault, line_and_column, lines_and_columns};
use crate::front::read;
use crate::target::{BodyMode, Target};
pub(crate) use escaping::Context;
pub use settings::SettingNames;

/// The engine's delimiters: the author's text cannot contain them, since [`emit`] writes the control character apart.
pub(crate) const BLOCK: (&str, &str) = ("\u{1}%", "%\u{1}");
/// As [`BLOCK`], for prints.
pub(crate) const PRINT: (&str, &str) = ("\u{1}{", "}\u{1}");
/// As [`BLOCK`], for comments, which are never written.
pub(crate) const COMMENT: (&str, &str) = ("\u{1}#", "#\u{1}");

/// A compiled script.
#[derive(Debug)]
pub(crate) struct Compiled {
    /// The author's text.
    pub(crate) source: String,
    pub(crate) code: Code,
    pub(crate) mode: BodyMode,
    pub(crate) reads: Vec<String>,
    pub(crate) settings: SettingNames,
    pub(crate) top_level_names: Vec<TopLevelName>,
    /// The printed paths that may turn out undefined, by their number.
    pub(crate) sites: Vec<Site>,
    /// Levels of nested blocks.
    pub(crate) depth: usize,
    /// Whether a loop may write the same text again and again.
    pub(crate) repeats: bool,
}

/// What there is to run.
#[derive(Debug)]
pub(crate) enum Code {
    /// Text without anything to evaluate.
    Static(String),
    /// A template of the engine.
    Template {
        main: Part,
        /// The same with all that is printed watched, where `main` does not watch it: for an evaluation that has printed
        /// something undefined.
        watched: Option<Part>,
        /// Its arrow functions, each a template of its own.
        arrows: Vec<Part>,
        context: Context,
    },
}

/// One of the engine's texts of a script.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Text {
    Main,
    Watched,
    Arrow(usize),
}

/// A text of the engine.
#[derive(Debug, Clone, Default)]
pub(crate) struct Part {
    pub(crate) text: String,
    /// Where the pieces of `text` come from: offset there, offset in the author's text; in order.
    marks: Vec<(usize, usize)>,
}

/// A path that is printed.
#[derive(Debug, Clone)]
pub(crate) struct Site {
    pub(crate) path: String,
    pub(crate) at: usize,
}

impl Compiled {
    pub(crate) fn undefined(&self, sites: &[u32]) -> Vec<Undefined> {
        let known = sites
            .iter()
            .filter_map(|site| self.sites.get(usize::try_from(*site).ok()?));
        let sites: Vec<&Site> = known.collect();
        let offsets: Vec<usize> = sites.iter().map(|site| site.at).collect();
        let places = lines_and_columns(&self.source, &offsets);
        let undefined = sites.iter().zip(places).map(|(site, place)| Undefined {
            path: site.path.clone(),
            line: place.0,
            column: place.1,
        });
        undefined.collect()
    }

    /// The author's place of an offset in one of the engine's texts.
    pub(crate) fn place(&self, text: Text, offset: usize) -> (u32, u32) {
        let part = match (&self.code, text) {
            (Code::Static(_), _) => None,
            (Code::Template { main, .. }, Text::Main) => Some(main),
            (Code::Template { watched, .. }, Text::Watched) => watched.as_ref(),
            (Code::Template { arrows, .. }, Text::Arrow(number)) => arrows.get(number),
        };
        let at = part.map_or(0, |part| part.place(offset));
        line_and_column(&self.source, at)
    }
}

impl Part {
    fn place(&self, offset: usize) -> usize {
        let after = self
            .marks
            .partition_point(|(generated, _)| *generated <= offset);
        let mark = self.marks.get(after.saturating_sub(1));
        mark.map_or(0, |(_, at)| *at)
    }
}

/// Compiles an author's text for a target.
pub(crate) fn compile(source: &str, target: Target) -> Result<Compiled, CompileError> {
    build(source, target).map_err(|fault| fault.in_text(source))
}

fn build(source: &str, target: Target) -> Result<Compiled, Fault> {
    let nodes = read(source)?;
    let mode = body::mode(&nodes, target);
    let mut known = names::Names::of(&nodes);
    known.parents = source.contains("parent");
    let mut compiled = Compiled {
        source: source.to_owned(),
        code: Code::Static(String::new()),
        mode,
        reads: Vec::new(),
        settings: SettingNames::default(),
        top_level_names: Vec::new(),
        sites: Vec::new(),
        depth: 0,
        repeats: known.repeats,
    };
    if let Some(text) = static_text(&nodes) {
        compiled.code = Code::Static(text);
        return Ok(compiled);
    }
    let context = Context::of(target, mode);
    let emit = |watching| {
        let mut emitter = emit::Emitter::new(context, known.clone(), source.len(), watching);
        match alone(&nodes, target) {
            Some(value) => emitter.typed(value)?,
            None => emitter.nodes(&nodes)?,
        }
        Ok::<_, Fault>(emitter)
    };
    let emitter = emit(false)?;
    let watched = emitter.unwatched.then(|| emit(true)).transpose()?;
    compiled.depth = emitter.deepest;
    compiled.reads = emitter.reads;
    compiled.settings = emitter.settings;
    compiled.sites = emitter.sites;
    let offsets: Vec<usize> = emitter.strangers.iter().map(|(_, at)| *at).collect();
    let places = lines_and_columns(source, &offsets);
    compiled.top_level_names = emitter
        .strangers
        .into_iter()
        .zip(places)
        .map(|((name, _), (line, column))| TopLevelName { name, line, column })
        .collect();
    compiled.code = Code::Template {
        main: Part {
            text: emitter.out,
            marks: emitter.marks,
        },
        watched: watched.map(|emitter| Part {
            text: emitter.out,
            marks: emitter.marks,
        }),
        arrows: emitter.arrows,
        context,
    };
    Ok(compiled)
}

fn static_text(nodes: &[Node]) -> Option<String> {
    nodes
        .iter()
        .map(|node| match node {
            Node::Text { text, .. } => Some(text.as_str()),
            _ => None,
        })
        .collect()
}

/// The expression of a typed script that consists of nothing else; white space around it does not count.
fn alone(nodes: &[Node], target: Target) -> Option<&Expr> {
    if target != Target::Value {
        return None;
    }
    let mut inked = nodes
        .iter()
        .filter(|node| !matches!(node, Node::Text { text, .. } if text.trim().is_empty()));
    match (inked.next(), inked.next()) {
        (Some(Node::Print(value)), None) => Some(value),
        _ => None,
    }
}

/// The ends of engine template names, by which the engine knows how to escape.
pub(crate) mod escaping_suffix {
    /// Markup.
    pub(crate) const MARKUP: &str = "markup";
    /// JSON values.
    pub(crate) const JSON: &str = "json";
    /// Nothing.
    pub(crate) const PLAIN: &str = "plain";
}

impl Context {
    /// The end of the engine's name of a template.
    pub(crate) fn suffix(self) -> &'static str {
        match self {
            Self::Markup => escaping_suffix::MARKUP,
            Self::Json => escaping_suffix::JSON,
            Self::Plain | Self::Url => escaping_suffix::PLAIN,
        }
    }
}
