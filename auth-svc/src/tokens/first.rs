//! The first admin token: made at the first start of the platform and at no other.

use std::time::Duration;

use bus::Bus;
use ops::{Secret, clock};
use shared::ids::RequestId;
use shared::rpc::Context;
use shared::trace::TraceContext;
use shared::v1::auth::Role;
use shared::v1::registry::{FindToken, PutToken};
use shared::v1::reply::Failure;
use tokio::time::sleep;
use uuid::Uuid;

use super::ask;
use super::text::ApiToken;

/// How long registry-svc gets for one try.
const PATIENCE_MS: i64 = 2_000;

/// Makes the first admin token, trying for as long as it takes; none where the platform has had a token before.
pub(crate) async fn make_first(bus: &Bus) -> Option<Secret> {
    let token = ApiToken::random();
    let mut pause = Duration::from_millis(50);
    loop {
        match once(bus, &token).await {
            Ok(true) => {
                tracing::info!("made the first admin token");
                return Some(Secret::new(token.expose()));
            }
            Ok(false) => return None,
            Err(failure) => {
                tracing::info!(code = %failure.code, "waiting for registry-svc, to make sure that there is an API token");
            }
        }
        sleep(pause).await;
        pause = (pause * 2).min(Duration::from_secs(2));
    }
}

/// Whether our token is the first one. An earlier try may have stored it although its answer was lost, so a no is only
/// believed when the token is not there.
async fn once(bus: &Bus, token: &ApiToken) -> Result<bool, Failure> {
    let record = token.record("first admin".to_owned(), Role::Admin, None);
    let hash = record.hash.clone();
    let only_first = true;
    if ask(bus, context(), PutToken { record, only_first }).await? {
        return Ok(true);
    }
    Ok(ask(bus, context(), FindToken { hash }).await?.is_some())
}

fn context() -> Context {
    let id = Uuid::now_v7().as_u128();
    Context {
        trace: TraceContext {
            trace_id: id,
            span_id: 1,
            sampled: false,
        },
        request_id: RequestId(Uuid::now_v7()),
        deadline_ms: clock::now_ms() + PATIENCE_MS,
    }
}
