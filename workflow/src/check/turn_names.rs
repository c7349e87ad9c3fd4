//! Names that the turns of a `for_each` write, and that are read where no turn is.

use super::compile::Compiled;
use super::context::Context;
use super::data_names::result_of;
use super::nearest::suggest;
use super::problem::Problem;
use crate::document::{Branch, ReturnType, StepKind};
use std::collections::HashMap;

/// What `__data.__each` holds.
const EACH: &[&str] = &[
    "index", "number", "length", "key", "first", "last", "parent",
];

/// Which turns each step is done in, and what is written in them.
pub(super) struct Turns<'a> {
    context: &'a Context<'a>,
    /// For each step, the `for_each` of the innermost turn around it.
    around: Vec<Option<usize>>,
    writers: HashMap<&'a str, Vec<Writer>>,
}

/// Who writes a name.
struct Writer {
    /// The `for_each` in whose turns it is written.
    turn: Option<usize>,
    /// Whether a request may well have a field of the name too.
    doubtful: bool,
    /// Whether it is the item itself.
    item: bool,
}

impl<'a> Turns<'a> {
    pub(super) fn of(context: &'a Context<'a>) -> Self {
        let mut around: Vec<Option<usize>> = Vec::with_capacity(context.tree.nodes.len());
        let mut writers: HashMap<&str, Vec<Writer>> = HashMap::new();
        let mut write = |name: &'a str, writer| writers.entry(name).or_default().push(writer);
        for (index, node) in context.tree.nodes.iter().enumerate() {
            let turn = match node.parent {
                Some((parent, Branch::Do)) => Some(parent),
                Some((parent, _)) => around.get(parent).copied().flatten(),
                None => None,
            };
            around.push(turn);
            let (doubtful, item) = (true, false);
            if let Some(name) = result_of(node) {
                let doubtful = false;
                write(
                    name,
                    Writer {
                        turn,
                        doubtful,
                        item,
                    },
                );
            }
            match &node.step.kind {
                StepKind::StoreValue(store) => {
                    write(
                        &store.name,
                        Writer {
                            turn,
                            doubtful,
                            item,
                        },
                    );
                }
                StepKind::ForEach(each) => {
                    let (turn, item) = (Some(index), true);
                    write(
                        &each.name,
                        Writer {
                            turn,
                            doubtful,
                            item,
                        },
                    );
                }
                _ => {}
            }
        }
        Self {
            context,
            around,
            writers,
        }
    }

    /// The `for_each` steps in whose turns a script is evaluated, the innermost first.
    fn turns_of(&self, script: &Compiled) -> Vec<usize> {
        let mut turns = Vec::new();
        let Some(reader) = self.context.index_around(&script.place) else {
            return turns;
        };
        let collected = self.collected_by(script);
        let mut turn = collected.or_else(|| self.outer(reader));
        while let Some(index) = turn {
            turns.push(index);
            turn = self.outer(index);
        }
        turns
    }

    /// The `for_each` that a step stands in without the script being evaluated in its turns; none where the script knows which
    /// turn of the step is meant.
    pub(super) fn out_of_reach(&self, script: &Compiled, step: usize) -> Option<&'a str> {
        let each = self.outer(step)?;
        let node = self.context.tree.nodes.get(each)?;
        (!self.turns_of(script).contains(&each)).then_some(node.step.id.as_str())
    }

    /// The `for_each` at the end of whose turns a script is evaluated, when all that they write is there.
    fn collected_by(&self, script: &Compiled) -> Option<usize> {
        let reader = self.context.index_around(&script.place)?;
        let step = self.context.tree.nodes.get(reader)?.step;
        let each = matches!(step.kind, StepKind::ForEach(_));
        (each && script.place.within_step() == Some("collect")).then_some(reader)
    }

    /// Whether a name is handed out by a turn that writes it.
    pub(super) fn hand_out(&self, script: &Compiled, name: &str) -> bool {
        let collected = self.collected_by(script);
        let mut writers = self.writers.get(name).into_iter().flatten();
        collected.is_some() && writers.any(|writer| writer.turn == collected)
    }

    fn outer(&self, index: usize) -> Option<usize> {
        self.around.get(index).copied().flatten()
    }

    /// Says that a name stays in the turns that write it.
    pub(super) fn judge(&self, script: &Compiled, name: &str) -> Option<Problem> {
        if !self.context.paths_known {
            return None;
        }
        let writers = self.writers.get(name)?;
        let turns = self.turns_of(script);
        let seen = |writer: &Writer| writer.turn.is_none_or(|turn| turns.contains(&turn));
        if writers.iter().any(seen) {
            return None;
        }
        let mut hidden = writers
            .iter()
            .filter_map(|writer| Some((writer, writer.turn?)));
        let (_, each) = hidden
            .find(|(writer, turn)| !writer.doubtful || self.is_after(script, *turn, writer.item))?;
        let each = &self.context.tree.nodes.get(each)?.step.id;
        let message =
            format!("`__data.{name}` is written in the turns of `{each}`, and stays there");
        Some(
            Problem::warning(script.place.path.clone(), "stays_in_turn", message)
                .hint(format!(
                    "name it in `collect` of `{each}`, and read the list of all turns at its `result`"
                ))
                .step(script.place.step.as_deref()),
        )
    }

    /// Whether a script is evaluated when the turns of a `for_each` are over.
    fn is_after(&self, script: &Compiled, each: usize, item: bool) -> bool {
        let Some(reader) = self.context.index_around(&script.place) else {
            // A listener's own reply; a field of the request may have the item's name.
            let own = !matches!(
                self.context.return_type(),
                None | Some(ReturnType::Continue | ReturnType::Sse)
            );
            return own && !item;
        };
        let mut up = self.context.tree.up(reader).into_iter();
        up.any(|(at, way)| at == each && matches!(way, Some(Branch::Then | Branch::OnFailure)))
    }

    /// What is wrong with a path below `__data.__each`, and a hint; `inner` is the name within.
    pub(super) fn about(&self, script: &Compiled, inner: &str) -> Option<(String, String)> {
        let turns = self.turns_of(script).len();
        let read = |inner: &str| match inner {
            "" => "__each".to_owned(),
            inner => format!("__each.{inner}"),
        };
        if turns == 0 {
            let hint = "it is there in the turns of a `for_each`: in its `do` and its `collect`";
            return Some((read(inner), hint.to_owned()));
        }
        if inner == "parent" && turns == 1 {
            let hint = "it is there where one `for_each` stands in `do` of another";
            return Some((read(inner), hint.to_owned()));
        }
        if inner.is_empty() || EACH.contains(&inner) {
            return None;
        }
        Some((read(inner), suggest(inner, EACH)))
    }
}
