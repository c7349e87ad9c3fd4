//! Detects what a reply body is from the author's static text.

use crate::front::ast::Node;
use crate::target::{BodyMode, Target};

/// The mode of a script. Targets other than a body have theirs by their nature.
pub(super) fn mode(nodes: &[Node], target: Target) -> BodyMode {
    match target {
        Target::Html => BodyMode::Html,
        Target::Body => first_text(nodes).map_or(BodyMode::Dynamic, mode_of_text),
        Target::Text | Target::Url | Target::Header | Target::Value => BodyMode::Plain,
    }
}

fn mode_of_text(text: &str) -> BodyMode {
    if text.starts_with(['{', '[']) {
        BodyMode::Json
    } else if text.starts_with("<?xml") {
        BodyMode::Xml
    } else if text.starts_with('<') {
        BodyMode::Html
    } else {
        BodyMode::Plain
    }
}

/// The first static text that is more than white space, in the order of the author's text. The text of a captured
/// value does not count: it is printed elsewhere, if at all.
fn first_text(nodes: &[Node]) -> Option<&str> {
    nodes.iter().find_map(|node| match node {
        Node::Text { text, .. } => Some(text.trim_start()).filter(|text| !text.is_empty()),
        Node::If {
            branches,
            otherwise,
        } => branches
            .iter()
            .find_map(|(_, body)| first_text(body))
            .or_else(|| first_text(otherwise)),
        Node::For(repeat) => first_text(&repeat.body).or_else(|| first_text(&repeat.otherwise)),
        Node::Autoescape { body, .. } | Node::Apply { body, .. } => first_text(body),
        Node::Print(_) | Node::Set { .. } | Node::Capture { .. } | Node::Do(_) => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::front::read;

    fn body(source: &str) -> BodyMode {
        mode(&read(source).unwrap(), Target::Body)
    }

    #[test]
    fn the_first_static_text_decides() {
        assert_eq!(body(" \n{\"a\": {{ a }}}"), BodyMode::Json);
        assert_eq!(body("{% if a %}[1]{% endif %}"), BodyMode::Json);
        assert_eq!(body("<?xml version=\"1.0\"?>"), BodyMode::Xml);
        assert_eq!(body("{% set x = 1 %}<p>"), BodyMode::Html);
        assert_eq!(body("Hello {{ a }}"), BodyMode::Plain);
        assert_eq!(body("{{ a }}"), BodyMode::Dynamic);
        assert_eq!(body("{% set x %}<p>{% endset %}{{ x }}"), BodyMode::Dynamic);
    }
}
