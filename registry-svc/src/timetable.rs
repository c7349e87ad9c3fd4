//! Timetables as the database holds them.

use workflow::document::Schedule;
use workflow::timetable::Timetable;

/// The timetable of a stored schedule. None where it cannot be read, which a publish has tried.
pub(crate) fn read(stored: &str) -> Option<Timetable> {
    let schedule: Schedule = match serde_json::from_str(stored) {
        Ok(schedule) => schedule,
        Err(error) => {
            tracing::error!(%error, "a stored schedule cannot be read");
            return None;
        }
    };
    match Timetable::new(&schedule) {
        Ok(timetable) => Some(timetable),
        Err(flaws) => {
            tracing::error!(?flaws, "a stored schedule is none for this release");
            None
        }
    }
}
