//! What is kept between runs: memory and records. This release keeps neither, and says so.

use crate::lang::call::{Call, Outcome};
use crate::lang::registry::{Entry, entry};

pub(crate) const FUNCTIONS: &[Entry] = &[
    entry("memoryGet", &["name", "default"], 1, memory),
    entry("incrementAndGet", &["name", "by"], 1, memory),
    entry("findOne", &["type", "field", "value"], 3, records),
    entry(
        "findMany",
        &["type", "field", "value", "orderBy", "dir", "limit"],
        3,
        records,
    ),
    entry("findCount", &["type", "field", "value"], 1, records),
    entry("findSum", &["type", "of", "field", "value"], 2, records),
    entry("findMin", &["type", "of", "field", "value"], 2, records),
    entry("findMax", &["type", "of", "field", "value"], 2, records),
];

/// `memoryGet(name, default)`, `incrementAndGet(name, by)`: shared memory. Fails: there is none in this release.
fn memory(call: &Call<'_, '_, '_>) -> Outcome {
    Err(call.fault("there is no shared memory in this release"))
}

/// `findOne(type, field, value)`, `findMany(type, field, value, orderBy, dir, limit)`, `findCount(type, field, value)`,
/// `findSum(type, of, field, value)`, `findMin(type, of, field, value)`, `findMax(type, of, field, value)`: documents of a
/// collection. Fails: there is no collection in this release.
fn records(call: &Call<'_, '_, '_>) -> Outcome {
    Err(call.fault(&format!("no such collection: `{}`", call.text(0)?)))
}
