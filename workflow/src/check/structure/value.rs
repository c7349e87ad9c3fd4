//! Values, by the kind of their field.

use super::super::nearest::suggest;
use super::super::place::Place;
use super::super::script_field::ScriptField;
use super::Walk;
use crate::catalogue::{HEADER_NAME, Kind, Names, Pattern, STATUS};
use script::Target;
use serde_json::{Map, Value};

impl Walk {
    /// Checks a value and returns it, or a stand-in.
    pub(super) fn value(&mut self, kind: &Kind, value: &Value, place: &Place) -> Value {
        match (kind, value) {
            (Kind::Text(pattern), Value::String(text)) => self.text(kind, pattern, text, place),
            (
                Kind::Script {
                    target,
                    request,
                    sensitive,
                },
                Value::String(text),
            ) => {
                self.found.scripts.push(ScriptField {
                    place: place.clone(),
                    text: text.clone(),
                    target: *target,
                    request: *request,
                    sensitive: *sensitive,
                });
                value.clone()
            }
            (Kind::Integer { min, max }, Value::Number(number)) => {
                let fits = number.as_u64().is_some_and(|n| (*min..=*max).contains(&n));
                self.keep_if(fits, "range", kind, value, place)
            }
            (Kind::Flag, Value::Bool(_)) => value.clone(),
            (Kind::Word { words }, Value::String(word)) => self.word(kind, words, word, place),
            (Kind::Value { null }, _) if *null || !value.is_null() => {
                self.scripts_within(value, place);
                value.clone()
            }
            (Kind::Pairs { names, target }, Value::Object(map)) => {
                self.pairs(*names, *target, map, place)
            }
            (Kind::Labels, Value::Object(map)) => self.labels(map, place),
            (Kind::Plain, Value::Object(_)) => value.clone(),
            (Kind::Status, Value::Number(number)) => {
                let fits = number.as_u64().is_some_and(|n| (100..=599).contains(&n));
                self.keep_if(fits, "range", kind, value, place)
            }
            (Kind::Status, Value::String(text)) => {
                let fits = self.fits(STATUS, text);
                self.keep_if(fits, "range", kind, value, place)
            }
            (Kind::Moment, Value::String(text)) => {
                let fits = text.parse::<jiff::Timestamp>().is_ok();
                self.keep_if(fits, "format", kind, value, place)
            }
            (Kind::Object(object), Value::Object(map)) => self.object(object, map, place, None),
            (Kind::List { of, min }, Value::Array(items)) => self.list(of, *min, items, place),
            (Kind::Steps, Value::Array(items)) => self.steps(items, place),
            (Kind::SomeSteps, Value::Array(items)) => {
                if items.is_empty() {
                    let message = "the list needs at least one step".to_owned();
                    self.report(place, "range", message, "put in one or more".to_owned());
                    self.hole(place);
                }
                self.steps(items, place)
            }
            _ => self.wrong(kind, value, place),
        }
    }

    fn steps(&mut self, items: &[Value], place: &Place) -> Value {
        let items = items.iter().enumerate();
        Value::Array(items.map(|(i, v)| self.step(v, &place.item(i))).collect())
    }

    /// Reports a value of the wrong type and returns a stand-in.
    pub(super) fn wrong(&mut self, kind: &Kind, value: &Value, place: &Place) -> Value {
        self.keep_if(false, "type", kind, value, place)
    }

    fn keep_if(
        &mut self,
        fits: bool,
        code: &'static str,
        kind: &Kind,
        value: &Value,
        place: &Place,
    ) -> Value {
        if fits {
            return value.clone();
        }
        let got = match kind {
            Kind::Script {
                sensitive: true, ..
            } => type_of(value),
            _ => describe(value),
        };
        let message = format!("expected {}, got {got}", kind.says());
        let hint = hint(kind, value);
        self.report(place, code, message, hint);
        self.hole(place);
        kind.placeholder()
    }

    fn text(&mut self, kind: &Kind, pattern: &Pattern, text: &str, place: &Place) -> Value {
        let fits = text.chars().count() <= pattern.max
            && pattern.regex.is_none_or(|regex| self.fits(regex, text));
        let value = Value::String(text.to_owned());
        self.keep_if(fits, "format", kind, &value, place)
    }

    fn word(&mut self, kind: &Kind, words: &[&str], word: &str, place: &Place) -> Value {
        if words.contains(&word) {
            return Value::String(word.to_owned());
        }
        let message = format!("`{}` is none of the words allowed here", shorten(word));
        self.report(place, "unknown_word", message, suggest(word, words));
        self.hole(place);
        kind.placeholder()
    }

    fn list(&mut self, of: &Kind, min: usize, items: &[Value], place: &Place) -> Value {
        if items.len() < min {
            let message = format!("the list needs at least {min} item(s)");
            let hint = format!("put in {min} or more; each is {}", of.says());
            self.report(place, "range", message, hint);
            self.hole(place);
        }
        let items = items.iter().enumerate();
        Value::Array(
            items
                .map(|(i, v)| self.value(of, v, &place.item(i)))
                .collect(),
        )
    }

    fn pairs(
        &mut self,
        names: Names,
        target: Target,
        map: &Map<String, Value>,
        place: &Place,
    ) -> Value {
        let mut kept = Map::new();
        for (name, value) in map {
            let at = place.field(name);
            if names == Names::Headers && !self.fits(HEADER_NAME, name) {
                let message = format!("`{}` cannot be the name of a header", shorten(name));
                let hint = "letters, digits and - make a header's name".to_owned();
                self.report(&at, "header_name", message, hint);
                continue;
            }
            match value {
                Value::String(text) => self.script(text, target, &at),
                Value::Number(_) | Value::Bool(_) => {}
                _ => {
                    self.wrong(&Kind::script(target), value, &at);
                    continue;
                }
            }
            kept.insert(name.clone(), value.clone());
        }
        Value::Object(kept)
    }

    fn labels(&mut self, map: &Map<String, Value>, place: &Place) -> Value {
        let mut kept = Map::new();
        for (name, value) in map {
            if value.is_string() {
                kept.insert(name.clone(), value.clone());
            } else {
                self.wrong(&Kind::script(Target::Text), value, &place.field(name));
            }
        }
        Value::Object(kept)
    }

    fn scripts_within(&mut self, value: &Value, place: &Place) {
        match value {
            Value::String(text) => self.script(text, Target::Value, place),
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.scripts_within(item, &place.item(index));
                }
            }
            Value::Object(map) => {
                for (name, item) in map {
                    self.scripts_within(item, &place.field(name));
                }
            }
            _ => {}
        }
    }

    fn script(&mut self, text: &str, target: Target, place: &Place) {
        self.found.scripts.push(ScriptField {
            place: place.clone(),
            text: text.to_owned(),
            target,
            request: true,
            sensitive: false,
        });
    }
}

/// What to write instead.
fn hint(kind: &Kind, value: &Value) -> String {
    match (kind, value) {
        (_, Value::Null) => "give a value, or leave the field out".to_owned(),
        (Kind::Script { .. } | Kind::Text(_), Value::Number(_) | Value::Bool(_)) => {
            "put it in quotes to make it a text".to_owned()
        }
        (Kind::Text(pattern), Value::String(_)) if !pattern.example.is_empty() => {
            format!("for example `{}`", pattern.example)
        }
        (Kind::Integer { min, max }, Value::Number(number)) => match number.as_f64() {
            Some(number) if number < *min as f64 => format!("the least is {min}"),
            Some(number) if number > *max as f64 => format!("the most is {max}"),
            _ => "write it without a fraction".to_owned(),
        },
        (Kind::Integer { .. }, Value::String(text)) if text.trim().parse::<f64>().is_ok() => {
            "write it without quotes".to_owned()
        }
        (Kind::Moment, _) => "for example 2026-12-01T00:00:00Z (RFC 3339)".to_owned(),
        _ => format!("write {}", kind.says()),
    }
}

/// What a value is, with as much of it as helps.
fn describe(value: &Value) -> String {
    match value {
        Value::String(text) => format!("the text `{}`", shorten(text)),
        Value::Number(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        _ => type_of(value),
    }
}

fn type_of(value: &Value) -> String {
    let words = match value {
        Value::Null => "nothing",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    };
    words.to_owned()
}

fn shorten(text: &str) -> String {
    const KEPT: usize = 60;
    let mut short: String = text.chars().take(KEPT).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}
