//! Resume URLs.

use super::kept::ask_outside;
use crate::asks::Question;
use crate::lang::call::{Call, Outcome};
use crate::lang::registry::{Entry, entry};

pub(crate) const FUNCTIONS: &[Entry] = &[entry("callbackUrl", &["step"], 1, callback_url)];

/// `callbackUrl(step)`: the one-time URL that lets a run go on which waits at the `wait_for_callback` step of this id. The id
/// is written out, in quotes. Whoever has the URL may call it, so it belongs into nothing that others read.
fn callback_url(call: &Call<'_, '_, '_>) -> Outcome {
    let step = call.text(0)?.into_owned();
    let nobody = "a resume URL cannot be had here";
    ask_outside(call, Question::Callback { step }, nobody)
}
