//! One evaluation: what its script may see, and what it leaves behind.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use minijinja::value::Object;
use minijinja::{Error, ErrorKind, State, Value};
use regex::bytes::Regex;

use super::store::Store;
use crate::bounds::Bounds;
use crate::lang::pattern;
use crate::scope::Scope;

/// The most fuel that the engine is ever given; a run with less burns the difference first.
pub(crate) const FUEL_CEILING: u64 = 1 << 40;

/// The engine's name of the run itself.
pub(crate) const RUN: &str = "run_";

/// One evaluation. It is the root of the engine's context: names are looked up in it.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) scope: Scope,
    /// What the template that begins next may burn: the script at first, then every call of an arrow function.
    fuel: AtomicU64,
    list_items: usize,
    /// What the engine allows.
    ceiling: u64,
    undefined: Mutex<Sites>,
    result: Mutex<Option<Value>>,
    store: Mutex<Store>,
    patterns: Mutex<BTreeMap<String, Regex>>,
    drawn: AtomicU64,
    printed_undefined: AtomicBool,
}

/// The sites of undefined values, in the order in which they were met.
#[derive(Debug, Default)]
struct Sites {
    met: Vec<u32>,
    known: BTreeSet<u32>,
}

/// A lock's content, also after a panic elsewhere: everything here stays whole between two statements.
fn open<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Run {
    /// A run within these bounds, in an engine that allows `ceiling` of fuel.
    pub(crate) fn new(scope: &Scope, bounds: &Bounds, ceiling: u64) -> Self {
        Self {
            scope: scope.clone(),
            fuel: AtomicU64::new(bounds.fuel),
            list_items: bounds.list_items,
            ceiling,
            undefined: Mutex::default(),
            result: Mutex::default(),
            store: Mutex::default(),
            patterns: Mutex::default(),
            drawn: AtomicU64::new(0),
            printed_undefined: AtomicBool::new(false),
        }
    }

    /// The run that a state of the engine belongs to.
    pub(crate) fn of(state: &State<'_, '_>) -> Result<Arc<Self>, Error> {
        state
            .lookup(RUN)
            .and_then(|value| value.downcast_object::<Self>())
            .ok_or_else(|| Error::new(ErrorKind::InvalidOperation, "there is no run"))
    }

    /// Refuses a list or map of more values than one may have.
    pub(crate) fn check_items(&self, items: usize) -> Result<(), Error> {
        if items <= self.list_items {
            return Ok(());
        }
        let bound = self.list_items;
        let why = format!("a list crossed the bound `list_items` of {bound} values");
        Err(Error::new(ErrorKind::InvalidOperation, why))
    }

    /// What the engine has to burn before the script starts.
    pub(crate) fn fuel_to_burn(&self) -> u64 {
        self.ceiling
            .saturating_sub(self.fuel.load(Ordering::Relaxed).max(1))
    }

    /// Sets what the template that begins next may burn; yields what it has to burn before.
    pub(crate) fn hand_over(&self, fuel: u64) -> u64 {
        self.fuel.store(fuel, Ordering::Relaxed);
        self.fuel_to_burn()
    }

    /// Notes that a watched value was undefined.
    pub(crate) fn note_undefined(&self, site: u32) {
        let mut undefined = open(&self.undefined);
        if undefined.known.insert(site) {
            undefined.met.push(site);
        }
    }

    /// Notes that something undefined was printed.
    pub(crate) fn note_printed_undefined(&self) {
        self.printed_undefined.store(true, Ordering::Relaxed);
    }

    pub(crate) fn printed_undefined(&self) -> bool {
        self.printed_undefined.load(Ordering::Relaxed)
    }

    pub(crate) fn take_undefined(&self) -> Vec<u32> {
        std::mem::take(&mut open(&self.undefined).met)
    }

    pub(crate) fn put_result(&self, value: Value) {
        *open(&self.result) = Some(value);
    }

    pub(crate) fn take_result(&self) -> Option<Value> {
        open(&self.result).take()
    }

    pub(crate) fn store(&self) -> MutexGuard<'_, Store> {
        open(&self.store)
    }

    /// A name that the scope brings.
    pub(crate) fn named(&self, name: &str) -> Option<Value> {
        self.scope.names.get(name).cloned()
    }

    /// A compiled pattern; a run compiles each once.
    pub(crate) fn pattern(&self, text: &str) -> Result<(Regex, bool), Error> {
        if let Some(known) = open(&self.patterns).get(text) {
            return Ok((known.clone(), false));
        }
        let compiled =
            pattern::compile(text).map_err(|why| Error::new(ErrorKind::InvalidOperation, why))?;
        open(&self.patterns).insert(text.to_owned(), compiled.clone());
        Ok((compiled, true))
    }

    /// The next number of the run's random sequence (splitmix64 over the scope's seed).
    pub(crate) fn random(&self) -> u64 {
        let turn = self.drawn.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
        let mut mixed = self
            .scope
            .seed
            .wrapping_add(turn.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

impl Object for Run {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        match key {
            "__data" => Some(self.scope.data.clone()),
            RUN => Some(Value::from_dyn_object(self.clone())),
            _ => {
                if self.scope.names.is_empty() {
                    return None;
                }
                self.named(key.strip_prefix("v_")?)
            }
        }
    }
}
