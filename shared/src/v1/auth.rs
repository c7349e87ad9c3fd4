//! Requests that auth-svc answers.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::ids::{ContentHash, EndpointId, RunId, TokenId};
use crate::rpc::Rpc;
use crate::subjects::request_subject;
use crate::v1::settings::SettingUses;
use crate::v1::views::{CredentialsView, Sealed};

macro_rules! rpc {
    ($message:ty, $verb:literal, $idempotent:literal, $reply:ty) => {
        impl Rpc for $message {
            const SUBJECT: &'static str = request_subject!("auth", $verb);
            const IDEMPOTENT: bool = $idempotent;
            type Reply = $reply;
        }
    };
}

/// May the bearer of this token call this endpoint?
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verify {
    /// The endpoint.
    pub endpoint_id: EndpointId,
    /// The revision of the credentials that the gateway's route names.
    pub credentials: ContentHash,
    /// The token as the caller sent it.
    pub token: String,
}

/// The answer to [`Verify`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The token is good.
    Allow {
        /// Every claim, as a JSON text.
        claims: String,
        /// Until when the verdict may be kept, in seconds since the Unix epoch: the token's own
        /// expiry with leeway, where it has one, or the end of the secret that it was checked with.
        keep_until: Option<i64>,
        /// The revision of the credentials that were used.
        credentials: ContentHash,
    },
    /// The token is not good.
    Deny(Denial),
}

/// Why a token is refused. Callers are told this one word and never more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Denial {
    /// It cannot be trusted.
    Invalid,
    /// It is past its expiry.
    Expired,
    /// It was issued by another.
    Issuer,
}

rpc!(Verify, "verify", true, Verdict);

/// What an API token may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Read.
    Viewer,
    /// Read and change workflows.
    Editor,
    /// Everything.
    Admin,
}

impl Role {
    /// The role as the API and the CLI spell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Editor => "editor",
            Self::Admin => "admin",
        }
    }
}

/// An API token as it is listed: everything but the token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenInfo {
    /// The token's id.
    pub id: TokenId,
    /// What it is for, in its maker's words.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// When it was made, in milliseconds since the Unix epoch.
    pub created_at_ms: i64,
    /// When it ends, in milliseconds since the Unix epoch; never, where there is none.
    pub expires_at_ms: Option<i64>,
}

/// Whose API token is this? The reply is none for an unknown, expired or revoked one.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckToken {
    /// The token.
    pub token: String,
}

rpc!(CheckToken, "token.check", true, Option<TokenInfo>);

/// Makes an API token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MintToken {
    /// What it is for.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// When it ends, in milliseconds since the Unix epoch; never, where there is none.
    pub expires_at_ms: Option<i64>,
}

/// The answer to [`MintToken`]: the one time that the token is shown.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Minted {
    /// The token.
    pub token: String,
    /// The rest.
    pub info: TokenInfo,
}

rpc!(MintToken, "token.mint", false, Minted);

/// All API tokens that are neither expired nor revoked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListTokens {}

rpc!(ListTokens, "token.list", true, Vec<TokenInfo>);

/// Ends an API token. The reply says whether it was there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevokeToken {
    /// The token's id.
    pub id: TokenId,
}

rpc!(RevokeToken, "token.revoke", true, bool);

/// The public key to seal secrets to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealingKey {}

/// The answer to [`SealingKey`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicKey {
    /// The key's id, as [`Sealed::key_id`] names it.
    pub key_id: u32,
    /// The X25519 public key.
    #[serde(with = "serde_bytes")]
    pub key: Vec<u8>,
}

rpc!(SealingKey, "sealing_key", true, PublicKey);

/// Could tokens be checked against these credentials? Asked before a publish.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckCredentials {
    /// The credentials.
    pub credentials: CredentialsView,
}

/// One thing that is wrong with credentials.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CredentialProblem {
    /// The listener's setting, such as `endpoint_secret`.
    pub setting: String,
    /// What is wrong with it; never its value.
    pub message: String,
    /// How to mend it.
    pub hint: String,
}

rpc!(
    CheckCredentials,
    "credentials.check",
    true,
    Vec<CredentialProblem>
);

/// Signs a short-lived JWT that an endpoint accepts, for a test call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignCallerToken {
    /// The endpoint.
    pub endpoint_id: EndpointId,
    /// Claims to add, as a JSON object text; `iss`, `iat` and `exp` are set by auth-svc.
    pub claims: String,
    /// How long it is good for, in seconds; 3600 at most.
    pub seconds: u32,
}

/// A signed JWT.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedToken {
    /// The JWT in compact form (RFC 7515).
    pub token: String,
}

rpc!(SignCallerToken, "caller_token.sign", true, SignedToken);

/// Signs the right to fetch a kept reply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignReplyLink {
    /// The run whose reply it is.
    pub run_id: RunId,
    /// The endpoint that was called.
    pub endpoint_id: EndpointId,
    /// When the link ends, in seconds since the Unix epoch.
    pub expires_at: i64,
}

rpc!(SignReplyLink, "reply_link.sign", true, SignedToken);

/// Does this link give the right to a kept reply? The reply is none where it does not.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckReplyLink {
    /// The signed token out of the link.
    pub token: String,
}

/// The right that a reply link gives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplyRight {
    /// The run whose reply it is.
    pub run_id: RunId,
    /// The endpoint that was called.
    pub endpoint_id: EndpointId,
}

rpc!(CheckReplyLink, "reply_link.check", true, Option<ReplyRight>);

/// What a resume URL takes, and what it answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallbackTerms {
    /// Whether the run has a journal, which says whether it has ended.
    pub journalled: bool,
    /// The methods, upper case.
    pub methods: Vec<String>,
    /// The largest body, in bytes.
    pub max_body_bytes: u64,
    /// The status of the answer.
    pub status: u16,
    /// The body of the answer, plain text; the run's id where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
}

/// Signs a resume URL: the right to write one letter to a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignCallbackLink {
    /// The run.
    pub run_id: RunId,
    /// The place where it waits.
    pub place: String,
    /// When the link ends, in seconds since the Unix epoch.
    pub expires_at: i64,
    /// What is taken.
    pub terms: CallbackTerms,
}

rpc!(SignCallbackLink, "callback_link.sign", true, SignedToken);

/// Is this a resume URL of ours? The reply is none where it is not.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckCallbackLink {
    /// The signed token out of the URL.
    pub token: String,
}

/// The right that a resume URL gives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallbackRight {
    /// The run.
    pub run_id: RunId,
    /// The place where it waits.
    pub place: String,
    /// What is taken.
    pub terms: CallbackTerms,
}

rpc!(
    CheckCallbackLink,
    "callback_link.check",
    true,
    Option<CallbackRight>
);

/// Author-given or generated credentials on their way into a draft, sealed by the gateway.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedCredentials {
    /// The sealed `endpoint_key`.
    pub endpoint_key: Option<Sealed>,
    /// The sealed `endpoint_secret`.
    pub endpoint_secret: Option<Sealed>,
    /// The sealed previous secret and until when it is good, in milliseconds since the Unix epoch.
    pub previous_secret: Option<(Sealed, i64)>,
    /// What their scripts use, which nobody could see in what is sealed.
    #[serde(default)]
    pub uses: CredentialUses,
}

/// The secrets and variables that the scripts of credentials use.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CredentialUses {
    /// That of the `endpoint_key`.
    pub endpoint_key: SettingUses,
    /// That of the `endpoint_secret`.
    pub endpoint_secret: SettingUses,
    /// That of the previous secret.
    pub previous_secret: SettingUses,
}

impl CredentialUses {
    /// Those of all of them.
    #[must_use]
    pub fn all(&self) -> SettingUses {
        let mut all = self.endpoint_key.clone();
        all.extend(&self.endpoint_secret);
        all.extend(&self.previous_secret);
        all
    }
}

/// The secrets of a run that is about to begin. Those that do not exist are left out of the reply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunSecrets {
    /// Their names.
    pub names: BTreeSet<String>,
    /// The runner's own key, new at each of its starts, that they are to be sealed to.
    pub key: PublicKey,
}

/// A secret on its way to a runner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunSecret {
    /// Its name.
    pub name: String,
    /// Its value, sealed to the runner under its name.
    pub sealed: Sealed,
}

rpc!(RunSecrets, "secrets", true, Vec<RunSecret>);

impl std::fmt::Debug for Verify {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Verify")
            .field("endpoint_id", &self.endpoint_id)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Minted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Minted")
            .field("info", &self.info)
            .finish_non_exhaustive()
    }
}

macro_rules! hidden {
    ($($name:ident)*) => {
        $(impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        })*
    };
}

hidden! { CheckToken SignedToken CheckReplyLink CheckCallbackLink }
