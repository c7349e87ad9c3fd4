//! The listener: the first step of a workflow, the one that owns the URL.

use super::words::{Method, OnDisconnect, OnRunnerLost, Period};
use super::{Reply, Sensitive};
use serde::{Deserialize, Serialize};

/// The settings of an endpoint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Listener {
    /// What the caller gets.
    #[serde(flatten)]
    pub reply: Reply,
    /// Whether every request must carry a JWT.
    #[serde(default)]
    pub add_authentication: bool,
    /// The expected `iss`, a script that is rendered without request data. Write-only: absent
    /// means keep, or generate when there is none yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint_key: Option<Sensitive>,
    /// The HMAC secret, under the same rules; 32 bytes at least once rendered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint_secret: Option<Sensitive>,
    /// The secret that is still accepted while callers rotate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint_secret_previous: Option<PreviousSecret>,
    /// Whether a JWT without `exp` is refused.
    #[serde(default = "yes")]
    pub require_exp: bool,
    /// Whether browsers of other origins may call.
    #[serde(default)]
    pub allow_cors: bool,
    /// Comma-separated origins or `*`, a script that is rendered without request data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cors_domains: Option<String>,
    /// The methods that are answered; HEAD goes with GET.
    #[serde(default = "default_methods")]
    pub methods: Vec<Method>,
    /// The largest accepted body in bytes; over it 413.
    #[serde(default = "default_max_body_bytes")]
    pub max_body_bytes: u64,
    /// How often the endpoint may be called; over it 429.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_limit: Option<RateLimit>,
    /// How many requests may be under way at once; over it 429.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_concurrency: Option<u32>,
    /// Seconds that a synchronous caller waits before a 504.
    #[serde(default = "default_sync_timeout")]
    pub sync_timeout: u32,
    /// Seconds that the caller of an asynchronous `continue` endpoint waits before a 202, as
    /// written; see [`Listener::continue_timeout`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub continue_timeout: Option<u32>,
    /// What a caller that leaves does to the run.
    #[serde(default)]
    pub on_disconnect: OnDisconnect,
    /// What a lost runner does to a waiting request, as written; see
    /// [`super::Document::resends`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_runner_lost: Option<OnRunnerLost>,
}

impl Listener {
    /// Seconds that the caller of an asynchronous `continue` endpoint waits before a 202.
    #[must_use]
    pub fn continue_timeout(&self) -> u32 {
        self.continue_timeout.unwrap_or(DEFAULT_CONTINUE_TIMEOUT)
    }
}

/// A secret that is on its way out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PreviousSecret {
    /// The secret, a script that is rendered without request data.
    pub secret: Sensitive,
    /// Until when it is accepted, RFC 3339.
    pub expires_at: String,
}

impl PreviousSecret {
    /// The expiry as a moment; none where the text is no RFC 3339 date and time.
    #[must_use]
    pub fn expires_at(&self) -> Option<jiff::Timestamp> {
        self.expires_at.parse().ok()
    }
}

/// How many requests in which span.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RateLimit {
    /// Requests in one span.
    pub requests: u32,
    /// The span.
    pub per: Period,
}

/// The default of `max_body_bytes`.
pub const DEFAULT_MAX_BODY_BYTES: u64 = shared::limits::DEFAULT_MAX_BODY;
/// The default of `sync_timeout` in seconds.
pub const DEFAULT_SYNC_TIMEOUT: u32 = 30;
/// The default of `continue_timeout` in seconds.
pub const DEFAULT_CONTINUE_TIMEOUT: u32 = 20;

const fn yes() -> bool {
    true
}

fn default_methods() -> Vec<Method> {
    vec![Method::Get, Method::Post, Method::Put]
}

const fn default_max_body_bytes() -> u64 {
    DEFAULT_MAX_BODY_BYTES
}

const fn default_sync_timeout() -> u32 {
    DEFAULT_SYNC_TIMEOUT
}
