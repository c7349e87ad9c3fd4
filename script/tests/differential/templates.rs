//! Whole templates.

use crate::data;
use crate::maker::{Kind, Maker, quoted};
use crate::random::Random;

/// A template.
pub(crate) fn make(random: &mut Random) -> String {
    let size = 1 + random.below(5);
    let mut maker = Maker::new(random);
    let mut out = String::new();
    for _ in 0..size {
        out.push_str(&maker.piece(2));
    }
    out
}

const STATIC: [&str; 12] = [
    "text ", "\n", " \n ", "<p>", "</p>\n", "a & b", "é ", "{ ", "\t", " } ", "\r\n", "# ",
];

impl Maker<'_> {
    fn pieces(&mut self, depth: usize) -> String {
        let mut out = String::new();
        for _ in 0..=self.random.below(3) {
            out.push_str(&self.piece(depth));
        }
        out
    }

    fn piece(&mut self, depth: usize) -> String {
        if depth == 0 || self.random.once_in(2) {
            return match self.random.below(5) {
                0 => self.random.pick(&STATIC).to_owned(),
                _ => self.print(),
            };
        }
        let depth = depth - 1;
        match self.random.below(15) {
            13 => self.counted(depth),
            14 => self.keyed(),
            0..=2 => self.choose(depth),
            3..=6 => self.repeat(depth),
            7 | 8 => self.set(),
            9 => self.capture(depth),
            10 => self.apply(depth),
            11 => self.escaped(depth),
            _ => self.odd(),
        }
    }

    fn open(&mut self) -> &'static str {
        self.random.pick(&["", "", "", "", "-", "~"])
    }

    fn tag(&mut self, inside: &str) -> String {
        let (left, right) = (self.open(), self.open());
        let space = self.random.pick(&[" ", " ", "", "\n"]);
        let space = if space.is_empty()
            && (inside.ends_with(['-', '~', '}']) || inside.starts_with(['-', '~']))
        {
            " "
        } else {
            space
        };
        format!("{{%{left}{space}{inside}{space}{right}%}}")
    }

    fn print(&mut self) -> String {
        let value = self.scalar(3);
        let (left, right) = (self.open(), self.open());
        format!("{{{{{left} {value} {right}}}}}")
    }

    fn choose(&mut self, depth: usize) -> String {
        let condition = self.condition(2);
        let mut out = self.tag(&format!("if {condition}"));
        out.push_str(&self.pieces(depth));
        if self.random.once_in(3) {
            let condition = self.condition(1);
            out.push_str(&self.tag(&format!("elseif {condition}")));
            out.push_str(&self.pieces(depth));
        }
        if self.random.once_in(2) {
            out.push_str(&self.tag("else"));
            out.push_str(&self.pieces(depth));
        }
        out.push_str(&self.tag("endif"));
        out
    }

    fn repeat(&mut self, depth: usize) -> String {
        // Twig 3.5 knows no `loop` in the head of a loop inside another one, unless it is used elsewhere.
        let around = std::mem::take(&mut self.loops);
        let which = self.random.below(6);
        let whatever = which == 5;
        let (over, key, value) = match which {
            0 | 1 => (self.numbers(2), Kind::Number, Kind::Number),
            2 => (self.texts(2), Kind::Number, Kind::Text),
            3 => (self.rows(2), Kind::Number, Kind::Row),
            4 => (self.map(2), Kind::Text, Kind::Number),
            _ => (self.any(2), Kind::Text, Kind::Number),
        };
        self.loops = around;
        let name = match self.name(value) {
            // A loop over a name that has a value before and after it.
            Some(known) if !whatever && self.random.once_in(5) => known,
            _ => self.fresh_name(),
        };
        let before = self.names.len();
        let mut out = if self.random.once_in(3) {
            let key_name = self.fresh_name();
            self.names.push((key_name.clone(), key));
            self.tag(&format!("for {key_name}, {name} in {over}"))
        } else {
            self.tag(&format!("for {name} in {over}"))
        };
        if !whatever {
            self.names.push((name, value));
        }
        self.loops += 1;
        out.push_str(&self.pieces(depth));
        self.loops -= 1;
        self.names.truncate(before);
        if self.random.once_in(3) {
            // There Twig's `loop` is that of the loop that did not run.
            self.loops = 0;
            out.push_str(&self.tag("else"));
            out.push_str(&self.pieces(depth));
            self.loops = around;
        }
        out.push_str(&self.tag("endfor"));
        out
    }

    /// A name that a loop reads before it sets it, and that perhaps was there before the loop.
    fn counted(&mut self, depth: usize) -> String {
        let name = self.fresh_name();
        let mut out = String::new();
        if self.random.once_in(2) {
            let start = self.number(1);
            out.push_str(&self.tag(&format!("set {name} = {start}")));
        }
        let around = std::mem::take(&mut self.loops);
        let (over, step) = (self.numbers(1), self.number(0));
        self.loops = around;
        out.push_str(&self.tag(&format!("for {name}x in {over}")));
        out.push_str(&format!("{{{{ {name}|default('-') }}}}"));
        if self.random.once_in(3) {
            out.push_str(&self.pieces(depth));
        }
        out.push_str(&self.tag(&format!("set {name} = {name} + {step}")));
        out.push_str(&self.tag("endfor"));
        let defined = self.random.pick(&["", " is defined", " is null"]);
        out.push_str(&format!("{{{{ {name}{defined} }}}}"));
        out
    }

    /// The keys of a list or map, and what they are.
    fn keyed(&mut self) -> String {
        let around = std::mem::take(&mut self.loops);
        let over = self.container(2);
        self.loops = around;
        let mut out = self.tag(&format!("for k, v in {over}"));
        let test = self.random.pick(&[
            "k is same as(1)",
            "k is same as('a')",
            "k == loop.index0",
            "v is iterable",
            "k is odd",
        ]);
        out.push_str(&format!(
            "{{{{ k }}}}:{{{{ {test} }}}}{{{{ not loop.last ? ',' }}}}"
        ));
        out.push_str(&self.tag("endfor"));
        out
    }

    fn set(&mut self) -> String {
        let kinds = [
            Kind::Number,
            Kind::Text,
            Kind::Bool,
            Kind::Numbers,
            Kind::Texts,
            Kind::Rows,
            Kind::Map,
        ];
        let kind = kinds[self.random.below(kinds.len())];
        let value = self.make(kind, 2);
        if self.random.once_in(6) {
            return self.tag(&format!("do {value}"));
        }
        if self.random.once_in(5) {
            let (one, two) = (self.fresh_name(), self.fresh_name());
            let other = self.text(1);
            self.names.push((one.clone(), kind));
            self.names.push((two.clone(), Kind::Text));
            return self.tag(&format!("set {one}, {two} = {value}, {other}"));
        }
        let name = match self.name(kind) {
            Some(known) if self.random.once_in(2) => known,
            _ => self.fresh_name(),
        };
        self.names.push((name.clone(), kind));
        self.tag(&format!("set {name} = {value}"))
    }

    /// Captured text, which is then printed and no more.
    fn capture(&mut self, depth: usize) -> String {
        let name = self.fresh_name();
        let mut out = self.tag(&format!("set {name}"));
        out.push_str(&self.pieces(depth));
        out.push_str(&self.tag("endset"));
        let use_of = match self.random.below(5) {
            0 => format!("{name}|upper"),
            1 => format!("{name}|trim|length"),
            2 => format!("{name} ~ '<'"),
            3 => format!("{name}|e"),
            _ => name,
        };
        out.push_str(&format!("{{{{ {use_of} }}}}"));
        out
    }

    fn apply(&mut self, depth: usize) -> String {
        let filters = self.random.pick(&[
            "upper",
            "trim",
            "lower|title",
            "spaceless",
            "replace({'a': 'b'})",
            "e",
            "nl2br",
            "striptags|trim",
            "length",
        ]);
        let mut out = self.tag(&format!("apply {filters}"));
        out.push_str(&self.pieces(depth));
        out.push_str(&self.tag("endapply"));
        out
    }

    fn escaped(&mut self, depth: usize) -> String {
        let strategy = self.random.pick(&[
            "",
            " 'html'",
            " false",
            " 'js'",
            " 'css'",
            " 'url'",
            " 'html_attr'",
            " true",
        ]);
        if strategy == " true" {
            return self.print();
        }
        let mut out = self.tag(&format!("autoescape{strategy}"));
        out.push_str(&self.pieces(depth));
        out.push_str(&self.tag("endautoescape"));
        out
    }

    fn odd(&mut self) -> String {
        match self.random.below(3) {
            0 => {
                let (left, right) = (self.open(), self.open());
                format!("{{#{left} {{{{ x }}}} {right}#}}")
            }
            1 => {
                let opening = self.tag("verbatim");
                let closing = self.tag("endverbatim");
                format!("{opening} {{{{ raw }}}} {{% if %}} {closing}")
            }
            _ => {
                let text = data::text(self.random);
                let literal = quoted(self.random, text);
                format!("{{{{ {literal} }}}}")
            }
        }
    }
}
