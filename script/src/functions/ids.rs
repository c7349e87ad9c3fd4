//! Identifiers: `uuid`, `uniqueId`. They come from the random seed of the scope.

use minijinja::Value;

use crate::lang::call::{Call, Outcome};
use crate::lang::registry::{Entry, entry};

pub(crate) const FUNCTIONS: &[Entry] = &[
    entry("uuid", &[], 0, uuid),
    entry("uniqueId", &["prefix"], 0, unique_id),
];

/// `uuid()`: a random UUID (RFC 9562, version 4).
fn uuid(call: &Call<'_, '_, '_>) -> Outcome {
    let run = call.run()?;
    let high = (run.random() & 0xffff_ffff_ffff_0fff) | 0x4000;
    let low = (run.random() & 0x3fff_ffff_ffff_ffff) | 0x8000_0000_0000_0000;
    Ok(Value::from(format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        high >> 32,
        high >> 16 & 0xffff,
        high & 0xffff,
        low >> 48,
        low & 0xffff_ffff_ffff
    )))
}

/// `uniqueId(prefix = "")`: 16 hexadecimal digits that are different at each call.
fn unique_id(call: &Call<'_, '_, '_>) -> Outcome {
    Ok(Value::from(format!(
        "{}{:016x}",
        call.text(0)?,
        call.run()?.random()
    )))
}
