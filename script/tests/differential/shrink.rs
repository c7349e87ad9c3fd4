//! Makes a template that shows a difference smaller, as long as it still shows one.

/// How many smaller templates are tried.
const MOST: usize = 600;

/// The smallest template that `differs`, as far as leaving out pieces of text finds it.
pub(crate) fn shrink(template: &str, mut differs: impl FnMut(&str) -> bool) -> String {
    let mut letters: Vec<char> = template.chars().collect();
    let mut size = letters.len() / 2;
    let mut tried = 0;
    while size > 0 {
        let mut start = 0;
        while start + size <= letters.len() && tried < MOST {
            let smaller: Vec<char> = [&letters[..start], &letters[start + size..]].concat();
            tried += 1;
            if differs(&smaller.iter().collect::<String>()) {
                letters = smaller;
            } else {
                start += (size / 2).max(1);
            }
        }
        size /= 2;
    }
    letters.into_iter().collect()
}
