//! Decides how each print is escaped.

use crate::front::ast::{Expr, Kind, Strategy};
use crate::target::{BodyMode, Target};

/// What the text of a script as a whole is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Context {
    /// Nothing is escaped.
    Plain,
    /// HTML or XML.
    Markup,
    Json,
    Url,
}

impl Context {
    pub(super) fn of(target: Target, mode: BodyMode) -> Self {
        match (target, mode) {
            (Target::Html, _) | (Target::Body, BodyMode::Html | BodyMode::Xml) => Self::Markup,
            (Target::Body, BodyMode::Json) => Self::Json,
            (Target::Url, _) => Self::Url,
            _ => Self::Plain,
        }
    }
}

/// How one print is escaped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Escape {
    AsItIs,
    Markup,
    /// As the content of a JSON string.
    JsonString,
    /// As a JSON value.
    JsonValue,
    /// Percent-encoded.
    Percent,
    /// By a named strategy of the `escape` filter.
    Named(String),
}

impl Escape {
    /// The escaping that an author's `autoescape` tag asks for.
    pub(super) fn asked(strategy: &Strategy) -> Self {
        match strategy {
            Strategy::Off => Self::AsItIs,
            Strategy::Html => Self::Markup,
            Strategy::Other(name) => Self::Named(name.clone()),
        }
    }

    /// Whether Twig has it, too, so that its rules say what is safe.
    fn is_of_twig(&self) -> bool {
        matches!(self, Self::Markup | Self::Named(_))
    }

    /// The escaping of this value here: what is safe already is not escaped again.
    pub(super) fn of_value(self, value: &Expr) -> Self {
        if is_safe(value, &self) {
            Self::AsItIs
        } else {
            self
        }
    }
}

/// Whether a value needs no escaping: the author's own text, what `raw` gives, and what has been escaped for this
/// very place. Inside the quotes of a JSON string only `raw` does, since an author's text may hold quotes of its own.
pub(super) fn is_safe(value: &Expr, place: &Escape) -> bool {
    match &value.kind {
        Kind::Text(_) | Kind::Int(_) | Kind::Float(_) => *place != Escape::JsonString,
        Kind::Elvis(left, right) | Kind::Coalesce(left, right) if place.is_of_twig() => {
            is_safe(left, place) && is_safe(right, place)
        }
        Kind::Choice(_, then, otherwise) => {
            let otherwise = otherwise
                .as_ref()
                .map_or(*place != Escape::JsonString, |value| is_safe(value, place));
            otherwise && is_safe(then, place)
        }
        Kind::Filter(_, filter, args) => match filter.name.as_str() {
            "raw" => true,
            "escape" | "e" => {
                let strategy = args.first().map(|arg| &arg.value.kind);
                match (place, strategy) {
                    (Escape::Markup, None) => true,
                    (Escape::Named(asked), None) => asked == "html",
                    (Escape::Markup, Some(Kind::Text(name))) => {
                        name == "html" || name == "html_attr"
                    }
                    (Escape::Named(asked), Some(Kind::Text(name))) => asked == name,
                    (Escape::Percent, Some(Kind::Text(name))) => name == "url",
                    _ => false,
                }
            }
            "nl2br" | "spaceless" => *place == Escape::Markup,
            "json_encode" => *place == Escape::JsonValue,
            "url_encode" => *place == Escape::Percent,
            _ => false,
        },
        _ => false,
    }
}

/// Whether a value is one of two, of which one needs escaping and the other does not.
pub(super) fn is_mixed(value: &Expr, place: &Escape) -> bool {
    if !place.is_of_twig() {
        return false;
    }
    match &value.kind {
        Kind::Choice(_, then, otherwise) => {
            let otherwise = otherwise.as_ref().is_none_or(|value| is_safe(value, place));
            is_safe(then, place) != otherwise
        }
        Kind::Elvis(left, right) | Kind::Coalesce(left, right) => {
            is_safe(left, place) != is_safe(right, place)
        }
        _ => false,
    }
}

/// The author's own texts that a safe value may print, to follow the quotes in them.
pub(super) fn own_texts<'a>(value: &'a Expr, texts: &mut Vec<&'a str>) {
    match &value.kind {
        Kind::Text(text) => texts.push(text),
        Kind::Choice(_, then, otherwise) => {
            own_texts(then, texts);
            match otherwise {
                Some(otherwise) => own_texts(otherwise, texts),
                None => texts.push(""),
            }
        }
        _ => texts.push(""),
    }
}
