//! Which content type the body of a `data` reply has.

use script::BodyMode;

/// A JSON body.
pub(super) const JSON: &str = "application/json";
/// A plain text.
pub(super) const PLAIN: &str = "text/plain; charset=utf-8";
/// A page.
pub(super) const HTML: &str = "text/html; charset=utf-8";
/// An XML document.
pub(super) const XML: &str = "application/xml; charset=utf-8";

/// The content type of a rendered body.
///
/// The author's static text decides; where there is none, the rendered text does: it is JSON, XML,
/// HTML, else plain text.
#[must_use]
pub fn content_type(mode: BodyMode, rendered: &str) -> &'static str {
    let text = rendered.trim_start();
    match mode {
        BodyMode::Json if is_json(text) => JSON,
        BodyMode::Json | BodyMode::Plain => PLAIN,
        BodyMode::Xml => XML,
        BodyMode::Html => markup(text).unwrap_or(HTML),
        BodyMode::Dynamic if text.starts_with(['{', '[']) && is_json(text) => JSON,
        BodyMode::Dynamic => markup(text).unwrap_or(PLAIN),
    }
}

/// Whether a browser would run the scripts of a body of this type.
pub(super) fn runs_scripts(content_type: &str) -> bool {
    matches!(content_type, HTML | XML)
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}

/// What a text that begins with a tag is; none for other text.
fn markup(text: &str) -> Option<&'static str> {
    let after = text.strip_prefix('<')?;
    if after.starts_with("?xml") {
        return Some(XML);
    }
    if after.starts_with('!') {
        return Some(HTML);
    }
    let name: String = after
        .chars()
        .take_while(|character| {
            character.is_alphanumeric() || matches!(character, '-' | '_' | '.' | ':')
        })
        .collect();
    if !name.starts_with(|first: char| first.is_alphabetic() || first == '_') {
        return None;
    }
    let lower = name.to_ascii_lowercase();
    // Elements of an author's own making have a hyphen in HTML.
    let html = HTML_ELEMENTS.contains(&lower.as_str()) || lower.contains('-');
    Some(if html { HTML } else { XML })
}

/// The elements that a page or a piece of one begins with. Any other one begins an XML document, as
/// `<Response>`, `<rss>` or `<soap:Envelope>` do.
const HTML_ELEMENTS: &[&str] = &[
    "a",
    "abbr",
    "address",
    "article",
    "aside",
    "audio",
    "b",
    "base",
    "bdi",
    "bdo",
    "blockquote",
    "body",
    "br",
    "button",
    "canvas",
    "caption",
    "center",
    "cite",
    "code",
    "col",
    "colgroup",
    "data",
    "datalist",
    "dd",
    "del",
    "details",
    "dfn",
    "dialog",
    "div",
    "dl",
    "dt",
    "em",
    "embed",
    "fieldset",
    "figcaption",
    "figure",
    "font",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "header",
    "hgroup",
    "hr",
    "html",
    "i",
    "iframe",
    "img",
    "input",
    "ins",
    "kbd",
    "label",
    "legend",
    "li",
    "link",
    "main",
    "map",
    "mark",
    "menu",
    "meta",
    "meter",
    "nav",
    "noscript",
    "object",
    "ol",
    "optgroup",
    "option",
    "output",
    "p",
    "picture",
    "pre",
    "progress",
    "q",
    "rp",
    "rt",
    "ruby",
    "s",
    "samp",
    "script",
    "search",
    "section",
    "select",
    "slot",
    "small",
    "source",
    "span",
    "strike",
    "strong",
    "style",
    "sub",
    "summary",
    "sup",
    "table",
    "tbody",
    "td",
    "template",
    "textarea",
    "tfoot",
    "th",
    "thead",
    "time",
    "title",
    "tr",
    "track",
    "tt",
    "u",
    "ul",
    "var",
    "video",
    "wbr",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_static_text_decides_and_broken_json_is_plain_text() {
        for (mode, text, expected) in [
            (BodyMode::Json, "{\"a\": 1}", JSON),
            (BodyMode::Json, " \n[1, 2]\n", JSON),
            (BodyMode::Json, "{\"a\": 1", PLAIN),
            (BodyMode::Json, "{name}", PLAIN),
            (BodyMode::Xml, "<?xml version=\"1.0\"?><a/>", XML),
            (BodyMode::Html, "<!doctype html><p>", HTML),
            (BodyMode::Html, "<H1>x</H1>", HTML),
            (BodyMode::Html, "<my-card>x</my-card>", HTML),
            (BodyMode::Html, "<!-- x -->", HTML),
            (BodyMode::Html, "Anna &lt; <p>", HTML),
            (BodyMode::Html, "<Response><Say>hi</Say></Response>", XML),
            (BodyMode::Html, "<soap:Envelope/>", XML),
            (BodyMode::Html, "<rss version=\"2.0\">", XML),
            (BodyMode::Plain, "hello", PLAIN),
            (BodyMode::Plain, "<p>", PLAIN),
        ] {
            assert_eq!(content_type(mode, text), expected, "{mode:?} {text}");
        }
    }

    #[test]
    fn of_a_printed_value_alone_the_rendered_text_decides() {
        for (text, expected) in [
            ("{\"a\":1}", JSON),
            ("[]", JSON),
            ("{a}", PLAIN),
            ("42", PLAIN),
            ("\"text\"", PLAIN),
            ("<script>alert(1)</script>", HTML),
            ("  <html>", HTML),
            ("<?xml version=\"1.0\"?>", XML),
            ("<feed/>", XML),
            ("< b", PLAIN),
            ("", PLAIN),
        ] {
            let detected = content_type(BodyMode::Dynamic, text);
            assert_eq!(detected, expected, "{text}");
            assert_eq!(
                runs_scripts(detected),
                text.trim_start().starts_with('<') && text != "< b"
            );
        }
    }
}
