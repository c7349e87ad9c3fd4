//! Expressions that are lists and maps. What is not a name or a literal stands in brackets, so that nothing tears it
//! apart.

use crate::data;
use crate::maker::{Kind, Maker, quoted};

impl Maker<'_> {
    pub(crate) fn numbers(&mut self, depth: usize) -> String {
        if depth == 0 || self.random.once_in(5) {
            return self.numbers_leaf();
        }
        let depth = depth - 1;
        let of = self.numbers(depth);
        match self.random.below(14) {
            0 | 1 => {
                let arrow = self.arrow(&[Kind::Number, Kind::Number], Kind::Number, depth);
                format!("({of}|map({arrow}))")
            }
            2 | 3 => {
                let arrow = self.arrow(&[Kind::Number, Kind::Number], Kind::Bool, depth);
                format!("({of}|filter({arrow}))")
            }
            4 => format!("({of}|sort)"),
            5 => {
                let order = self.random.pick(&[
                    "a <=> b",
                    "b <=> a",
                    "a > b",
                    "a - b",
                    "(a|abs) <=> (b|abs)",
                ]);
                format!("({of}|sort((a, b) => {order}))")
            }
            6 => self.moved(&of),
            7 | 8 => {
                let other = self.numbers(depth);
                format!("({of}|merge({other}))")
            }
            9 => {
                let key = self.random.pick(&["n", "extra"]);
                let rows = self.rows(depth);
                let index = self.random.pick(&["", ", 'n'"]);
                format!("({rows}|column('{key}'{index}))")
            }
            10 => {
                let size = self.random.below(4) + 1;
                let fill = self
                    .random
                    .pick(&["", ", 0", ", 7", ", 0, false", ", fill=9"]);
                let end = self.random.pick(&["first", "last"]);
                format!("(({of}|batch({size}{fill}))|{end})")
            }
            11 => format!("({of}|keys)"),
            12 => self.choice(Kind::Numbers, depth),
            _ => {
                let (one, two) = (self.number(depth), self.number(depth));
                format!("[{one}, {two}]")
            }
        }
    }

    fn numbers_leaf(&mut self) -> String {
        match self.random.below(6) {
            0 => "[]".to_owned(),
            1 => {
                let (one, two) = (self.number(0), self.number(0));
                format!("[{one}, {two}, 2]")
            }
            2 => {
                let (low, high) = (self.random.below(6), self.random.below(9));
                format!("({low}..{high})")
            }
            3 => self
                .random
                .pick(&[
                    "range(0, 10, 3)",
                    "range(5, 1)",
                    "range(high=4, low=2)",
                    "deep.list[0]",
                    "range(1, 2, 0.25)",
                ])
                .to_owned(),
            _ => self.name(Kind::Numbers).unwrap(),
        }
    }

    /// A part of a list, or the list the other way round.
    fn moved(&mut self, list: &str) -> String {
        let filter = match self.random.below(6) {
            0 => "reverse".to_owned(),
            1 => "reverse(true)".to_owned(),
            2 => self.slice(),
            3 => {
                let (start, length) = self.bounds();
                format!("slice({start}, {length}, true)")
            }
            _ => {
                let part = self.part();
                return format!("(({list}){part})");
            }
        };
        format!("({list}|{filter})")
    }

    pub(crate) fn texts(&mut self, depth: usize) -> String {
        if depth == 0 || self.random.once_in(5) {
            return match self.random.below(5) {
                0 => {
                    let (one, two) = (self.text(0), self.text(0));
                    format!("[{one}, {two}]")
                }
                1 => self
                    .random
                    .pick(&[
                        "('a'..'e')",
                        "('e'..'b')",
                        "range('a', 'z', 7)",
                        "['b', 'a', 'c']",
                    ])
                    .to_owned(),
                _ => self.name(Kind::Texts).unwrap(),
            };
        }
        let depth = depth - 1;
        match self.random.below(12) {
            0 | 1 => {
                let of = self.texts(depth);
                let arrow = self.arrow(&[Kind::Text, Kind::Number], Kind::Text, depth);
                format!("({of}|map({arrow}))")
            }
            2 => {
                let of = self.texts(depth);
                let arrow = self.arrow(&[Kind::Text, Kind::Number], Kind::Bool, depth);
                format!("({of}|filter({arrow}))")
            }
            3 => {
                let of = self.texts(depth);
                format!("({of}|sort)")
            }
            4 | 5 => {
                let text = self.operand(Kind::Text, depth);
                let delimiter = self.needle();
                let limit =
                    self.random
                        .pick(&["", ", 2", ", 1", ", 0", ", -1", ", -9", ", limit=3"]);
                format!("({text}|split({delimiter}{limit}))")
            }
            6 => {
                let text = self.operand(Kind::Text, depth);
                let limit = self.random.pick(&["", ", 1", ", 2", ", 3"]);
                format!("({text}|split(''{limit}))")
            }
            7 => {
                let rows = self.rows(depth);
                format!("({rows}|column('name'))")
            }
            8 => {
                let map = self.map(depth);
                format!("({map}|keys)")
            }
            9 => {
                let of = self.texts(depth);
                self.moved(&of)
            }
            10 => {
                let rows = self.rows(depth);
                let arrow = self.arrow(&[Kind::Row, Kind::Number], Kind::Text, depth);
                format!("({rows}|map({arrow}))")
            }
            _ => {
                let (of, other) = (self.texts(depth), self.texts(depth));
                format!("({of}|merge({other}))")
            }
        }
    }

    pub(crate) fn rows(&mut self, depth: usize) -> String {
        if depth == 0 || self.random.once_in(2) {
            return self.name(Kind::Rows).unwrap();
        }
        let depth = depth - 1;
        let of = self.rows(depth);
        match self.random.below(5) {
            0 => {
                let arrow = self.arrow(&[Kind::Row, Kind::Number], Kind::Bool, depth);
                format!("({of}|filter({arrow}))")
            }
            1 => {
                let order = self
                    .random
                    .pick(&["a.n <=> b.n", "b.n <=> a.n", "a.name <=> b.name"]);
                format!("({of}|sort((a, b) => {order}))")
            }
            2 => self.moved(&of),
            3 => {
                let row = self.row(depth);
                format!("({of}|merge([{row}]))")
            }
            _ => format!("({of}|reverse)"),
        }
    }

    pub(crate) fn row(&mut self, depth: usize) -> String {
        if depth == 0 || self.random.once_in(2) {
            return match self.name(Kind::Row) {
                Some(name) if self.random.below(3) > 0 => name,
                _ => format!("rows[{}]", self.random.below(3)),
            };
        }
        let depth = depth - 1;
        match self.random.below(3) {
            0 => {
                let rows = self.rows(depth);
                format!("({rows}|first)")
            }
            1 => {
                let (name, n) = (self.text(depth), self.number(depth));
                format!("{{name: {name}, n: {n}, 'ok': true}}")
            }
            _ => {
                let (row, text) = (self.row(depth), self.text(depth));
                format!("({row}|merge({{'name': {text}}}))")
            }
        }
    }

    pub(crate) fn map(&mut self, depth: usize) -> String {
        if depth == 0 || self.random.once_in(3) {
            return "m".to_owned();
        }
        let depth = depth - 1;
        match self.random.below(7) {
            0 => {
                let (one, two) = (self.number(depth), self.number(depth));
                let text = data::text(self.random);
                let key = quoted(self.random, text);
                let third = self.random.pick(&[
                    "7: 1",
                    "i",
                    "'1': 5, '01': 6",
                    "(1.7): 9",
                    "(true): 8, 1: 4",
                    "'a': 0",
                    "2.5: 3",
                ]);
                format!("{{a: {one}, {key}: {two}, {third}}}")
            }
            1 => {
                let (key, value) = (self.scalar(depth), self.number(depth));
                format!("{{({key}): {value}, 'b': 2}}")
            }
            2 => {
                let (one, two) = (self.map(depth), self.map(depth));
                format!("({one}|merge({two}))")
            }
            3 => {
                let of = self.map(depth);
                let arrow = self.arrow(&[Kind::Number, Kind::Text], Kind::Number, depth);
                format!("({of}|map({arrow}))")
            }
            4 => {
                let of = self.map(depth);
                let arrow = self.arrow(&[Kind::Number, Kind::Text], Kind::Bool, depth);
                format!("({of}|filter({arrow}))")
            }
            5 => {
                let of = self.map(depth);
                let filter = self.random.pick(&[
                    "sort",
                    "reverse",
                    "slice(0, 2)",
                    "slice(1)",
                    "sort((a, b) => b <=> a)",
                ]);
                format!("({of}|{filter})")
            }
            _ => {
                let rows = self.rows(depth);
                format!("({rows}|column('n', 'name'))")
            }
        }
    }
}
