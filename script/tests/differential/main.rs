//! The language against the real Twig: generated templates must come out the same.
//!
//! `EARSHOT_TWIG_SEED` sets the seed of the cases and `EARSHOT_TWIG_CASES` their number.

#![expect(
    clippy::unwrap_used,
    clippy::too_many_lines,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail loudly, also outside of its test function, and a list of choices is long"
)]

mod booleans;
mod data;
mod lists;
mod maker;
mod numbers;
mod random;
mod shrink;
mod templates;
mod texts;
mod twig;

use std::collections::BTreeMap;
use std::sync::Arc;

use script::{Bounds, Scope, ScriptsBuilder, Target, Value, json_to_value};
use serde_json::Value as Json;

/// How many templates are rendered, each in two ways.
const CASES: u64 = 10_000;

/// How many differences are shown.
const SHOWN: u64 = 5;

/// How each is rendered: without escaping, and escaped as HTML.
const MODES: [&str; 2] = ["text", "html"];

#[test]
fn generated_templates_come_out_as_the_real_twig_renders_them() {
    let seed = number("EARSHOT_TWIG_SEED").unwrap_or(1);
    let cases = number("EARSHOT_TWIG_CASES").unwrap_or(CASES);
    println!("EARSHOT_TWIG_SEED={seed}");
    let mut real = twig::Twig::start();
    let mut differences = Vec::new();
    let mut refused = 0;
    for case in 0..cases {
        let mut random = random::Random::new(seed.wrapping_mul(1_000_003).wrapping_add(case));
        let data = data::make(&mut random);
        let template = templates::make(&mut random);
        for mode in MODES {
            let outcome = outcome(&mut real, &template, &data, mode);
            refused += usize::from(outcome.twig.is_err());
            if outcome.differs() {
                differences.push((template.clone(), data.clone(), mode));
            }
        }
    }
    println!(
        "{cases} templates in two ways: {} differences; Twig refused {refused} renderings",
        differences.len()
    );
    differences.sort_by_key(|(template, ..)| template.len());
    let shown = number("EARSHOT_TWIG_SHOWN").unwrap_or(SHOWN);
    for (template, data, mode) in differences.iter().take(usize::try_from(shown).unwrap()) {
        let kind = outcome(&mut real, template, data, mode).kind();
        let smallest = shrink::shrink(template, |template| {
            let outcome = outcome(&mut real, template, data, mode);
            outcome.differs() && outcome.kind() == kind
        });
        let outcome = outcome(&mut real, &smallest, data, mode);
        println!(
            "\n--- {mode}\n{smallest}\n--- shrunk from\n{template}\n--- data {data}\n--- twig {:?}\n--- ours {:?}",
            outcome.twig, outcome.ours
        );
    }
    assert!(
        differences.is_empty(),
        "{} differences with EARSHOT_TWIG_SEED={seed}; the smallest stand above",
        differences.len()
    );
}

/// What both make of a template.
struct Outcome {
    twig: Result<String, String>,
    ours: Result<String, String>,
}

impl Outcome {
    fn differs(&self) -> bool {
        match (&self.twig, &self.ours) {
            (Ok(twig), Ok(ours)) => twig != ours,
            (Err(_), Err(_)) => false,
            _ => true,
        }
    }
}

impl Outcome {
    /// What kind of difference it is, as far as failures tell.
    fn kind(&self) -> [String; 2] {
        [&self.twig, &self.ours].map(|outcome| match outcome {
            Ok(_) => String::new(),
            Err(why) => why
                .chars()
                .filter(char::is_ascii_alphabetic)
                .take(40)
                .collect(),
        })
    }
}

fn outcome(real: &mut twig::Twig, template: &str, data: &Json, mode: &str) -> Outcome {
    let target = if mode == "html" {
        Target::Html
    } else {
        Target::Text
    };
    Outcome {
        twig: real.render(template, data, mode),
        ours: render(template, data, target),
    }
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

/// What the language makes of a template; the members of `data` are names at the top level.
fn render(template: &str, data: &Json, target: Target) -> Result<String, String> {
    let mut builder = ScriptsBuilder::new();
    let id = builder
        .add(template, target)
        .map_err(|error| error.to_string())?;
    let names: BTreeMap<String, Value> = data
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| (name.clone(), json_to_value(value)))
        .collect();
    let scope =
        Scope::new(Value::from(()), jiff::Timestamp::UNIX_EPOCH, 1).with_names(Arc::new(names));
    builder
        .build()
        .render(id, &scope, &Bounds::default())
        .map(|rendered| rendered.text)
        .map_err(|error| error.to_string())
}
