//! Regular expressions as authors write them: `/pattern/flags`.

use regex::{Regex, RegexBuilder};

/// Compiled patterns may take so many bytes.
const LARGEST: usize = 1 << 20;

/// Compiles a pattern with its delimiters and flags. The engine behind it runs in linear time, so look-around and
/// back-references are not there.
pub(crate) fn compile(pattern: &str) -> Result<Regex, String> {
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
    let body = body.replace(
        &format!("\\{open}"),
        &if open == '/' {
            "/".to_owned()
        } else {
            format!("\\{open}")
        },
    );
    let mut builder = RegexBuilder::new(&body);
    builder
        .size_limit(LARGEST)
        .dfa_size_limit(LARGEST)
        .octal(false);
    for flag in flags.trim_end().chars() {
        match flag {
            'i' => builder.case_insensitive(true),
            'm' => builder.multi_line(true),
            's' => builder.dot_matches_new_line(true),
            'x' => builder.ignore_whitespace(true),
            'U' => builder.swap_greed(true),
            'u' | 'D' => &mut builder,
            other => {
                return Err(format!(
                    "the pattern `{pattern}` has the unknown flag `{other}`"
                ));
            }
        };
    }
    builder.build().map_err(|error| {
        format!(
            "the pattern `{pattern}` cannot be read: {}",
            last_line(&error)
        )
    })
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
        assert!(compile("/^ab\\/c/i").unwrap().is_match("AB/C"));
        assert!(compile("#^a#").unwrap().is_match("ab"));
        assert!(compile("{^a}").unwrap().is_match("ab"));
        assert!(compile("abc").unwrap_err().contains("delimiters"));
        assert!(compile("/a(/").unwrap_err().contains("cannot be read"));
        assert!(compile("/a/e").unwrap_err().contains("flag `e`"));
    }
}
