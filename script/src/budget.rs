//! How large a value may be that leaves a script.

use minijinja::Value;
use minijinja::value::ValueKind;
use thiserror::Error;

use crate::lang::walk;

/// What a value may hold at most, and what of it is left.
///
/// One list or map may stand in many places of a value. It takes little memory then, but whatever walks over the value
/// or writes it out meets it in each of them; so everything counts as often as it stands somewhere.
#[derive(Debug, Clone)]
pub struct Budget {
    values: Share,
    text: Share,
    levels: usize,
}

#[derive(Debug, Clone, Copy)]
struct Share {
    bound: usize,
    left: usize,
}

/// A value that is larger than it may be. The text names the bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TooLarge {
    /// It holds too many values.
    #[error("the value crosses the bound of {bound} values, each counted wherever it stands")]
    Values {
        /// The bound that was set.
        bound: usize,
    },
    /// It holds too much text.
    #[error("the value crosses the bound `output_bytes` of {bound} bytes of text")]
    Text {
        /// The bound that was set.
        bound: usize,
    },
    /// It is nested too deep.
    #[error("the value is nested more than {bound} levels deep")]
    Levels {
        /// The bound that was set.
        bound: usize,
    },
}

impl Share {
    const fn new(bound: usize) -> Self {
        Self { bound, left: bound }
    }

    /// Takes some; the bound where there is not enough.
    const fn take(&mut self, some: usize) -> Result<(), usize> {
        match self.left.checked_sub(some) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => Err(self.bound),
        }
    }
}

impl Budget {
    /// So many values, so many bytes of text in them, and lists and maps nested so many levels deep.
    #[must_use]
    pub const fn new(values: usize, text_bytes: usize, levels: usize) -> Self {
        Self {
            values: Share::new(values),
            text: Share::new(text_bytes),
            levels,
        }
    }

    /// Takes a whole value that stands below so many lists and maps. The walk has a list of its own, which never grows
    /// past what is left.
    ///
    /// # Errors
    /// When the value is too large.
    pub fn spend(&mut self, value: &Value, above: usize) -> Result<(), TooLarge> {
        self.take_value()?;
        let mut waiting = vec![(value.clone(), above)];
        while let Some((value, above)) = waiting.pop() {
            if !walk::is_container(&value) {
                self.take_text(text_bytes(&value))?;
                continue;
            }
            if above >= self.levels {
                return Err(TooLarge::Levels { bound: self.levels });
            }
            for key in value.try_iter().into_iter().flatten() {
                self.take_value()?;
                let part = if walk::is_map(&value) {
                    self.take_text(text_bytes(&key))?;
                    value.get_item(&key).unwrap_or_default()
                } else {
                    key
                };
                waiting.push((part, above + 1));
            }
        }
        Ok(())
    }

    /// Takes a list or map without what stands in it.
    ///
    /// # Errors
    /// When it stands below too many others, or nothing is left.
    pub const fn open(&mut self, above: usize) -> Result<(), TooLarge> {
        if above >= self.levels {
            return Err(TooLarge::Levels { bound: self.levels });
        }
        self.take_value()
    }

    /// Takes text alone, such as the key of a map.
    ///
    /// # Errors
    /// When too little is left.
    pub const fn take_text(&mut self, bytes: usize) -> Result<(), TooLarge> {
        match self.text.take(bytes) {
            Ok(()) => Ok(()),
            Err(bound) => Err(TooLarge::Text { bound }),
        }
    }

    const fn take_value(&mut self) -> Result<(), TooLarge> {
        match self.values.take(1) {
            Ok(()) => Ok(()),
            Err(bound) => Err(TooLarge::Values { bound }),
        }
    }
}

fn text_bytes(value: &Value) -> usize {
    match value.kind() {
        ValueKind::String => value.as_str().map_or(0, str::len),
        ValueKind::Bytes => value.as_bytes().map_or(0, <[u8]>::len),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lists(levels: usize) -> Value {
        (0..levels).fold(Value::from("ab"), |value, _| Value::from(vec![value; 10]))
    }

    #[test]
    fn what_stands_in_many_places_counts_in_each_of_them() {
        // 10 + 1 values, and 100 + 10 + 1.
        let weigh = |levels, values| Budget::new(values, usize::MAX, 99).spend(&lists(levels), 0);
        assert_eq!(weigh(1, 11), Ok(()));
        assert_eq!(weigh(1, 10), Err(TooLarge::Values { bound: 10 }));
        assert_eq!(weigh(2, 111), Ok(()));
        assert_eq!(weigh(2, 110), Err(TooLarge::Values { bound: 110 }));
        let text = |bytes| Budget::new(usize::MAX, bytes, 99).spend(&lists(2), 0);
        assert_eq!(text(200), Ok(()));
        assert_eq!(text(199), Err(TooLarge::Text { bound: 199 }));
    }

    #[test]
    fn a_value_of_endless_size_and_small_memory_is_refused_at_once() {
        let bound = 100_000;
        let refused = Budget::new(bound, usize::MAX, 128).spend(&lists(90), 0);
        assert_eq!(refused, Err(TooLarge::Values { bound }));
    }

    #[test]
    fn levels_count_from_where_the_value_stands() {
        let spend = |above| Budget::new(1_000_000, 1_000_000, 5).spend(&lists(3), above);
        assert_eq!(spend(2), Ok(()));
        assert_eq!(spend(3), Err(TooLarge::Levels { bound: 5 }));
        assert_eq!(Budget::new(1, 0, 5).open(4), Ok(()));
        assert!(Budget::new(1, 0, 5).open(5).is_err());
    }

    #[test]
    fn several_values_share_one_budget_and_keys_are_text() {
        let mut budget = Budget::new(4, 6, 9);
        let map = Value::from_pairs([("key", Value::from("v"))]);
        assert_eq!(budget.spend(&map, 0), Ok(()));
        assert_eq!(budget.spend(&Value::from("ab"), 0), Ok(()));
        assert_eq!(budget.take_text(1), Err(TooLarge::Text { bound: 6 }));
        assert_eq!(budget.spend(&Value::from(1), 0), Ok(()));
        assert_eq!(
            budget.spend(&Value::from(1), 0),
            Err(TooLarge::Values { bound: 4 })
        );
    }
}
