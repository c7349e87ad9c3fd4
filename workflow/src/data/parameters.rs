//! The parameters behind a header's value: `; name=value; name="quoted value"`.

/// Names in lower case, with their values, in order. It reads them one after the other, so that text
/// inside one quoted value is never taken for another parameter; and it lets pass in bare values
/// what the grammar wants quoted, since old senders do not quote it.
pub(super) fn parameters(header: &str) -> Vec<(String, String)> {
    let mut rest = header.split_once(';').map_or("", |(_, rest)| rest);
    let mut found = Vec::new();
    while !rest.is_empty() {
        let (name, value, after) = parameter(rest);
        found.push((name.to_ascii_lowercase(), value));
        rest = after;
    }
    found
}

/// One `name=value`, and what follows its `;`.
fn parameter(text: &str) -> (&str, String, &str) {
    let white = |character: char| character.is_ascii_whitespace();
    let end = text.find(['=', ';']).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let name = name.trim_matches(white);
    let Some(value) = rest.strip_prefix('=') else {
        return (
            name,
            String::new(),
            rest.strip_prefix(';').unwrap_or_default(),
        );
    };
    let value = value.trim_start_matches(white);
    if let Some(quoted) = value.strip_prefix('"') {
        let (value, rest) = unquote(quoted);
        return (
            name,
            value,
            rest.split_once(';').map_or("", |(_, rest)| rest),
        );
    }
    let (value, rest) = value.split_once(';').unwrap_or((value, ""));
    (name, value.trim_matches(white).to_owned(), rest)
}

/// The text up to the closing quote, and what follows it.
fn unquote(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut characters = text.char_indices().peekable();
    while let Some((place, character)) = characters.next() {
        match character {
            '"' => return (value, text.get(place + 1..).unwrap_or_default()),
            '\\' => match characters.next_if(|(_, next)| matches!(next, '"' | '\\')) {
                Some((_, escaped)) => value.push(escaped),
                None => value.push('\\'),
            },
            _ => value.push(character),
        }
    }
    (value, "")
}
