//! The resume URLs that a run has made: whoever reads what is logged of it must not be able to call them.

use std::collections::BTreeSet;
use std::sync::Arc;

use bus::letters::key;
use shared::v1::letters::LetterKey;
use workflow::machine::{Effect, Errand, Event, Spot};

use super::Driver;

/// The resume URLs of a run.
#[derive(Default)]
pub(super) struct Links {
    /// The steps that have asked for one.
    asked: BTreeSet<Spot>,
    /// The places of a run without a journal that can be written to.
    open: BTreeSet<LetterKey>,
    /// How many there are.
    made: usize,
}

impl Links {
    /// Nobody can write to this place any more.
    pub(super) fn over(&mut self, place: &LetterKey) {
        self.open.remove(place);
    }

    /// The places that can still be written to; from here on they are the caller's to close.
    pub(super) fn take_open(&mut self) -> BTreeSet<LetterKey> {
        std::mem::take(&mut self.open)
    }
}

impl Driver<'_> {
    /// Notes that a step asks for a resume URL.
    pub(super) fn note_link(&mut self, effect: &Effect) {
        if let Effect::Ask {
            step,
            errand: Errand::CallbackUrl { place, .. },
        } = effect
        {
            if self.journal.is_none() {
                self.links.open.insert(key(place));
            }
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
        // Nobody but this driver holds them then, and the many URLs of a `for_each` are not copied for each one more.
        self.recorder.hide(None);
        let secrets = self.secrets.get_or_insert_default();
        Arc::make_mut(secrets).add(name, token.to_owned());
        self.recorder.hide(self.secrets.as_ref());
    }
}
