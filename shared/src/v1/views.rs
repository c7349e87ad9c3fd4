//! The three views of a published version that registry-svc puts into KV buckets.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ids::{ContentHash, EndpointId, UrlHashes, WorkflowId};
use crate::v1::run::RunMode;

/// What a caller gets (spec section 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReturnType {
    /// A body whose type is detected.
    Data,
    /// A page.
    Html,
    /// A redirect.
    Redirect,
    /// Whatever the first `respond` step says.
    Continue,
    /// A stream of frames.
    Sse,
}

/// An HTTP method that an endpoint may take. HEAD goes with GET.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// GET, and HEAD with it.
    Get,
    /// POST.
    Post,
    /// PUT.
    Put,
    /// PATCH.
    Patch,
    /// DELETE.
    Delete,
}

impl Method {
    /// The method as it stands in a request line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// How many requests an endpoint takes in a window of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RateLimit {
    /// How many.
    pub requests: u32,
    /// The window, in seconds.
    pub per_seconds: u32,
}

/// A reply that the gateway renders itself once an asynchronous request is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplyTemplate {
    /// The script of the body or of the redirect's target.
    pub script: String,
    /// The status.
    pub status: u16,
    /// Header names and the scripts of their values.
    pub headers: Vec<(String, String)>,
}

/// What gateways need of a published version: the value in [`crate::subjects::ROUTES_BUCKET`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteView {
    /// The endpoint.
    pub endpoint_id: EndpointId,
    /// The secret pair in its URL.
    pub hashes: UrlHashes,
    /// The workflow behind it.
    pub workflow_id: WorkflowId,
    /// The published version's number.
    pub version: u64,
    /// The published version's content.
    pub content_hash: ContentHash,
    /// What a caller gets.
    pub return_type: ReturnType,
    /// Whether the caller waits for the run.
    pub run_mode: RunMode,
    /// The methods that it takes.
    pub methods: Vec<Method>,
    /// The revision of the credentials to check a JWT against; none where authentication is off.
    pub credentials: Option<ContentHash>,
    /// The origins that may call it, rendered; none where CORS is off.
    pub cors: Option<Vec<String>>,
    /// The largest body, in bytes.
    pub max_body_bytes: u64,
    /// The rate limit.
    pub rate_limit: Option<RateLimit>,
    /// How many requests it takes at once.
    pub max_concurrency: Option<u32>,
    /// How long a synchronous caller waits, in milliseconds.
    pub sync_timeout_ms: u64,
    /// How long a caller of an asynchronous `continue` endpoint waits, in milliseconds.
    pub continue_timeout_ms: u64,
    /// Whether a run stops when its caller leaves the stream.
    pub cancel_on_disconnect: bool,
    /// Whether a request may be sent to another runner when the first one died with it, whatever
    /// its method.
    pub resend: bool,
    /// Whether a GET or HEAD request may be sent again.
    pub resend_reads: bool,
    /// The reply of an asynchronous `data`, `html` or `redirect` endpoint.
    pub reply: Option<ReplyTemplate>,
}

/// What auth-svc needs: the value in [`crate::subjects::CREDENTIALS_BUCKET`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CredentialsView {
    /// The endpoint.
    pub endpoint_id: EndpointId,
    /// The hash of all below; a verdict is bound to it.
    pub revision: ContentHash,
    /// The sealed script of the expected issuer.
    pub endpoint_key: Sealed,
    /// The sealed script of the secret.
    pub endpoint_secret: Sealed,
    /// The sealed script of the secret before the last rotation, and until when it is good, in
    /// milliseconds since the Unix epoch.
    pub previous_secret: Option<(Sealed, i64)>,
    /// Whether a token must have an `exp` claim.
    pub require_exp: bool,
    /// The secrets that the scripts use and that there are, each sealed under its name. They are here and not looked up,
    /// so that another value is another revision.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub secrets: BTreeMap<String, Sealed>,
    /// The variables that the scripts use and that there are.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub variables: BTreeMap<String, String>,
}

/// A secret that only auth-svc can open (HPKE, RFC 9180, base mode, X25519, HKDF-SHA256,
/// ChaCha20-Poly1305).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    /// The id of the public key that it was sealed to.
    pub key_id: u32,
    /// The encapsulated key.
    #[serde(with = "serde_bytes")]
    pub encapsulated: Vec<u8>,
    /// The ciphertext with its tag.
    #[serde(with = "serde_bytes")]
    pub ciphertext: Vec<u8>,
}

impl std::fmt::Debug for Sealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Sealed(key {}, {} bytes)",
            self.key_id,
            self.ciphertext.len()
        )
    }
}

/// What runners need: the value in [`crate::subjects::DOCUMENTS_BUCKET`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentView {
    /// The address of the content.
    pub content_hash: ContentHash,
    /// The workflow document as JSON text, without credentials.
    pub document: String,
}
