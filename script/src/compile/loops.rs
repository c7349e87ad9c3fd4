//! Writes loops.

use super::emit::Emitter;
use super::escaping::Context;
use super::expression::variable;
use crate::front::ast::{For, Named};
use crate::front::place::Fault;

impl Emitter {
    pub(super) fn repeat(&mut self, repeat: &For) -> Result<(), Fault> {
        let kept = self.known.touched_by(repeat);
        if !kept.is_empty() {
            let names: Vec<&str> = kept.iter().map(String::as_str).collect();
            let targets: Vec<&str> = repeat.targets().map(|name| name.name.as_str()).collect();
            self.block(&format!(
                "set e_ = \"{}\"|o_enter(\"{}\")",
                names.join(","),
                targets.join(",")
            ));
        }
        let before = self.standing();
        let prints_before = self.marks.len();
        self.loop_head(repeat)?;
        self.at_start = false;
        self.nodes(&repeat.body)?;
        self.loops -= 1;
        let prints = self.marks.len() > prints_before + 1 || !repeat.body.is_empty();
        if prints && self.context == Context::Json && self.quotes != before.quotes {
            return Err(Fault::new(
                repeat.value.at,
                "the body of this loop ends inside JSON quotes where it began outside, or the other way round",
            ));
        }
        let after = self.standing();
        self.stand(before);
        if !repeat.otherwise.is_empty() {
            self.block("else");
            self.nodes(&repeat.otherwise)?;
        }
        self.merge(after);
        self.block("endfor");
        if !kept.is_empty() {
            self.block("set e_ = 0|o_leave");
        }
        Ok(())
    }

    fn loop_head(&mut self, repeat: &For) -> Result<(), Fault> {
        self.loops += 1;
        let level = self.loops;
        let in_store = |emitter: &Self, name: &Named| emitter.known.kept.contains(&name.name);
        let target = |emitter: &Self, name: &Named, letter: char| {
            if in_store(emitter, name) {
                format!("{letter}_{level}")
            } else {
                variable(&name.name)
            }
        };
        let value = target(self, &repeat.value, 'i');
        let head = match &repeat.key {
            Some(key) => format!("for {}, {value} in ", target(self, key, 'k')),
            None => format!("for {value} in "),
        };
        self.open_block(&head);
        self.loops -= 1;
        self.value(&repeat.over)?;
        self.loops += 1;
        self.out.push_str(if repeat.key.is_some() {
            "|o_pairs"
        } else {
            "|o_values"
        });
        self.close_block();
        if self.known.parents {
            self.block(&format!("set loop_{level} = loop"));
        }
        if let Some(key) = &repeat.key
            && in_store(self, key)
        {
            self.give(&key.name, &format!("k_{level}"));
        }
        if in_store(self, &repeat.value) {
            self.give(&repeat.value.name, &value);
        }
        Ok(())
    }
}
