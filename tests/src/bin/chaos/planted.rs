//! The planted bugs, and for each a short trial that finds it.

use std::time::Duration;

use crate::kinds::Kind;
use crate::schedule::{Fault, Harm, Part};
use crate::trial::Trial;

/// How long a trial waits after its last fault.
const SETTLED: Duration = Duration::from_secs(30);

/// A bug that a build with the feature `planted-bugs` can have.
pub(crate) struct Planted {
    /// What `ops::planted` is asked for.
    pub(crate) name: &'static str,
    /// What is wrong then.
    pub(crate) what: &'static str,
    kind: Kind,
    faults: &'static [(u64, Part, Harm, u64)],
    seconds: u64,
}

/// What is under way over a link when it stalls is tried again, and comes twice when it goes on.
const STALLS: [(u64, Part, Harm, u64); 6] = [
    (2_000, Part::Runner(0), Harm::Stall, 7_000),
    (3_000, Part::Runner(1), Harm::Stall, 7_000),
    (4_000, Part::Runner(2), Harm::Stall, 7_000),
    (13_000, Part::Runner(0), Harm::Stall, 7_000),
    (14_000, Part::Runner(1), Harm::Stall, 7_000),
    (15_000, Part::Runner(2), Harm::Stall, 7_000),
];

/// All of them; the times of faults are in milliseconds.
pub(crate) const ALL: [Planted; 12] = [
    Planted {
        name: "accepts-early",
        what: "a gateway answers before the stream has acknowledged",
        kind: Kind::Chain,
        faults: &[(2_000, Part::Nats, Harm::Kill, 1_500)],
        seconds: 5,
    },
    Planted {
        name: "acknowledges-early",
        what: "a runner acknowledges a job before its run has ended",
        kind: Kind::Chain,
        faults: &[
            (2_000, Part::Runner(0), Harm::Kill, 500),
            (4_000, Part::Runner(1), Harm::Kill, 500),
        ],
        seconds: 5,
    },
    Planted {
        name: "no-journal",
        what: "a runner writes no journal",
        kind: Kind::Chain,
        faults: &[
            (2_000, Part::Runner(0), Harm::Kill, 500),
            (4_000, Part::Runner(1), Harm::Kill, 500),
        ],
        seconds: 5,
    },
    Planted {
        name: "no-fence",
        what: "a journal takes entries of a runner that was given up",
        kind: Kind::Chain,
        faults: &[
            (2_000, Part::Runner(0), Harm::Stop, 10_000),
            (3_000, Part::Runner(1), Harm::Stop, 11_000),
        ],
        seconds: 15,
    },
    Planted {
        name: "key-by-attempt",
        what: "the Idempotency-Key of a step is another one in each attempt",
        kind: Kind::Chain,
        faults: &[
            (2_000, Part::Runner(0), Harm::Kill, 500),
            (4_000, Part::Runner(1), Harm::Kill, 500),
        ],
        seconds: 5,
    },
    Planted {
        name: "forgets-parked",
        what: "registry-svc does not know after a start who was parked",
        kind: Kind::Waits,
        faults: &[(9_000, Part::Registry, Harm::Kill, 500)],
        seconds: 10,
    },
    Planted {
        name: "claims-blindly",
        what: "a gateway takes a key that another one has taken meanwhile",
        kind: Kind::Keyed,
        faults: &[],
        seconds: 5,
    },
    Planted {
        name: "counts-twice",
        what: "a number in shared memory forgets which additions were made",
        kind: Kind::Memory,
        faults: &STALLS,
        seconds: 22,
    },
    Planted {
        name: "reply-not-kept",
        what: "a runner keeps no reply for the caller who comes back",
        kind: Kind::Continue,
        faults: &[
            (2_000, Part::Runner(0), Harm::Kill, 500),
            (4_000, Part::Runner(1), Harm::Kill, 500),
        ],
        seconds: 5,
    },
    Planted {
        name: "pushes-anew",
        what: "a push that is tried again starts another run",
        kind: Kind::Pushes,
        faults: &STALLS,
        seconds: 22,
    },
    Planted {
        name: "frames-again",
        what: "a run that goes on counts its frames from the beginning",
        kind: Kind::Stream,
        faults: &[
            (2_000, Part::Runner(0), Harm::Kill, 500),
            (4_000, Part::Runner(1), Harm::Kill, 500),
        ],
        seconds: 5,
    },
    Planted {
        name: "open-door",
        what: "a gateway lets callers in when auth-svc does not answer",
        kind: Kind::Token,
        faults: &[(2_000, Part::Auth, Harm::Kill, 1_500)],
        seconds: 5,
    },
];

impl Planted {
    /// The trial that finds it.
    pub(crate) fn trial(&self, seed: u64, rate: u64) -> Trial {
        let faults = self.faults.iter().map(|(at, part, harm, lasts)| Fault {
            at: Duration::from_millis(*at),
            part: *part,
            harm: *harm,
            lasts: Duration::from_millis(*lasts),
        });
        Trial {
            seed,
            rate,
            duration: Duration::from_secs(self.seconds),
            runners: 3,
            faults: faults.collect(),
            weights: vec![(self.kind, 1)],
            settled: SETTLED,
            // These trials are not about time.
            first_success: Duration::from_secs(3_600),
            planted: Some(self.name.to_owned()),
        }
    }
}
