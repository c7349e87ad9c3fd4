//! Which run is at work somewhere.

use bus::Answer;
use futures_util::future::join_all;
use shared::ids::RunId;
use shared::v1::control::Control;

use super::Dispatch;

impl Dispatch {
    /// Whether one of the runners that are known says that it has the run.
    pub(crate) async fn holds(&self, run_id: RunId) -> bool {
        let question = Control::Holds { run_id };
        let runners = self.runners.known();
        let asked = runners
            .iter()
            .map(|runner| self.bus.ask_instance(*runner, &question));
        join_all(asked).await.contains(&Answer::Here(Some(true)))
    }
}
