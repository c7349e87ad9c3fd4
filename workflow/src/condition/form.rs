//! A value that others are held against.

use std::borrow::Cow;
use std::collections::HashMap;

use jiff::Timestamp;
use minijinja::value::ValueKind;
use script::Value;

use super::compare::{is_container, is_list, items};
use super::moment;
use super::number::Decimal;
use super::print::{folded, printed};

/// Lists and maps nested deeper than this are never equal; JSON cannot bring any that deep.
const MAX_DEPTH: u32 = 128;

/// A value, read once. A list may hold many values that are held against one, and what a long text
/// means must not be found out for each of them anew: comparing costs no more than the value that
/// is compared is long.
pub(super) struct Form {
    ignore_case: bool,
    shape: Shape,
}

enum Shape {
    Scalar(Box<Scalar>),
    List(Vec<Shape>),
    Map(HashMap<String, Shape>),
    TooDeep,
}

struct Scalar {
    undefined: bool,
    /// Where it is true or false.
    flag: Option<bool>,
    is_number: bool,
    text: String,
    /// Its text without case, where case does not count.
    folded: Option<String>,
    number: Option<Decimal>,
    /// The number that it is beside a true number only.
    exponential: Option<Decimal>,
    moment: Option<Timestamp>,
}

impl Form {
    pub(super) fn of(value: &Value, ignore_case: bool) -> Self {
        Self {
            ignore_case,
            shape: Shape::of(value, ignore_case, MAX_DEPTH),
        }
    }

    /// Whether a value is the same number, moment, text, list or map.
    pub(super) fn equals(&self, value: &Value) -> bool {
        self.shape.equals(value, self.ignore_case)
    }
}

impl Shape {
    fn of(value: &Value, ignore_case: bool, depth: u32) -> Self {
        if !is_container(value) {
            return Self::Scalar(Box::new(Scalar::of(value, ignore_case)));
        }
        let Some(deeper) = depth.checked_sub(1) else {
            return Self::TooDeep;
        };
        if is_list(value) {
            let items = items(value);
            let parts = items.iter().map(|item| Self::of(item, ignore_case, deeper));
            return Self::List(parts.collect());
        }
        let keys = value.try_iter().into_iter().flatten();
        let members = keys.map(|key| {
            let member = value.get_item(&key).unwrap_or_default();
            let member = Self::of(&member, ignore_case, deeper);
            (printed(&key).into_owned(), member)
        });
        Self::Map(members.collect())
    }

    /// The recursion is as deep as this side nests, which is bounded.
    fn equals(&self, value: &Value, ignore_case: bool) -> bool {
        match self {
            Self::Scalar(scalar) => !is_container(value) && scalar.equals(value, ignore_case),
            Self::List(parts) => {
                is_list(value)
                    && value.len() == Some(parts.len())
                    && items(value)
                        .iter()
                        .zip(parts)
                        .all(|(item, part)| part.equals(item, ignore_case))
            }
            Self::Map(members) => {
                value.kind() == ValueKind::Map
                    && value.len() == Some(members.len())
                    && value.try_iter().into_iter().flatten().all(|key| {
                        let member = members.get(printed(&key).as_ref());
                        member.is_some_and(|member| {
                            let value = value.get_item(&key).unwrap_or_default();
                            member.is_undefined() == value.is_undefined()
                                && member.equals(&value, ignore_case)
                        })
                    })
            }
            Self::TooDeep => false,
        }
    }

    fn is_undefined(&self) -> bool {
        matches!(self, Self::Scalar(scalar) if scalar.undefined)
    }
}

impl Scalar {
    fn of(value: &Value, ignore_case: bool) -> Self {
        let text = printed(value).into_owned();
        let number = Decimal::of(value, &text, false);
        let exponential = match number {
            Some(_) => None,
            None => Decimal::of(value, &text, true),
        };
        Self {
            undefined: value.is_undefined(),
            flag: (value.kind() == ValueKind::Bool).then(|| value.is_true()),
            is_number: value.is_number(),
            folded: ignore_case.then(|| text.to_lowercase()),
            number,
            exponential,
            moment: moment::parse(&text),
            text,
        }
    }

    fn equals(&self, value: &Value, ignore_case: bool) -> bool {
        let flag = (value.kind() == ValueKind::Bool).then(|| value.is_true());
        match (flag, self.flag) {
            (Some(left), Some(right)) => left == right,
            (Some(flag), None) => is_flag(self.folded.as_ref().unwrap_or(&self.text), flag),
            (None, Some(flag)) => is_flag(&folded(printed(value), ignore_case), flag),
            (None, None) => self.equals_text(value, printed(value), ignore_case),
        }
    }

    fn equals_text(&self, value: &Value, text: Cow<'_, str>, ignore_case: bool) -> bool {
        // Two texts such as 0e1 and 0e2 may be hashes: only beside a true number are they numbers.
        let exponents = value.is_number() || self.is_number;
        let own = match &self.number {
            None if exponents => self.exponential.as_ref(),
            own => own.as_ref(),
        };
        if let Some(own) = own
            && let Some(other) = Decimal::of(value, &text, exponents)
        {
            return *own == other;
        }
        if text == self.text {
            return true;
        }
        if let Some(own) = self.moment
            && let Some(other) = moment::parse(&text)
        {
            return own == other;
        }
        self.folded
            .as_ref()
            .is_some_and(|own| folded(text, ignore_case) == *own)
    }
}

/// Whether a text says what a flag says.
fn is_flag(text: &str, flag: bool) -> bool {
    match text {
        "1" | "true" => flag,
        "0" | "" | "false" => !flag,
        _ => false,
    }
}
