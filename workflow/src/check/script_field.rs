//! The scripts of a document, each with its place.

use super::place::Place;
use script::Target;

/// One text that may hold scripts.
#[derive(Clone, Debug)]
pub(super) struct ScriptField {
    /// Where it stands.
    pub(super) place: Place,
    /// The text.
    pub(super) text: String,
    /// Where its rendered text goes.
    pub(super) target: Target,
    /// Whether it sees the request.
    pub(super) request: bool,
    /// Whether the text must not be shown.
    pub(super) sensitive: bool,
}

/// Whether the text is the same whatever a run brings.
pub(super) fn is_static(text: &str) -> bool {
    !["{{", "{%", "{#"].iter().any(|mark| text.contains(mark))
}

/// The parts of a text outside its scripts.
pub(super) fn static_parts(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text;
    loop {
        // One look for all three marks: a search for each would read the whole text each time.
        let pairs = rest.bytes().zip(rest.bytes().skip(1));
        let opening = pairs.enumerate().find_map(|(at, pair)| match pair {
            (b'{', b'{') => Some((at, "}}")),
            (b'{', b'%') => Some((at, "%}")),
            (b'{', b'#') => Some((at, "#}")),
            _ => None,
        });
        let Some((at, closing)) = opening else {
            parts.push(rest);
            return parts;
        };
        let (before, script) = rest.split_at(at);
        parts.push(before);
        match script.split_once(closing) {
            Some((_, after)) => rest = after,
            None => return parts,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_static_parts_are_what_stands_outside_of_scripts() {
        let text = "a{{ x\n }}b{% if y %}c{# note #}";
        assert_eq!(static_parts(text), ["a", "b", "c", ""]);
        assert_eq!(static_parts("plain"), ["plain"]);
        assert_eq!(static_parts("a{{ open"), ["a"]);
    }
}
