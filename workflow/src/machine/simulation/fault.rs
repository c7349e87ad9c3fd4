//! What is left out of the protocol on purpose.

/// A part of the protocol that is left out, to see that this is found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    BeginningNotWritten,
    ResultNotWritten,
    NothingRead,
    NotTakenOver,
    NoFence,
    TimeOfItsOwn,
    AcknowledgedEarly,
    EndNotWritten,
    WaitNotClosed,
    TurnNotWritten,
}

impl Fault {
    pub(super) const ALL: [Self; 10] = [
        Self::BeginningNotWritten,
        Self::ResultNotWritten,
        Self::NothingRead,
        Self::NotTakenOver,
        Self::NoFence,
        Self::TimeOfItsOwn,
        Self::AcknowledgedEarly,
        Self::EndNotWritten,
        Self::WaitNotClosed,
        Self::TurnNotWritten,
    ];
}
