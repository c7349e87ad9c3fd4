//! What values mean: as text, as numbers, as true or false, and against each other. It follows the language that
//! authors know, PHP's under Twig, where theirs differs from the engine's.

pub(crate) mod call;
pub(crate) mod compare;
pub(crate) mod moment;
pub(crate) mod number;
pub(crate) mod pattern;
pub(crate) mod php_date;
pub(crate) mod php_json;
#[cfg(test)]
mod reference_tests;
pub(crate) mod registry;
mod spoken_date;
mod spoken_words;
pub(crate) mod strip_tags;
pub(crate) mod text;
pub(crate) mod walk;

/// The known name that is nearest to a misspelt one, if one is near.
pub(crate) fn nearest<'a>(wrong: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let simple = |name: &str| name.replace('_', "").to_lowercase();
    let wrong = simple(wrong);
    known
        .map(|name| (edits(&wrong, &simple(name)), name))
        .min_by_key(|(edits, _)| *edits)
        .filter(|(edits, name)| *edits <= 1 + name.len() / 3)
        .map(|(_, name)| name)
}

/// How many letters must be put in, taken out or changed to make one text of the other.
fn edits(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (index, letter) in left.chars().take(64).enumerate() {
        let mut before = index;
        let mut last = index + 1;
        for (cell, other) in row.iter_mut().skip(1).zip(&right) {
            let change = before + usize::from(letter != *other);
            before = *cell;
            last = change.min(*cell + 1).min(last + 1);
            *cell = last;
        }
        if let Some(first) = row.first_mut() {
            *first = index + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_found_and_a_far_one_is_not() {
        let names = ["upper", "number_format", "numberFormat"];
        assert_eq!(nearest("uper", names.into_iter()), Some("upper"));
        assert_eq!(
            nearest("numberformat", names.into_iter()),
            Some("number_format")
        );
        assert_eq!(nearest("xyzzy", names.into_iter()), None);
        assert_eq!(edits("kitten", "sitting"), 3);
    }
}
