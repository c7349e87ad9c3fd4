//! Steps: begun, waited for, ended.

use std::sync::Arc;

use jiff::Timestamp;
use script::{Asks, Question, Value};
use serde_json::Value as Json;
use shared::v1::views::ReturnType;

use super::{Began, Machine, Wait};
use crate::machine::carry::{Done, carry_out};
use crate::machine::effect::{Effect, HttpRequest, HttpResponse, Level, StepOutcome};
use crate::machine::http::HttpSpec;
use crate::machine::plan::{Node, NodeKind};
use crate::machine::prepare::errand_of;
use crate::machine::spot::Spot;
use crate::template::{Evaluator, Made};

impl Machine {
    /// Begins a step that is reached: now, or when it is due.
    pub(super) fn begin(&mut self, step: Spot) {
        let plan = Arc::clone(&self.plan);
        let Some(node) = plan.nodes.get(step.step) else {
            return;
        };
        let Some(spec) = &node.due else {
            return self.carry_out(step, node);
        };
        let now = self.facts.surroundings.now;
        let due = self.evaluate(step, |evaluator| spec.due(now, evaluator));
        match due {
            Ok(due) if due <= now => self.carry_out(step, node),
            Ok(due) if self.facts.hurried => {
                self.note_hurry(step, due);
                self.carry_out(step, node);
            }
            Ok(due) => self.wait(step, Wait::Begin, due),
            Err(error) => self.fail(step, node, error),
        }
    }

    fn note_hurry(&mut self, step: Spot, until: Timestamp) {
        let line = format!(
            "does not wait until {until}, since the run takes the answers of an earlier one"
        );
        self.log(Some(step), Level::Info, line);
    }

    pub(super) fn wait(&mut self, step: Spot, wait: Wait, at: Timestamp) {
        self.waiting.insert(step, wait);
        self.effects.push(Effect::Wake { step, at });
    }

    /// The moment has come that a step waited for.
    pub(super) fn due(&mut self, step: Spot) {
        let plan = Arc::clone(&self.plan);
        let Some(node) = plan.nodes.get(step.step) else {
            return;
        };
        match self.waiting.remove(&step) {
            Some(Wait::Again { request, made }) => self.request(step, node, request, made + 1),
            Some(Wait::Begin) => {
                // It may have come late, when the window is closed again.
                let now = self.facts.surroundings.now;
                let opens = node.due.as_ref().map_or(now, |spec| spec.open(now));
                if opens > now {
                    self.wait(step, Wait::Begin, opens);
                } else {
                    self.carry_out(step, node);
                }
            }
            Some(Wait::Letter) => self.waited_in_vain(step, node),
            _ => {}
        }
    }

    pub(super) fn carry_out(&mut self, step: Spot, node: &Node) {
        if let Some(reason) = self.ignores(&node.kind) {
            self.tell(step, node, Made::default());
            self.log(Some(step), Level::Warn, reason.to_owned());
            return self.succeed(step, node);
        }
        let began = self.now_begun(step);
        self.carry_on(step, node, Vec::new(), began);
    }

    /// Carries a step out that has these answers to what its scripts ask.
    pub(super) fn carry_on(
        &mut self,
        step: Spot,
        node: &Node,
        answers: Vec<(Question, Value)>,
        began: Began,
    ) {
        let plan = Arc::clone(&self.plan);
        let run_id = self.facts.run_id;
        let asks = plan.asks.then(|| Asks::new(answers.clone()));
        let mut surroundings = self.surroundings(Some(step));
        surroundings.now = began.at;
        let evaluator = Evaluator::new(&plan.scripts, &surroundings, began.data.scope_value());
        let mut evaluator = evaluator.asking(asks.clone());
        let done = carry_out(node, &plan.name(step), run_id, &mut evaluator);
        if let Some(question) = asks.as_ref().and_then(Asks::open) {
            return self.ask(step, question, answers, began);
        }
        let made = evaluator.take_made();
        let undefined = evaluator.into_undefined();
        self.tell(step, node, made);
        self.note_undefined(Some(step), &undefined);
        match done {
            Ok(done) => self.apply(step, node, done),
            Err(error) => self.fail(step, node, error),
        }
    }

    /// What a step that begins now sees.
    pub(super) fn now_begun(&self, step: Spot) -> Began {
        Began {
            at: self.facts.surroundings.now,
            data: self.data_at(step).clone(),
        }
    }

    /// Has a question answered that a step, or the reply, asks beside those that it has the answers to.
    pub(super) fn ask(
        &mut self,
        step: Spot,
        question: Question,
        answers: Vec<(Question, Value)>,
        began: Began,
    ) {
        // Of the reply, nothing: a step may be named anything else.
        let name = self.plan.name(step);
        let id = format!("{}:{name}:{}", self.facts.run_id, answers.len());
        let errand = errand_of(&self.plan, step, &question, id);
        let wait = Wait::Told {
            question,
            answers,
            began,
        };
        self.waiting.insert(step, wait);
        self.effects.push(Effect::Ask { step, errand });
    }

    pub(super) fn answered(&mut self, step: Spot, answer: Result<Json, String>) {
        let plan = Arc::clone(&self.plan);
        let node = plan.nodes.get(step.step);
        let value = answer.map(|json| script::json_to_value(&json));
        match (self.waiting.remove(&step), node, value) {
            (Some(Wait::Errand { result }), Some(node), Ok(value)) => {
                if let Some(name) = result {
                    self.store(step, name, value);
                }
                self.succeed(step, node);
            }
            (Some(Wait::Started), Some(node), Ok(_)) => self.expect_letter(step, node),
            (Some(Wait::Letter), Some(node), Ok(value)) => self.letter_came(step, node, value),
            (
                Some(Wait::Told {
                    question,
                    mut answers,
                    began,
                }),
                node,
                Ok(value),
            ) => {
                answers.push((question, value));
                match node {
                    Some(_) if self.is_turn(step) => self.collect(step, answers, began),
                    Some(node) => self.carry_on(step, node, answers, began),
                    // The reply is made again when there is no other work.
                    None => self.reply_answers = answers,
                }
            }
            (_, Some(_), Err(error)) if self.is_turn(step) => {
                self.turn_over(step, Err(format!("`collect`: {error}")));
            }
            (_, Some(node), Err(error)) => self.fail(step, node, error),
            (_, None, Err(error)) => self.refuse_reply(&error),
            _ => {}
        }
    }

    /// Evaluates the script that says when a step is due, and notes what it found undefined.
    pub(super) fn evaluate<T>(
        &mut self,
        step: Spot,
        evaluate: impl FnOnce(&mut Evaluator<'_>) -> T,
    ) -> T {
        let plan = Arc::clone(&self.plan);
        let surroundings = self.surroundings(Some(step));
        let data = self.data_at(step).scope_value();
        let mut evaluator = Evaluator::new(&plan.scripts, &surroundings, data);
        let value = evaluate(&mut evaluator);
        let undefined = evaluator.into_undefined();
        self.note_undefined(Some(step), &undefined);
        value
    }

    /// Asks for a request that is made for the `made`th time.
    pub(super) fn request(&mut self, step: Spot, node: &Node, request: HttpRequest, made: u32) {
        let again = matches!(&node.kind, NodeKind::Http(spec) if spec.retry.is_some());
        let kept = again.then(|| request.clone());
        let wait = Wait::Answer {
            request: kept,
            made,
        };
        self.waiting.insert(step, wait);
        self.effects.push(Effect::Http { step, request });
    }

    /// Why a step has nothing to do in this run.
    pub(super) fn ignores(&self, kind: &NodeKind) -> Option<&'static str> {
        let return_type = self.plan.return_type();
        match kind {
            NodeKind::Respond(_) if return_type != Some(ReturnType::Continue) => {
                Some("ignored: only an endpoint with `return_type: continue` replies by a step")
            }
            NodeKind::Respond(_) if self.replied => Some("ignored: the run has replied already"),
            NodeKind::Frame(_) if return_type != Some(ReturnType::Sse) => {
                Some("ignored: only an endpoint with `return_type: sse` streams frames")
            }
            NodeKind::Frame(_) if self.closed => Some("ignored: the final frame was sent already"),
            _ => None,
        }
    }

    pub(super) fn apply(&mut self, step: Spot, node: &Node, done: Done) {
        match done {
            Done::Go(children) => {
                return self.ended(step, node, StepOutcome::Succeeded, children);
            }
            Done::Request(request, notes) => {
                self.note_headers(Some(step), notes);
                return self.request(step, node, request, 1);
            }
            Done::Errand(errand, result) => {
                self.waiting.insert(step, Wait::Errand { result });
                self.effects.push(Effect::Ask { step, errand });
                return;
            }
            Done::Call(errand) => return self.call_run(step, node, errand),
            Done::Publish(errand, notes) => {
                self.note_headers(Some(step), notes);
                self.waiting.insert(step, Wait::Errand { result: None });
                self.effects.push(Effect::Ask { step, errand });
                return;
            }
            Done::Await => return self.begin_wait(step, node),
            Done::Turns(items) => {
                if let NodeKind::Each(spec) = &node.kind {
                    self.begin_each(step, node, spec, items);
                }
                return;
            }
            Done::Stop(outcome, message) => return self.stop(step, node, outcome, message),
            Done::Store(name, value) => self.store(step, name, value),
            Done::Log(level, message) => self.log(Some(step), level, message),
            Done::Reply(made) => {
                self.note_headers(Some(step), made.notes);
                self.replied = true;
                self.effects.push(Effect::Reply(made.reply));
            }
            Done::Frame(frame) => {
                self.closed = frame.last;
                self.effects.push(Effect::Frame(frame));
            }
        }
        self.succeed(step, node);
    }

    pub(super) fn http_done(&mut self, step: Spot, result: Result<HttpResponse, String>) {
        let plan = Arc::clone(&self.plan);
        let Some(node) = plan.nodes.get(step.step) else {
            return;
        };
        let NodeKind::Http(spec) = &node.kind else {
            return;
        };
        if let Some(Wait::Answer {
            request: Some(request),
            made,
        }) = self.waiting.remove(&step)
            && let Some(at) = self.again(step, spec, made, &result)
        {
            let (name, value, error) = spec.outcome(result);
            self.store(step, name, value);
            let error = error.unwrap_or_default();
            let attempt = format!("attempt {made} failed, and the request is made again: {error}");
            self.log(Some(step), Level::Warn, attempt);
            if self.facts.hurried {
                self.note_hurry(step, at);
                return self.request(step, node, request, made + 1);
            }
            return self.wait(step, Wait::Again { request, made }, at);
        }
        let (name, value, error) = spec.outcome(result);
        self.store(step, name, value);
        match error {
            None => self.succeed(step, node),
            Some(error) => self.fail(step, node, error),
        }
    }

    /// When a failed request is made again; none where it is not.
    pub(super) fn again(
        &self,
        step: Spot,
        spec: &HttpSpec,
        made: u32,
        result: &Result<HttpResponse, String>,
    ) -> Option<Timestamp> {
        let retry = spec.retry.as_ref().filter(|_| spec.fails(result))?;
        let surroundings = self.surroundings(Some(step));
        retry.again(made, result, surroundings.now, surroundings.seed)
    }

    pub(super) fn succeed(&mut self, step: Spot, node: &Node) {
        self.ended(step, node, StepOutcome::Succeeded, node.then.clone());
    }

    pub(super) fn fail(&mut self, step: Spot, node: &Node, error: String) {
        let next = if node.continue_on_error {
            &node.then
        } else {
            &node.on_failure
        };
        let handled = node.continue_on_error || !next.is_empty();
        if !handled && matches!(node.kind, NodeKind::Respond(_)) {
            self.effects.push(Effect::ReplyRefused);
        }
        // What fails a turn alone may be handled by its `for_each`, which says so itself where it is not.
        let grave = !handled && step.turn.is_root();
        let level = if grave { Level::Error } else { Level::Warn };
        self.log(Some(step), level, format!("failed: {error}"));
        if !handled {
            self.fails(step, node, &error);
        }
        self.ended(
            step,
            node,
            StepOutcome::Failed { error, handled },
            next.clone(),
        );
    }
}
