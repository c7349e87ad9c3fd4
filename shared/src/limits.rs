//! The limits that every service holds to. Sizes are bytes, times are milliseconds unless said.

/// The largest NATS message that the platform's own server configuration allows.
pub const MAX_PAYLOAD: usize = 8 * 1024 * 1024;

/// The most body bytes in one reply frame; a larger reply travels as several.
pub const FRAME_BODY: usize = 512 * 1024;

/// The hardest cap on a request's body, below [`MAX_PAYLOAD`] with room for the head.
pub const MAX_BODY: u64 = 6 * 1024 * 1024;

/// A listener's `max_body_bytes` where the author set none.
pub const DEFAULT_MAX_BODY: u64 = 1024 * 1024;

/// The largest workflow document, as JSON.
pub const MAX_DOCUMENT: usize = 1024 * 1024;

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
pub const PROBE_TIMEOUT: u64 = 500;

/// How long a request may wait for a runner when none is known.
pub const RUNNER_WAIT: u64 = 250;

/// How many frames a runner may send ahead of the caller's socket.
pub const STREAM_CREDIT: u32 = 256;

/// How long a kept reply and its signed URL are good for, in seconds.
pub const REPLY_KEPT_SECONDS: u64 = 24 * 60 * 60;
