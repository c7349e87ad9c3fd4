//! The limits that every service holds to. Sizes are bytes, times are milliseconds unless said.

/// The largest NATS message that the platform's own server configuration allows.
pub const MAX_PAYLOAD: usize = 8 * 1024 * 1024;

/// The most body bytes in one reply frame; a larger reply travels as several.
pub const FRAME_BODY: usize = 512 * 1024;

/// The hardest cap on a request's body, below [`MAX_PAYLOAD`] with room for the head.
pub const MAX_BODY: u64 = 6 * 1024 * 1024;

/// The largest response, headers included, that an asynchronous run keeps in its journal: below [`MAX_PAYLOAD`] with room
/// for the head.
pub const JOURNAL_BODY: usize = 7 * 1024 * 1024;

/// A listener's `max_body_bytes` where the author set none.
pub const DEFAULT_MAX_BODY: u64 = 1024 * 1024;

/// The largest workflow document, as JSON.
pub const MAX_DOCUMENT: usize = 1024 * 1024;

/// The largest value of a secret or variable.
pub const MAX_SETTING: usize = 32 * 1024;

/// The most secrets, and the most variables.
pub const MAX_SETTINGS: u32 = 1_000;

/// The most secrets, and the most variables, that one workflow names. Those of a run or an endpoint fit into one message,
/// at their largest: [`MAX_PAYLOAD`] is more than so many times [`MAX_SETTING`].
pub const MAX_SETTINGS_USED: usize = 100;

/// The largest JWT that is looked at; over it the answer is 401.
pub const MAX_TOKEN: usize = 8 * 1024;

/// How long a gateway may keep a positive verdict, in seconds.
pub const VERDICT_SECONDS: u64 = 30;

/// Leeway for `exp`, `nbf` and `iat`, in seconds.
pub const JWT_LEEWAY_SECONDS: u64 = 60;

/// How often a runner or gateway publishes its presence.
pub const PRESENCE_EVERY: u64 = 250;

/// How long a peer that stays silent counts as present.
pub const PRESENCE_LASTS: u64 = 1_000;

/// How often a gateway probes a runner that holds its work.
pub const PROBE_EVERY: u64 = 150;

/// How long a probed runner may stay silent before its work goes elsewhere.
///
/// A runner whose process is gone is known at once, since nobody listens on its subject any more. This
/// is for one that hangs, and long enough for a machine that is short of processor time.
pub const PROBE_TIMEOUT: u64 = 1_000;

/// How long a request may wait for a runner when none is known.
pub const RUNNER_WAIT: u64 = 250;

/// How much credit a runner has to send ahead of the caller's socket; a frame uses up [`stream_cost`] of it.
pub const STREAM_CREDIT: u32 = 256;

/// How much credit a gateway gives back at once.
pub const STREAM_CREDIT_EVERY: u32 = 32;

/// The credit that a frame with so many bytes of data uses up: one, and one more for each KiB. Frames that are large
/// would otherwise fill the connection of their gateway, and hold up all that others wait for. The largest can always
/// be paid for: a gateway keeps less than [`STREAM_CREDIT_EVERY`] back.
#[must_use]
pub const fn stream_cost(bytes: usize) -> u32 {
    let most = STREAM_CREDIT - STREAM_CREDIT_EVERY;
    let kibibytes = bytes / 1024;
    if kibibytes < most as usize {
        kibibytes as u32 + 1
    } else {
        most
    }
}

/// How long a kept reply and its signed URL are good for, in seconds.
pub const REPLY_KEPT_SECONDS: u64 = 24 * 60 * 60;

/// How long the end of a journal stays after its run, in seconds.
pub const ENDED_KEPT_SECONDS: u64 = 15 * 60;

/// How many times in a row workflows may push to each other.
pub const PUSHES: u32 = 16;

/// The largest body of a letter: what a callback brings, or a called run hands back. Six times as much, as its JSON text may
/// be, fits into a journal.
pub const LETTER_BODY: usize = 1024 * 1024;

/// The longest that a run waits for one thing, in seconds: so long the journal of a run that waits is sure to be kept.
pub const LONGEST_WAIT_SECONDS: i64 = 366 * 24 * 60 * 60;

/// The longest that a value stays in shared memory, in seconds.
pub const MEMORY_KEPT_SECONDS: u64 = 366 * 24 * 60 * 60;

/// How long an `Idempotency-Key` stands for its request, in seconds.
pub const IDEMPOTENCY_SECONDS: u64 = 24 * 60 * 60;

/// The longest `Idempotency-Key`, in characters.
pub const MAX_IDEMPOTENCY_KEY: usize = 255;

/// The largest body of a reply that is kept for an `Idempotency-Key`: below [`MAX_PAYLOAD`] with room for the head.
pub const IDEMPOTENCY_BODY: usize = 7 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_costs_by_its_size_and_never_more_than_is_surely_given_back() {
        let costs = [
            0,
            1023,
            1024,
            200 * 1024,
            223 * 1024,
            224 * 1024,
            usize::MAX,
        ]
        .map(stream_cost);
        assert_eq!(costs, [1, 1, 2, 201, 224, 224, 224]);
        assert!(STREAM_CREDIT - (STREAM_CREDIT_EVERY - 1) >= stream_cost(usize::MAX));
    }
}
