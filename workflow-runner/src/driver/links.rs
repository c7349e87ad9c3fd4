//! The resume URLs that a run has made: whoever reads what is logged of it must not be able to call them.

use std::collections::BTreeSet;
use std::sync::Arc;

use workflow::machine::{Effect, Errand, Event, StepIndex};

use super::Driver;

/// The resume URLs of a run.
#[derive(Default)]
pub(super) struct Links {
    /// The steps that have asked for one.
    asked: BTreeSet<StepIndex>,
    /// How many there are.
    made: usize,
}

impl Driver<'_> {
    /// Notes that a step asks for a resume URL.
    pub(super) fn note_link(&mut self, effect: &Effect) {
        if let Effect::Ask {
            step,
            errand: Errand::CallbackUrl { .. },
        } = effect
        {
            self.links.asked.insert(*step);
        }
    }

    /// Hides the URL that a step is about to be told like a secret of the run.
    pub(super) fn hide_link(&mut self, event: &Event) {
        let Event::Answer { step, answer } = event else {
            return;
        };
        if !self.links.asked.remove(step) {
            return;
        }
        let url = answer.as_ref().ok().and_then(|answer| answer.as_str());
        let Some((_, token)) = url.and_then(|url| url.rsplit_once('/')) else {
            return;
        };
        self.links.made += 1;
        let name = format!("resume URL {}", self.links.made);
        let mut secrets = self.secrets.as_deref().cloned().unwrap_or_default();
        secrets.add(name, token.to_owned());
        self.secrets = Some(Arc::new(secrets));
        self.recorder.hide(self.secrets.as_ref());
    }
}
