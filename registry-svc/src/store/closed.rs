//! What stands as the error of runs that registry-svc closed itself, since nobody told of their end.
//!
//! Such a text is also what tells them apart: a runner that tells of the end after all is right.

/// The error of an asynchronous run whose journal says that it ended.
macro_rules! not_told {
    () => {
        "the run ended like this, but its runner died before it told what the run did last"
    };
}
pub(in crate::store) use not_told;

/// The error of a run whose caller waited, and of which nothing was heard again.
macro_rules! not_heard_of {
    () => {
        "nothing was heard of the run for a day: its runner died before it told of the end"
    };
}
pub(in crate::store) use not_heard_of;

/// The error of an asynchronous run whose journal says that it ended.
pub const NOT_TOLD: &str = not_told!();

/// The error of a run whose caller waited, and of which nothing was heard again.
pub const NOT_HEARD_OF: &str = not_heard_of!();
