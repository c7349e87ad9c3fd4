//! `json_encode`.

use minijinja::Value;

use crate::lang::call::{Call, Outcome};
use crate::lang::php_json;
use crate::lang::registry::{Entry, entry};

pub(crate) const FILTERS: &[Entry] = &[entry(
    "json_encode",
    &["value", "options", "depth"],
    1,
    json_encode,
)];

/// `value|json_encode(options = 0)`: the value as JSON text, spelt as PHP spells it: `/` as `\/`, letters beyond ASCII as
/// `\u00e9`. Options are PHP's numbers, added up: 64 leaves `/`, 256 leaves letters, 128 breaks lines.
/// Outside the quotes of a JSON body the result is not escaped again.
fn json_encode(call: &Call<'_, '_, '_>) -> Outcome {
    let options = call.whole_or(1, 0)?;
    call.weigh(0)?;
    let json = crate::json::value_to_json(call.arg(0));
    let mut out = String::new();
    php_json::write(&mut out, &json, php_json::Options::new(options), 0);
    call.charge_bytes(out.len())?;
    Ok(Value::from(out))
}
