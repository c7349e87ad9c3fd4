//! How long it takes after a restart until a request succeeds that needs what was restarted.

use std::time::Duration;

use tokio::time::Instant;

use crate::book::{Pages, Shows, Success};
use crate::checker::{LATE, Violation};
use crate::faults::Window;
use crate::load::GATEWAYS;
use crate::schedule::{Harm, Part};

/// The first success after one restart.
#[derive(Clone, Copy, Debug)]
pub(crate) struct First {
    pub(crate) part: Part,
    /// From the moment when the part was ready; none where there was no such success.
    pub(crate) after: Option<Duration>,
}

/// How long the platform may take to recover from what was no restart, a suspended nats-server for instance.
const RECOVERS: Duration = Duration::from_secs(10);

fn before(ready: Instant) -> Instant {
    ready.checked_sub(RECOVERS).unwrap_or(ready)
}

/// The first successes after restarts. Those during which something else that they need was harmed do not count.
pub(crate) fn firsts(
    pages: &Pages,
    faults: &[Window],
    limit: Duration,
    last: Instant,
) -> Vec<First> {
    let kills = faults.iter().filter(|fault| fault.harm == Harm::Kill);
    let firsts = kills.filter_map(|kill| {
        let ready = kill.ended?;
        let until = ready + limit;
        let harmed = faults.iter().any(|other| {
            let recovered = if other.harm == Harm::Kill {
                ready
            } else {
                before(ready)
            };
            other.began != kill.began
                && other.overlaps(recovered, until)
                && needs(kill.part, other.part, faults, recovered, until)
        });
        if harmed || until > last {
            return None;
        }
        let after = pages
            .successes
            .iter()
            .filter(|success| shows(kill.part, success, ready));
        let first = after.map(|success| success.ended - ready).min();
        Some(First {
            part: kill.part,
            after: first,
        })
    });
    firsts.collect()
}

/// What came too late.
pub(crate) fn late(firsts: &[First], limit: Duration) -> impl Iterator<Item = Violation> {
    let late = firsts
        .iter()
        .filter(move |first| first.after.is_none_or(|after| after > limit));
    late.map(|first| Violation {
        rule: LATE,
        what: match first.after {
            Some(after) => format!("{} after {:.2} s", first.part, after.as_secs_f64()),
            None => format!("{} never", first.part),
        },
    })
}

/// Whether a success shows that a part is there again.
fn shows(part: Part, success: &Success, ready: Instant) -> bool {
    let after = success.ended >= ready;
    match part {
        Part::Gateway(index) => {
            success.gateway == index && success.shows == Shows::Accepting && after
        }
        Part::Runner(_) => success.shows == Shows::Running && after,
        Part::Auth => success.shows == Shows::Judging && success.began >= ready,
        Part::Registry => success.shows == Shows::Listing && success.began >= ready,
        Part::Nats => success.shows == Shows::Accepting && after,
    }
}

/// Whether the success that is waited for after the restart of a part needs another one that was harmed meanwhile.
fn needs(part: Part, other: Part, faults: &[Window], from: Instant, to: Instant) -> bool {
    let gateways = (0..GATEWAYS).all(|index| {
        let of = faults
            .iter()
            .filter(|fault| fault.part == Part::Gateway(index));
        of.into_iter().any(|fault| fault.overlaps(from, to))
    });
    match other {
        Part::Nats => true,
        Part::Gateway(_) if matches!(part, Part::Gateway(_)) => part == other,
        Part::Gateway(_) => gateways,
        Part::Runner(_) => matches!(part, Part::Runner(_) | Part::Auth),
        // Tokens are asked about there, and so is the control plane's.
        Part::Auth => matches!(part, Part::Auth | Part::Registry),
        Part::Registry => part == Part::Registry,
    }
}
