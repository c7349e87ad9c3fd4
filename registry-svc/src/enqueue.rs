//! Putting a run into the work queue that a person asked for.

use std::time::Duration;

use bus::new_run::NewRunError;
use bus::{Bus, StoreError};
use shared::codes::Code;
use shared::v1::reply::Failure;
use shared::v1::run::RunRequest;

/// How long the stream may take to say that a run is stored.
const PATIENCE: Duration = Duration::from_secs(5);

/// Stores a run in the work queue: from then on it is carried out, whatever dies. The same id is stored once.
///
/// # Errors
/// `queue_unavailable`, or `bus_unavailable` where nothing could be sent at all.
pub(crate) async fn enqueue(bus: &Bus, request: &RunRequest, body: &[u8]) -> Result<(), Failure> {
    let stored = bus.store_run(request, body, PATIENCE).await;
    stored.map_err(|error| {
        tracing::warn!(%error, run_id = %request.run_id, "a run could not be stored");
        match error {
            NewRunError::Frame(_) => Failure::new(Code::Internal, "the run could not be written"),
            NewRunError::Store(StoreError::NotConnected(error)) => {
                Failure::new(Code::BusUnavailable, error.to_string())
            }
            // It may be stored all the same, and run.
            NewRunError::Store(StoreError::Timeout | StoreError::Cut) => {
                let detail = "the run could not be stored, as far as is known";
                Failure::new(Code::QueueUnavailable, detail).of_run(request.run_id)
            }
            NewRunError::Store(_) => {
                Failure::new(Code::QueueUnavailable, "the run could not be stored")
            }
        }
    })
}
