//! The filters, functions and tests of the language, by name.

use minijinja::Value;

use super::call::{Call, Outcome};
use super::{nearest, walk};
use crate::engine::run::Run;
use crate::front::ast::{Arg, Expr, Named};
use crate::front::place::Fault;
use crate::{filters, functions};

/// A filter, function or test.
pub(crate) struct Entry {
    pub(crate) name: &'static str,
    /// The names of its arguments; the first one of a filter or test is the value that it stands behind.
    pub(crate) params: &'static [&'static str],
    /// How many of them must be given.
    pub(crate) required: usize,
    /// Whether the last argument may be given any number of times.
    pub(crate) variadic: bool,
    pub(crate) run: fn(&Call<'_, '_, '_>) -> Outcome,
}

/// The kinds of entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Group {
    Filter,
    Function,
    Test,
}

/// An entry with a fixed list of arguments.
pub(crate) const fn entry(
    name: &'static str,
    params: &'static [&'static str],
    required: usize,
    run: fn(&Call<'_, '_, '_>) -> Outcome,
) -> Entry {
    Entry {
        name,
        params,
        required,
        variadic: false,
        run,
    }
}

/// An entry whose last argument may be given any number of times.
pub(crate) const fn variadic(
    name: &'static str,
    params: &'static [&'static str],
    required: usize,
    run: fn(&Call<'_, '_, '_>) -> Outcome,
) -> Entry {
    Entry {
        name,
        params,
        required,
        variadic: true,
        run,
    }
}

impl Group {
    fn tables(self) -> &'static [&'static [Entry]] {
        match self {
            Self::Filter => filters::TABLES,
            Self::Function => functions::TABLES,
            Self::Test => crate::lang::registry::TESTS,
        }
    }

    /// All entries of the kind.
    pub(crate) fn entries(self) -> impl Iterator<Item = &'static Entry> {
        self.tables().iter().flat_map(|table| table.iter())
    }

    fn word(self) -> &'static str {
        match self {
            Self::Filter => "filter",
            Self::Function => "function",
            Self::Test => "test",
        }
    }

    /// The letter before the engine's name of an entry.
    pub(crate) fn prefix(self) -> char {
        match self {
            Self::Filter => 'x',
            Self::Function => 'f',
            Self::Test => 't',
        }
    }
}

const TESTS: &[&[Entry]] = &[crate::filters::tests::TESTS];

/// Second names.
fn canonical(group: Group, name: &str) -> &str {
    match (group, name) {
        (Group::Filter, "e") => "escape",
        (Group::Filter, "count") => "length",
        (Group::Test, "none") => "null",
        (_, other) => other,
    }
}

/// The entry of a name.
pub(crate) fn find(group: Group, named: &Named) -> Result<&'static Entry, Fault> {
    let name = canonical(group, &named.name);
    if let Some(entry) = group.entries().find(|entry| entry.name == name) {
        return Ok(entry);
    }
    let word = group.word();
    let fault = Fault::new(named.at, format!("unknown {word} `{}`", named.name));
    let left_out = match group {
        Group::Filter => matches!(name, "shuffle" | "invoke"),
        Group::Function => matches!(
            name,
            "include"
                | "source"
                | "block"
                | "parent"
                | "constant"
                | "enum"
                | "enum_cases"
                | "random"
                | "template_from_string"
        ),
        Group::Test => name == "constant",
    };
    if left_out {
        return Err(Fault::new(
            named.at,
            format!("the language has no {word} `{name}`"),
        ));
    }
    Err(
        match nearest(name, group.entries().map(|entry| entry.name)) {
            Some(near) => fault.hint(format!("did you mean `{near}`?")),
            None => fault,
        },
    )
}

/// Puts the arguments of a call into the order of the entry. The first `skip` ones stand before the call.
pub(crate) fn arrange<'a>(
    entry: &Entry,
    named: &Named,
    args: &'a [Arg],
    skip: usize,
) -> Result<Vec<Option<&'a Expr>>, Fault> {
    let params = entry.params.get(skip..).unwrap_or_default();
    let mut places: Vec<Option<&Expr>> = Vec::new();
    for arg in args {
        let place = match &arg.name {
            None => places.len(),
            Some(name) => params
                .iter()
                .position(|param| same_name(param, &name.name))
                .ok_or_else(|| {
                    let fault = Fault::new(
                        name.at,
                        format!("`{}` has no argument `{}`", entry.name, name.name),
                    );
                    fault.hint(format!("its arguments are: {}", params.join(", ")))
                })?,
        };
        if place >= params.len() && !entry.variadic {
            return Err(too_many(entry, arg, params));
        }
        if places.len() <= place {
            places.resize(place + 1, None);
        }
        if let Some(free) = places.get_mut(place) {
            if free.is_some() {
                return Err(Fault::new(
                    arg.value.at,
                    format!("`{}` gets an argument twice", entry.name),
                ));
            }
            *free = Some(&arg.value);
        }
    }
    let missing = params
        .iter()
        .take(entry.required.saturating_sub(skip))
        .enumerate()
        .find(|(place, _)| !matches!(places.get(*place), Some(Some(_))));
    if let Some((_, param)) = missing {
        return Err(Fault::new(
            named.at,
            format!("`{}` needs its argument `{param}`", entry.name),
        ));
    }
    Ok(places)
}

fn too_many(entry: &Entry, arg: &Arg, params: &[&str]) -> Fault {
    let fault = Fault::new(
        arg.value.at,
        format!("`{}` takes no more arguments", entry.name),
    );
    if params.is_empty() {
        fault
    } else {
        fault.hint(format!("its arguments are: {}", params.join(", ")))
    }
}

/// Argument names count alike in `snake_case` and `camelCase`.
fn same_name(left: &str, right: &str) -> bool {
    let simple = |name: &str| name.replace('_', "").to_ascii_lowercase();
    simple(left) == simple(right)
}

/// The registry's way to call an entry from the engine.
pub(crate) fn invoke(
    entry: &'static Entry,
    state: &minijinja::State<'_, '_>,
    args: &[Value],
) -> Outcome {
    // A call without arguments stands behind the run itself.
    let args = match args {
        [first, ..] if first.downcast_object_ref::<Run>().is_some() => &[],
        some => some,
    };
    let made = (entry.run)(&Call { state, args, entry })?;
    if walk::is_container(&made) {
        Run::of(state)?.check_items(walk::size(&made))?;
    }
    Ok(made)
}
