//! Follows the static text of a JSON body, to know whether a value stands inside quotes.

/// Where in JSON text a place is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quotes {
    Outside,
    Inside,
    /// Inside, right after a backslash that has no letter yet.
    Escape,
    /// It depends on which way the script went.
    Unclear,
}

impl Quotes {
    /// The place after more static text.
    pub(super) fn after(self, text: &str) -> Self {
        text.chars()
            .fold(self, |quotes, letter| match (quotes, letter) {
                (Self::Outside, '"') | (Self::Escape, _) => Self::Inside,
                (Self::Inside, '"') => Self::Outside,
                (Self::Inside, '\\') => Self::Escape,
                (same, _) => same,
            })
    }

    /// The place after one of several ways.
    pub(super) fn or(self, other: Self) -> Self {
        if self == other { self } else { Self::Unclear }
    }
}

#[cfg(test)]
mod tests {
    use super::Quotes::{Escape, Inside, Outside, Unclear};

    #[test]
    fn quotes_open_and_close_and_escaped_ones_do_neither() {
        assert_eq!(Outside.after("{\"a\": "), Outside);
        assert_eq!(Outside.after("{\"a\": \""), Inside);
        assert_eq!(Outside.after("\"a\\\"b"), Inside);
        assert_eq!(Outside.after("\"a\\"), Escape);
        assert_eq!(Outside.after("\"a\\\\"), Inside);
        assert_eq!(Inside.or(Outside), Unclear);
    }
}
