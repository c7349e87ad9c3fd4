//! One at a time for each workflow.

use shared::ids::WorkflowId;
use tokio::sync::{Mutex, MutexGuard};

const LANES: usize = 256;

/// Lets one task at a time change a workflow. Two workflows seldom share a lane, and when they do, they only wait for
/// each other. Another registry-svc has turns of its own: between the two the revision in the database decides.
pub(super) struct Turns {
    lanes: Vec<Mutex<()>>,
}

/// The right to change one workflow, until it is dropped.
pub struct Turn<'a> {
    pub(super) workflow: WorkflowId,
    _lane: MutexGuard<'a, ()>,
}

impl Turns {
    pub(super) fn new() -> Self {
        Self {
            lanes: (0..LANES).map(|_| Mutex::new(())).collect(),
        }
    }

    /// Waits for the workflow's turn. None never happens, since there is a lane for every remainder.
    pub(super) async fn take(&self, workflow: WorkflowId) -> Option<Turn<'_>> {
        // The low bits of a UUIDv7 are random.
        let lane = usize::try_from(workflow.0.as_u128() % LANES as u128).ok()?;
        let lane = self.lanes.get(lane)?.lock().await;
        Some(Turn {
            workflow,
            _lane: lane,
        })
    }
}
