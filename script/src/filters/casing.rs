//! Upper and lower case.

use minijinja::Value;

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
    Ok(Value::from(call.text(0).to_uppercase()))
}

/// `text|lower`: in small letters.
fn lower(call: &Call<'_, '_, '_>) -> Outcome {
    Ok(Value::from(call.text(0).to_lowercase()))
}

/// `text|capitalize`: the first letter large, all others small. `"heLLO wORLD"|capitalize` is `Hello world`.
fn capitalize(call: &Call<'_, '_, '_>) -> Outcome {
    let text = call.text(0);
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
    let text = call.text(0);
    let mut out = String::with_capacity(text.len());
    let mut in_word = false;
    for letter in text.chars() {
        if in_word {
            out.extend(letter.to_lowercase());
        } else {
            out.extend(letter.to_uppercase());
        }
        in_word = letter.is_alphanumeric() || (in_word && letter == '\'');
    }
    Ok(Value::from(out))
}
