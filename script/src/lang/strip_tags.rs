//! Takes tags out of text as PHP's `strip_tags` does: by its states, so that broken markup comes out the same, too.

/// A text without its tags and comments. Tags of the names in `allowed` stay: `<b><i>`, in small letters.
pub(crate) fn strip_tags(text: &str, allowed: &str) -> String {
    let mut stripper = Stripper {
        bytes: text.as_bytes(),
        allowed,
        out: Vec::with_capacity(text.len()),
        tag: Vec::new(),
        state: State::Text,
        quote: None,
        depth: 0,
        brackets: 0,
        last: 0,
    };
    for at in 0..text.len() {
        stripper.step(at);
    }
    String::from_utf8(stripper.out)
        .unwrap_or_else(|broken| String::from_utf8_lossy(broken.as_bytes()).into_owned())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Text,
    Tag,
    /// `<? … ?>`
    Code,
    /// `<! … >`
    Declaration,
    /// `<!-- … -->`
    Comment,
}

struct Stripper<'a> {
    bytes: &'a [u8],
    allowed: &'a str,
    out: Vec<u8>,
    /// The tag so far, where some are allowed.
    tag: Vec<u8>,
    state: State,
    quote: Option<u8>,
    /// How many `<` inside a tag are open.
    depth: usize,
    /// How many brackets are open in code.
    brackets: i64,
    /// The last bracket or quote in code.
    last: u8,
}

impl Stripper<'_> {
    fn byte(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or_default()
    }

    /// Whether these bytes stand right before a place.
    fn after(&self, at: usize, before: &[u8]) -> bool {
        at.checked_sub(before.len())
            .and_then(|from| self.bytes.get(from..at))
            .is_some_and(|found| found.eq_ignore_ascii_case(before))
    }

    fn step(&mut self, at: usize) {
        let byte = self.byte(at);
        match self.state {
            State::Text => self.text(at, byte),
            State::Tag => self.tag(at, byte),
            State::Code => self.code(at, byte),
            State::Declaration => self.declaration(at, byte),
            State::Comment => {
                if byte == b'>' && self.quote.is_none() && self.follows(at, *b"--") {
                    self.close();
                }
            }
        }
    }

    /// Whether two bytes stand right before a place.
    fn follows(&self, at: usize, two: [u8; 2]) -> bool {
        at >= 2 && [self.byte(at - 2), self.byte(at - 1)] == two
    }

    fn close(&mut self) {
        self.state = State::Text;
        self.quote = None;
        self.tag.clear();
    }

    /// Opens or closes a quote.
    fn quoted(&mut self, byte: u8) {
        match self.quote {
            None => self.quote = Some(byte),
            Some(open) if open == byte => self.quote = None,
            Some(_) => {}
        }
    }

    /// Whether a `>` closes no more than a `<` inside.
    fn closes_inner(&mut self) -> bool {
        let inner = self.depth > 0;
        self.depth = self.depth.saturating_sub(1);
        inner
    }

    fn text(&mut self, at: usize, byte: u8) {
        match byte {
            0 => {}
            b'<' if !is_space(self.byte(at + 1)) => {
                self.tag.push(byte);
                self.state = State::Tag;
            }
            b'>' if self.closes_inner() => {}
            _ => self.out.push(byte),
        }
    }

    fn tag(&mut self, at: usize, byte: u8) {
        let opened = at > 0 && self.byte(at - 1) == b'<';
        match byte {
            0 => {}
            b'<' if self.quote.is_some() => {}
            b'<' if !is_space(self.byte(at + 1)) => self.depth += 1,
            b'>' if self.closes_inner() || self.quote.is_some() => {}
            b'>' => {
                self.tag.push(byte);
                if self.is_allowed() {
                    self.out.append(&mut self.tag);
                }
                self.close();
            }
            b'!' if opened => self.state = State::Declaration,
            b'?' if opened => {
                self.brackets = 0;
                self.last = b'<';
                self.state = State::Code;
            }
            _ => {
                if matches!(byte, b'"' | b'\'') {
                    self.quoted(byte);
                }
                self.tag.push(byte);
            }
        }
    }

    fn code(&mut self, at: usize, byte: u8) {
        let in_text = matches!(self.last, b'"' | b'\'');
        match byte {
            b'(' | b')' if !in_text => {
                self.last = byte;
                self.brackets += if byte == b'(' { 1 } else { -1 };
            }
            b'>' if self.closes_inner() => {}
            b'>' if self.quote.is_none()
                && self.brackets == 0
                && self.last != b'"'
                && at > 0
                && self.byte(at - 1) == b'?' =>
            {
                self.close();
            }
            b'"' | b'\'' if at > 0 && self.byte(at - 1) != b'\\' => {
                self.last = if self.last == byte { 0 } else { byte };
                self.quoted(byte);
            }
            b'l' | b'L' if self.after(at, b"<?xm") => self.state = State::Tag,
            _ => {}
        }
    }

    fn declaration(&mut self, at: usize, byte: u8) {
        match byte {
            b'>' if self.closes_inner() || self.quote.is_some() => {}
            b'>' => self.close(),
            b'"' | b'\'' if at > 0 && self.byte(at - 1) != b'\\' => self.quoted(byte),
            b'-' if self.follows(at, *b"!-") => self.state = State::Comment,
            b'e' | b'E' if self.after(at, b"doctyp") => self.state = State::Tag,
            _ => {}
        }
    }

    /// Whether the tag, without its attributes and slashes, is among the allowed ones.
    fn is_allowed(&self) -> bool {
        if self.allowed.is_empty() {
            return false;
        }
        let mut name = vec![b'<'];
        for (at, byte) in self.tag.iter().enumerate().skip(1) {
            let before = at.checked_sub(1).and_then(|at| self.tag.get(at));
            match byte {
                b'>' => break,
                b'<' => name.push(*byte),
                b'/' if before == Some(&b'<') || self.tag.get(at + 1) == Some(&b'>') => {}
                space if is_space(*space) => {
                    if name.len() > 1 {
                        break;
                    }
                }
                other => name.push(other.to_ascii_lowercase()),
            }
        }
        name.push(b'>');
        self.allowed
            .contains(String::from_utf8_lossy(&name).as_ref())
    }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t'..=b'\r')
}

#[cfg(test)]
mod tests {
    use super::strip_tags;

    #[test]
    fn broken_markup_loses_what_php_takes_away() {
        for (text, bare, kept) in [
            ("a<b", "a", "a"),
            ("a < b", "a < b", "a < b"),
            ("<a<b>c>d", "d", "d"),
            ("<a \"x>y\">z", "z", "<a \"xy\">z"),
            ("<!-->x-->y", "x-->y", "x-->y"),
            ("<!-- a > b -->c", "c", "c"),
            ("<?php \"?>\" ?>c", "c", "c"),
            ("<!DOCTYPE x>y", "y", "y"),
            ("<a>>b", ">b", "<a>>b"),
            ("<b/>c</B>", "c", "<b/>c</B>"),
            ("<b \"<i>\">x", "x", "<b \"i\">x"),
            ("<<b>>c", "c", "<b>c"),
            ("1<2 and 3>2é", "12é", "12é"),
        ] {
            assert_eq!(strip_tags(text, ""), bare, "{text}");
            assert_eq!(strip_tags(text, "<a><b>"), kept, "{text}");
        }
    }
}
