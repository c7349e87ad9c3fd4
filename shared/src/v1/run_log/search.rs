//! What a search finds runs by.

/// The words of a text as a search compares them: runs of letters and digits, lower case, without repetition.
#[must_use]
pub fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let pieces = text.split(|letter: char| !letter.is_alphanumeric());
    for piece in pieces.filter(|piece| !piece.is_empty()) {
        let word = match piece.get(..LONGEST_WORD.min(piece.len())) {
            Some(start) if piece.is_ascii() => start.to_ascii_lowercase(),
            _ => {
                let letters = piece.chars().take(LONGEST_WORD);
                letters.flat_map(char::to_lowercase).collect()
            }
        };
        if !words.contains(&word) {
            words.push(word);
        }
    }
    words
}

/// How long a text that is searched for may be, in characters, and how many words it may have.
const LONGEST_SOUGHT: usize = 200;
const MOST_SOUGHT: usize = 16;

/// The words of a text that is searched for.
///
/// # Errors
/// Why it cannot be: a sentence for people.
pub fn sought(text: &str) -> Result<Vec<String>, String> {
    if text.chars().count() > LONGEST_SOUGHT {
        return Err(format!("text has more than {LONGEST_SOUGHT} characters"));
    }
    if text
        .chars()
        .any(|letter| letter.is_control() && !matches!(letter, '\n' | '\t'))
    {
        return Err("text has control characters".to_owned());
    }
    let words = words(text);
    if words.is_empty() || words.len() > MOST_SOUGHT {
        return Err(format!(
            "text is 1 to {MOST_SOUGHT} words of letters and digits"
        ));
    }
    Ok(words)
}

/// How much of a word counts, in characters.
const LONGEST_WORD: usize = 64;

/// Whether each of `wanted` begins one of the words in `text`, which are apart by spaces.
#[must_use]
pub fn has_words(text: &str, wanted: &[String]) -> bool {
    let begins = |word: &String| text.split(' ').any(|one| one.starts_with(word.as_str()));
    wanted.iter().all(begins)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_letters_and_digits_in_lower_case_and_each_stands_once() {
        assert_eq!(
            words("Order-17: ÄRGER, ärger\u{0}x order_17"),
            ["order", "17", "ärger", "x"]
        );
        assert_eq!(words(" \"--\" "), Vec::<String>::new());
    }

    #[test]
    fn a_search_wants_the_beginning_of_a_word_for_each_of_its_own() {
        let text = words("step fetch: connection refused").join(" ");
        assert!(has_words(&text, &words("CONN ref")));
        assert!(!has_words(&text, &words("conn nection")));
        assert!(has_words(&text, &[]));
    }

    #[test]
    fn a_text_without_words_or_with_too_many_is_none_to_search_for() {
        assert_eq!(sought("CONN ref\n").unwrap(), ["conn", "ref"]);
        let many: Vec<_> = (0..17).map(|number| number.to_string()).collect();
        for wrong in ["", "---", "a\0b", &"a ".repeat(101), &many.join(" ")] {
            assert!(sought(wrong).is_err(), "{wrong:?}");
        }
    }
}
