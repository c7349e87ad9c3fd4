//! What is kept between runs: memory and records. This release keeps no records, and says so.

use minijinja::{Error, Value};

use crate::asks::{MOST_QUESTIONS, NoAnswer, Question};
use crate::lang::call::{Call, Outcome};
use crate::lang::compare::is_nothing;
use crate::lang::registry::{Entry, entry};

/// The longest name in shared memory, in bytes.
const LONGEST_NAME: usize = 256;

pub(crate) const FUNCTIONS: &[Entry] = &[
    entry("memoryGet", &["name", "default"], 1, memory),
    entry("incrementAndGet", &["name", "by"], 1, increment),
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

/// `memoryGet(name, default)`: a value of shared memory, which `set_memory` steps write; the default, or nothing, where the
/// name has none. A step that is tried out, and the reply of an asynchronous endpoint, cannot ask.
fn memory(call: &Call<'_, '_, '_>) -> Outcome {
    let name = name(call)?;
    let value = ask(call, Question::Memory { name })?;
    if is_nothing(&value) {
        return Ok(call.given(1).cloned().unwrap_or(Value::from(())));
    }
    Ok(value)
}

/// `incrementAndGet(name, by)`: adds to a number of shared memory, 1 where nothing else is said, and yields what it is then.
/// No two calls anywhere yield the same of one name, unless the number was set. It begins at 0, and fails where the value is
/// no whole number.
fn increment(call: &Call<'_, '_, '_>) -> Outcome {
    let name = name(call)?;
    let by = call.whole_or(1, 1)?;
    ask(call, Question::Increment { name, by })
}

fn name(call: &Call<'_, '_, '_>) -> Result<String, Error> {
    let name = call.text(0)?.into_owned();
    if name.is_empty() || name.len() > LONGEST_NAME {
        return Err(call.wrong(0, "must be a text of 1 to 256 bytes"));
    }
    Ok(name)
}

fn ask(call: &Call<'_, '_, '_>, question: Question) -> Outcome {
    ask_outside(call, question, "shared memory cannot be used here")
}

/// Asks what is outside; `nobody` says that there is nobody to ask.
pub(super) fn ask_outside(call: &Call<'_, '_, '_>, question: Question, nobody: &str) -> Outcome {
    let run = call.run()?;
    let Some(asks) = &run.scope.asks else {
        return Err(call.fault(nobody));
    };
    asks.answer(question).map_err(|none| match none {
        NoAnswer::Open => call.fault("the answer is not there yet"),
        NoAnswer::Other => call.fault("the step asks for something else than a moment ago"),
        NoAnswer::TooMany => call.fault(&format!(
            "a step asks what is outside {MOST_QUESTIONS} times at most"
        )),
    })
}

/// `findOne(type, field, value)`, `findMany(type, field, value, orderBy, dir, limit)`, `findCount(type, field, value)`,
/// `findSum(type, of, field, value)`, `findMin(type, of, field, value)`, `findMax(type, of, field, value)`: documents of a
/// collection. Fails: there is no collection in this release.
fn records(call: &Call<'_, '_, '_>) -> Outcome {
    Err(call.fault(&format!("no such collection: `{}`", call.text(0)?)))
}
