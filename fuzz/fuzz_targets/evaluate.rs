//! Any text, evaluated over a fixed `__data` within tight bounds: no panic, and no bound that is crossed unnoticed.
#![no_main]

use std::sync::OnceLock;

use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use script::{Bounds, EvalError, Scope, ScriptsBuilder, Target, Value, json_to_value};
use serde_json::json;

const BOUNDS: Bounds = Bounds {
    fuel: 5_000,
    output_bytes: 4_096,
    list_items: 500,
    recursion: 20,
};

fn data() -> &'static Value {
    static DATA: OnceLock<Value> = OnceLock::new();
    DATA.get_or_init(|| {
        json_to_value(&json!({
            "a": 1, "b": -2.5, "t": "text <b>\"é\u{1F600}\"</b>", "n": null, "y": true, "z": "0",
            "l": [3, 1, 2, "x"], "m": {"k": "v", "2": [1]}, "d": "2024-02-29T12:00:00Z",
        }))
    })
}

fuzz_target!(|input: (u8, &str)| {
    let (kind, source) = input;
    let targets = [Target::Text, Target::Body, Target::Html, Target::Url, Target::Value];
    let mut builder = ScriptsBuilder::new();
    let Ok(id) = builder.add(source, targets[usize::from(kind) % targets.len()]) else {
        return;
    };
    let scripts = builder.build();
    let scope = Scope::new(data().clone(), Timestamp::UNIX_EPOCH, 7);
    match scripts.render(id, &scope, &BOUNDS) {
        Ok(rendered) => {
            assert!(rendered.text.len() <= BOUNDS.output_bytes);
            assert!(rendered.fuel <= BOUNDS.fuel);
        }
        Err(EvalError::Failed { line, .. }) => assert!(line >= 1),
        Err(_) => {}
    }
});
