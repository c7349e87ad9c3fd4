//! Which faults happen when.

use std::fmt;
use std::time::Duration;

use crate::draw::Draw;

/// A part of the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Part {
    Gateway(usize),
    Runner(usize),
    Auth,
    Registry,
    Nats,
}

impl fmt::Display for Part {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gateway(index) => write!(formatter, "gateway {index}"),
            Self::Runner(index) => write!(formatter, "runner {index}"),
            Self::Auth => formatter.write_str("auth-svc"),
            Self::Registry => formatter.write_str("registry-svc"),
            Self::Nats => formatter.write_str("nats-server"),
        }
    }
}

/// What happens to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Harm {
    /// SIGKILL, and a new start.
    Kill,
    /// SIGSTOP, and SIGCONT.
    Stop,
    /// Its connections to nats-server are cut.
    Cut,
    /// Its connections to nats-server stay and nothing moves.
    Stall,
    /// It has no connection to nats-server, and gets none.
    Shut,
}

impl fmt::Display for Harm {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Kill => "kill -9",
            Self::Stop => "SIGSTOP",
            Self::Cut => "link cut",
            Self::Stall => "link stalled",
            Self::Shut => "link shut",
        })
    }
}

/// One fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// When, from the start of the load.
    pub(crate) at: Duration,
    pub(crate) part: Part,
    pub(crate) harm: Harm,
    /// For how long; how long a killed one is away.
    pub(crate) lasts: Duration,
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            at,
            part,
            harm,
            lasts,
        } = self;
        write!(
            formatter,
            "{:7.1} s  {part}: {harm} ({:.1} s)",
            at.as_secs_f64(),
            lasts.as_secs_f64()
        )
    }
}

/// What a killed part needs to be there again, before it is harmed anew.
const START: Duration = Duration::from_secs(4);

/// The faults of a run: one every 5 ± 2 s, none to a part that has not recovered from its last.
pub(crate) fn draw(seed: u64, duration: Duration, runners: usize, gateways: usize) -> Vec<Fault> {
    let mut draw = Draw::new(seed, "faults");
    let mut faults: Vec<Fault> = Vec::new();
    let mut at = Duration::from_millis(draw.between(2_000, 4_000));
    while at < duration {
        let harm = draw.weighted(&[
            (Harm::Kill, 60),
            (Harm::Stop, 18),
            (Harm::Cut, 10),
            (Harm::Stall, 6),
            (Harm::Shut, 6),
        ]);
        let lasts = Duration::from_millis(match harm {
            Harm::Kill => draw.between(100, 1_500),
            Harm::Stop => draw.between(5_000, 20_000),
            Harm::Cut => 0,
            Harm::Stall => draw.between(2_000, 12_000),
            Harm::Shut => draw.between(1_000, 8_000),
        });
        let busy = |part: Part| {
            let of = faults.iter().filter(|fault| fault.part == part);
            of.map(|fault| fault.at + fault.lasts + START)
                .any(|end| end > at)
        };
        if let Some(part) = part(&mut draw, harm, runners, gateways, busy) {
            faults.push(Fault {
                at,
                part,
                harm,
                lasts,
            });
        }
        at += Duration::from_millis(draw.between(3_000, 7_000));
    }
    faults
}

/// A part that is there to be harmed.
fn part(
    draw: &mut Draw,
    harm: Harm,
    runners: usize,
    gateways: usize,
    busy: impl Fn(Part) -> bool,
) -> Option<Part> {
    let index = |draw: &mut Draw, count: usize| {
        usize::try_from(draw.below(count as u64)).unwrap_or_default()
    };
    // Some tries: then this fault does not happen.
    (0..10).find_map(|_| {
        let part = match draw.below(5) {
            0 => Part::Gateway(index(draw, gateways)),
            1 => Part::Runner(index(draw, runners)),
            2 => Part::Auth,
            3 => Part::Registry,
            _ => Part::Nats,
        };
        let linked = matches!(harm, Harm::Kill | Harm::Stop) || part != Part::Nats;
        (linked && !busy(part)).then_some(part)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3_600);

    #[test]
    fn the_same_seed_draws_the_same_faults_and_a_longer_time_more_of_them() {
        let short = draw(7, HOUR, 3, 2);
        assert_eq!(short, draw(7, HOUR, 3, 2));
        assert_eq!(short, draw(7, HOUR * 2, 3, 2)[..short.len()]);
        assert_ne!(short, draw(8, HOUR, 3, 2));
    }

    #[test]
    fn every_part_is_harmed_in_every_way_that_there_is_for_it_and_never_while_it_is_down() {
        let faults = draw(1, HOUR * 4, 3, 2);
        for part in [
            Part::Gateway(1),
            Part::Runner(2),
            Part::Auth,
            Part::Registry,
            Part::Nats,
        ] {
            let of: Vec<_> = faults.iter().filter(|fault| fault.part == part).collect();
            for harm in [Harm::Kill, Harm::Stop, Harm::Cut, Harm::Stall, Harm::Shut] {
                let is = of.iter().any(|fault| fault.harm == harm);
                let can = part != Part::Nats || matches!(harm, Harm::Kill | Harm::Stop);
                assert_eq!(is, can, "{part}: {harm}");
            }
            assert!(
                of.windows(2)
                    .all(|pair| pair[0].at + pair[0].lasts + START <= pair[1].at)
            );
        }
        let gaps = faults.windows(2).map(|pair| pair[1].at - pair[0].at);
        assert!(gaps.min() >= Some(Duration::from_secs(3)));
    }
}
