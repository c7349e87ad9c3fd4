//! Expressions that are true or false.

use crate::maker::{Kind, Maker, quoted};

/// Patterns that mean the same to both engines, with a text.
const PATTERNS: [&str; 16] = [
    "/^a/",
    "/a$/",
    "/[0-9]+/",
    "/^[a-z]+$/i",
    "#^\\\\w+$#",
    "/^\\\\s*$/",
    "{^h}i",
    "/é/",
    "/^.{3}$/",
    "/^.{3}$/u",
    "/a|b/",
    "/^(foo|one)[A-Z ]/",
    "/\\\\d{2,}/",
    "/x y/x",
    "/^b/m",
    "~[^a-z]~",
];

impl Maker<'_> {
    pub(crate) fn boolean(&mut self, depth: usize) -> String {
        if depth == 0 || self.random.once_in(6) {
            return self.boolean_leaf();
        }
        let depth = depth - 1;
        match self.random.below(16) {
            0..=2 => {
                let (left, right) = (self.number(depth), self.number(depth));
                let operator = self.comparison();
                self.bracketed(format!("{left} {operator} {right}"))
            }
            3 => {
                let (left, right) = (self.any(depth), self.any(depth));
                let operator = self.comparison();
                format!("(({left}) {operator} ({right}))")
            }
            4 => {
                let (left, right) = (self.text(depth), self.text(depth));
                let operator = self.random.pick(&[
                    "starts with",
                    "ends with",
                    "in",
                    "not in",
                    "==",
                    "!=",
                    "<",
                    ">=",
                ]);
                self.bracketed(format!("{left} {operator} {right}"))
            }
            5..=7 => {
                let (left, right) = (self.condition(depth), self.condition(depth));
                let operator = self.random.pick(&["and", "or"]);
                format!("({left} {operator} {right})")
            }
            8 => {
                let value = self.condition(depth);
                self.bracketed(format!("not ({value})"))
            }
            9 | 10 => self.test(depth),
            11 => {
                let value = if self.random.once_in(3) {
                    self.any(depth)
                } else {
                    self.scalar(depth)
                };
                let list = match self.random.below(3) {
                    0 => self.numbers(depth),
                    1 => self.texts(depth),
                    _ => self.any(depth),
                };
                let operator = self.random.pick(&["in", "not in"]);
                format!("(({value}) {operator} ({list}))")
            }
            12 => {
                let text = self.operand(Kind::Text, depth);
                let pattern = self.random.pick(&PATTERNS);
                self.bracketed(format!("{text} matches '{pattern}'"))
            }
            13 => self.has(depth),
            14 => self.choice(Kind::Bool, depth),
            _ => {
                let (left, right) = (self.any(depth), self.any(0));
                self.bracketed(format!("({left}) is same as({right})"))
            }
        }
    }

    fn comparison(&mut self) -> &'static str {
        self.random.pick(&["==", "!=", "<", ">", "<=", ">="])
    }

    fn boolean_leaf(&mut self) -> String {
        if self.loops > 0 && self.random.once_in(4) {
            return self.random.pick(&["loop.first", "loop.last"]).to_owned();
        }
        match self.random.below(4) {
            0 => self.random.pick(&["true", "false", "TRUE"]).to_owned(),
            1 => {
                let row = self.row(0);
                format!("({row}).ok")
            }
            _ => self.name(Kind::Bool).unwrap(),
        }
    }

    fn test(&mut self, depth: usize) -> String {
        let not = self.random.pick(&["is", "is", "is not"]);
        let made = match self.random.below(6) {
            0 => {
                let path = match self.random.below(5) {
                    0 => self.nothing(),
                    1..=3 => self.path(),
                    _ => self.name(Kind::Text).unwrap(),
                };
                // `null` as a literal is defined, as every literal is.
                format!("{path} {not} defined")
            }
            1 => {
                let value = self.number(depth);
                let test = self
                    .random
                    .pick(&["even", "odd", "divisible by(3)", "divisible by(2)"]);
                format!("({value}) {not} {test}")
            }
            2 => {
                let value = self.any(depth);
                format!("({value}) {not} iterable")
            }
            _ => {
                let value = self.any(depth);
                let test = self.random.pick(&[
                    "empty",
                    "null",
                    "none",
                    "same as(1)",
                    "same as('')",
                    "same as(null)",
                ]);
                format!("({value}) {not} {test}")
            }
        };
        self.bracketed(made)
    }

    fn has(&mut self, depth: usize) -> String {
        let which = self.random.pick(&["has some", "has every"]);
        let (list, kind) = match self.random.below(3) {
            0 => (self.numbers(depth), Kind::Number),
            1 => (self.texts(depth), Kind::Text),
            _ => (self.rows(depth), Kind::Row),
        };
        let arrow = self.arrow(&[kind, Kind::Number], Kind::Bool, depth);
        format!("({list} {which} {arrow})")
    }

    /// A text that is to be found in others.
    pub(crate) fn needle(&mut self) -> String {
        let needle = self
            .random
            .pick(&["a", "o", " ", ",", "<b>", "é", "0", "l", "ab", "%"]);
        quoted(self.random, needle)
    }
}
