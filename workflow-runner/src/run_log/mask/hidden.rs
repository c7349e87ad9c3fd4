//! Texts that are known to be secret, wherever they stand.

use std::collections::BTreeSet;
use std::sync::Arc;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use url::form_urlencoded;

use super::MASK;

/// A shorter text would be found in half of all words.
const SHORTEST: usize = 4;

/// The longest that is found also where a body was cut off within it, in bytes.
pub(in crate::run_log) const LONGEST: usize = 8 * 1024;

/// A longer one is not looked for in JSON within JSON and the like, in bytes.
const LONGEST_NESTED: usize = 4 * 1024;

/// The secrets that a run may read, by name.
pub(in crate::run_log) type Secrets = Arc<script::Secrets>;

/// Texts that are to be masked, in every spelling that they may take: as they are, in JSON, in HTML, in a form, in a URL,
/// and in one of these within another. Of one that is a part of another the longer one goes first. One of fewer than four bytes is not masked.
#[derive(Default)]
pub(in crate::run_log) struct Hidden {
    spellings: Option<AhoCorasick>,
}

impl Hidden {
    /// What masks the values of these secrets.
    pub(in crate::run_log) fn new(secrets: &script::Secrets) -> Self {
        let texts = secrets.values().filter(|text| text.len() >= SHORTEST);
        let spellings: BTreeSet<String> = texts.flat_map(|text| spellings(&text)).collect();
        if spellings.is_empty() {
            return Self::default();
        }
        // The fastest kind takes a hundred times the memory.
        let built = AhoCorasick::builder()
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .match_kind(MatchKind::LeftmostLongest)
            .build(spellings);
        if let Err(error) = &built {
            // Only texts of gigabytes are too many.
            tracing::error!(%error, "secrets cannot be masked by their values");
        }
        Self {
            spellings: built.ok(),
        }
    }

    /// The length of the longest spelling, in bytes.
    pub(in crate::run_log) fn longest(&self) -> usize {
        self.spellings
            .as_ref()
            .map_or(0, AhoCorasick::max_pattern_len)
    }

    /// The text without them.
    pub(in crate::run_log) fn text(&self, text: String) -> String {
        match &self.spellings {
            Some(spellings) if spellings.is_match(&text) => {
                let masks = vec![MASK; spellings.patterns_len()];
                spellings.replace_all(&text, &masks)
            }
            _ => text,
        }
    }

    /// The bytes without them, text or not.
    pub(in crate::run_log) fn bytes(&self, bytes: Vec<u8>) -> Vec<u8> {
        match &self.spellings {
            Some(spellings) if spellings.is_match(&bytes) => {
                let masks = vec![MASK; spellings.patterns_len()];
                spellings.replace_all_bytes(&bytes, &masks)
            }
            _ => bytes,
        }
    }
}

/// The masks of the secrets that runs may read, made once for as long as these stay the same.
#[derive(Default)]
pub(in crate::run_log) struct Masks {
    last: Option<(Secrets, Arc<Hidden>)>,
}

impl Masks {
    /// What masks these secrets.
    pub(in crate::run_log) fn of(&mut self, secrets: Option<&Secrets>) -> Arc<Hidden> {
        let Some(secrets) = secrets else {
            return Arc::default();
        };
        match &self.last {
            Some((last, hidden)) if last == secrets => hidden.clone(),
            _ => {
                let hidden = Arc::new(Hidden::new(secrets));
                self.last = Some((secrets.clone(), hidden.clone()));
                hidden
            }
        }
    }
}

/// A text as scripts and others may write it, and each of these within JSON, HTML or a URL.
fn spellings(text: &str) -> BTreeSet<String> {
    let mut spellings = script::spellings(text);
    spellings.extend(elsewhere(text));
    if text.len() <= LONGEST_NESTED {
        let nested = spellings.iter().flat_map(|spelling| {
            let others = [json(spelling), form(spelling)];
            script::plain_spellings(spelling).into_iter().chain(others)
        });
        let nested: Vec<String> = nested.collect();
        spellings.extend(nested);
    }
    let lower: Vec<String> = spellings
        .iter()
        .map(|spelling| lower_hex(spelling))
        .collect();
    spellings.extend(lower);
    spellings
}

/// How those write a text who do not write it as scripts do.
fn elsewhere(text: &str) -> [String; 4] {
    let json = json(text);
    let tags = json.replace('<', "\\u003c").replace('>', "\\u003e");
    let html = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;");
    [
        tags.replace('&', "\\u0026"),
        json,
        form(text),
        html.replace('\'', "&#x27;").replace('/', "&#x2f;"),
    ]
}

fn json(text: &str) -> String {
    let json = serde_json::to_string(text).unwrap_or_default();
    let inside = json.get(1..json.len().saturating_sub(1));
    inside.unwrap_or(text).to_owned()
}

fn form(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// Percent-encoding with small letters.
fn lower_hex(text: &str) -> String {
    let mut left = 0;
    let lower = |letter: char| {
        if letter == '%' {
            left = 3;
        }
        let hex = left > 0;
        left = usize::saturating_sub(left, 1);
        if hex {
            letter.to_ascii_lowercase()
        } else {
            letter
        }
    };
    text.chars().map(lower).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hidden(texts: &[&str]) -> Hidden {
        let named = texts
            .iter()
            .map(|text| ((*text).to_owned(), (*text).to_owned()));
        Hidden::new(&named.collect())
    }

    #[test]
    fn a_known_secret_is_masked_in_every_spelling() {
        let hidden = hidden(&["p\"w /Ö\"", "abc"]);
        for text in [
            "x p\"w /Ö\" y",
            "{\"a\":\"p\\\"w /Ö\\\"\"}",
            "<p>p&quot;w /Ö&quot;</p>",
            "<p>p&quot;w &#x2f;Ö&quot;</p>",
            "a=p%22w+%2F%C3%96%22",
            "a=p%22w%20%2F%C3%96%22",
            "a=p%22w%20%2f%c3%96%22",
        ] {
            let masked = hidden.text(text.to_owned());
            assert!(masked.contains("***") && !masked.contains('w'), "{masked}");
            assert_eq!(hidden.bytes(text.as_bytes().to_vec()), masked.as_bytes());
        }
        let short = hidden.text("abc".to_owned());
        assert_eq!(short, "abc", "too short to be masked");
    }

    #[test]
    fn what_scripts_and_others_make_of_a_secret_is_masked() {
        let hidden = hidden(&["a/b*c~d<e>é\"f'g&h\n"]);
        for text in [
            r#"a\/b*c~d<e>\u00e9\"f'g&h\n"#,
            r#"a/b*c~d<e>é\"f'g&h"#,
            r#"a\/b*c~d\u003Ce\u003E\u00e9\u0022f\u0027g\u0026h"#,
            r#"a/b*c~d\u003ce\u003eé\"f'g\u0026h"#,
            r#"a/b*c~d\u003ce>é\"f'g&h"#,
            "a%2Fb%2Ac~d%3Ce%3E%C3%A9%22f%27g%26h",
            "a%2fb%2ac~d%3ce%3e%c3%a9%22f%27g%26h",
            "a%2Fb*c%7Ed%3Ce%3E%C3%A9%22f%27g%26h%0A",
            "a/b*c~d%3Ce%3E%C3%A9%22f%27g&h",
            "a/b*c~d&lt;e&gt;é&quot;f&#039;g&amp;h",
            r"a\/b\u002Ac\u007Ed\u003Ce\u003E\u00E9\u0022f\u0027g\u0026h",
            r#"{\"x\":\"a\\\/b*c~d<e>\\u00e9\\\"f'g&h\"}"#,
            "{&quot;x&quot;:&quot;a\\/b*c~d&lt;e&gt;\\u00e9\\&quot;f&#039;g&amp;h&quot;}",
        ] {
            let masked = hidden.text(text.to_owned());
            assert!(
                masked.contains("***") && !masked.contains("*c"),
                "{text} -> {masked}"
            );
        }
    }

    #[test]
    fn a_long_secret_takes_bounded_memory() {
        let line = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7/+==\n";
        let hidden = hidden(&[&line.repeat(1_000)]);
        let memory = hidden.spellings.as_ref().unwrap().memory_usage();
        assert!(memory < 64 * 1024 * 1024, "{memory}");
    }

    #[test]
    fn bytes_that_are_no_text_are_masked_too() {
        let masked = hidden(&["hunter2"]).bytes(b"\xff\x00hunter2\xfehunter".to_vec());
        assert_eq!(masked, b"\xff\x00***\xfehunter");
    }

    #[test]
    fn the_longer_of_two_secrets_goes_first() {
        let hidden = hidden(&["hunter", "hunter2-more"]);
        assert_eq!(hidden.text("hunter2-more hunter".to_owned()), "*** ***");
    }

    #[test]
    fn masks_are_made_anew_where_the_secrets_are_others() {
        let secrets = |value: &str| {
            Arc::new(script::Secrets::from_iter([(
                "A".to_owned(),
                value.to_owned(),
            )]))
        };
        let (first, second) = (secrets("hunter2"), secrets("other-one"));
        let mut masks = Masks::default();
        let made = masks.of(Some(&first));
        assert!(Arc::ptr_eq(&made, &masks.of(Some(&first))));
        assert!(Arc::ptr_eq(&made, &masks.of(Some(&secrets("hunter2")))));
        let text = "hunter2 other-one".to_owned();
        assert_eq!(masks.of(Some(&second)).text(text.clone()), "hunter2 ***");
        assert_eq!(masks.of(None).text(text.clone()), text);
    }
}
