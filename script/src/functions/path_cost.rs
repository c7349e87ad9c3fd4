//! What a JSONPath costs at most, before it is walked.

use serde_json::Value;

/// What a test with a regular expression costs: it is compiled for each value anew.
const PATTERN: usize = 20;

/// The most values that a path can visit and find, the parts of what it finds included. The path has compiled.
///
/// Each of several selectors in one bracket finds for itself, so that `$[0,0][0,0]` doubles at each step; each `..` may
/// meet a value once below every value around it; and a `$` within a filter begins from the top for every value.
pub(super) fn of(path: &str, json: &Value) -> usize {
    let (values, levels) = extent(json);
    let bare = without_texts(path);
    let power =
        |base: usize, times: usize| base.saturating_pow(u32::try_from(times).unwrap_or(u32::MAX));
    let patterns = ["match", "search"].iter().any(|test| bare.contains(test));
    let tops = bare.matches('$').count().saturating_sub(1);
    values
        .saturating_mul(selectors(&bare))
        .saturating_mul(power(levels, bare.matches("..").count()))
        .saturating_mul(power(values, tops))
        .saturating_mul(if patterns { PATTERN } else { 1 })
}

/// In how many ways the brackets of a path select together. Commas within round brackets part arguments.
fn selectors(bare: &str) -> usize {
    let (mut product, mut here, mut rounds) = (1_usize, 1_usize, 0_usize);
    for letter in bare.chars() {
        match letter {
            '(' => rounds += 1,
            ')' => rounds = rounds.saturating_sub(1),
            ',' if rounds == 0 => here += 1,
            '[' => product = product.saturating_mul(std::mem::replace(&mut here, 1)),
            _ => {}
        }
    }
    product.saturating_mul(here)
}

/// How many values there are, and how many levels of them.
fn extent(json: &Value) -> (usize, usize) {
    let (mut values, mut levels) = (0_usize, 0_usize);
    let mut level = vec![json];
    while !level.is_empty() {
        values = values.saturating_add(level.len());
        levels += 1;
        level = level.into_iter().flat_map(parts).collect();
    }
    (values, levels)
}

fn parts(json: &Value) -> Vec<&Value> {
    match json {
        Value::Array(items) => items.iter().collect(),
        Value::Object(members) => members.values().collect(),
        _ => Vec::new(),
    }
}

/// A path without the texts in quotes, which may hold any sign.
fn without_texts(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut quote = None;
    let mut letters = path.chars();
    while let Some(letter) = letters.next() {
        match (quote, letter) {
            (None, '"' | '\'') => quote = Some(letter),
            (None, _) => out.push(letter),
            (Some(_), '\\') => {
                letters.next();
            }
            (Some(open), _) if open == letter => quote = None,
            (Some(_), _) => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_multiplies_the_values_that_are_found_multiplies_the_cost() {
        // Seven values on three levels.
        let json = json!({"a": [1, 2], "b": [3, 4]});
        for (path, cost) in [
            ("$.a", 7),
            ("$.a[*]", 7),
            ("$['a,b..$']", 7),
            ("$['it\\'s, $']", 7),
            ("$..a", 7 * 3),
            ("$..*..*", 7 * 9),
            ("$['a','b'][0,0,0]", 7 * 6),
            ("$.a[?@ > $.b[0]]", 7 * 7),
            ("$[?match(@.x, 'a.*')]", 7 * 20),
        ] {
            assert_eq!(of(path, &json), cost, "{path}");
        }
    }
}
