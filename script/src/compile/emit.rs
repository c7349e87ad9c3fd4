//! Writes nodes in the engine's language.

use std::collections::HashSet;

use super::arrows::OpenArrow;
use super::escaping::{Context, Escape, is_mixed, own_texts};
use super::names::Names;
use super::quotes::Quotes;
use super::{BLOCK, PRINT, Part, SettingNames, Site};
use crate::front::ast::{APPLIED, Expr, Kind, Named, Node, Strategy};
use crate::front::place::Fault;

/// Writes one script.
pub(super) struct Emitter {
    pub(super) out: String,
    pub(super) marks: Vec<(usize, usize)>,
    /// The arrow functions so far, each a template of its own.
    pub(super) arrows: Vec<Part>,
    /// The arrow functions that are being written, the innermost last.
    pub(super) open: Vec<OpenArrow>,
    /// Bytes written that do not stand in `out`.
    pub(super) elsewhere: usize,
    pub(super) sites: Vec<Site>,
    pub(super) reads: Vec<String>,
    pub(super) settings: SettingNames,
    pub(super) strangers: Vec<(String, usize)>,
    pub(super) strangers_before: HashSet<String>,
    pub(super) deepest: usize,
    pub(super) known: Names,
    pub(super) read_before: HashSet<String>,
    pub(super) loops: usize,
    pub(super) context: Context,
    asked: Option<Strategy>,
    pub(super) quotes: Quotes,
    /// Whether a URL has not begun yet.
    pub(super) at_start: bool,
    pub(super) depth: usize,
    largest: usize,
    temporaries: usize,
    /// The engine's escaping where it is another than that of the template as a whole.
    mode: Option<&'static str>,
    /// Whether what is printed straight away is watched too. Where it is not, the engine's formatter notes that something
    /// undefined was printed, and not what.
    watching: bool,
    /// Whether there is something that a watching emitter would watch and this one does not.
    pub(super) unwatched: bool,
}

/// Where the text that is being written stands.
#[derive(Clone, Copy)]
pub(super) struct Standing {
    pub(super) quotes: Quotes,
    pub(super) at_start: bool,
}

impl Emitter {
    pub(super) fn new(context: Context, known: Names, source_bytes: usize, watching: bool) -> Self {
        Self {
            out: String::new(),
            marks: Vec::new(),
            arrows: Vec::new(),
            open: Vec::new(),
            elsewhere: 0,
            sites: Vec::new(),
            reads: Vec::new(),
            settings: SettingNames::default(),
            strangers: Vec::new(),
            strangers_before: HashSet::new(),
            deepest: 0,
            known,
            read_before: HashSet::new(),
            loops: 0,
            context,
            asked: None,
            quotes: Quotes::Outside,
            at_start: true,
            depth: 0,
            largest: source_bytes.saturating_mul(64).saturating_add(4096),
            temporaries: 0,
            mode: None,
            watching,
            unwatched: false,
        }
    }

    /// A script that stores its one value.
    pub(super) fn typed(&mut self, value: &Expr) -> Result<(), Fault> {
        self.open_block("set r_ = ");
        self.printed(value)?;
        self.out.push_str("|o_result ");
        self.close_block();
        Ok(())
    }

    pub(super) fn nodes(&mut self, nodes: &[Node]) -> Result<(), Fault> {
        self.depth += 1;
        self.deepest = self.deepest.max(self.depth);
        for node in nodes {
            if !matches!(node, Node::Text { .. } | Node::Print(_)) {
                self.escape_as(None);
            }
            self.node(node)?;
            if self.too_large() {
                return Err(Fault::new(0, "the script is too complex"));
            }
        }
        self.escape_as(None);
        self.depth -= 1;
        Ok(())
    }

    /// Has what is printed from here on escaped so. Prints that follow each other and are escaped alike share it.
    fn escape_as(&mut self, mode: Option<&'static str>) {
        if self.mode == mode {
            return;
        }
        if self.mode.is_some() {
            self.block("endautoescape");
        }
        if let Some(mode) = mode {
            self.block(&format!("autoescape \"{mode}\""));
        }
        self.mode = mode;
    }

    fn node(&mut self, node: &Node) -> Result<(), Fault> {
        match node {
            Node::Text { text, .. } => self.text(text),
            Node::Print(value) => self.print(value)?,
            Node::If {
                branches,
                otherwise,
            } => self.choice(branches, otherwise)?,
            Node::For(repeat) => self.repeat(repeat)?,
            Node::Set { names, values } => self.set(names, values)?,
            Node::Capture { name, body } => {
                let temporary = self.capture(body)?;
                self.give(&name.name, &temporary);
            }
            Node::Apply { filters, body } => {
                let temporary = self.capture(body)?;
                self.block(&format!("set v_{APPLIED} = {temporary}"));
                self.print(filters)?;
            }
            Node::Autoescape { strategy, body } => {
                let before = self.asked.replace(strategy.clone());
                self.nodes(body)?;
                self.asked = before;
            }
            Node::Do(value) => {
                self.open_block("set d_ = ");
                self.value(value)?;
                self.close_block();
            }
        }
        Ok(())
    }

    fn text(&mut self, text: &str) {
        self.quotes = self.quotes.after(text);
        if !text.trim().is_empty() {
            self.at_start = false;
        }
        for (index, piece) in text.split('\u{1}').enumerate() {
            if index > 0 {
                self.escape_as(Some("none"));
                self.out.push_str(PRINT.0);
                self.out.push_str(" \"\\u0001\" ");
                self.out.push_str(PRINT.1);
            }
            self.out.push_str(piece);
        }
    }

    fn escaping(&self, value: &Expr) -> Result<Escape, Fault> {
        let escape = match (&self.asked, self.context) {
            (Some(strategy), _) => Escape::asked(strategy),
            (None, Context::Plain) => Escape::AsItIs,
            (None, Context::Markup) => Escape::Markup,
            (None, Context::Url) if self.at_start => Escape::AsItIs,
            (None, Context::Url) => Escape::Percent,
            (None, Context::Json) => {
                match self.quotes {
                    Quotes::Outside => Escape::JsonValue,
                    Quotes::Inside => Escape::JsonString,
                    Quotes::Escape => {
                        return Err(Fault::new(
                            value.at,
                            "a value cannot follow a backslash in JSON text",
                        ));
                    }
                    Quotes::Unclear => {
                        return Err(Fault::new(
                        value.at,
                        "it cannot be told whether this value stands inside JSON quotes",
                    )
                    .hint("let every way through the tags before it open and close its quotes alike"));
                    }
                }
            }
        };
        Ok(escape.of_value(value))
    }

    fn print(&mut self, value: &Expr) -> Result<(), Fault> {
        let escape = self.escaping(value)?;
        if is_mixed(value, &escape) {
            return self.print_one_of_two(value);
        }
        if escape == Escape::AsItIs && self.context == Context::Json {
            let mut texts = Vec::new();
            own_texts(value, &mut texts);
            let mut ends = texts.iter().map(|text| self.quotes.after(text));
            let first = ends.next().unwrap_or(self.quotes);
            self.quotes = ends.fold(first, Quotes::or);
        }
        self.at_start = false;
        let wrapping = match (&escape, self.context) {
            (
                Escape::AsItIs | Escape::Percent | Escape::Named(_),
                Context::Plain | Context::Url,
            )
            | (Escape::Markup, Context::Markup)
            | (Escape::JsonValue, Context::Json) => None,
            (Escape::Markup, _) => Some("html"),
            (Escape::JsonString, _) => Some("json"),
            _ => Some("none"),
        };
        let after = match &escape {
            Escape::Percent => "|o_percent".to_owned(),
            Escape::Named(strategy) => format!("|o_escape(\"{strategy}\")"),
            _ => String::new(),
        };
        self.escape_as(wrapping);
        self.out.push_str(PRINT.0);
        self.out.push(' ');
        if after.is_empty() && !self.watching {
            self.printed_straight(value)?;
        } else {
            self.printed(value)?;
        }
        self.out.push_str(&after);
        self.out.push(' ');
        self.out.push_str(PRINT.1);
        Ok(())
    }

    /// Prints one of two values, each escaped by its own need.
    fn print_one_of_two(&mut self, value: &Expr) -> Result<(), Fault> {
        let (condition, question, then, otherwise) = match &value.kind {
            Kind::Choice(condition, then, otherwise) => (condition, "", then, otherwise.as_deref()),
            Kind::Elvis(left, right) => (left, "", left, Some(&**right)),
            Kind::Coalesce(left, right) => (left, "|o_set", left, Some(&**right)),
            _ => return Ok(()),
        };
        self.escape_as(None);
        self.open_block("if ");
        if question.is_empty() {
            self.condition(condition)?;
        } else {
            self.value(condition)?;
            self.out.push_str(question);
        }
        self.close_block();
        self.print(then)?;
        self.escape_as(None);
        if let Some(otherwise) = otherwise {
            self.block("else");
            self.print(otherwise)?;
            self.escape_as(None);
        }
        self.block("endif");
        Ok(())
    }

    pub(super) fn standing(&self) -> Standing {
        Standing {
            quotes: self.quotes,
            at_start: self.at_start,
        }
    }

    pub(super) fn stand(&mut self, standing: Standing) {
        self.quotes = standing.quotes;
        self.at_start = standing.at_start;
    }

    pub(super) fn merge(&mut self, other: Standing) {
        self.quotes = self.quotes.or(other.quotes);
        self.at_start = self.at_start && other.at_start;
    }

    pub(super) fn choice(
        &mut self,
        branches: &[(Expr, Vec<Node>)],
        otherwise: &[Node],
    ) -> Result<(), Fault> {
        let before = self.standing();
        let mut ends = Vec::new();
        for (index, (condition, body)) in branches.iter().enumerate() {
            self.open_block(if index == 0 { "if " } else { "elif " });
            self.condition(condition)?;
            self.close_block();
            self.stand(before);
            self.nodes(body)?;
            ends.push(self.standing());
        }
        self.stand(before);
        if !otherwise.is_empty() {
            self.block("else");
            self.nodes(otherwise)?;
        }
        self.block("endif");
        for end in ends {
            self.merge(end);
        }
        Ok(())
    }

    fn set(&mut self, names: &[Named], values: &[Expr]) -> Result<(), Fault> {
        if let ([name], [value]) = (names, values)
            && !self.known.kept.contains(&name.name)
        {
            self.open_block(&format!(
                "set {} = ",
                super::expression::variable(&name.name)
            ));
            self.value(value)?;
            self.close_block();
            return Ok(());
        }
        let mut temporaries = Vec::new();
        for value in values {
            let temporary = self.temporary();
            self.open_block(&format!("set {temporary} = "));
            self.value(value)?;
            self.close_block();
            temporaries.push(temporary);
        }
        for (name, temporary) in names.iter().zip(temporaries) {
            self.give(&name.name, &temporary);
        }
        Ok(())
    }

    /// Writes a body whose text becomes a value; yields the engine's name of it. In HTML the body is escaped as it is
    /// written, and the value is safe; elsewhere the value is plain text, escaped where it is printed.
    fn capture(&mut self, body: &[Node]) -> Result<String, Fault> {
        let standing = self.standing();
        let context = self.context;
        let temporary = self.temporary();
        let captured = |emitter: &mut Self| {
            emitter.block(&format!("set {temporary}"));
            let done = emitter.nodes(body);
            emitter.block("endset");
            done
        };
        if context == Context::Json {
            self.context = Context::Plain;
            self.with_escaping("none", captured)?;
        } else {
            if context == Context::Url {
                self.context = Context::Plain;
            }
            captured(self)?;
        }
        self.context = context;
        self.stand(standing);
        if matches!(context, Context::Markup | Context::Plain) {
            self.block(&format!("set {temporary} = {temporary}|o_safe"));
        }
        Ok(temporary)
    }

    fn temporary(&mut self) -> String {
        self.temporaries += 1;
        format!("t_{}", self.temporaries)
    }

    /// Gives an author's name the value of an engine's one.
    pub(super) fn give(&mut self, name: &str, from: &str) {
        if self.known.kept.contains(name) {
            self.block(&format!("set e_ = {from}|o_put(\"{name}\")"));
        } else {
            self.block(&format!(
                "set {} = {from}",
                super::expression::variable(name)
            ));
        }
    }

    fn with_escaping<T>(&mut self, mode: &str, write: impl FnOnce(&mut Self) -> T) -> T {
        self.block(&format!("autoescape \"{mode}\""));
        let done = write(self);
        self.block("endautoescape");
        done
    }

    pub(super) fn open_block(&mut self, text: &str) {
        self.out.push_str(BLOCK.0);
        self.out.push(' ');
        self.out.push_str(text);
    }

    pub(super) fn close_block(&mut self) {
        self.out.push(' ');
        self.out.push_str(BLOCK.1);
    }

    pub(super) fn block(&mut self, text: &str) {
        self.open_block(text);
        self.close_block();
    }

    /// Remembers where the text that is written next comes from.
    pub(super) fn mark(&mut self, at: usize) {
        self.marks.push((self.out.len(), at));
    }

    /// Whether the engine's text is already larger than a script may become.
    pub(super) fn too_large(&self) -> bool {
        self.out.len().saturating_add(self.elsewhere) > self.largest
    }

    /// The name of a loop's own values: a script may print it in any depth.
    pub(super) fn is_loop(&self, value: &Expr) -> bool {
        self.loops > 0
            && matches!(&value.kind, Kind::Name(name) if name == "loop")
            && !self.is_argument("loop")
    }
}
