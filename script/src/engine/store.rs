//! The values of names that loops give values to. They outlive a turn of the loop, and what did not exist before the
//! loop ends with it.

use std::collections::HashMap;

use minijinja::Value;

/// Names and their values, with what they were before each loop that is open.
#[derive(Debug, Default)]
pub(crate) struct Store {
    values: HashMap<String, Value>,
    before: Vec<Vec<(String, Option<Value>)>>,
}

impl Store {
    pub(crate) fn get(&self, name: &str) -> Option<Value> {
        self.values.get(name).cloned()
    }

    pub(crate) fn put(&mut self, name: &str, value: Value) {
        self.values.insert(name.to_owned(), value);
    }

    /// A loop begins that touches these names. `outside` knows names that the scope brings.
    pub(crate) fn enter(&mut self, names: &str, outside: impl Fn(&str) -> Option<Value>) {
        let before = names
            .split(',')
            .map(|name| {
                (
                    name.to_owned(),
                    self.values.get(name).cloned().or_else(|| outside(name)),
                )
            })
            .collect();
        self.before.push(before);
    }

    /// The loop ends.
    pub(crate) fn leave(&mut self) {
        for (name, before) in self.before.pop().unwrap_or_default() {
            if before.is_none() {
                self.values.remove(&name);
            }
        }
    }
}
