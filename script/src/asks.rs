//! What scripts ask of the world outside.
//!
//! A script cannot wait. One that asks for something that is not known yet breaks off; whoever evaluates it finds the
//! answer and evaluates it again. All that a step asks stands in one list, in the order in which it was asked: since
//! scripts are pure, a step asks the same again, save for the time, which must be held still meanwhile.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use minijinja::Value;

/// How many questions the scripts of one step may ask.
pub const MOST_QUESTIONS: usize = 100;

/// What a script asks.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Question {
    /// The value of a name in shared memory; null where it has none.
    Memory {
        /// The name.
        name: String,
    },
    /// A number in shared memory after something was added to it; 0 where it had none.
    Increment {
        /// Its name.
        name: String,
        /// What is added.
        by: i64,
    },
    /// The resume URL of a step that waits for a callback.
    Callback {
        /// The step's id.
        step: String,
    },
}

/// The questions of one step, and their answers as far as they are known. Cheap to clone; clones share their place.
#[derive(Clone, Debug, Default)]
pub struct Asks {
    inner: Arc<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    answers: Vec<(Question, Value)>,
    /// The place of the next answer.
    next: AtomicUsize,
    open: Mutex<Option<Question>>,
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoAnswer {
    /// It is not known yet.
    Open,
    /// The answer that is there belongs to another question.
    Other,
    /// A step may not ask so much.
    TooMany,
}

impl Asks {
    /// Questions whose first answers are known.
    #[must_use]
    pub fn new(answers: Vec<(Question, Value)>) -> Self {
        let inner = Inner {
            answers,
            ..Inner::default()
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    /// The question that has no answer yet; none where all have.
    #[must_use]
    pub fn open(&self) -> Option<Question> {
        let open = self.inner.open.lock();
        open.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The next answer.
    pub(crate) fn answer(&self, question: Question) -> Result<Value, NoAnswer> {
        let place = self.inner.next.fetch_add(1, Ordering::Relaxed);
        match self.inner.answers.get(place) {
            Some((asked, answer)) if *asked == question => Ok(answer.clone()),
            Some(_) => Err(NoAnswer::Other),
            None if place >= MOST_QUESTIONS => Err(NoAnswer::TooMany),
            None => {
                let open = self.inner.open.lock();
                open.unwrap_or_else(PoisonError::into_inner)
                    .get_or_insert(question);
                Err(NoAnswer::Open)
            }
        }
    }

    /// Where an evaluation begins, to which it goes back when it is made anew.
    pub(crate) fn mark(&self) -> usize {
        self.inner.next.load(Ordering::Relaxed)
    }

    pub(crate) fn go_back(&self, mark: usize) {
        self.inner.next.store(mark, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn memory(name: &str) -> Question {
        Question::Memory {
            name: name.to_owned(),
        }
    }

    #[test]
    fn answers_come_in_the_order_of_their_questions_and_the_first_without_one_is_open() {
        let asks = Asks::new(vec![
            (memory("a"), Value::from(1)),
            (memory("b"), Value::from(2)),
        ]);
        assert_eq!(asks.answer(memory("a")), Ok(Value::from(1)));
        let mark = asks.mark();
        assert_eq!(asks.answer(memory("b")), Ok(Value::from(2)));
        asks.go_back(mark);
        assert_eq!(asks.answer(memory("x")), Err(NoAnswer::Other));
        assert_eq!(asks.open(), None);
        assert_eq!(asks.answer(memory("c")), Err(NoAnswer::Open));
        assert_eq!(asks.answer(memory("d")), Err(NoAnswer::Open));
        assert_eq!(asks.open(), Some(memory("c")));
    }
}
