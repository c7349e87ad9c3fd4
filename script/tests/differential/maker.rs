//! Makes expressions of a wanted kind. The modules beside it add what yields each kind.
//!
//! What differs by decision is never made: a list or map where text is wanted (Twig says `Array`, the language writes
//! JSON), captured text where more is asked of it than its text (Twig makes an object of it), text cut between the bytes
//! of a letter, `(-2) ** 2` (Twig 3.5 forgets the brackets).

use crate::data;
use crate::random::Random;

/// What an expression yields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Number,
    Text,
    Bool,
    Numbers,
    Texts,
    /// A list of maps with `name`, `n`, `ok` and perhaps `extra`.
    Rows,
    Row,
    /// A map of numbers.
    Map,
}

/// Makes expressions.
pub(crate) struct Maker<'r> {
    pub(crate) random: &'r mut Random,
    /// The names in scope.
    pub(crate) names: Vec<(String, Kind)>,
    /// How many loops stand around this place.
    pub(crate) loops: usize,
    pub(crate) fresh: usize,
}

impl<'r> Maker<'r> {
    pub(crate) fn new(random: &'r mut Random) -> Self {
        let names = [
            ("i", Kind::Number),
            ("j", Kind::Number),
            ("f", Kind::Number),
            ("s", Kind::Text),
            ("t", Kind::Text),
            ("yes", Kind::Bool),
            ("no", Kind::Bool),
            ("nums", Kind::Numbers),
            ("words", Kind::Texts),
            ("rows", Kind::Rows),
            ("m", Kind::Map),
        ];
        Self {
            random,
            names: names
                .into_iter()
                .map(|(name, kind)| (name.to_owned(), kind))
                .collect(),
            loops: 0,
            fresh: 0,
        }
    }

    /// An expression of a kind.
    pub(crate) fn make(&mut self, kind: Kind, depth: usize) -> String {
        match kind {
            Kind::Number => self.number(depth),
            Kind::Text => self.text(depth),
            Kind::Bool => self.boolean(depth),
            Kind::Numbers => self.numbers(depth),
            Kind::Texts => self.texts(depth),
            Kind::Rows => self.rows(depth),
            Kind::Row => self.row(depth),
            Kind::Map => self.map(depth),
        }
    }

    /// An expression that is no list and no map.
    pub(crate) fn scalar(&mut self, depth: usize) -> String {
        match self.random.below(12) {
            0..=3 => self.number(depth),
            4..=7 => self.text(depth),
            8 | 9 => self.boolean(depth),
            10 => self.nothing(),
            _ => format!("'{}'", self.random.pick(&data::NUMERIC)),
        }
    }

    /// An expression of any kind.
    pub(crate) fn any(&mut self, depth: usize) -> String {
        match self.random.below(12) {
            0..=3 => self.container(depth),
            4 => self.path(),
            5 if depth > 0 => {
                let of = self.container(depth - 1);
                let filter = self.random.pick(&[
                    "first",
                    "last",
                    "keys",
                    "default(0)",
                    "reverse",
                    "raw",
                    "e",
                ]);
                format!("(({of})|{filter})")
            }
            _ => self.scalar(depth),
        }
    }

    /// A list or a map.
    pub(crate) fn container(&mut self, depth: usize) -> String {
        let kinds = [Kind::Numbers, Kind::Texts, Kind::Rows, Kind::Row, Kind::Map];
        let kind = kinds[self.random.below(kinds.len())];
        self.make(kind, depth)
    }

    /// A path that may lead to something.
    pub(crate) fn path(&mut self) -> String {
        let head = self.random.pick(&[
            "rows",
            "deep",
            "m",
            "nums",
            "words",
            "deep.a.b",
            "deep.list",
            "rows[1]",
            "(rows.0)",
            "s",
            "none_",
        ]);
        let key = self.random.pick(&[
            ".name",
            "['name']",
            ".a",
            "['x-y']",
            "[5]",
            "['5']",
            "[0]",
            ".0",
            "[-1]",
            "[1.5]",
            "['1']",
            "[true]",
            "[i]",
            "[none_]",
            "[false].c",
            ".1.c",
            "[s]",
            "['b'][1].c",
            "[2]['n']",
            ".name.first",
            "['01']",
            "[0][1]",
            "[t ~ '']",
        ]);
        format!("{head}{key}")
    }

    /// Something null or undefined.
    pub(crate) fn nothing(&mut self) -> String {
        let choices = [
            "none_",
            "null",
            "none",
            "undefined_",
            "deep.nil",
            "deep.missing",
            "deep.missing.more",
            "rows[99]",
            "m.missing",
            "s.attribute",
            "nums['x']",
            "i.x",
            "empty.0",
        ];
        self.random.pick(&choices).to_owned()
    }

    /// A name of a kind that is in scope; the latest ones are the likeliest.
    pub(crate) fn name(&mut self, kind: Kind) -> Option<String> {
        let hidden = |place: usize, name: &String| {
            let later = self.names.iter().skip(place + 1);
            later.into_iter().any(|(other, _)| other == name)
        };
        let fitting: Vec<&String> = self
            .names
            .iter()
            .enumerate()
            .filter(|(place, (name, other))| *other == kind && !hidden(*place, name))
            .map(|(_, (name, _))| name)
            .collect();
        if fitting.is_empty() {
            return None;
        }
        let first = self.random.below(fitting.len());
        let second = self.random.below(fitting.len());
        Some(fitting[first.max(second)].clone())
    }

    /// A name that nothing has yet.
    pub(crate) fn fresh_name(&mut self) -> String {
        self.fresh += 1;
        let stem = self.random.pick(&["v", "k", "item", "Total", "été", "_x"]);
        format!("{stem}{}", self.fresh)
    }

    /// An expression, most often in brackets.
    pub(crate) fn bracketed(&mut self, expression: String) -> String {
        if self.random.below(5) < 3 {
            format!("({expression})")
        } else {
            expression
        }
    }

    /// An expression that a filter can follow.
    pub(crate) fn operand(&mut self, kind: Kind, depth: usize) -> String {
        let made = self.make(kind, depth);
        let plain = made
            .chars()
            .all(|letter| letter.is_alphanumeric() || matches!(letter, '_' | '.'));
        if plain { made } else { format!("({made})") }
    }

    /// `condition ? a : b` and its short forms.
    pub(crate) fn choice(&mut self, kind: Kind, depth: usize) -> String {
        let then = self.make(kind, depth);
        let otherwise = self.make(kind, depth);
        match self.random.below(6) {
            0 => format!("({then} ?: {otherwise})"),
            1 => {
                let nothing = self.nothing();
                format!("({nothing} ?? {otherwise})")
            }
            2 => {
                let name = self.name(kind).unwrap_or_else(|| "undefined_".to_owned());
                format!("({name} ?? {otherwise})")
            }
            3 => {
                let condition = self.condition(depth);
                format!("({condition} ? {then} : {otherwise})")
            }
            _ if matches!(kind, Kind::Number | Kind::Text | Kind::Bool) => {
                let condition = self.condition(depth);
                self.bracketed(format!("({condition}) ? {then}"))
            }
            _ => format!("({then} ?: {otherwise})"),
        }
    }

    /// What an `if` may ask.
    pub(crate) fn condition(&mut self, depth: usize) -> String {
        if self.random.below(3) > 0 {
            self.boolean(depth)
        } else {
            self.any(depth)
        }
    }

    /// The arguments of an arrow function with their kinds, and its body of the kind `result`.
    pub(crate) fn arrow(&mut self, arguments: &[Kind], result: Kind, depth: usize) -> String {
        let count = if arguments.len() > 1 && self.random.once_in(2) {
            1
        } else {
            arguments.len()
        };
        let before = self.names.len();
        let mut names = Vec::new();
        for kind in arguments.iter().take(count) {
            let name = if *kind == Kind::Text && self.random.once_in(4) {
                "s".to_owned()
            } else {
                self.fresh_name()
            };
            if names.contains(&name) {
                break;
            }
            self.names.push((name.clone(), *kind));
            names.push(name);
        }
        let body = self.make(result, depth);
        self.names.truncate(before);
        if names.len() == 1 && self.random.below(3) > 0 {
            format!("{} => {body}", names[0])
        } else {
            format!("({}) => {body}", names.join(", "))
        }
    }
}

/// A text as a literal.
pub(crate) fn quoted(random: &mut Random, text: &str) -> String {
    let double = random.once_in(2);
    let mut out = String::new();
    for letter in text.chars() {
        match letter {
            '\\' => out.push_str("\\\\"),
            '\n' if random.once_in(2) => out.push_str("\\n"),
            '\t' if random.once_in(2) => out.push_str("\\t"),
            '"' if double => out.push_str("\\\""),
            '\'' if !double => out.push_str("\\'"),
            '#' if double => out.push_str("\\#"),
            other => out.push(other),
        }
    }
    if double {
        format!("\"{out}\"")
    } else {
        format!("'{out}'")
    }
}
