//! Blanks out comments, and strings where they are in the way, so that a rule about code looks at code.

/// A Rust file with parts of it blanked; lines and columns stay where they were.
pub(super) struct Masked {
    /// Without comments.
    pub(super) code: String,
    /// Without comments and without what stands in strings and character literals.
    pub(super) bare: String,
}

#[derive(Clone, Copy)]
enum State {
    Code,
    LineComment,
    /// With the depth: block comments nest.
    BlockComment(usize),
    Text,
    /// With the number of hashes that end it.
    RawText(usize),
}

/// Blanks a Rust file.
pub(super) fn mask(text: &str) -> Masked {
    let letters: Vec<char> = text.chars().collect();
    let mut masker = Masker {
        letters: &letters,
        at: 0,
        masked: Masked {
            code: String::new(),
            bare: String::new(),
        },
    };
    let mut state = State::Code;
    while masker.at < letters.len() {
        state = match state {
            State::Code => masker.code(),
            State::LineComment => masker.line_comment(),
            State::BlockComment(depth) => masker.block_comment(depth),
            State::Text => masker.text(),
            State::RawText(hashes) => masker.raw_text(hashes),
        };
    }
    masker.masked
}

struct Masker<'a> {
    letters: &'a [char],
    at: usize,
    masked: Masked,
}

impl Masker<'_> {
    fn peek(&self, ahead: usize) -> char {
        self.letters.get(self.at + ahead).copied().unwrap_or('\0')
    }

    /// Goes on by some letters, keeping or blanking each in the two copies.
    fn take(&mut self, count: usize, in_code: bool, in_bare: bool) {
        for _ in 0..count {
            let Some(&letter) = self.letters.get(self.at) else {
                return;
            };
            let kept = |keep: bool| if keep || letter == '\n' { letter } else { ' ' };
            self.masked.code.push(kept(in_code));
            self.masked.bare.push(kept(in_bare));
            self.at += 1;
        }
    }

    fn code(&mut self) -> State {
        match (self.peek(0), self.peek(1)) {
            ('/', '/') => return State::LineComment,
            ('/', '*') => {
                self.take(2, false, false);
                return State::BlockComment(1);
            }
            ('"', _) => {
                self.take(1, true, true);
                return State::Text;
            }
            ('r', '"' | '#') if !self.inside_a_name() => {
                if let Some(hashes) = self.raw_hashes() {
                    self.take(hashes + 2, true, true);
                    return State::RawText(hashes);
                }
                self.take(1, true, true);
            }
            ('\'', _) => self.quote(),
            _ => self.take(1, true, true),
        }
        State::Code
    }

    /// Whether the letter here goes on a name; the `b` and `c` of byte and C strings are no name.
    fn inside_a_name(&self) -> bool {
        let back = |count: usize| {
            self.at
                .checked_sub(count)
                .and_then(|at| self.letters.get(at))
                .copied()
                .unwrap_or(' ')
        };
        let of_a_name = |letter: char| letter.is_alphanumeric() || letter == '_';
        let prefix = matches!(back(1), 'b' | 'c') && !of_a_name(back(2));
        of_a_name(back(1)) && !prefix
    }

    /// The hashes between an `r` and its quote; none for a raw name such as `r#type`.
    fn raw_hashes(&self) -> Option<usize> {
        let hashes = (1..).take_while(|ahead| self.peek(*ahead) == '#').count();
        (self.peek(hashes + 1) == '"').then_some(hashes)
    }

    /// A character literal, or the mark of a lifetime.
    fn quote(&mut self) {
        let length = if self.peek(1) == '\\' {
            (3..16).find(|ahead| self.peek(*ahead) == '\'')
        } else {
            (self.peek(2) == '\'').then_some(2)
        };
        self.take(1, true, true);
        if let Some(length) = length {
            self.take(length - 1, true, false);
            self.take(1, true, true);
        }
    }

    fn line_comment(&mut self) -> State {
        let ends = self.peek(0) == '\n';
        self.take(1, false, false);
        if ends {
            State::Code
        } else {
            State::LineComment
        }
    }

    fn block_comment(&mut self, depth: usize) -> State {
        let (count, depth) = match (self.peek(0), self.peek(1)) {
            ('/', '*') => (2, depth + 1),
            ('*', '/') => (2, depth - 1),
            _ => (1, depth),
        };
        self.take(count, false, false);
        if depth == 0 {
            State::Code
        } else {
            State::BlockComment(depth)
        }
    }

    fn text(&mut self) -> State {
        match self.peek(0) {
            '\\' => self.take(2, true, false),
            '"' => {
                self.take(1, true, true);
                return State::Code;
            }
            _ => self.take(1, true, false),
        }
        State::Text
    }

    fn raw_text(&mut self, hashes: usize) -> State {
        let ends = self.peek(0) == '"' && (1..=hashes).all(|ahead| self.peek(ahead) == '#');
        if ends {
            self.take(hashes + 1, true, true);
            return State::Code;
        }
        self.take(1, true, false);
        State::RawText(hashes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_are_blanked_and_strings_stay_in_the_code() {
        let masked = mask("a(\"http://x\"); // b\n/* c /* d */ e */ f();\n/// g\nh();\n");
        assert_eq!(
            masked.code,
            "a(\"http://x\");     \n                  f();\n     \nh();\n"
        );
    }

    #[test]
    fn strings_and_characters_are_blanked_in_the_bare_code() {
        let masked = mask("a(\"{\\\"}\", '{', '\\'', b'}', r#\"\"{\"#, br\"}\");");
        assert_eq!(
            masked.bare,
            "a(\"    \", ' ', '  ', b' ', r#\"  \"#, br\" \");"
        );
    }

    #[test]
    fn lifetimes_and_raw_names_are_code() {
        let text = "fn f<'a>(r#type: &'a str, var: &'static str) { /* x */ }";
        assert_eq!(mask(text).bare, text.replace("/* x */", "       "));
    }

    #[test]
    fn a_name_that_ends_in_r_does_not_start_a_raw_string() {
        let masked = mask("concat!(\"a\", var\"b // c\") // d");
        assert_eq!(masked.code, "concat!(\"a\", var\"b // c\")     ");
    }

    #[test]
    fn lines_stay_where_they_were() {
        let text = "a\n/*\n*/ \"\n\\\n\" // é\nb\n";
        let masked = mask(text);
        assert_eq!(masked.code.lines().count(), text.lines().count());
        assert_eq!(masked.bare.lines().last(), Some("b"));
    }
}
