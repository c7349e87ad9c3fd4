//! Runs that a person asked for: the run log is where they are looked at.

use jiff::Timestamp;
use shared::v1::run::RunRequest;
use workflow::data::Data;
use workflow::document::{Keep, RunLog as Settings};
use workflow::machine::{Effect, Level, Plan};
use workflow::template::Surroundings;

use crate::run_log::Recorder;

/// What the run log keeps of such a run: the whole of it; without bodies where its workflow has nothing kept.
pub(crate) const fn kept(settings: Settings) -> Settings {
    Settings {
        max_body_bytes: match settings.keep {
            Keep::Nothing => 0,
            _ => settings.max_body_bytes,
        },
        keep: Keep::All,
    }
}

/// Notes what no step of such a run will: whose answers it takes, and the reply that a gateway would have made.
pub(crate) fn begin(
    recorder: &mut Recorder,
    request: &RunRequest,
    plan: &Plan,
    data: &Data,
    surroundings: &Surroundings,
) {
    let Some(trial) = &request.trial else { return };
    if let Some(run) = trial.recorded {
        let line = format!(
            "nothing is done outside: the answers are those of run {run}, and waits are over at once"
        );
        recorder.line(None, Level::Info, &line);
    }
    let received = Timestamp::from_millisecond(request.request.received_at_ms);
    let surroundings = Surroundings {
        now: received.unwrap_or(surroundings.now),
        ..surroundings.clone()
    };
    match plan.early_reply(data, &surroundings) {
        None => {}
        Some(Ok(reply)) => recorder.effect(&Effect::Reply(reply)),
        Some(Err(error)) => {
            let line = format!("the reply failed: {error}");
            recorder.line(None, Level::Error, &line);
        }
    }
}
