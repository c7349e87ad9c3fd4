//! A text in the spellings that scripts write it in, for those who look for it in what scripts have written.

use std::collections::BTreeSet;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use crate::filters::{escape, url};
use crate::lang::{php_json, text};

/// What URLs escape in queries, and in paths.
const QUERY: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'\'');
const PATH: &AsciiSet = &QUERY.add(b'?').add(b'`').add(b'{').add(b'}').add(b'^');

/// A text as every escaping of this language writes it: `json_encode` with any options, the strategies of `escape`,
/// `url_encode`, what is printed into HTML, JSON and URLs.
#[must_use]
pub fn spellings(plain: &str) -> BTreeSet<String> {
    let mut spellings = BTreeSet::from([plain.to_owned(), json(plain)]);
    spellings.extend(encoded(plain));
    let strategies = ["html", "html_attr", "js", "css", "url"];
    spellings
        .extend(strategies.map(|strategy| escape::escaped(plain, strategy).unwrap_or_default()));
    spellings.extend([QUERY, PATH].map(|set| utf8_percent_encode(plain, set).to_string()));
    spellings
}

/// A text as it is written where no options are given: into JSON, by `json_encode`, into HTML, into a URL.
#[must_use]
pub fn plain_spellings(plain: &str) -> [String; 4] {
    [
        json(plain),
        php_json::escaped(plain, 0),
        text::markup(plain),
        url::percent(plain),
    ]
}

fn json(plain: &str) -> String {
    let mut out = String::with_capacity(plain.len());
    // A `String` takes whatever is written to it.
    let _ = text::write_json_string(&mut out, plain);
    out
}

/// What `json_encode` writes, with all the options that change this text.
fn encoded(plain: &str) -> impl Iterator<Item = String> {
    let changing = php_json::ESCAPES
        .into_iter()
        .filter(|(_, changed)| plain.contains(changed));
    let options = changing.fold(vec![0], |options, (bit, _)| {
        options
            .iter()
            .flat_map(|others| [*others, others | bit])
            .collect()
    });
    options
        .into_iter()
        .map(|options| php_json::escaped(plain, options))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_spelt_as_every_escaping_writes_it() {
        let spellings = spellings("a/b*~<é>'\"&");
        for wanted in [
            "a/b*~<é>'\"&",
            r#"a\/b*~<\u00e9>'\"&"#,
            r#"a/b*~<\u00e9>'\"&"#,
            r#"a/b*~<é>'\"&"#,
            r"a\/b*~\u003C\u00e9\u003E\u0027\u0022\u0026",
            r#"a/b*~\u003cé>'\"&"#,
            "a/b*~&lt;é&gt;&#039;&quot;&amp;",
            "a%2Fb%2A~%3C%C3%A9%3E%27%22%26",
            "a/b*~%3C%C3%A9%3E%27%22&",
            r"a\/b\u002A\u007E\u003C\u00E9\u003E\u0027\u0022\u0026",
        ] {
            assert!(spellings.contains(wanted), "{wanted}: {spellings:#?}");
        }
        assert_eq!(super::spellings("hunter2").len(), 1);
    }
}
