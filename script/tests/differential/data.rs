//! Data for templates: fixed names of fixed kinds, with values that differ.
//!
//! No map is empty and none has the keys of a list: here they stay maps when they are written as JSON, whereas PHP has
//! one kind of array for both.

use serde_json::{Value as Json, json};

use crate::random::Random;

/// Texts with something special about them.
pub(crate) const TEXTS: [&str; 40] = [
    "",
    "a",
    "0",
    "1",
    "00",
    "0.0",
    "abc",
    "Hello World",
    "heLLO wORLD",
    "héllo wörld",
    "ÄÖÜ äöü ß",
    "日本語テキスト",
    "🦀 crab",
    "e\u{301}a",
    " padded  ",
    "\n line\nbreaks\n",
    "tab\there",
    "a,b,c",
    "a,,b",
    "<b>bold</b>",
    "<p>\n <i>x</i> y </p>",
    "<!-- c --><a href=\"x\">'q' & \"r\"</a>",
    "Tom & Jerry",
    "O'Reilly",
    "x=1&y=2",
    "100%",
    "50 % off",
    "%s is %d",
    "it's \"quoted\"",
    "back\\slash",
    "C:\\new\\table",
    "foo-bar_baz.qux",
    "fooBar",
    "one two three four",
    "a/b/c",
    "true",
    "null",
    "#{x} {y}",
    "end.",
    "ab12cd",
];

/// Texts that are numbers, or begin like one.
pub(crate) const NUMERIC: [&str; 16] = [
    "0", "1", "12", "-3", "+4", "1.5", "-0.5", ".5", "1e2", "1E-2", " 7", "7 ", "007", "3 apples",
    "0x1A", "100.0",
];

pub(crate) fn number(random: &mut Random) -> Json {
    if random.once_in(3) {
        let floats = [
            0.5,
            1.5,
            2.5,
            -1.5,
            0.1,
            3.146,
            1234.5678,
            1.0,
            -2.0,
            0.0,
            1e15,
            1.005,
            99.995,
            -0.4,
            1e-7,
            123456789.12345679,
        ];
        json!(floats[random.below(floats.len())])
    } else {
        let wholes = [
            0,
            1,
            2,
            3,
            4,
            5,
            7,
            9,
            10,
            12,
            15,
            42,
            99,
            100,
            1000,
            1234,
            65536,
            123_456_789,
            -1,
            -2,
            -7,
            -10,
            -1500,
        ];
        json!(wholes[random.below(wholes.len())])
    }
}

pub(crate) fn text(random: &mut Random) -> &'static str {
    random.pick(&TEXTS)
}

fn several<T>(
    random: &mut Random,
    least: usize,
    most: usize,
    mut make: impl FnMut(&mut Random) -> T,
) -> Vec<T> {
    let count = least + random.below(most - least + 1);
    (0..count).map(|_| make(random)).collect()
}

fn row(random: &mut Random) -> Json {
    let mut row = json!({
        "name": text(random),
        "n": random.below(12),
        "ok": random.once_in(2),
    });
    if random.once_in(3) {
        row["extra"] = number(random);
    }
    row
}

/// The members are names at the top level of a template.
pub(crate) fn make(random: &mut Random) -> Json {
    let keys = ["a", "b", "key", "5", "x-y", "Ü", "10", "last"];
    let mut map = serde_json::Map::new();
    let first = random.below(keys.len());
    for index in 0..=random.below(4) {
        let key = keys[(first + index) % keys.len()];
        map.insert(key.to_owned(), number(random));
    }
    json!({
        "i": random.below(20),
        "j": number(random),
        "f": number(random),
        "s": text(random),
        "t": text(random),
        "d": random.pick(&NUMERIC),
        "yes": true,
        "no": false,
        "none_": null,
        "nums": several(random, 0, 6, number),
        "words": several(random, 0, 5, text),
        "rows": several(random, 1, 4, row),
        "m": map,
        "deep": {"a": {"b": [text(random), {"c": number(random)}]}, "list": [[1, 2], [3]], "nil": null},
        "empty": [],
    })
}
