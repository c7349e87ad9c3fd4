//! Places in the author's text, and faults that stand at one.

use crate::error::CompileError;

/// A fault at a byte offset of the author's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) at: usize,
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
}

impl Fault {
    pub(crate) fn new(at: usize, message: impl Into<String>) -> Self {
        Self {
            at,
            message: message.into(),
            hint: None,
        }
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The fault as the author reads it.
    pub(crate) fn in_text(self, source: &str) -> CompileError {
        let (line, column) = line_and_column(source, self.at);
        CompileError {
            line,
            column,
            message: self.message,
            hint: self.hint,
        }
    }
}

/// Lines and columns of many offsets, in the order of the offsets; the text is read once.
pub(crate) fn lines_and_columns(source: &str, offsets: &[usize]) -> Vec<(u32, u32)> {
    let mut order: Vec<(usize, usize)> = offsets.iter().copied().enumerate().collect();
    order.sort_by_key(|(_, at)| *at);
    let mut found = vec![(1, 1); offsets.len()];
    let (mut line, mut column, mut read) = (1_u32, 1_u32, 0);
    for (index, at) in order {
        let between = source.get(read..at).unwrap_or_default();
        for letter in between.chars() {
            if letter == '\n' {
                line = line.saturating_add(1);
                column = 1;
            } else {
                column = column.saturating_add(1);
            }
        }
        read += between.len();
        if let Some(place) = found.get_mut(index) {
            *place = (line, column);
        }
    }
    found
}

/// Line and column, both from 1, of a byte offset; columns count characters.
pub(crate) fn line_and_column(source: &str, at: usize) -> (u32, u32) {
    let before = source.get(..at).unwrap_or(source);
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    let column = before
        .chars()
        .rev()
        .take_while(|letter| *letter != '\n')
        .count()
        + 1;
    (
        u32::try_from(line).unwrap_or(u32::MAX),
        u32::try_from(column).unwrap_or(u32::MAX),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_counts_characters_not_bytes() {
        assert_eq!(line_and_column("é\nüx", 5), (2, 2));
        assert_eq!(line_and_column("", 0), (1, 1));
    }

    #[test]
    fn many_offsets_have_the_places_that_each_has_alone() {
        let source = "é\nüx\n\n{{ a }}\n🦀 b";
        let mut offsets: Vec<usize> = source.char_indices().map(|(at, _)| at).collect();
        offsets.reverse();
        offsets.push(0);
        let alone: Vec<_> = offsets
            .iter()
            .map(|at| line_and_column(source, *at))
            .collect();
        assert_eq!(lines_and_columns(source, &offsets), alone);
    }
}
