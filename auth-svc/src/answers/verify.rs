//! May the bearer of this token call this endpoint?

use ops::clock;
use shared::rpc::Context;
use shared::v1::auth::{Denial, Verdict, Verify};

use super::{Answer, Answers};
use crate::credentials::unavailable;

impl Answers {
    /// A verdict against the newest credentials of the endpoint. Where they cannot be found or used there is none, and
    /// the failure is `auth_unavailable`: never a pass.
    ///
    /// It waits for nothing where memory is as new as the asker, and is then answered where it was read.
    pub(super) async fn verify(&self, _: Context, asked: Verify) -> Answer<Verdict> {
        let endpoint = asked.endpoint_id;
        let opened = self
            .credentials
            .newest(&self.bus, endpoint, asked.credentials)
            .await;
        let opened = opened.inspect_err(|_| count("unavailable"))?;
        let Some(checker) = &opened.checker else {
            count("unavailable");
            return Err(unavailable(endpoint));
        };
        let (verdict, word) = match checker.judge(&asked.token, clock::now_ms()) {
            Ok(good) => {
                let verdict = Verdict::Allow {
                    claims: good.claims,
                    keep_until: good.keep_until,
                    credentials: opened.revision,
                };
                (verdict, "allow")
            }
            Err(denial) => (Verdict::Deny(denial), word(denial)),
        };
        count(word);
        tracing::info!(endpoint_id = %endpoint, verdict = word, "verdict");
        Ok(verdict)
    }
}

fn word(denial: Denial) -> &'static str {
    match denial {
        Denial::Invalid => "invalid",
        Denial::Expired => "expired",
        Denial::Issuer => "issuer",
    }
}

fn count(verdict: &'static str) {
    metrics::counter!("earshot_auth_verdicts_total", "verdict" => verdict).increment(1);
}
