//! The secrets in memory, by name.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use shared::ids::SettingId;
use zeroize::Zeroizing;

/// An opened secret. `Debug` does not show it, and its memory is wiped when it is let go.
#[derive(Clone)]
pub(crate) struct Value {
    pub(crate) id: SettingId,
    pub(crate) name: String,
    pub(crate) revision: u64,
    /// The value; none where it cannot be opened, which was logged.
    pub(crate) text: Option<Arc<Zeroizing<String>>>,
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Value({} at {})", self.id, self.revision)
    }
}

/// All of a bucket's secrets, opened.
pub(crate) type Table = HashMap<String, Value>;

/// What runs are given their secrets from. One task writes, in the order of the bucket.
#[derive(Default)]
pub(crate) struct Known {
    table: RwLock<Table>,
}

impl Known {
    /// Those of these names, and the names that are not known.
    pub(crate) fn of(&self, names: &BTreeSet<String>) -> (Vec<Value>, BTreeSet<String>) {
        let table = self.table.read().unwrap_or_else(PoisonError::into_inner);
        let mut found = Vec::new();
        let mut unknown = BTreeSet::new();
        for name in names {
            match table.get(name) {
                Some(value) => found.push(value.clone()),
                None => {
                    unknown.insert(name.clone());
                }
            }
        }
        (found, unknown)
    }

    pub(crate) fn change(&self, change: impl FnOnce(&mut Table)) {
        change(&mut self.table.write().unwrap_or_else(PoisonError::into_inner));
    }
}

/// Takes one in, unless another one has its name that is newer: one that was made anew after this one was deleted. Of one
/// and the same the bucket has the last word, also where the database was put back to an earlier time.
pub(crate) fn put(table: &mut Table, value: Value) {
    let there = table.get(&value.name);
    if there.is_none_or(|there| there.id == value.id || there.revision <= value.revision) {
        table.insert(value.name.clone(), value);
    }
}

/// Forgets the one with this id.
pub(crate) fn remove(table: &mut Table, id: SettingId) {
    table.retain(|_, value| value.id != id);
}
