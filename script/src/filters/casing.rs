//! Upper and lower case.

use std::sync::LazyLock;

use minijinja::Value;
use regex::Regex;

use crate::lang::call::{Call, Outcome};
use crate::lang::registry::{Entry, entry};

pub(crate) const FILTERS: &[Entry] = &[
    entry("upper", &["value"], 1, upper),
    entry("lower", &["value"], 1, lower),
    entry("capitalize", &["value"], 1, capitalize),
    entry("title", &["value"], 1, title),
];

/// `text|upper`: in capitals. `"straße"|upper` is `STRASSE`.
fn upper(call: &Call<'_, '_, '_>) -> Outcome {
    Ok(Value::from(call.text(0)?.to_uppercase()))
}

/// `text|lower`: in small letters.
fn lower(call: &Call<'_, '_, '_>) -> Outcome {
    Ok(Value::from(call.text(0)?.to_lowercase()))
}

/// `text|capitalize`: the first letter large, all others small. `"heLLO wORLD"|capitalize` is `Hello world`.
fn capitalize(call: &Call<'_, '_, '_>) -> Outcome {
    let text = call.text(0)?;
    let mut letters = text.chars();
    let mut out: String = letters
        .next()
        .into_iter()
        .flat_map(char::to_uppercase)
        .collect();
    out.push_str(&letters.as_str().to_lowercase());
    Ok(Value::from(out))
}

/// `text|title`: the first letter of every word large, all others small. `"heLLO wORLD"|title` is `Hello World`.
fn title(call: &Call<'_, '_, '_>) -> Outcome {
    let text = call.text(0)?;
    call.charge_bytes(text.len().saturating_mul(4))?;
    let mut out = String::with_capacity(text.len());
    let ignored = IGNORED.iter().flat_map(|pattern| pattern.find_iter(&text));
    let mut ignored = ignored.map(|letter| letter.start()).peekable();
    let mut in_word = false;
    for (place, letter) in text.char_indices() {
        if in_word {
            out.extend(letter.to_lowercase());
        } else {
            out.extend(large(letter));
        }
        if ignored.next_if_eq(&place).is_none() {
            in_word = letter.is_lowercase() || letter.is_uppercase() || is_twin(letter);
        }
    }
    Ok(Value::from(out))
}

/// Letters that neither begin nor end a word, as the apostrophe in `it's`.
static IGNORED: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\p{Case_Ignorable}").ok());

/// A letter at the beginning of a word: where it becomes two, the second one is small.
fn large(letter: char) -> Vec<char> {
    if is_twin(letter) {
        let middle = match u32::from(letter) {
            low @ 0x1c4..=0x1cc => 0x1c5 + (low - 0x1c4) / 3 * 3,
            _ => 0x1f2,
        };
        return char::from_u32(middle).into_iter().collect();
    }
    let mut large = letter.to_uppercase();
    let first = large.next();
    first
        .into_iter()
        .chain(large.flat_map(char::to_lowercase))
        .collect()
}

/// Whether two letters are one here, which has a form of its own at the beginning of a word.
fn is_twin(letter: char) -> bool {
    matches!(u32::from(letter), 0x1c4..=0x1cc | 0x1f1..=0x1f3)
}
