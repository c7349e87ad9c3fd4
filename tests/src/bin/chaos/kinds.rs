//! The kinds of requests, and what each must come to.

/// What kind of request it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// Steps one after the other and beside each other.
    Chain,
    /// A step that succeeds at its second try.
    Retry,
    /// A short wait and one for which the run leaves its runner.
    Waits,
    /// Adds to a number in shared memory.
    Memory,
    /// Starts a run of another workflow.
    Pushes,
    /// A step that fails, and what is done then.
    Fails,
    /// Replies in the middle.
    Continue,
    /// Comes with an `Idempotency-Key`, at both gateways.
    Keyed,
    /// A stream of frames, gone on with at the other gateway where it breaks.
    Stream,
    /// Synchronous.
    Echo,
    /// Synchronous, behind a token, which every third time is a bad one.
    Token,
    /// A question to the control plane.
    Listing,
}

/// How often each kind comes.
pub(crate) const WEIGHTS: [(Kind, u64); 12] = [
    (Kind::Chain, 16),
    (Kind::Retry, 8),
    (Kind::Waits, 8),
    (Kind::Memory, 10),
    (Kind::Pushes, 8),
    (Kind::Fails, 6),
    (Kind::Continue, 10),
    (Kind::Keyed, 10),
    (Kind::Stream, 6),
    (Kind::Echo, 9),
    (Kind::Token, 6),
    (Kind::Listing, 3),
];

/// How many numbers in shared memory are added to.
pub(crate) const COUNTERS: u64 = 24;

/// What endpoints behind a token take.
pub(crate) const ISSUER: &str = "issuer-of-the-chaos";
/// Theirs, too.
pub(crate) const SECRET: &str = "a secret of the chaos test that has more than thirty-two bytes";

/// A step that calls the recorder, and the one above it whose answer it tells.
pub(crate) type Step = (&'static str, Option<&'static str>);

impl Kind {
    /// Its name in tokens and reports.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Chain => "chain",
            Self::Retry => "retry",
            Self::Waits => "waits",
            Self::Memory => "memory",
            Self::Pushes => "pushes",
            Self::Fails => "fails",
            Self::Continue => "continue",
            Self::Keyed => "keyed",
            Self::Stream => "stream",
            Self::Echo => "echo",
            Self::Token => "token",
            Self::Listing => "listing",
        }
    }

    /// Whether accepted means kept.
    pub(crate) fn is_async(self) -> bool {
        !matches!(self, Self::Echo | Self::Token | Self::Listing)
    }

    /// The steps that call the recorder, each run of them once.
    pub(crate) fn steps(self) -> &'static [Step] {
        match self {
            Self::Chain => &[
                ("a", None),
                ("b", Some("a")),
                ("c", Some("a")),
                ("d", Some("b")),
            ],
            Self::Retry => &[("a", None), (FLAKY, Some("a")), ("b", Some(FLAKY))],
            Self::Waits => &[("a", None), ("b", Some("a")), ("c", Some("b"))],
            Self::Memory => &[("a", None), ("counted", Some("a"))],
            Self::Pushes => &[("a", None), ("b", Some("a")), ("p", None), ("q", Some("p"))],
            Self::Fails => &[("a", None), (BAD, Some("a")), ("rescue", Some("a"))],
            Self::Continue | Self::Keyed => &[("a", None), ("b", Some("a"))],
            Self::Stream => &[("a", None), ("b", Some("a"))],
            Self::Echo => &[("a", None)],
            Self::Token | Self::Listing => &[],
        }
    }

    /// The step that must have been answered before another begins, other than the one whose answer that tells.
    pub(crate) fn follows(self, step: &str) -> Option<&'static str> {
        if (self, step) == (Self::Fails, "rescue") {
            return Some(BAD);
        }
        let mut steps = self.steps().iter();
        steps.find(|(name, _)| *name == step)?.1
    }
}

/// The step whose first call is answered with 503.
pub(crate) const FLAKY: &str = "flaky";
/// The step whose calls are answered with 500.
pub(crate) const BAD: &str = "bad";

/// Seconds between the steps of [`Kind::Waits`]: one for which a run stays, and one for which it leaves.
pub(crate) const WAITS: [(&str, u64); 2] = [("b", 3), ("c", 12)];
