//! Runs documents in tests.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value as Json, json};
use shared::ids::RunId;
use shared::v1::reply::Outcome;

use super::{
    Effect, Event, HttpRequest, HttpResponse, Level, Machine, Plan, RunFacts, Spot, StepIndex,
    StepOutcome,
};
use crate::data::Data;
use crate::document::Document;
use crate::reply::Reply;
use crate::template::Surroundings;

/// When every test run happens.
pub(super) fn now() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

/// A plan of a listener's settings, a run mode and steps.
pub(super) fn plan(run_mode: &str, listener: &Json, steps: &Json) -> Arc<Plan> {
    let document = json!({
        "apiVersion": "earshot/v1", "kind": "Workflow", "metadata": {"name": "test"},
        "spec": {
            "record_type": "virtual", "source": "listener", "run_mode": run_mode,
            "listener": listener, "steps": steps,
        },
    });
    Arc::new(Plan::compile(&serde_json::from_value::<Document>(document).unwrap()).unwrap())
}

/// A run, with all that it asked for so far.
pub(super) struct Run {
    pub(super) machine: Machine,
    pub(super) effects: Vec<Effect>,
}

impl Run {
    pub(super) fn start(plan: Arc<Plan>, fields: &Json) -> Self {
        Self::start_within(plan, fields, Surroundings::new(now(), 7), false)
    }

    /// A run whose waits are over at once.
    pub(super) fn hurried(steps: &Json) -> Self {
        let plan = plan("async", &json!({"return_type": "continue"}), steps);
        Self::start_within(plan, &json!({}), Surroundings::new(now(), 7), true)
    }

    /// A run that the run log wants to know about.
    pub(super) fn recorded(plan: Arc<Plan>, fields: &Json) -> Self {
        let mut surroundings = Surroundings::new(now(), 7);
        surroundings.recorded = true;
        Self::start_within(plan, fields, surroundings, false)
    }

    fn start_within(
        plan: Arc<Plan>,
        fields: &Json,
        surroundings: Surroundings,
        hurried: bool,
    ) -> Self {
        let run_id: RunId = "018f3f6e-0000-7000-8000-000000000003".parse().unwrap();
        let facts = RunFacts {
            run_id,
            surroundings,
            hurried,
            called: false,
        };
        let (machine, effects) = Machine::start(plan, Data::from_fields(fields), facts);
        let mut run = Self { machine, effects };
        run.go_on();
        run
    }

    /// A run of a `continue` endpoint whose caller waits.
    pub(super) fn of(steps: &Json, fields: &Json) -> Self {
        Self::start(
            plan("sync", &json!({"return_type": "continue"}), steps),
            fields,
        )
    }

    pub(super) fn event(&mut self, event: Event) -> Vec<Effect> {
        self.event_at(event, now())
    }

    /// The moment has come that a step waits for.
    pub(super) fn due(&mut self, step: impl Into<Spot>, at: &str) -> Vec<Effect> {
        let step = step.into();
        self.event_at(Event::Due { step }, at.parse().unwrap())
    }

    /// The moments that steps wait for, or did, in order.
    pub(super) fn moments(&self) -> Vec<(StepIndex, String)> {
        let moments = self.effects.iter().filter_map(|effect| match effect {
            Effect::Wake { step, at } => Some((step.step, at.to_string())),
            _ => None,
        });
        moments.collect()
    }

    pub(super) fn event_at(&mut self, event: Event, at: Timestamp) -> Vec<Effect> {
        let before = self.effects.len();
        self.effects.extend(self.machine.handle(event, at));
        self.go_on();
        self.effects.get(before..).unwrap_or_default().to_vec()
    }

    fn go_on(&mut self) {
        while self.machine.has_work() {
            self.effects.extend(self.machine.go_on());
        }
    }

    /// Answers the request of a step.
    pub(super) fn answer(&mut self, step: impl Into<Spot>, status: u16, body: &str) -> Vec<Effect> {
        let step = step.into();
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        let result = Ok(HttpResponse {
            status,
            headers,
            body: body.as_bytes().to_vec(),
        });
        self.event(Event::HttpDone { step, result })
    }

    pub(super) fn requests(&self) -> Vec<(StepIndex, HttpRequest)> {
        let requests = self.effects.iter().filter_map(|effect| match effect {
            Effect::Http { step, request } => Some((step.step, request.clone())),
            _ => None,
        });
        requests.collect()
    }

    pub(super) fn logs(&self) -> Vec<(Level, &str)> {
        let logs = self.effects.iter().filter_map(|effect| match effect {
            Effect::Log { level, message, .. } => Some((*level, message.as_str())),
            _ => None,
        });
        logs.collect()
    }

    /// The lines that `log` steps wrote at the level `info`, in order.
    pub(super) fn lines(&self) -> Vec<&str> {
        self.logs()
            .into_iter()
            .filter(|(level, _)| *level == Level::Info)
            .map(|(_, line)| line)
            .collect()
    }

    pub(super) fn replies(&self) -> Vec<&Reply> {
        let replies = self.effects.iter().filter_map(|effect| match effect {
            Effect::Reply(reply) => Some(reply),
            _ => None,
        });
        replies.collect()
    }

    /// The body of the only reply.
    pub(super) fn body(&self) -> &str {
        let [reply] = self.replies()[..] else {
            panic!("{:?}", self.effects)
        };
        std::str::from_utf8(&reply.body).unwrap()
    }

    /// How a step ended.
    pub(super) fn step(&self, id: &str) -> Option<&StepOutcome> {
        self.effects.iter().find_map(|effect| match effect {
            Effect::StepFinished { step, outcome, .. } if step == id => Some(outcome),
            _ => None,
        })
    }

    /// How the run ended; the end is the last effect and comes once.
    pub(super) fn outcome(&self) -> Option<Outcome> {
        let ends = self
            .effects
            .iter()
            .filter(|effect| matches!(effect, Effect::Finished(_)))
            .count();
        assert!(ends <= 1, "{:?}", self.effects);
        match self.effects.last() {
            Some(Effect::Finished(outcome)) => Some(*outcome),
            _ => {
                assert_eq!(ends, 0, "{:?}", self.effects);
                None
            }
        }
    }
}

/// A step that writes a line.
pub(super) fn log(id: &str, line: &str) -> Json {
    json!({"id": id, "type": "log", "message": line})
}

/// A step that calls.
pub(super) fn call(id: &str) -> Json {
    json!({"id": id, "type": "http_request", "url": "https://a.example/", "result": id})
}
