//! Small workflows, drawn by chance.

use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::dice::Dice;
use crate::machine::Plan;
use crate::machine::testing::plan;

/// A workflow of at most a dozen steps, some of which may be done several times.
pub(super) fn draw(dice: &mut Dice) -> Arc<Plan> {
    let streams = dice.one_in(2);
    let mut drawn = Drawn {
        streams,
        left: 4 + dice.below(9),
        named: 0,
        turns: 0,
    };
    let steps = drawn.steps(dice, 0);
    let return_type = if streams { "sse" } else { "continue" };
    plan("async", &json!({"return_type": return_type}), &json!(steps))
}

struct Drawn {
    streams: bool,
    left: u64,
    named: u64,
    /// How many `for_each` are around.
    turns: u64,
}

impl Drawn {
    fn steps(&mut self, dice: &mut Dice, depth: u64) -> Vec<Json> {
        let wanted = if depth == 0 { 1 } else { 0 } + dice.below(4 - depth.min(3));
        (0..wanted).map_while(|_| self.step(dice, depth)).collect()
    }

    /// Of items that the document has, or of those that a step came to, which may be none at all.
    fn for_each(&mut self, dice: &mut Dice, depth: u64, id: &str) -> Json {
        self.turns += 1;
        let items = match dice.below(3) {
            0 => json!(vec![7; dice.place(4)]),
            1 => json!({"a": 1, "b": "{{ uuid() }}"}),
            _ => json!(format!(
                "{{{{ 1..__data.s{}.body.n }}}}",
                1 + dice.below(12)
            )),
        };
        // One step at least.
        self.left += 1;
        let mut steps = Vec::from_iter(self.step(dice, depth + 1));
        steps.extend(self.steps(dice, depth + 1));
        let collected = match dice.below(3) {
            0 => "{{ memoryGet('c') }}{{ incrementAndGet('n') }}".to_owned(),
            _ => format!(
                "{{{{ __data.item }}}} {{{{ uuid() }}}} {{{{ __data.s{}.body.n }}}}",
                1 + dice.below(12)
            ),
        };
        let on_error = if dice.one_in(2) { "stop" } else { "continue" };
        self.turns -= 1;
        json!({"type": "for_each", "items": items, "concurrency": 1 + dice.below(4), "do": steps,
            "collect": collected, "result": id, "on_error": on_error})
    }

    fn step(&mut self, dice: &mut Dice, depth: u64) -> Option<Json> {
        self.left = self.left.checked_sub(1)?;
        self.named += 1;
        let id = format!("s{}", self.named);
        // Time, chance and what other steps came to: all of it must be the same in every attempt.
        let value = format!(
            "{{{{ now('U') }}}} {{{{ uuid() }}}} {{{{ __data.s{}.body.n }}}} {{{{ __data.item }}}}\
             {{{{ __data.s{}|json_encode }}}}",
            1 + dice.below(12),
            1 + dice.below(12)
        );
        let mut step = match dice.below(12) {
            0 | 1 => json!({"type": "http_request", "method": "POST", "url": "https://a.example/",
                "body": value, "result": id}),
            2 => {
                json!({"type": "store_value", "name": format!("s{}", 1 + dice.below(12)), "value": value})
            }
            3 if self.streams => json!({"type": "sse_frame", "data": value}),
            3 => json!({"type": "respond", "return_type": "data", "return_data": value}),
            4 => {
                return Some(json!({"id": id, "type": "condition",
                    "left": format!("{{{{ __data.s{}.body.n }}}}", 1 + dice.below(12)),
                    "operator": "greater", "right": 5,
                    "yes": self.steps(dice, depth + 1), "no": self.steps(dice, depth + 1)}));
            }
            5 => json!({"type": "set_memory", "memory": "n", "increment": 1, "result": id}),
            6 => {
                json!({"type": "log", "message": "{{ memoryGet('a') }} {{ incrementAndGet('n') }} {{ now('U') }}"})
            }
            7 => json!({"type": "push_to_workflow", "workflow": "other", "data": {"v": value},
                "result": id}),
            8 if self.turns < 2 => self.for_each(dice, depth, &id),
            9 => json!({"type": "wait_for_callback", "timeout": "5 seconds", "result": id}),
            10 => json!({"type": "call_workflow", "workflow": "other", "data": {"v": value},
                "timeout": "5 seconds", "result": id}),
            _ => json!({"type": "log", "message": value}),
        };
        let members = step.as_object_mut().unwrap();
        if dice.one_in(5) {
            let delay = format!("{} seconds", dice.below(9));
            members.insert("when".to_owned(), json!({"after": delay}));
        }
        if members["type"] == "http_request" && dice.one_in(3) {
            members.insert("retry".to_owned(), json!({"attempts": 3, "delay": 2}));
        }
        members.insert("id".to_owned(), json!(id));
        members.insert("then".to_owned(), json!(self.steps(dice, depth + 1)));
        if dice.one_in(3) {
            members.insert("continue_on_error".to_owned(), json!(true));
        } else if dice.one_in(2) {
            members.insert("on_failure".to_owned(), json!(self.steps(dice, depth + 1)));
        }
        Some(step)
    }
}
