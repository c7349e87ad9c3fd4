//! Finding out that a runner which is there has no run of ours any more: what it sent was lost on an outage of its own
//! connection.

use std::time::Duration;

use bus::{Answer, Bus};
use shared::ids::{InstanceId, RunId};
use shared::v1::control::Control;
use tokio::time::sleep;

/// How long a run may be silent before its runner is asked.
const FIRST: Duration = Duration::from_secs(3);

/// The longest pause between two questions.
const LONGEST: Duration = Duration::from_secs(30);

/// Returns once a runner has said twice in a row, a while apart, that it does not hold the run. What it sent before its
/// first answer has come in by its second.
pub(super) async fn gone(bus: &Bus, runner: InstanceId, run_id: RunId) {
    let mut pause = FIRST;
    let mut denied = false;
    loop {
        sleep(pause).await;
        let holds = match bus.ask_instance(runner, &Control::Holds { run_id }).await {
            Answer::Here(holds) => holds,
            Answer::Nobody | Answer::Silence | Answer::Unknown => None,
        };
        match holds {
            Some(false) if denied => {
                tracing::warn!(%runner, %run_id, "a runner does not hold a run that has not ended");
                return;
            }
            Some(false) => {
                denied = true;
                pause = FIRST;
            }
            Some(true) | None => {
                denied = false;
                pause = (pause * 2).min(LONGEST);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use bus::Bus;
    use bus::serve::{Handler, Incoming, Intake, Permit, Permits, Work};
    use shared::frame::{self, Kind};
    use shared::subjects;
    use shared::v1::control::Here;
    use testkit::nats;
    use uuid::Uuid;

    use super::*;

    /// A runner that is there, and holds runs as long as `yes` questions are left.
    struct Runner {
        bus: Bus,
        yes: u32,
        asked: Arc<AtomicU32>,
    }

    impl Handler for Runner {
        fn handle(&mut self, message: Incoming, permit: Permit) -> Work {
            let asked = self.asked.fetch_add(1, Ordering::SeqCst);
            let here = Here {
                runner: self.bus.instance(),
                holds: Some(asked < self.yes),
            };
            let bus = self.bus.clone();
            Box::pin(async move {
                let payload = frame::encode(Kind::Result, &here, &[]).unwrap();
                bus.publish(message.reply.unwrap(), payload).await.unwrap();
                drop(permit);
            })
        }

        fn shed(&mut self, _: Incoming) -> Work {
            Box::pin(async {})
        }
    }

    #[tokio::test]
    async fn a_run_is_given_up_once_its_runner_has_denied_it_twice() {
        let server = nats::Server::start();
        let settings = bus::Settings {
            url: server.url(),
            service: "test",
            auth: bus::Auth::None,
            connect_timeout: Duration::from_secs(30),
        };
        let bus = Bus::connect(&settings).await.unwrap();
        let asked = Arc::new(AtomicU32::new(0));
        let runner = Runner {
            bus: bus.clone(),
            yes: 1,
            asked: asked.clone(),
        };
        let intake = Intake {
            subject: subjects::control(bus.instance()),
            group: None,
            permits: Permits::new(8),
        };
        let _serving = bus.serve(intake, runner).await.unwrap();
        gone(&bus, bus.instance(), RunId(Uuid::now_v7())).await;
        assert_eq!(asked.load(Ordering::SeqCst), 3);
    }
}
