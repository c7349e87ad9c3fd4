//! The language against the real Twig: generated templates must come out the same.
//!
//! `EARSHOT_TWIG_SEED` sets the seed of the cases and `EARSHOT_TWIG_CASES` their number.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a test may fail loudly, also outside of its test function"
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
const MODES: [(&str, Target); 2] = [("text", Target::Text), ("html", Target::Html)];

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
        for (mode, outcome) in outcomes(&mut real, &template, &data).iter().enumerate() {
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
        show(&mut real, template, data, *mode);
    }
    assert!(
        differences.is_empty(),
        "{} differences with EARSHOT_TWIG_SEED={seed}; the smallest stand above",
        differences.len()
    );
}

/// Prints a difference, as small as it gets.
fn show(real: &mut twig::Twig, template: &str, data: &Json, mode: usize) {
    let kind = outcomes(real, template, data)[mode].kind();
    let smallest = shrink::shrink(template, |template| {
        let outcome = &outcomes(real, template, data)[mode];
        outcome.differs() && outcome.kind() == kind
    });
    let outcome = &outcomes(real, &smallest, data)[mode];
    println!(
        "\n--- {}\n{smallest}\n--- shrunk from\n{template}\n--- data {data}\n--- twig {:?}\n--- ours {:?}",
        MODES[mode].0, outcome.twig, outcome.ours
    );
}

/// What both make of a template in one mode.
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

/// What both make of a template, by mode. Twig works while we do.
fn outcomes(real: &mut twig::Twig, template: &str, data: &Json) -> Vec<Outcome> {
    for (mode, _) in MODES {
        real.ask(template, data, mode);
    }
    let ours = render(template, data);
    ours.into_iter()
        .map(|ours| Outcome {
            twig: real.answer(template),
            ours,
        })
        .collect()
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

/// What the language makes of a template, by mode; the members of `data` are names at the top level.
fn render(template: &str, data: &Json) -> Vec<Result<String, String>> {
    let names: BTreeMap<String, Value> = data
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| (name.clone(), json_to_value(value)))
        .collect();
    let now = jiff::Timestamp::UNIX_EPOCH;
    let scope = Scope::new(Value::from(()), now, 1).with_names(Arc::new(names));
    let mut builder = ScriptsBuilder::new();
    let ids = MODES.map(|(_, target)| builder.add(template, target));
    let scripts = builder.build();
    ids.into_iter()
        .map(|id| {
            let id = id.map_err(|error| error.to_string())?;
            scripts
                .render(id, &scope, &Bounds::default())
                .map(|rendered| rendered.text)
                .map_err(|error| error.to_string())
        })
        .collect()
}
