//! Guessing which word was meant.

/// The candidate that the word is a likely misspelling of.
#[must_use]
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let squeezed = squeeze(word);
    let letters = squeezed.chars().count();
    let allowed = (word.chars().count() / 3).clamp(1, 3);
    candidates
        .into_iter()
        .filter_map(|candidate| {
            let other = squeeze(candidate);
            // Comparing costs the product of the lengths, and a document may hold any name.
            let apart = letters.abs_diff(other.chars().count());
            (apart <= allowed).then(|| (strsim::damerau_levenshtein(&squeezed, &other), candidate))
        })
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// A hint that names the nearest word, else all of them.
pub(super) fn suggest(word: &str, candidates: &[&str]) -> String {
    match nearest(word, candidates.iter().copied()) {
        Some(candidate) => format!("did you mean `{candidate}`?"),
        None => format!("known here: {}", candidates.join(", ")),
    }
}

/// Case, `-` and `_` are where habits of other products show.
fn squeeze(word: &str) -> String {
    word.chars()
        .filter(|c| !matches!(c, '-' | '_'))
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn habits_and_slips_are_understood() {
        let known = ["return_type", "run_mode", "steps"];
        assert_eq!(nearest("returnType", known), Some("return_type"));
        assert_eq!(nearest("retrun_type", known), Some("return_type"));
        assert_eq!(nearest("step", known), Some("steps"));
    }

    #[test]
    fn what_resembles_nothing_gets_the_whole_list() {
        assert_eq!(nearest("banana", ["steps", "spec"]), None);
        assert_eq!(
            suggest("banana", &["steps", "spec"]),
            "known here: steps, spec"
        );
    }
}
