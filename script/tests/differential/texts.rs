//! Expressions that are texts.

use crate::data;
use crate::maker::{Kind, Maker, quoted};

const DATES: [&str; 14] = [
    "2024-02-29",
    "2024-02-03 04:05:06",
    "1999-12-31 23:59:59",
    "2023-01-01",
    "2024-03-31T02:30:00+01:00",
    "2025-07-04T12:00:00Z",
    "3 March 2021",
    "March 5, 2021 15:04",
    "2020-02-28 +2 days",
    "1970-01-01 -1 month",
    "last day of february 2024",
    "third friday of november 2024",
    "2024-02-03 3pm",
    "2024-02-29 monday next week",
];

const FORMS: [&str; 12] = [
    "Y-m-d",
    "d.m.y H:i:s",
    "D, d M Y",
    "l jS F Y",
    "g:i a",
    "N w z t L W o",
    "c",
    "r",
    "U",
    "e T P O",
    "\\\\Y-\\\\m",
    "H\\\\h i",
];

impl Maker<'_> {
    pub(crate) fn text(&mut self, depth: usize) -> String {
        if depth == 0 || self.random.once_in(6) {
            return self.text_leaf();
        }
        let depth = depth - 1;
        match self.random.below(20) {
            0..=3 => self.filtered(depth),
            4 | 5 => self.joined_by_operator(depth),
            6 => self.choice(Kind::Text, depth),
            7 | 8 => self.joined(depth),
            9 if self.random.once_in(4) => {
                let value = self.container(depth);
                format!("({value})|url_encode")
            }
            9 => self.encoded(depth),
            10 => self.formatted(depth),
            11 => {
                let of = if self.random.once_in(2) {
                    self.texts(depth)
                } else {
                    self.operand(Kind::Text, depth)
                };
                let end = self.random.pick(&["first", "last"]);
                format!("{of}|{end}")
            }
            12 => {
                let text = self.operand(Kind::Text, depth);
                let default = self.text(0);
                format!("{text}|default({default})")
            }
            13 => {
                let nothing = self.nothing();
                let default = self.text(depth);
                format!("{nothing}|default({default})")
            }
            14 => {
                let part = self.part();
                let text = self.operand(Kind::Text, depth);
                format!("{text}{part}")
            }
            15 => self.dated(),
            16 => self.number_formatted(depth),
            17 => self.interpolated(depth),
            18 => {
                let value = self.operand(Kind::Text, depth);
                let strategy = self.random.pick(&["html", "js", "css", "url", "html_attr"]);
                match self.random.below(3) {
                    0 => format!("{value}|e"),
                    1 => format!("{value}|escape"),
                    _ => format!("{value}|e('{strategy}')"),
                }
            }
            _ => {
                let value = self.scalar(depth);
                let filter = self.random.pick(&[
                    "upper",
                    "trim",
                    "url_encode",
                    "length",
                    "raw",
                    "reverse",
                    "striptags",
                ]);
                format!("({value})|{filter}")
            }
        }
    }

    fn text_leaf(&mut self) -> String {
        match self.random.below(6) {
            0 | 1 => {
                let text = data::text(self.random);
                quoted(self.random, text)
            }
            2 => {
                let row = self.row(0);
                format!("({row}).name")
            }
            3 => self
                .random
                .pick(&["d", "deep.a.b[0]", "words[0]", "words.1"])
                .to_owned(),
            _ => self.name(Kind::Text).unwrap(),
        }
    }

    fn joined_by_operator(&mut self, depth: usize) -> String {
        let mut made = self.scalar(depth);
        for _ in 0..=self.random.below(2) {
            let next = self.scalar(depth);
            made = format!("{made} ~ {next}");
        }
        self.bracketed(made)
    }

    fn filtered(&mut self, depth: usize) -> String {
        let mut made = self.operand(Kind::Text, depth);
        for _ in 0..=self.random.below(2) {
            let filter = match self.random.below(14) {
                0 => "upper".to_owned(),
                1 => "lower".to_owned(),
                2 => "capitalize".to_owned(),
                3 => "title".to_owned(),
                4 => self
                    .random
                    .pick(&[
                        "trim",
                        "trim('a..f')",
                        "trim(side='left')",
                        "trim('.', 'right')",
                        "trim(' x')",
                    ])
                    .to_owned(),
                5 => {
                    let (one, two) = (self.needle(), self.needle());
                    let (to, other) = (self.text(0), self.number(0));
                    format!("replace({{({one}): {to}, ({two}): {other}}})")
                }
                6 => self
                    .random
                    .pick(&["striptags", "striptags('<b>')", "striptags('<p><i>')"])
                    .to_owned(),
                7 => "nl2br".to_owned(),
                8 => self.slice(),
                9 => "reverse".to_owned(),
                10 => "spaceless".to_owned(),
                11 => "url_encode".to_owned(),
                12 => "raw".to_owned(),
                _ => "convert_encoding('UTF-8', 'UTF-8')".to_owned(),
            };
            made = format!("{made}|{filter}");
        }
        made
    }

    pub(crate) fn slice(&mut self) -> String {
        let (start, length) = self.bounds();
        match self.random.below(4) {
            0 => format!("slice({start})"),
            1 => format!("slice({start}, {length})"),
            2 => format!("slice(start={start}, length={length})"),
            _ => format!("slice({start}, null)"),
        }
    }

    pub(crate) fn bounds(&mut self) -> (&'static str, &'static str) {
        let start = self
            .random
            .pick(&["0", "1", "2", "5", "-1", "-3", "99", "-99"]);
        let length = self.random.pick(&["0", "1", "2", "3", "-1", "-2", "99"]);
        (start, length)
    }

    pub(crate) fn part(&mut self) -> String {
        let (start, length) = self.bounds();
        match self.random.below(3) {
            0 => format!("[{start}:{length}]"),
            1 => format!("[:{length}]"),
            _ => format!("[{start}:]"),
        }
    }

    fn joined(&mut self, depth: usize) -> String {
        let list = match self.random.below(4) {
            0 | 1 => self.numbers(depth),
            2 => self.texts(depth),
            _ => {
                let map = self.map(depth);
                format!("({map})|keys")
            }
        };
        let glue = self.random.pick(&[
            "",
            "(',')",
            "(', ', ' and ')",
            "(glue='-')",
            "('<br>')",
            "('', '&')",
            "(1)",
        ]);
        format!("{list}|join{glue}")
    }

    /// JSON of what has the same shape in both languages.
    fn encoded(&mut self, depth: usize) -> String {
        let value = match self.random.below(8) {
            6 => "m".to_owned(),
            7 => format!("({})", self.scalar(depth)),
            0 => self.operand(Kind::Text, depth),
            1 => self.operand(Kind::Number, depth),
            2 => self.numbers(depth),
            3 => self.texts(depth),
            4 => "rows".to_owned(),
            _ => "deep".to_owned(),
        };
        let options = self
            .random
            .pick(&["", "", "(256)", "(64)", "(128)", "(15)", "(320)"]);
        format!("{value}|json_encode{options}")
    }

    fn formatted(&mut self, depth: usize) -> String {
        let form = self.random.pick(&[
            "%s",
            "%5s|%-5s|",
            "%d %s",
            "%05d",
            "%.2f",
            "%x %X %o",
            "%+d",
            "%b",
            "%e",
            "%c",
            "%u",
            "%2$s %1$s",
            "%'*8s",
            "%%%s",
            "%05.1f",
            "%s %s %s",
            "%1$d-%1$s",
            "%10.3f|",
            "%-8d|",
            "%g",
            "%.3s",
        ]);
        let (one, two) = (self.scalar(depth), self.scalar(depth));
        let (one, two) = if form == "%.3s" || form == "%'*8s" || form == "%5s|%-5s|" {
            ("'abcdef'".to_owned(), "'x'".to_owned())
        } else if form == "%c" {
            ("65".to_owned(), two)
        } else {
            (one, two)
        };
        format!("{}|format({one}, {two}, 7)", quoted_form(form))
    }

    pub(crate) fn date(&mut self) -> String {
        if self.random.once_in(4) {
            return self
                .random
                .pick(&["0", "1700000000", "86399", "'1234567890'", "(-86400)"])
                .to_owned();
        }
        format!("'{}'", self.random.pick(&DATES))
    }

    fn dated(&mut self) -> String {
        let date = self.date();
        let date = match self.random.below(4) {
            0 => format!(
                "{date}|date_modify('{}')",
                self.random.pick(&[
                    "+1 day",
                    "-1 week",
                    "+1 month",
                    "+2 hours 3 minutes",
                    "-1 year",
                    "next monday",
                    "midnight",
                    "sunday",
                    "last day of this month",
                    "first monday of next month 08:30"
                ])
            ),
            // The language's `date` gives text, without seconds.
            1 => "date('2024-02-29 10:20')".to_owned(),
            _ => date,
        };
        let form = self.random.pick(&FORMS);
        let zone = self.random.pick(&[
            "",
            ", 'Europe/Berlin'",
            ", 'America/New_York'",
            ", timezone='Asia/Tokyo'",
            ", '+05:30'",
        ]);
        match self.random.below(5) {
            0 => format!("{date}|date"),
            1 => format!("{date}|date(format='{form}')"),
            _ => format!("{date}|date('{form}'{zone})"),
        }
    }

    fn number_formatted(&mut self, depth: usize) -> String {
        let value = if self.random.once_in(4) {
            format!("({})", self.scalar(depth))
        } else {
            self.operand(Kind::Number, depth)
        };
        let arguments = self.random.pick(&[
            "",
            "(2)",
            "(0)",
            "(3, ',')",
            "(2, ',', '.')",
            "(1, '.', ' ')",
            "(decimal=2)",
            "(thousand_sep='', decimal=1)",
            "(2, '', '')",
            "(decimalPoint=',', decimal=2)",
        ]);
        format!("{value}|number_format{arguments}")
    }

    fn interpolated(&mut self, depth: usize) -> String {
        let (one, two) = (self.scalar(depth), self.scalar(0));
        let (before, between) = (
            self.random.pick(&["", "a", "#"]),
            self.random.pick(&["", " - ", "<&>"]),
        );
        format!("\"{before}#{{{one}}}{between}#{{ {two} }}\"")
    }
}

fn quoted_form(form: &str) -> String {
    format!("\"{form}\"")
}
