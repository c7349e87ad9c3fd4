//! Any text, compiled for any target: it compiles, or the error names a place in it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use script::{ScriptsBuilder, Target};

const TARGETS: [Target; 6] = [
    Target::Text,
    Target::Body,
    Target::Html,
    Target::Url,
    Target::Header,
    Target::Value,
];

fuzz_target!(|input: (u8, &str)| {
    let (target, source) = input;
    let target = TARGETS[usize::from(target) % TARGETS.len()];
    let mut builder = ScriptsBuilder::new();
    if let Err(error) = builder.add(source, target) {
        let lines = source.matches('\n').count() + 1;
        assert!(error.line >= 1 && error.column >= 1, "{error}");
        assert!(error.line as usize <= lines, "{error}");
    }
});
