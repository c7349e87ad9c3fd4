//! `callbackUrl`: the signed URL that lets a run go on.

use std::time::Duration;

use bus::CallError;
use serde_json::Value as Json;
use shared::limits::{ENDED_KEPT_SECONDS, LONGEST_WAIT_SECONDS};
use shared::rpc::Context;
use shared::v1::auth::{CallbackTerms, SignCallbackLink};
use tokio::time::{Instant, sleep};

use crate::errands::Of;
use crate::service::Shared;

/// How long one try may take.
const TRY: Duration = Duration::from_secs(4);

/// The pause between two tries.
const PAUSE: Duration = Duration::from_millis(500);

/// The URL of a place of a run.
///
/// # Errors
/// Why there is none, a sentence for people.
pub(crate) async fn callback_url(
    runner: &Shared,
    of: &Of,
    place: &str,
    terms: Option<&CallbackTerms>,
) -> Result<Json, String> {
    let Some(terms) = terms else {
        return Err(format!(
            "no `wait_for_callback` step `{place}` can be reached from here"
        ));
    };
    let ends_at = Instant::now() + of.patience;
    loop {
        let fault = match attempt(runner, of, place, terms).await {
            Ok(url) => return Ok(url.into()),
            Err(fault) => fault,
        };
        if Instant::now() >= ends_at {
            return Err(format!("the resume URL could not be signed: {fault}"));
        }
        tracing::warn!(error = fault, "a resume URL is signed again");
        sleep(PAUSE).await;
    }
}

async fn attempt(
    runner: &Shared,
    of: &Of,
    place: &str,
    terms: &CallbackTerms,
) -> Result<String, String> {
    let now = ops::clock::now_ms();
    // Whether anything waits still is for the run to say: the link itself is good for as long as it may. That of a run
    // without a journal ends before it is forgotten that the run has.
    let lasts = if of.journalled {
        LONGEST_WAIT_SECONDS
    } else {
        i64::try_from(runner.config.run_seconds.min(ENDED_KEPT_SECONDS)).unwrap_or_default()
    };
    let message = SignCallbackLink {
        run_id: of.run_id,
        place: place.to_owned(),
        expires_at: now / 1_000 + lasts,
        terms: CallbackTerms {
            journalled: of.journalled,
            ..terms.clone()
        },
    };
    let context = Context {
        trace: of.trace,
        request_id: of.request_id,
        deadline_ms: now,
    };
    let signed = runner.bus.call(context, message, TRY, now).await;
    let signed = signed.map_err(|error| match error {
        CallError::Failed(failure) => failure.detail,
        other => other.to_string(),
    })?;
    let public_url = runner.config.public_url.trim_end_matches('/');
    Ok(format!("{public_url}/callback/{}", signed.token))
}
