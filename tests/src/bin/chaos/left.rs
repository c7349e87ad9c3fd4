//! What the bus still holds of runs that should be over.

use async_nats::jetstream;
use testkit::stack::Stack;

/// Streams that hold the job of each run that is not over.
const STREAMS: [&str; 3] = ["RUNS", "PARKED", "DEAD_LETTERS"];

/// What is left of jobs; what cannot be asked counts as left.
pub(crate) async fn jobs(stack: &Stack) -> Vec<String> {
    of(stack, &STREAMS).await
}

/// What registry-svc has not read yet of the run log.
pub(crate) async fn records(stack: &Stack) -> Vec<String> {
    of(stack, &["RUN_LOG"]).await
}

async fn of(stack: &Stack, streams: &[&str]) -> Vec<String> {
    let connected = async_nats::connect(stack.nats().url()).await;
    let Ok(client) = connected else {
        return vec!["nats-server does not answer".to_owned()];
    };
    let context = jetstream::new(client);
    let mut left = Vec::new();
    for name in streams {
        match context.get_stream(name).await {
            Ok(stream) => {
                let messages = stream.cached_info().state.messages;
                if messages > 0 {
                    left.push(format!("{name}: {messages}"));
                }
            }
            Err(error) => left.push(format!("{name}: {error}")),
        }
    }
    left
}
