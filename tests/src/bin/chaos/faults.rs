//! Doing harm to a platform, and remembering when.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use testkit::proxy::Proxy;
use testkit::stack::{Service, Stack};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use crate::clock::pass;
use crate::owners::Owners;
use crate::schedule::{Fault, Harm, Part};

/// A fault that happened.
#[derive(Clone, Debug)]
pub(crate) struct Window {
    pub(crate) part: Part,
    pub(crate) harm: Harm,
    /// The process that was harmed.
    pub(crate) pid: u32,
    pub(crate) began: Instant,
    /// When it was over; for a killed one, when it was ready again.
    pub(crate) ended: Option<Instant>,
}

impl Window {
    /// Whether it was under way at any time between two.
    pub(crate) fn overlaps(&self, from: Instant, to: Instant) -> bool {
        self.began <= to && self.ended.is_none_or(|ended| ended >= from)
    }
}

/// The faults so far.
#[derive(Debug, Default)]
pub(crate) struct Diary(Mutex<Vec<Window>>);

impl Diary {
    /// None where the last harm to this part is not over.
    fn begin(&self, part: Part, harm: Harm, pid: u32) -> Option<usize> {
        let mut windows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut of = windows.iter().filter(|window| window.part == part);
        if of.any(|window| window.ended.is_none()) {
            return None;
        }
        windows.push(Window {
            part,
            harm,
            pid,
            began: Instant::now(),
            ended: None,
        });
        Some(windows.len() - 1)
    }

    fn end(&self, index: usize) {
        let mut windows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        windows[index].ended = Some(Instant::now());
    }

    /// All of them.
    pub(crate) fn windows(&self) -> Vec<Window> {
        let windows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        windows.clone()
    }
}

/// Who does it.
pub(crate) struct Harmer {
    pub(crate) stack: Arc<Stack>,
    pub(crate) diary: Arc<Diary>,
    pub(crate) owners: Arc<Owners>,
}

impl Harmer {
    /// Lets every fault happen in its time, and waits until the last is over.
    ///
    /// # Errors
    /// What did not come back.
    pub(crate) async fn run(self: Arc<Self>, faults: Vec<Fault>) -> Result<(), String> {
        let start = Instant::now();
        let mut under_way = JoinSet::new();
        for fault in faults {
            sleep_until(start + fault.at).await;
            let harmer = self.clone();
            under_way.spawn(async move { harmer.harm(fault).await });
        }
        let mut broken = Ok(());
        while let Some(ended) = under_way.join_next().await {
            if let Err(error) = ended {
                broken = Err(format!("a part did not come back: {error}"));
            }
        }
        broken
    }

    async fn harm(&self, fault: Fault) {
        let Fault {
            part, harm, lasts, ..
        } = fault;
        let Some(index) = self.diary.begin(part, harm, self.pid(part)) else {
            // Its last start takes longer than it should: a busy machine.
            return;
        };
        match harm {
            Harm::Kill => self.kill(part, lasts).await,
            Harm::Stop => self.stop(part, lasts).await,
            Harm::Cut => self.link(part, Proxy::cut),
            Harm::Stall => {
                self.link(part, Proxy::stall);
                pass(lasts).await;
                self.link(part, Proxy::open);
            }
            Harm::Shut => {
                self.link(part, Proxy::shut);
                pass(lasts).await;
                self.link(part, Proxy::open);
            }
        }
        self.diary.end(index);
    }

    async fn kill(&self, part: Part, lasts: Duration) {
        match self.service(part) {
            Some(service) => service.kill(),
            None => self.stack.nats().kill(),
        }
        pass(lasts).await;
        match self.service(part) {
            Some(service) => service.restart_supervised().await,
            None => {
                let stack = self.stack.clone();
                let restarted = tokio::task::spawn_blocking(move || stack.nats().restart());
                restarted.await.expect("nats-server starts again");
            }
        }
        if matches!(part, Part::Runner(_)) {
            self.owners.add(self.pid(part));
        }
    }

    async fn stop(&self, part: Part, lasts: Duration) {
        match self.service(part) {
            Some(service) => service.pause(),
            None => self.stack.nats().pause(),
        }
        pass(lasts).await;
        match self.service(part) {
            Some(service) => service.resume(),
            None => self.stack.nats().resume(),
        }
    }

    fn link(&self, part: Part, act: impl Fn(&Proxy)) {
        if let Some(link) = self.service(part).and_then(Service::link) {
            act(link);
        }
    }

    fn pid(&self, part: Part) -> u32 {
        let service = self.service(part);
        service.map_or_else(|| self.stack.nats().pid(), Service::pid)
    }

    fn service(&self, part: Part) -> Option<&Service> {
        match part {
            Part::Gateway(index) => Some(self.stack.gateway(index)),
            Part::Runner(index) => Some(self.stack.runner(index)),
            Part::Auth => Some(self.stack.auth()),
            Part::Registry => Some(self.stack.registry()),
            Part::Nats => None,
        }
    }
}
