//! Failures that several operations share.

use shared::codes::Code;
use shared::frame::FrameError;
use shared::v1::reply::Failure;

use crate::store::StoreError;
use crate::views::LiveError;

/// The failure that a fault of the database is told as. It is logged here and nowhere else.
#[allow(clippy::needless_pass_by_value)] // The shape that map_err wants.
pub(super) fn store(error: StoreError) -> Failure {
    match &error {
        StoreError::Taken => Failure::new(Code::Conflict, "it is there already"),
        StoreError::Unavailable(cause) => {
            tracing::error!(%error, %cause, "the database is not available");
            Failure::new(
                Code::RegistryUnavailable,
                "the database does not answer; try again in a moment",
            )
        }
        StoreError::Refused(cause) => {
            tracing::error!(%error, %cause, "a statement failed");
            internal()
        }
        StoreError::Unreadable(_) => {
            tracing::error!(%error, "the database cannot be read");
            internal()
        }
    }
}

/// The failure that a fault on the way to the gateways is told as.
pub(super) fn live(error: LiveError) -> Failure {
    match error {
        LiveError::Store(error) => store(error),
        LiveError::Bucket(error) => {
            tracing::error!(%error, "a view could not be put");
            Failure::new(
                Code::BusUnavailable,
                "it is stored, but the message bus did not take it; it goes live by itself when \
                 the bus is back",
            )
        }
        LiveError::Busy => {
            let detail = "the workflow is being changed by others; try again in a moment";
            Failure::new(Code::Conflict, detail)
        }
        LiveError::Pack(error) => pack(error),
    }
}

#[allow(clippy::needless_pass_by_value)] // The shape that map_err wants.
pub(super) fn pack(error: FrameError) -> Failure {
    tracing::error!(%error, "a view could not be packed");
    internal()
}

pub(super) fn internal() -> Failure {
    Failure::new(Code::Internal, "the registry failed; its log says why")
}

pub(super) fn invalid(detail: impl Into<String>) -> Failure {
    Failure::new(Code::InvalidRequest, detail)
}

pub(super) fn no_such_workflow() -> Failure {
    Failure::new(Code::NotFound, "there is no such workflow")
}

pub(super) fn name_taken(name: &str) -> Failure {
    Failure::new(
        Code::Conflict,
        format!(
            "another workflow has the name `{name}`; choose another one, or change that workflow"
        ),
    )
}

/// Refuses text that a database column cannot hold or that nobody would read.
pub(super) fn check_text(what: &str, text: &str, most: usize) -> Result<(), Failure> {
    if text.chars().count() > most {
        return Err(invalid(format!("{what} has more than {most} characters")));
    }
    if text
        .chars()
        .any(|c| c.is_control() && !matches!(c, '\n' | '\t'))
    {
        return Err(invalid(format!("{what} has control characters")));
    }
    Ok(())
}
