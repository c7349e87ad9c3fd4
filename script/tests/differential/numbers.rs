//! Expressions that are numbers.

use crate::data;
use crate::maker::{Kind, Maker};

impl Maker<'_> {
    pub(crate) fn number(&mut self, depth: usize) -> String {
        if depth == 0 || self.random.once_in(6) {
            return self.number_leaf();
        }
        let depth = depth - 1;
        match self.random.below(24) {
            0..=4 => self.calculation(depth),
            5 => self.chain(),
            6 => {
                let of = self.any(depth);
                format!("({of})|length")
            }
            7 => {
                let of = self.numbers(depth);
                let end = self.random.pick(&["first", "last"]);
                format!("{of}|{end}")
            }
            8..=10 => self.rounded(depth),
            11 => {
                let value = if self.random.once_in(2) {
                    self.nothing()
                } else {
                    self.operand(Kind::Number, depth)
                };
                let default = self.number(depth);
                format!("{value}|default({default})")
            }
            12 | 13 => self.outermost(depth),
            14 => {
                let of = self.numbers(depth);
                let arrow = self.arrow(&[Kind::Number; 3], Kind::Number, depth);
                let initial = self.number(0);
                format!("{of}|reduce({arrow}, {initial})")
            }
            15 | 16 => self.choice(Kind::Number, depth),
            17 => {
                let text = self.text(depth);
                let other = self.any(depth);
                format!("(({text}) <=> ({other}))")
            }
            18 => {
                let value = self.operand(Kind::Number, depth);
                let sign = self.random.pick(&["-", "+", "- "]);
                self.bracketed(format!("{sign}{value}"))
            }
            19 => {
                let of = self.texts(depth);
                format!("{of}|length")
            }
            20 | 21 => self.number_inside(depth),
            22 => {
                let date = self.date();
                format!(
                    "{date}|date('{}')",
                    self.random.pick(&["U", "Y", "n", "j", "N", "z"])
                )
            }
            _ => self.cycle(depth),
        }
    }

    /// A number in a map or a list.
    fn number_inside(&mut self, depth: usize) -> String {
        if self.random.once_in(2) {
            let map = self.map(depth);
            let key = self.random.pick(&["a", "b", "key", "5", "10"]);
            return format!("({map})['{key}']");
        }
        let of = self.numbers(depth);
        let place = self.random.below(4);
        if self.random.once_in(2) {
            format!("({of})[{place}]")
        } else {
            format!("({of}).{place}")
        }
    }

    fn number_leaf(&mut self) -> String {
        match self.random.below(10) {
            0..=2 => data::number(self.random).to_string(),
            3 => {
                let row = self.row(0);
                let key = self.random.pick(&[".n", ".extra", "['n']"]);
                format!("({row}){key}")
            }
            4 if self.loops > 0 => {
                let key = self
                    .random
                    .pick(&["index", "index0", "revindex", "revindex0", "length"]);
                if self.loops > 1 && self.random.once_in(3) {
                    format!("loop.parent.loop.{key}")
                } else {
                    format!("loop.{key}")
                }
            }
            5 => "d".to_owned(),
            6 => format!("m.{}", self.random.pick(&["a", "b", "key", "last"])),
            7 => format!("nums[{}]", self.random.below(4)),
            _ => self.name(Kind::Number).unwrap(),
        }
    }

    fn operator(&mut self) -> &'static str {
        self.random
            .pick(&["+", "-", "*", "/", "//", "%", "+", "-", "*"])
    }

    fn calculation(&mut self, depth: usize) -> String {
        let left = self.number(depth);
        let operator = self.operator();
        let right = self.number(depth);
        let made = match self.random.below(12) {
            0 => format!("{} ** {}", self.random.below(12), self.random.below(8)),
            1 => {
                let bits = self.random.pick(&["b-and", "b-or", "b-xor"]);
                format!(
                    "{} {bits} {}",
                    self.random.below(200),
                    self.random.below(200)
                )
            }
            _ => format!("{left} {operator} {right}"),
        };
        self.bracketed(made)
    }

    /// Operands and operators without any brackets.
    fn chain(&mut self) -> String {
        let mut made = self.chain_operand();
        for _ in 0..=self.random.below(4) {
            let operator = self.random.pick(&[
                "+",
                "-",
                "*",
                "/",
                "//",
                "%",
                "**",
                "~",
                "==",
                "!=",
                "<",
                ">",
                "<=",
                ">=",
                "<=>",
                "and",
                "or",
                "b-and",
                "b-or",
                "b-xor",
                "??",
                "?:",
                "in",
                "not in",
                "starts with",
                "ends with",
            ]);
            // Twig 3.5 takes only names, paths and literals before `??`.
            let operand = if operator == "??" {
                made = format!("{made} + i");
                self.chain_operand()
            } else {
                self.chain_operand()
            };
            made = format!("{made} {operator} {operand}");
            if self.random.once_in(8) {
                let test = self.random.pick(&[
                    "is even",
                    "is not odd",
                    "is null",
                    "is empty",
                    "is not empty",
                ]);
                made = format!("{made} {test}");
            }
        }
        if self.random.once_in(6) {
            let (then, otherwise) = (self.chain_operand(), self.chain_operand());
            made = format!("{made} ? {then} : {otherwise}");
        }
        made
    }

    fn chain_operand(&mut self) -> String {
        let sign = self.random.pick(&["", "", "", "", "", "-", "+", "not "]);
        let filter = self.random.pick(&[
            "",
            "",
            "",
            "",
            "",
            "|abs",
            "|round",
            "|length",
            "|default(3)",
        ]);
        let value = match self.random.below(6) {
            0 => "i".to_owned(),
            1 => "j".to_owned(),
            2 => format!("'{}'", self.random.below(30)),
            3 => format!("{}.5", self.random.below(9)),
            4 => "m.a".to_owned(),
            _ => self.random.below(12).to_string(),
        };
        format!("{sign}{value}{filter}")
    }

    fn rounded(&mut self, depth: usize) -> String {
        let value = self.operand(Kind::Number, depth);
        let precision = ["0", "1", "2", "3", "-1", "-2"];
        let precision = precision[self.random.below(precision.len())];
        let method = self.random.pick(&["common", "ceil", "floor"]);
        match self.random.below(7) {
            0 => {
                let value = self.scalar(depth);
                format!("({value})|round({precision})")
            }
            1 if self.random.once_in(2) => format!("{value}|abs"),
            1 => format!("{value}|round"),
            2 | 3 => format!("{value}|round({precision})"),
            4 => format!("{value}|round({precision}, '{method}')"),
            5 => format!("{value}|round(method='{method}')"),
            _ => format!("{value}|round(method='{method}', precision={precision})"),
        }
    }

    fn outermost(&mut self, depth: usize) -> String {
        let function = self.random.pick(&["max", "min"]);
        match self.random.below(4) {
            0 => {
                let of = self.numbers(depth);
                format!("{function}({of})")
            }
            2 => {
                let (one, two) = (self.scalar(depth), self.scalar(depth));
                format!("{function}({one}, {two})")
            }
            1 => format!("{function}(m)"),
            _ => {
                let (one, two, three) = (self.number(depth), self.number(0), self.number(0));
                format!("{function}({one}, {two}, {three})")
            }
        }
    }

    fn cycle(&mut self, depth: usize) -> String {
        let of = self.numbers(0);
        let place = self.operand(Kind::Number, depth);
        format!("cycle({of}, {place}|abs)")
    }
}
