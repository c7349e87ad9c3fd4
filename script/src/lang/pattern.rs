//! Regular expressions as authors write them: `/pattern/flags`.

use regex::bytes::{Regex, RegexBuilder};

/// Compiled patterns may take so many bytes.
const LARGEST: usize = 1 << 20;

/// Compiles a pattern with its delimiters and flags. The engine behind it runs in linear time, so look-around and
/// back-references are not there. Without the flag `u` the pattern sees bytes, unless it has letters beyond ASCII in a
/// class.
pub(crate) fn compile(pattern: &str) -> Result<Regex, String> {
    let (body, flags) = parts(pattern)?;
    for flag in flags.chars() {
        if !"imsxUuDAXSJn".contains(flag) {
            return Err(format!(
                "the pattern `{pattern}` has the unknown flag `{flag}`"
            ));
        }
    }
    let body = translated(&body, flags);
    let built = if flags.contains('u') {
        build(&body, flags, true)
    } else {
        build(&body, flags, false).or_else(|_| build(&body, flags, true))
    };
    built.map_err(|error| {
        format!(
            "the pattern `{pattern}` cannot be read: {}",
            last_line(&error)
        )
    })
}

/// What stands between the delimiters, and the flags after them.
fn parts(pattern: &str) -> Result<(String, &str), String> {
    let trimmed = pattern.trim_start();
    let mut letters = trimmed.chars();
    let open = letters
        .next()
        .filter(|letter| !letter.is_alphanumeric() && *letter != '\\')
        .ok_or_else(|| format!("the pattern `{pattern}` needs delimiters, as in `/{pattern}/`"))?;
    let close = match open {
        '(' => ')',
        '[' => ']',
        '{' => '}',
        '<' => '>',
        same => same,
    };
    let (body, flags) = letters
        .as_str()
        .rsplit_once(close)
        .ok_or_else(|| format!("the pattern `{pattern}` does not end with `{close}`"))?;
    // A delimiter that means nothing in a pattern is written with a backslash there, which is then no part of it.
    let body = if regex_syntax_letter(open) {
        body.to_owned()
    } else {
        body.replace(&format!("\\{open}"), &open.to_string())
    };
    Ok((body, flags.trim_end()))
}

fn regex_syntax_letter(letter: char) -> bool {
    "\\.+*?()|[]{}^$#&-~".contains(letter)
}

fn build(body: &str, flags: &str, unicode: bool) -> Result<Regex, regex::Error> {
    let has = |flag: char| flags.contains(flag);
    RegexBuilder::new(body)
        .size_limit(LARGEST)
        .dfa_size_limit(LARGEST)
        .octal(false)
        .unicode(unicode)
        .case_insensitive(has('i'))
        .multi_line(has('m'))
        .dot_matches_new_line(has('s'))
        .ignore_whitespace(has('x'))
        .swap_greed(has('U'))
        .build()
}

/// A pattern of PHP's in the words of the engine: `$` also stands before a line break at the very end, and in a class
/// `[`, `&&`, `--`, `~~` and, with the flag `x`, blanks mean nothing but themselves.
fn translated(body: &str, flags: &str) -> String {
    let soft_end = !flags.contains('m') && !flags.contains('D');
    let mut out = String::with_capacity(body.len());
    if flags.contains('A') {
        out.push_str("\\A");
    }
    let mut letters = body.chars().peekable();
    let mut in_class = false;
    let mut class_begins = false;
    while let Some(letter) = letters.next() {
        let first = std::mem::take(&mut class_begins);
        match letter {
            '\\' => {
                out.push(letter);
                out.extend(letters.next());
            }
            '[' if !in_class => {
                in_class = true;
                class_begins = true;
                out.push('[');
            }
            '^' if first => {
                class_begins = true;
                out.push('^');
            }
            ']' if in_class && first => out.push_str("\\]"),
            ']' if in_class => {
                in_class = false;
                out.push(']');
            }
            '[' if letters.peek() == Some(&':') => {
                out.push('[');
                for inner in letters.by_ref() {
                    out.push(inner);
                    if inner == ']' {
                        break;
                    }
                }
            }
            '[' | '&' | '~' if in_class => {
                out.push('\\');
                out.push(letter);
            }
            '-' if in_class && letters.peek() == Some(&'-') => out.push_str("\\-"),
            ' ' | '\t' | '\n' | '#' if in_class && flags.contains('x') => {
                out.push('\\');
                out.push(letter);
            }
            '$' if soft_end && !in_class => out.push_str("(?:\\n?\\z)"),
            other => out.push(other),
        }
    }
    out
}

fn last_line(error: &regex::Error) -> String {
    let text = error.to_string();
    text.lines()
        .last()
        .unwrap_or_default()
        .trim()
        .trim_start_matches("error: ")
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::compile;

    #[test]
    fn delimiters_and_flags_are_those_of_php() {
        assert!(compile("/^ab\\/c/i").unwrap().is_match(b"AB/C"));
        assert!(compile("#^a#").unwrap().is_match(b"ab"));
        assert!(compile("{^a}").unwrap().is_match(b"ab"));
        assert!(compile("abc").unwrap_err().contains("delimiters"));
        assert!(compile("/a(/").unwrap_err().contains("cannot be read"));
        assert!(compile("/a/e").unwrap_err().contains("flag `e`"));
    }
    #[test]
    fn ends_classes_and_letters_are_those_of_php() {
        let matches =
            |pattern: &str, text: &str| compile(pattern).unwrap().is_match(text.as_bytes());
        assert!(matches("/^abc$/", "abc\n"));
        assert!(!matches("/^abc$/D", "abc\n"));
        assert!(matches("/^[a&&b-]$/", "&"));
        assert!(matches("/^[]a[]$/", "]"));
        assert!(matches("/^[[:alpha:]]$/", "x"));
        assert!(matches("/^[a b]$/x", " "));
        assert!(!matches("/^.$/", "é"));
        assert!(matches("/^.$/u", "é"));
        assert!(matches("/^[é]$/", "é"));
        assert!(matches("~^a\\~b~", "a~b"));
    }
}
