//! Reads what stands between the delimiters of a tag into tokens.

use super::place::Fault;
use super::text_literal::unescape;

/// A token and where it begins.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Token {
    pub(crate) at: usize,
    pub(crate) kind: Tok,
}

/// What a token is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Tok {
    Name(String),
    Int(i64),
    Float(f64),
    Text(String),
    /// Text with `#{ }` inside: pieces of text and of tokens in turn.
    Mixed(Vec<Piece>),
    /// An operator, a bracket or a sign.
    Sign(&'static str),
    /// The end of the tag; never inside a list of tokens but its last.
    End,
}

/// A piece of text with `#{ }` inside.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Piece {
    Text(String),
    Tokens(Vec<Token>),
}

/// What ends a run of tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Closing {
    /// `}}`
    Print,
    /// `%}`
    Tag,
    /// `}` of `#{ }`
    Piece,
}

/// How much white space a closing delimiter takes away after itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trim {
    No,
    /// `-`: all of it.
    All,
    /// `~`: all but line breaks.
    Line,
}

/// Operators that are words; the longer ones first. A word counts only where white space or a bracket follows.
const WORDS: [&[&str]; 16] = [
    &["starts", "with"],
    &["ends", "with"],
    &["has", "every"],
    &["has", "some"],
    &["not", "in"],
    &["is", "not"],
    &["matches"],
    &["b-and"],
    &["b-xor"],
    &["b-or"],
    &["and"],
    &["xor"],
    &["not"],
    &["is"],
    &["in"],
    &["or"],
];
const WORD_SIGNS: [&str; 16] = [
    "starts with",
    "ends with",
    "has every",
    "has some",
    "not in",
    "is not",
    "matches",
    "b-and",
    "b-xor",
    "b-or",
    "and",
    "xor",
    "not",
    "is",
    "in",
    "or",
];
/// Signs, the longer ones first.
const SIGNS: [&str; 35] = [
    "<=>", "===", "!==", "...", "**", "//", "==", "!=", "<=", ">=", "=>", "..", "??", "&&", "||",
    "?", ":", "<", ">", "+", "-", "~", "*", "/", "%", "=", "|", ".", ",", "(", ")", "[", "]", "{",
    "}",
];

/// Reads the tokens of a tag from `at` on, up to its closing delimiter.
pub(crate) fn tokens(source: &str, at: usize, closing: Closing) -> Result<Run, Fault> {
    nested(source, at, closing, 0)
}

/// Tokens, the place after the closing delimiter, and the trim that it asks for.
pub(crate) type Run = (Vec<Token>, usize, Trim);

/// How deep `"#{ }"` may stand inside itself.
const DEEPEST: usize = 8;

fn nested(source: &str, at: usize, closing: Closing, depth: usize) -> Result<Run, Fault> {
    let mut reader = Reader {
        source,
        at,
        closing,
        depth,
        open: Vec::new(),
        tokens: Vec::new(),
    };
    loop {
        reader.skip_space();
        if reader.open.is_empty()
            && let Some((length, trim)) = reader.closing_here()
        {
            let end = reader.at;
            reader.push(end, Tok::End);
            return Ok((reader.tokens, end + length, trim));
        }
        reader.token(at)?;
    }
}

struct Reader<'a> {
    source: &'a str,
    at: usize,
    closing: Closing,
    depth: usize,
    open: Vec<(&'static str, usize)>,
    tokens: Vec<Token>,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        self.source.get(self.at..).unwrap_or_default()
    }

    fn push(&mut self, at: usize, kind: Tok) {
        self.tokens.push(Token { at, kind });
    }

    fn skip_space(&mut self) {
        let rest = self.rest();
        let space = rest.len()
            - rest
                .trim_start_matches([' ', '\t', '\n', '\r', '\0', '\u{b}'])
                .len();
        self.at += space;
    }

    fn closing_here(&self) -> Option<(usize, Trim)> {
        let rest = self.rest();
        let plain = match self.closing {
            Closing::Print => "}}",
            Closing::Tag => "%}",
            Closing::Piece => return rest.starts_with('}').then_some((1, Trim::No)),
        };
        if rest.starts_with(plain) {
            return Some((2, Trim::No));
        }
        let trim = match rest.chars().next()? {
            '-' => Trim::All,
            '~' => Trim::Line,
            _ => return None,
        };
        rest.get(1..)?.starts_with(plain).then_some((3, trim))
    }

    fn token(&mut self, opened: usize) -> Result<(), Fault> {
        let at = self.at;
        let Some(first) = self.rest().chars().next() else {
            return Err(self.never_closed(opened));
        };
        let after_dot = matches!(
            self.tokens.last(),
            Some(Token {
                kind: Tok::Sign("." | "|"),
                ..
            })
        );
        if first.is_ascii_digit() {
            self.number(after_dot)
        } else if first == '"' || first == '\'' {
            self.text(first)
        } else if is_name_start(first) {
            if !after_dot && let Some((sign, length)) = self.word_operator() {
                self.push(at, Tok::Sign(sign));
                self.at += length;
            } else {
                self.name();
            }
            Ok(())
        } else {
            self.sign(first)
        }
    }

    fn never_closed(&self, opened: usize) -> Fault {
        if let Some((sign, at)) = self.open.last() {
            return Fault::new(*at, format!("`{sign}` is never closed"));
        }
        let (opening, closing) = match self.closing {
            Closing::Print => ("{{", "}}"),
            Closing::Tag => ("{%", "%}"),
            Closing::Piece => ("#{", "}"),
        };
        Fault::new(
            opened.saturating_sub(2),
            format!("`{opening}` is never closed, expected `{closing}`"),
        )
    }

    fn name(&mut self) {
        let at = self.at;
        let rest = self.rest();
        let length = rest
            .find(|letter| !is_name_part(letter))
            .unwrap_or(rest.len());
        let name = rest.get(..length).unwrap_or_default().to_owned();
        self.push(at, Tok::Name(name));
        self.at += length;
    }

    /// A word operator at this place, and how long it is.
    fn word_operator(&self) -> Option<(&'static str, usize)> {
        let rest = self.rest();
        WORDS.iter().zip(WORD_SIGNS).find_map(|(words, sign)| {
            let mut length = 0;
            for (index, word) in words.iter().enumerate() {
                let after = rest.get(length..)?;
                let trimmed = after.trim_start();
                if index > 0 && trimmed.len() == after.len() {
                    return None;
                }
                length += after.len() - trimmed.len();
                length += trimmed.strip_prefix(word).map(|_| word.len())?;
            }
            let next = rest.get(length..)?.chars().next()?;
            (next.is_whitespace() || matches!(next, '(' | ')' | '[' | '{'))
                .then_some((sign, length))
        })
    }

    fn number(&mut self, whole_only: bool) -> Result<(), Fault> {
        let at = self.at;
        let rest = self.rest().as_bytes();
        let digits = |from: usize| {
            rest.iter()
                .skip(from)
                .take_while(|byte| byte.is_ascii_digit())
                .count()
        };
        let mut length = digits(0);
        let mut whole = true;
        if !whole_only {
            if rest.get(length) == Some(&b'.') && digits(length + 1) > 0 {
                length += 1 + digits(length + 1);
                whole = false;
            }
            let exponent = matches!(rest.get(length), Some(b'e' | b'E'))
                && matches!(rest.get(length + 1), Some(b'+' | b'-'))
                && digits(length + 2) > 0;
            if exponent {
                length += 2 + digits(length + 2);
                whole = false;
            }
        }
        let text = self.rest().get(..length).unwrap_or_default();
        let kind = match text.parse::<i64>() {
            Ok(number) if whole => Tok::Int(number),
            _ => Tok::Float(
                text.parse()
                    .map_err(|_| Fault::new(at, format!("`{text}` is no number")))?,
            ),
        };
        self.push(at, kind);
        self.at += length;
        Ok(())
    }

    fn text(&mut self, quote: char) -> Result<(), Fault> {
        let at = self.at;
        self.at += 1;
        let mut pieces = Vec::new();
        let mut from = self.at;
        loop {
            let Some(letter) = self.rest().chars().next() else {
                return Err(Fault::new(
                    at,
                    format!("the text that begins with {quote} here is never closed"),
                ));
            };
            if letter == quote {
                break;
            }
            if quote == '"' && self.rest().starts_with("#{") {
                pieces.push(Piece::Text(unescape(
                    self.source.get(from..self.at).unwrap_or_default(),
                )));
                if self.depth >= DEEPEST {
                    return Err(Fault::new(at, "`#{ }` stands too deep inside itself"));
                }
                let (inner, end, _) =
                    nested(self.source, self.at + 2, Closing::Piece, self.depth + 1)?;
                pieces.push(Piece::Tokens(inner));
                self.at = end;
                from = end;
                continue;
            }
            self.at += letter.len_utf8();
            if letter == '\\'
                && let Some(escaped) = self.rest().chars().next()
            {
                self.at += escaped.len_utf8();
            }
        }
        let last = unescape(self.source.get(from..self.at).unwrap_or_default());
        self.at += 1;
        if pieces.is_empty() {
            self.push(at, Tok::Text(last));
        } else {
            pieces.push(Piece::Text(last));
            self.push(at, Tok::Mixed(pieces));
        }
        Ok(())
    }

    fn sign(&mut self, first: char) -> Result<(), Fault> {
        let at = self.at;
        let Some(sign) = SIGNS
            .iter()
            .copied()
            .find(|sign| self.rest().starts_with(sign))
        else {
            return Err(Fault::new(at, format!("unexpected `{first}`")));
        };
        match sign {
            "(" | "[" | "{" => self.open.push((sign, at)),
            ")" | "]" | "}" => {
                let opening = match sign {
                    ")" => "(",
                    "]" => "[",
                    _ => "{",
                };
                match self.open.pop() {
                    Some((open, _)) if open == opening => {}
                    Some((open, opened)) => {
                        return Err(Fault::new(opened, format!("`{open}` is never closed")));
                    }
                    None => return Err(Fault::new(at, format!("`{sign}` closes nothing"))),
                }
            }
            "&&" => return Err(Fault::new(at, "unexpected `&&`").hint("write `and`")),
            "||" => return Err(Fault::new(at, "unexpected `||`").hint("write `or`")),
            "===" | "!==" => {
                return Err(
                    Fault::new(at, format!("unexpected `{sign}`")).hint("write `is same as(…)`")
                );
            }
            _ => {}
        }
        self.push(at, Tok::Sign(sign));
        self.at += sign.len();
        Ok(())
    }
}

fn is_name_start(letter: char) -> bool {
    letter.is_ascii_alphabetic() || letter == '_' || !letter.is_ascii()
}

fn is_name_part(letter: char) -> bool {
    is_name_start(letter) || letter.is_ascii_digit()
}

impl Tok {
    /// The token as a message shows it.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::Name(name) => format!("`{name}`"),
            Self::Int(number) => format!("`{number}`"),
            Self::Float(number) => format!("`{number}`"),
            Self::Text(text) => format!("\"{text}\""),
            Self::Mixed(_) => "a text".to_owned(),
            Self::Sign(sign) => format!("`{sign}`"),
            Self::End => "the end of the tag".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(source: &str) -> Vec<Tok> {
        let (tokens, _, _) = tokens(source, 0, Closing::Print).unwrap();
        tokens.into_iter().map(|token| token.kind).collect()
    }

    #[test]
    fn a_closing_delimiter_inside_brackets_or_text_does_not_end_the_tag() {
        assert_eq!(kinds("{a: {b: '}}'}} }}").len(), 10);
    }

    #[test]
    fn numbers_after_a_dot_are_whole() {
        assert_eq!(
            kinds("a.0.1 }}"),
            vec![
                Tok::Name("a".into()),
                Tok::Sign("."),
                Tok::Int(0),
                Tok::Sign("."),
                Tok::Int(1),
                Tok::End
            ]
        );
        assert_eq!(
            kinds("1..3 }}"),
            vec![Tok::Int(1), Tok::Sign(".."), Tok::Int(3), Tok::End]
        );
    }

    #[test]
    fn word_operators_need_a_border_after_them() {
        assert_eq!(kinds("in_x }}"), vec![Tok::Name("in_x".into()), Tok::End]);
        assert_eq!(
            kinds("a not  in b }}"),
            vec![
                Tok::Name("a".into()),
                Tok::Sign("not in"),
                Tok::Name("b".into()),
                Tok::End
            ]
        );
    }

    #[test]
    fn what_is_never_closed_is_named_where_it_was_opened() {
        assert_eq!(tokens("{{ a ", 2, Closing::Print).unwrap_err().at, 0);
        assert_eq!(tokens("{{ f(a }}", 2, Closing::Print).unwrap_err().at, 4);
        assert_eq!(tokens("{{ 'a }}", 2, Closing::Print).unwrap_err().at, 3);
    }
}
