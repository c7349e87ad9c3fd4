//! Where a script's text goes, and so how its values are escaped.

/// The place that a script is rendered for. It decides the escaping when the script is compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Target {
    /// Plain text: nothing is escaped.
    Text,
    /// The body of a `data` reply: the [`BodyMode`] is read off the author's own static text.
    Body,
    /// An HTML page: values are escaped as HTML text, quotes included.
    Html,
    /// A redirect target: an expression at the very start is written as it is, a later one is percent-encoded
    /// (everything but the unreserved characters of RFC 3986).
    Url,
    /// A header value: nothing is escaped. The caller refuses CR and LF.
    Header,
    /// A typed value: `{{ x }}` alone yields `x` itself, anything else yields its text.
    Value,
}

/// What the body of a `data` reply is, as far as its static text tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BodyMode {
    /// The static text begins with `{` or `[`.
    Json,
    /// The static text begins with `<`.
    Html,
    /// The static text begins with `<?xml`.
    Xml,
    /// The static text begins with something else.
    Plain,
    /// There is no static text: nothing is escaped, and the type is detected from the rendered text. Whoever sends such
    /// a body has to see to it that no script in a caller's value runs.
    Dynamic,
}
