//! Text.

use minijinja::Value;

use crate::lang::call::{Call, Outcome};
use crate::lang::number::general;
use crate::lang::registry::{Entry, entry, variadic};
use crate::lang::{compare, number, text, walk};

pub(crate) const FILTERS: &[Entry] = &[
    entry("trim", &["value", "character_mask", "side"], 1, trim),
    entry("default", &["value", "default"], 1, default),
    entry("replace", &["value", "from"], 2, replace),
    entry(
        "convert_encoding",
        &["value", "to", "from"],
        3,
        convert_encoding,
    ),
    variadic("format", &["value", "values"], 1, format),
];

/// `text|trim(character_mask = white space, side = "both")`: without the letters of the mask at its ends; `side` may be
/// `left` or `right`. `a..z` in the mask is a range.
fn trim(call: &Call<'_, '_, '_>) -> Outcome {
    let text = call.text(0)?;
    let mask = mask(&call.text_or(1, " \t\n\r\0\u{b}")?);
    call.charge_bytes(text.len().saturating_mul(mask.len() / 16))?;
    let masked = |letter: char| {
        mask.iter()
            .any(|(first, last)| (*first..=*last).contains(&letter))
    };
    let trimmed = match call.text_or(2, "both")?.as_ref() {
        "both" => text.trim_matches(masked),
        "left" => text.trim_start_matches(masked),
        "right" => text.trim_end_matches(masked),
        _ => return Err(call.wrong(2, "must be both, left or right")),
    };
    Ok(Value::from(trimmed))
}

fn mask(text: &str) -> Vec<(char, char)> {
    let letters: Vec<char> = text.chars().collect();
    let mut ranges = Vec::new();
    let mut rest = letters.as_slice();
    while let Some((first, after)) = rest.split_first() {
        if let ['.', '.', last, tail @ ..] = after
            && last >= first
        {
            ranges.push((*first, *last));
            rest = tail;
        } else {
            ranges.push((*first, *first));
            rest = after;
        }
    }
    ranges
}

/// `value|default(other = "")`: the other value where the first is undefined or empty.
fn default(call: &Call<'_, '_, '_>) -> Outcome {
    if !compare::is_empty(call.arg(0)) {
        return Ok(call.arg(0).clone());
    }
    Ok(call.args.get(1).cloned().unwrap_or_else(|| Value::from("")))
}

/// `text|replace(pairs)`: every key of the map replaced by its value, the longest keys first, and nothing replaced twice.
/// `"I like %x%"|replace({"%x%": "tea"})` is `I like tea`.
fn replace(call: &Call<'_, '_, '_>) -> Outcome {
    let text = call.text(0)?;
    if !walk::is_container(call.arg(1)) {
        return Err(call.wrong(1, "must be a map"));
    }
    call.weigh(1)?;
    let mut pairs: Vec<(String, String)> = walk::pairs(call.arg(1))
        .into_iter()
        .map(|(key, value)| (text::of(&key).into_owned(), text::of(&value).into_owned()))
        .filter(|(from, _)| !from.is_empty())
        .collect();
    pairs.sort_by_key(|(from, _)| std::cmp::Reverse(from.len()));
    call.charge_bytes(text.len().saturating_mul(pairs.len().max(1)))?;
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_ref();
    while let Some(letter) = rest.chars().next() {
        if let Some((from, to)) = pairs
            .iter()
            .find(|(from, _)| rest.starts_with(from.as_str()))
        {
            call.charge_bytes(to.len())?;
            out.push_str(to);
            rest = rest.get(from.len()..).unwrap_or_default();
        } else {
            out.push(letter);
            rest = rest.get(letter.len_utf8()..).unwrap_or_default();
        }
    }
    Ok(Value::from(out))
}

/// `text|convert_encoding(to, from)`: text here always is Unicode, so it stays as it is.
fn convert_encoding(call: &Call<'_, '_, '_>) -> Outcome {
    Ok(Value::from(call.text(0)?.as_ref()))
}

/// `text|format(values…)`: the places `%s`, `%d`, `%f`, `%x` and so on filled in, as PHP's `sprintf` does: `%05.1f`,
/// `%-8s`, `%'*8s`, `%2$s`. Fails when a value is missing. `"%s is %d"|format("a", 3)` is `a is 3`.
fn format(call: &Call<'_, '_, '_>) -> Outcome {
    let pattern = call.text(0)?;
    let values = call.args.get(1..).unwrap_or_default();
    let mut out = String::new();
    let mut rest = pattern.as_ref();
    let mut next = 0;
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        if let Some(after) = after.strip_prefix('%') {
            out.push('%');
            rest = after;
            continue;
        }
        let Some((place, after)) = Place::read(after) else {
            return Err(call.wrong(0, "has a `%` that begins no place for a value"));
        };
        let index = place.argument.unwrap_or_else(|| {
            next += 1;
            next - 1
        });
        let Some(value) = values.get(index) else {
            return Err(call.fault(&format!("value {} is missing", index + 1)));
        };
        call.charge_bytes(place.width)?;
        walk::weigh(call.state, value)?;
        let Some(filled) = place.fill(value) else {
            return Err(call.wrong(0, "has a place of an unknown kind"));
        };
        call.charge_bytes(filled.len())?;
        out.push_str(&filled);
        rest = after;
    }
    out.push_str(rest);
    Ok(Value::from(out))
}

/// A place for a value in a format.
struct Place {
    argument: Option<usize>,
    left: bool,
    plus: bool,
    pad: char,
    width: usize,
    precision: Option<usize>,
    kind: char,
}

/// The widest that a format makes a value.
const WIDEST: usize = 10_000;

impl Place {
    fn read(text: &str) -> Option<(Self, &str)> {
        let mut rest = text;
        let mut place = Self {
            argument: None,
            left: false,
            plus: false,
            pad: ' ',
            width: 0,
            precision: None,
            kind: 's',
        };
        if let Some((number, after)) = digits(rest)
            && let Some(after) = after.strip_prefix('$')
        {
            place.argument = Some(number.checked_sub(1)?);
            rest = after;
        }
        loop {
            let mut letters = rest.chars();
            match letters.next()? {
                '-' => place.left = true,
                '+' => place.plus = true,
                '0' => place.pad = '0',
                ' ' => place.pad = ' ',
                '\'' => place.pad = letters.next()?,
                _ => break,
            }
            rest = letters.as_str();
        }
        if let Some((width, after)) = digits(rest) {
            place.width = width.min(WIDEST);
            rest = after;
        }
        if let Some(after) = rest.strip_prefix('.') {
            let (precision, after) = digits(after).unwrap_or((0, after));
            place.precision = Some(precision.min(100));
            rest = after;
        }
        let mut letters = rest.chars();
        place.kind = letters.next()?;
        Some((place, letters.as_str()))
    }

    fn fill(&self, value: &Value) -> Option<String> {
        let number = || number::of(value).unwrap_or(number::Num::Int(0));
        let whole = || match value.as_str() {
            Some(_) => number().capped(),
            None => number().as_i64(),
        };
        let bare = match self.kind {
            's' => {
                let text = text::of(value).into_owned();
                match self.precision {
                    Some(most) => text.chars().take(most).collect(),
                    None => text,
                }
            }
            'd' | 'i' => self.signed(whole().to_string()),
            'u' => u64::from_ne_bytes(whole().to_ne_bytes()).to_string(),
            'f' | 'F' => {
                let digits = self.precision.unwrap_or(6);
                self.signed(format!("{:.digits$}", unsigned_zero(number().as_f64())))
            }
            'e' | 'E' => self.signed(self.scientific(unsigned_zero(number().as_f64()))),
            'g' | 'G' => {
                let letter = if self.kind == 'g' { 'e' } else { 'E' };
                self.signed(general(
                    number().as_f64(),
                    self.precision.unwrap_or(6),
                    letter,
                ))
            }
            'x' => format!("{:x}", whole()),
            'X' => format!("{:X}", whole()),
            'o' => format!("{:o}", whole()),
            'b' => format!("{:b}", whole()),
            'c' => char::from(u8::try_from(whole() & 0x7f).ok()?).to_string(),
            _ => return None,
        };
        Some(self.padded(bare))
    }

    fn scientific(&self, number: f64) -> String {
        let text = format!("{number:.*e}", self.precision.unwrap_or(6));
        let text = match text.split_once('e') {
            Some((mantissa, exponent)) if !exponent.starts_with('-') => {
                format!("{mantissa}e+{exponent}")
            }
            _ => text,
        };
        if self.kind == 'E' {
            text.to_uppercase()
        } else {
            text
        }
    }

    fn signed(&self, text: String) -> String {
        if self.plus && !text.starts_with('-') {
            format!("+{text}")
        } else {
            text
        }
    }

    fn padded(&self, text: String) -> String {
        // PHP counts bytes here, and so do the authors' tables.
        let missing = self.width.saturating_sub(text.len());
        if missing == 0 {
            return text;
        }
        let pad: String = std::iter::repeat_n(self.pad, missing).collect();
        if self.left {
            let pad = if self.pad == '0' && self.kind != 's' {
                " ".repeat(missing)
            } else {
                pad
            };
            return text + &pad;
        }
        match text.strip_prefix('-') {
            Some(digits) if self.pad == '0' && self.kind != 's' => format!("-{pad}{digits}"),
            _ => pad + &text,
        }
    }
}

/// The number, where zero has no sign.
fn unsigned_zero(number: f64) -> f64 {
    if number == 0.0 { 0.0 } else { number }
}

fn digits(text: &str) -> Option<(usize, &str)> {
    let length = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = text.split_at_checked(length)?;
    Some((number.parse().ok()?, rest))
}
