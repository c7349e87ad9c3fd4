//! Finding out that a runner is lost while it holds runs of ours.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use bus::{Answer, Bus};
use shared::limits::PROBE_EVERY;
use shared::v1::control::Control;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::runners::{Runner, Runners};

/// Probes until `end`.
pub(super) async fn probe(bus: Bus, runners: Arc<Runners>, end: CancellationToken) {
    let mut ticks = interval(Duration::from_millis(PROBE_EVERY));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = end.cancelled() => return,
            _ = ticks.tick() => {}
        }
        for runner in runners.holding() {
            if !runner.probing.swap(true, Ordering::Relaxed) {
                tokio::spawn(probe_one(bus.clone(), runners.clone(), runner));
            }
        }
        runners.sweep(Instant::now());
    }
}

async fn probe_one(bus: Bus, runners: Arc<Runners>, runner: Arc<Runner>) {
    if !is_there(&bus, &runner).await {
        metrics::counter!("earshot_gateway_runners_lost_total").increment(1);
        tracing::warn!(runner = %runner.id, "a runner was lost");
        runners.lose(&runner);
    }
    runner.probing.store(false, Ordering::Relaxed);
}

/// Asks, and takes silence for loss unless the runner was heard otherwise in the meantime.
async fn is_there(bus: &Bus, runner: &Runner) -> bool {
    let asked_at = Instant::now();
    match bus.ask_instance(runner.id, &Control::Probe).await {
        Answer::Here(_) | Answer::Unknown => true,
        Answer::Nobody => false,
        Answer::Silence => runner.heard_at() > asked_at || bus.connected().is_err(),
    }
}
