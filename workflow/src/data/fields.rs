//! Names with values, from a query string, a form or a multipart body.

use std::borrow::Cow;
use std::collections::HashMap;

use script::Value;

/// Whether a name is ours: a caller's field of such a name is dropped.
pub(super) fn is_reserved(name: &str) -> bool {
    name.starts_with("__")
}

/// Reads `a=1&b=2`.
pub(super) fn parse(encoded: &[u8]) -> Grouped<Value> {
    let mut grouped = Grouped::new();
    for (name, value) in form_urlencoded::parse(encoded) {
        grouped.add(&name, Value::from(Cow::into_owned(value)));
    }
    grouped
}

/// Values by name, in the order in which the names came first.
pub(super) struct Grouped<T> {
    groups: Vec<Group<T>>,
    places: HashMap<String, usize>,
}

struct Group<T> {
    name: String,
    values: Vec<T>,
    /// Whether one of the names ended in `[]`: such a group is a list even with one value.
    list: bool,
}

impl<T> Grouped<T> {
    pub(super) fn new() -> Self {
        Self {
            groups: Vec::new(),
            places: HashMap::new(),
        }
    }

    /// Adds a value to the group of its name, less a trailing `[]`. Reserved names are dropped.
    pub(super) fn add(&mut self, written: &str, value: T) {
        let (name, list) = match written.strip_suffix("[]") {
            Some(name) if !name.is_empty() => (name, true),
            _ => (written, false),
        };
        if is_reserved(name) {
            return;
        }
        let known = self.places.get(name).copied();
        if let Some(group) = known.and_then(|place| self.groups.get_mut(place)) {
            group.values.push(value);
            group.list |= list;
        } else {
            self.places.insert(name.to_owned(), self.groups.len());
            self.groups.push(Group {
                name: name.to_owned(),
                values: vec![value],
                list,
            });
        }
    }
}

impl Grouped<Value> {
    /// One value for each name: a list where the name was repeated or said so.
    pub(super) fn into_pairs(self) -> impl Iterator<Item = (String, Value)> {
        self.groups
            .into_iter()
            .map(|mut group| match group.values.pop() {
                Some(only) if group.values.is_empty() && !group.list => (group.name, only),
                last => {
                    group.values.extend(last);
                    (group.name, Value::from(group.values))
                }
            })
    }

    /// A list for each name, also for one value.
    pub(super) fn into_lists(self) -> impl Iterator<Item = (String, Value)> {
        self.groups
            .into_iter()
            .map(|group| (group.name, Value::from(group.values)))
    }
}
