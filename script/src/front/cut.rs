//! Parts the author's text into static text, prints and tags, and applies white-space control.

use super::place::Fault;
use super::token::{self, Closing, Tok, Token, Trim};

/// A part of the author's text.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cut {
    Text {
        at: usize,
        text: String,
    },
    Print {
        at: usize,
        tokens: Vec<Token>,
    },
    Tag {
        at: usize,
        name: String,
        tokens: Vec<Token>,
    },
}

/// White space as Twig trims it; without line breaks.
const LINE_SPACE: [char; 4] = [' ', '\t', '\0', '\u{b}'];
const SPACE: [char; 6] = [' ', '\t', '\n', '\r', '\0', '\u{b}'];

/// Parts the author's text.
pub(crate) fn cut(source: &str) -> Result<Vec<Cut>, Fault> {
    let mut cutter = Cutter {
        source,
        at: 0,
        parts: Vec::new(),
    };
    while let Some((start, opening)) = next_opening(source, cutter.at) {
        let trim = trim_at(source, start + 2);
        cutter.text_until(start, trim);
        let inside = start + 2 + usize::from(trim != Trim::No);
        match opening {
            '{' => cutter.print(start, inside)?,
            '%' => cutter.tag(start, inside)?,
            _ => cutter.comment(start, inside)?,
        }
    }
    cutter.text_until(source.len(), Trim::No);
    Ok(cutter.parts)
}

fn next_opening(source: &str, from: usize) -> Option<(usize, char)> {
    let rest = source.get(from..)?;
    rest.match_indices('{').find_map(|(start, _)| {
        let letter = rest.get(start + 1..)?.chars().next()?;
        matches!(letter, '{' | '%' | '#').then_some((from + start, letter))
    })
}

fn trim_at(source: &str, at: usize) -> Trim {
    match source.as_bytes().get(at) {
        Some(b'-') => Trim::All,
        Some(b'~') => Trim::Line,
        _ => Trim::No,
    }
}

struct Cutter<'a> {
    source: &'a str,
    at: usize,
    parts: Vec<Cut>,
}

impl Cutter<'_> {
    /// Adds the text from where the last part ended up to `end`.
    fn text_until(&mut self, end: usize, trim: Trim) {
        let raw = self.source.get(self.at..end).unwrap_or_default();
        let kept = match trim {
            Trim::No => raw,
            Trim::All => raw.trim_end_matches(SPACE),
            Trim::Line => raw.trim_end_matches(LINE_SPACE),
        };
        if !kept.is_empty() {
            self.parts.push(Cut::Text {
                at: self.at,
                text: one_line_break(kept),
            });
        }
        self.at = end;
    }

    fn print(&mut self, start: usize, inside: usize) -> Result<(), Fault> {
        let (tokens, end, trim) = token::tokens(self.source, inside, Closing::Print)?;
        self.parts.push(Cut::Print { at: start, tokens });
        self.at = end;
        self.skip(trim);
        Ok(())
    }

    fn tag(&mut self, start: usize, inside: usize) -> Result<(), Fault> {
        if let Some((end, trim)) = tag_alone(self.source, inside, "verbatim") {
            self.at = end;
            self.skip(trim);
            return self.verbatim(start);
        }
        let (mut tokens, end, trim) = token::tokens(self.source, inside, Closing::Tag)?;
        let first = tokens.remove(0);
        let Tok::Name(name) = first.kind else {
            return Err(Fault::new(
                first.at,
                format!(
                    "unexpected {}, expected the name of a tag",
                    first.kind.shown()
                ),
            ));
        };
        self.parts.push(Cut::Tag {
            at: first.at,
            name,
            tokens,
        });
        self.at = end;
        self.skip(trim);
        if trim == Trim::No {
            self.skip_line_break();
        }
        Ok(())
    }

    fn verbatim(&mut self, start: usize) -> Result<(), Fault> {
        let mut from = self.at;
        while let Some((found, opening)) = next_opening(self.source, from) {
            let before = trim_at(self.source, found + 2);
            let inside = found + 2 + usize::from(before != Trim::No);
            if opening == '%'
                && let Some((end, trim)) = tag_alone(self.source, inside, "endverbatim")
            {
                self.text_until(found, before);
                self.at = end;
                self.skip(trim);
                return Ok(());
            }
            from = found + 1;
        }
        Err(Fault::new(
            start,
            "`verbatim` is never closed, expected `{% endverbatim %}`",
        ))
    }

    fn comment(&mut self, start: usize, inside: usize) -> Result<(), Fault> {
        let rest = self.source.get(inside..).unwrap_or_default();
        let Some(length) = rest.find("#}") else {
            return Err(Fault::new(start, "`{#` is never closed, expected `#}`"));
        };
        let trim = match rest.as_bytes().get(length.wrapping_sub(1)) {
            Some(b'-') => Trim::All,
            Some(b'~') => Trim::Line,
            _ => Trim::No,
        };
        self.at = inside + length + 2;
        self.skip(trim);
        if trim == Trim::No {
            self.skip_line_break();
        }
        Ok(())
    }

    fn skip(&mut self, trim: Trim) {
        let rest = self.source.get(self.at..).unwrap_or_default();
        let kept = match trim {
            Trim::No => rest,
            Trim::All => rest.trim_start_matches(SPACE),
            Trim::Line => rest.trim_start_matches(LINE_SPACE),
        };
        self.at += rest.len() - kept.len();
    }

    fn skip_line_break(&mut self) {
        let rest = self.source.get(self.at..).unwrap_or_default();
        if rest.starts_with("\r\n") {
            self.at += 2;
        } else if rest.starts_with(['\n', '\r']) {
            self.at += 1;
        }
    }
}

/// The end and trim of a tag that consists of `name` alone.
fn tag_alone(source: &str, inside: usize, name: &str) -> Option<(usize, Trim)> {
    let rest = source.get(inside..)?;
    let after = rest.trim_start().strip_prefix(name)?.trim_start();
    let (length, trim) = if after.starts_with("%}") {
        (2, Trim::No)
    } else if after.starts_with("-%}") {
        (3, Trim::All)
    } else if after.starts_with("~%}") {
        (3, Trim::Line)
    } else {
        return None;
    };
    Some((inside + rest.len() - after.len() + length, trim))
}

/// Line breaks of every kind as one line feed, as the language has always read its templates.
fn one_line_break(text: &str) -> String {
    if text.contains('\r') {
        text.replace("\r\n", "\n").replace('\r', "\n")
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(source: &str) -> String {
        cut(source)
            .unwrap()
            .into_iter()
            .map(|part| match part {
                Cut::Text { text, .. } => text,
                Cut::Print { .. } => "<P>".to_owned(),
                Cut::Tag { name, .. } => format!("<{name}>"),
            })
            .collect()
    }

    #[test]
    fn a_line_break_after_a_tag_or_a_comment_goes_and_one_after_a_print_stays() {
        assert_eq!(shape("{% if a %}\nb\n{{ c }}\n{# d #}\ne"), "<if>b\n<P>\ne");
    }

    #[test]
    fn a_minus_takes_all_white_space_and_a_tilde_leaves_line_breaks() {
        assert_eq!(shape("a \n {{- b -}} \n c"), "a<P>c");
        assert_eq!(shape("a \n {{~ b ~}} \n c"), "a \n<P>\n c");
        assert_eq!(shape("a\n{%- if b -%}\n c"), "a<if>c");
        assert_eq!(shape("a \n {#- b -#}\n c"), "ac");
    }

    #[test]
    fn verbatim_keeps_what_stands_in_it() {
        assert_eq!(
            shape("{% verbatim %}\n{{ a }}{% if %}{% endverbatim %}b"),
            "\n{{ a }}{% if %}b"
        );
        assert_eq!(cut("x{% verbatim %}a").unwrap_err().at, 1);
    }

    #[test]
    fn braces_that_open_no_tag_are_text() {
        assert_eq!(shape("{\"a\": {\"b\": 1}}"), "{\"a\": {\"b\": 1}}");
    }
}
