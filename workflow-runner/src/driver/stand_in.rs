//! The record of an earlier run in the place of what is outside.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use bus::CallError;
use serde_json::Value as Json;
use shared::ids::RunId;
use shared::rpc::Context;
use shared::v1::reply::Failure;
use shared::v1::run_log::{AnswerRecord, GetRun, MASK, Payload, RunRecord, StepRecord, Told};
use workflow::machine::{Event, HttpResponse, Level, Plan, Spot};

use super::Driver;
use crate::service::Shared;

/// How long registry-svc may take to give a record.
const PATIENCE: Duration = Duration::from_secs(5);

/// What an earlier run heard, by the step that asked.
#[derive(Debug)]
pub(crate) struct StandIn {
    run: RunId,
    /// Responses to requests, by the name of the spot. A request that is made again gets the last one again.
    steps: HashMap<String, StepRecord>,
    /// Answers to everything else, in the order in which they came; under none those of the listener's own reply.
    answers: HashMap<Option<String>, Vec<AnswerRecord>>,
    /// How many of them each step has heard in this run.
    heard: BTreeMap<Spot, usize>,
}

impl StandIn {
    /// Fetches the record of a run. One that is gone meanwhile has no answers.
    ///
    /// # Errors
    /// Where registry-svc cannot be asked.
    pub(crate) async fn fetch(
        runner: &Shared,
        context: Context,
        run: RunId,
    ) -> Result<Self, CallError> {
        let question = GetRun { run_id: run };
        let now = ops::clock::now_ms();
        let found = runner.bus.call(context, question, PATIENCE, now).await?;
        Ok(Self::new(run, found.map(|found| found.record)))
    }

    fn new(run: RunId, record: Option<RunRecord>) -> Self {
        let mut stand_in = Self {
            run,
            steps: HashMap::new(),
            answers: HashMap::new(),
            heard: BTreeMap::new(),
        };
        let Some(record) = record else {
            return stand_in;
        };
        for step in record.steps {
            stand_in.steps.entry(spot_of(&step)).or_insert(step);
        }
        for answer in record.answers {
            let of_step = stand_in.answers.entry(answer.step.clone());
            of_step.or_default().push(answer);
        }
        stand_in
    }

    /// What the request of a step was answered with.
    fn response(&self, plan: &Plan, step: Spot) -> Result<HttpResponse, String> {
        let record = self.steps.get(&plan.name(step));
        let record = record.ok_or_else(|| self.nothing(plan, step))?;
        if let Some(Told {
            status: Some(status),
            headers,
            body,
            ..
        }) = &record.output
        {
            return Ok(HttpResponse {
                status: *status,
                headers: headers.clone(),
                body: body
                    .as_ref()
                    .map_or_else(Vec::new, |body| body.bytes.clone()),
            });
        }
        let asked = record.input.as_ref();
        let asked = asked.is_some_and(|asked| asked.method.is_some());
        match &record.error {
            Some(error) if asked => Err(error.clone()),
            _ => Err(self.nothing(plan, step)),
        }
    }

    /// The next answer to what a step asks.
    fn answer(&self, plan: &Plan, step: Spot) -> Result<Json, String> {
        let Some(answer) = self.next(plan, step) else {
            return Err(self.nothing(plan, step));
        };
        if let Some(error) = &answer.error {
            return Err(error.clone());
        }
        serde_json::from_slice(&answer.value.bytes).map_err(|_| {
            let (run, of) = (self.run, of(plan, step));
            format!("the run log has not all of an answer that run {run} had for {of}; run it with real effects")
        })
    }

    fn next(&self, plan: &Plan, step: Spot) -> Option<&AnswerRecord> {
        let of_step = self.answers.get(&name(plan, step))?;
        of_step.get(self.heard.get(&step).copied().unwrap_or(0))
    }

    /// Whether a step waited in vain: it failed, and heard nothing more.
    fn in_vain(&self, plan: &Plan, step: Spot) -> bool {
        let failed = self.steps.get(&plan.name(step));
        failed.is_some_and(|step| step.error.is_some()) && self.next(plan, step).is_none()
    }

    fn nothing(&self, plan: &Plan, step: Spot) -> String {
        let (run, of) = (self.run, of(plan, step));
        format!("run {run} has no answer for {of}; run it with real effects")
    }

    /// Counts an answer that the run hears; what there is to say about it.
    fn hear(&mut self, plan: &Plan, event: &Event) -> Option<&'static str> {
        let (step, payload) = match event {
            Event::HttpDone { step, .. } => {
                let record = self.steps.get(&plan.name(*step))?;
                let body = record.output.as_ref().and_then(|told| told.body.as_ref());
                (*step, body)
            }
            Event::Answer { step, .. } => {
                let found = self.next(plan, *step).map(|answer| &answer.value);
                (*step, found)
            }
            _ => return None,
        };
        let note = payload.and_then(remark);
        if matches!(event, Event::Answer { .. }) {
            *self.heard.entry(step).or_default() += 1;
        }
        note
    }
}

/// The name of a step's spot, as [`Plan::name`] has it.
fn spot_of(step: &StepRecord) -> String {
    if step.turn.is_empty() {
        return step.id.clone();
    }
    let items: Vec<String> = step.turn.iter().map(u16::to_string).collect();
    format!("{}[{}]", step.id, items.join(","))
}

/// Who asks; none for the listener's own reply.
fn name(plan: &Plan, spot: Spot) -> Option<String> {
    plan.step_id(spot.step).map(|_| plan.name(spot))
}

fn of(plan: &Plan, step: Spot) -> String {
    match name(plan, step) {
        Some(name) => format!("step `{name}`"),
        None => "the reply".to_owned(),
    }
}

/// How an answer differs from what came in the earlier run.
fn remark(payload: &Payload) -> Option<&'static str> {
    let mask = MASK.as_bytes();
    if payload.truncated {
        return Some("the recorded answer is cut: the run log keeps no more of it");
    }
    let masked = payload.bytes.windows(mask.len()).any(|part| part == mask);
    masked.then_some("the recorded answer is masked in part")
}

impl Driver<'_> {
    /// The same with a record in the place of what is outside.
    pub(crate) fn standing_in(self, stand_in: Option<StandIn>) -> Self {
        Self { stand_in, ..self }
    }

    /// Has the record answer a request.
    pub(super) fn call_record(&mut self, step: Spot) {
        if let Some(stand_in) = &self.stand_in {
            let result = stand_in.response(&self.plan, step);
            self.ended.push_back(Event::HttpDone { step, result });
        }
    }

    /// Has the record answer what is no request.
    pub(super) fn ask_record(&mut self, step: Spot) {
        if let Some(stand_in) = &self.stand_in {
            let answer = stand_in.answer(&self.plan, step);
            self.ended.push_back(Event::Answer { step, answer });
        }
    }

    /// Has the record answer a wait for a letter.
    pub(super) fn await_record(&mut self, step: Spot) {
        let in_vain = self.stand_in.as_ref();
        let in_vain = in_vain.is_some_and(|stand_in| stand_in.in_vain(&self.plan, step));
        if in_vain {
            self.ended.push_back(Event::Due { step });
        } else {
            self.ask_record(step);
        }
    }

    /// Notes what the machine is about to be told.
    pub(super) fn hear(&mut self, event: &Event) {
        self.recorder.event(&self.plan, event);
        let Some(stand_in) = &mut self.stand_in else {
            return;
        };
        let note = stand_in.hear(&self.plan, event);
        if let (Some(note), Some(step)) = (note, event.step()) {
            let step = name(&self.plan, step);
            self.recorder.line(step.as_deref(), Level::Warn, note);
        }
    }
}

/// The failure of a run whose stand-in cannot be had at the moment.
pub(crate) fn unavailable(error: CallError) -> Failure {
    error.into_failure(shared::codes::Code::RegistryUnavailable)
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use uuid::Uuid;

    use super::*;
    use crate::run_log::{record, step};

    fn plan() -> Plan {
        let listener = json!({"return_type": "data", "return_data": "ok"});
        let steps = json!([
            {"id": "count", "type": "set_memory", "memory": "n", "increment": 1},
            {"id": "ask", "type": "http_request", "url": "https://a.example/"},
        ]);
        let document = testkit::document::document("a", "async", &listener, &steps);
        Plan::from_json(&document.to_string()).unwrap()
    }

    fn answer(step: Option<&str>, text: &str, error: Option<&str>) -> AnswerRecord {
        AnswerRecord {
            step: step.map(str::to_owned),
            value: Payload {
                bytes: text.as_bytes().to_vec(),
                ..Payload::default()
            },
            error: error.map(str::to_owned),
        }
    }

    #[test]
    fn answers_come_in_their_order_and_then_there_are_none() {
        let plan = plan();
        let answers = vec![
            answer(Some("count"), "1", None),
            answer(None, "\"reply\"", None),
            answer(Some("count"), "", Some("no number")),
            answer(Some("count"), "[1, 2", None),
        ];
        let record = RunRecord {
            answers,
            ..record()
        };
        let mut stand_in = StandIn::new(RunId(Uuid::nil()), Some(record));
        let mut next = |step: usize| {
            let step = Spot::from(step);
            let answer = stand_in.answer(&plan, step);
            let event = Event::Answer {
                step,
                answer: answer.clone(),
            };
            stand_in.hear(&plan, &event);
            answer
        };
        assert_eq!(next(0), Ok(json!(1)));
        assert_eq!(next(0), Err("no number".to_owned()));
        assert!(next(0).unwrap_err().contains("not all of an answer"));
        assert!(
            next(0)
                .unwrap_err()
                .contains("has no answer for step `count`")
        );
        assert_eq!(next(plan.len()), Ok(json!("reply")));
        assert!(next(plan.len()).unwrap_err().contains("for the reply"));
    }

    #[test]
    fn a_record_that_is_gone_has_no_answers() {
        let stand_in = StandIn::new(RunId(Uuid::nil()), None);
        let refused = stand_in.response(&plan(), 1.into()).unwrap_err();
        assert!(
            refused.contains("has no answer for step `ask`"),
            "{refused}"
        );
        assert!(stand_in.answer(&plan(), 0.into()).is_err());
    }

    #[test]
    fn each_turn_hears_what_its_item_heard() {
        let listener = json!({"return_type": "data", "return_data": "ok"});
        let ask = json!({"id": "ask", "type": "http_request", "url": "https://a.example/"});
        let steps = json!([{"id": "each", "type": "for_each", "items": [1, 2], "do": [ask]}]);
        let document = testkit::document::document("a", "async", &listener, &steps);
        let plan = Plan::from_json(&document.to_string()).unwrap();
        let told = |status| Told {
            status: Some(status),
            ..Told::default()
        };
        let turn = |item, status| StepRecord {
            output: Some(told(status)),
            ..step("ask", vec![item])
        };
        let record = RunRecord {
            steps: vec![turn(1, 201), turn(0, 200)],
            ..record()
        };
        let stand_in = StandIn::new(RunId(Uuid::nil()), Some(record));
        for (name, status) in [("ask[0]", 200), ("ask[1]", 201)] {
            let response = stand_in.response(&plan, plan.spot(name).unwrap());
            assert_eq!(response.unwrap().status, status);
        }
        let none = stand_in.response(&plan, plan.spot("ask[2]").unwrap());
        assert!(none.unwrap_err().contains("no answer for step `ask[2]`"));
    }

    #[test]
    fn a_wait_that_was_in_vain_is_so_again() {
        let listener = json!({"return_type": "data", "return_data": "ok"});
        let steps = json!([{"id": "wait", "type": "wait_for_callback"}]);
        let document = testkit::document::document("a", "async", &listener, &steps);
        let plan = Plan::from_json(&document.to_string()).unwrap();
        let wait = plan.spot("wait").unwrap();
        let mut step = step("wait", Vec::new());
        let mut in_vain = |error: Option<&str>, answers| {
            step.error = error.map(str::to_owned);
            let record = RunRecord {
                steps: vec![step.clone()],
                answers,
                ..record()
            };
            StandIn::new(RunId(Uuid::nil()), Some(record)).in_vain(&plan, wait)
        };
        assert!(in_vain(Some("nobody called"), Vec::new()));
        assert!(!in_vain(None, Vec::new()));
        let called = vec![answer(Some("wait"), "{}", None)];
        assert!(!in_vain(Some("another fault"), called));
    }
}
