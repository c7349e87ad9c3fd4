//! A cron expression in a time zone.

use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};

use super::cron::Cron;

/// A cron expression that goes by the clocks of a time zone.
///
/// Where these are put forward, some local times do not exist, and where they are put back, some exist twice. An
/// expression that names hours is due once for each of its local times: at the first moment after those that are left out,
/// and at the first of two. One that leaves the hour open (`*`, `*/2`) goes by the time that passes, so it has no moment in
/// an hour that is left out, and those of an hour that comes twice are due twice.
#[derive(Clone, Debug)]
pub(super) struct Local {
    cron: Cron,
    zone: TimeZone,
}

impl Local {
    pub(super) const fn new(cron: Cron, zone: TimeZone) -> Self {
        Self { cron, zone }
    }

    /// The first moment after another.
    pub(super) fn next(&self, after: Timestamp) -> Option<Timestamp> {
        if self.cron.every_hour() {
            self.next_passing(after)
        } else {
            self.next_named(after)
        }
    }

    fn next_named(&self, after: Timestamp) -> Option<Timestamp> {
        let mut local = self.zone.to_datetime(after);
        loop {
            local = self.cron.next(local)?;
            let moment = self.moment(local)?;
            // Those of an hour that comes a second time have passed.
            if moment > after {
                return Some(moment);
            }
        }
    }

    /// The one moment at which a local time is due.
    fn moment(&self, local: DateTime) -> Option<Timestamp> {
        match self.zone.to_ambiguous_timestamp(local).offset() {
            AmbiguousOffset::Unambiguous { offset } => offset.to_timestamp(local).ok(),
            AmbiguousOffset::Fold { before, .. } => before.to_timestamp(local).ok(),
            AmbiguousOffset::Gap { before, .. } => {
                let behind = before.to_timestamp(local).ok()?;
                let behind = behind.checked_add(SECOND).ok()?;
                Some(self.zone.preceding(behind).next()?.timestamp())
            }
        }
    }

    /// Looks through one stretch of a constant offset after the other.
    fn next_passing(&self, after: Timestamp) -> Option<Timestamp> {
        let mut offset = self.zone.to_offset(after);
        let mut local = offset.to_datetime(after);
        let mut changes = self.zone.following(after);
        loop {
            let moment = moment_at(offset, self.cron.next(local)?)?;
            match changes.next() {
                Some(change) if change.timestamp() <= moment => {
                    offset = change.offset();
                    let just_before = change.timestamp().checked_sub(SECOND).ok()?;
                    local = offset.to_datetime(just_before);
                }
                _ => return Some(moment),
            }
        }
    }
}

const SECOND: SignedDuration = SignedDuration::from_secs(1);

fn moment_at(offset: Offset, local: DateTime) -> Option<Timestamp> {
    offset.to_timestamp(local).ok()
}
