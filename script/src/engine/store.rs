//! The values of names that loops give values to. They outlive a turn of the loop, and what did not exist before the
//! loop ends with it.

use std::collections::BTreeMap;

use minijinja::Value;

/// Names and their values, with what they were before each loop that is open.
#[derive(Debug, Default)]
pub(crate) struct Store {
    values: BTreeMap<String, Value>,
    before: Vec<Vec<Before>>,
}

/// What a name was before a loop.
#[derive(Debug)]
struct Before {
    name: String,
    value: Option<Value>,
    /// Whether there was anything of this name, here or in the scope.
    existed: bool,
    /// Whether the loop itself gives it a value, so that it is what it was when the loop has ended.
    is_target: bool,
}

impl Store {
    pub(crate) fn get(&self, name: &str) -> Option<Value> {
        self.values.get(name).cloned()
    }

    pub(crate) fn put(&mut self, name: &str, value: Value) {
        self.values.insert(name.to_owned(), value);
    }

    /// A loop begins that touches these names and gives values to the targets. `outside` knows the scope's names.
    pub(crate) fn enter(&mut self, names: &str, targets: &str, outside: impl Fn(&str) -> bool) {
        let before = names
            .split(',')
            .map(|name| {
                let value = self.values.get(name).cloned();
                Before {
                    existed: value.is_some() || outside(name),
                    is_target: targets.split(',').any(|target| target == name),
                    name: name.to_owned(),
                    value,
                }
            })
            .collect();
        self.before.push(before);
    }

    /// The loop ends.
    pub(crate) fn leave(&mut self) {
        for before in self.before.pop().unwrap_or_default() {
            if !before.existed {
                self.values.remove(&before.name);
            } else if before.is_target {
                match before.value {
                    Some(value) => self.values.insert(before.name, value),
                    None => self.values.remove(&before.name),
                };
            }
        }
    }
}
