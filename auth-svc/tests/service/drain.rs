use bus::CallError;
use ops::Service;
use shared::v1::auth::SealingKey;

use crate::desk::{Desk, PATIENCE, instance};

#[tokio::test]
async fn every_request_is_answered_while_one_of_two_instances_drains() {
    let Desk {
        nats, asker, auth, ..
    } = Desk::before_registry().await;
    let _second = instance(&nats).await;
    let draining = tokio::spawn(auth.drain(PATIENCE));
    let mut answered = 0;
    while !draining.is_finished() || answered < 500 {
        asker.ask(SealingKey {}).await.unwrap();
        answered += 1;
    }
    draining.await.unwrap();
}

#[tokio::test]
async fn nobody_answers_once_the_only_instance_has_drained() {
    let Desk {
        nats: _nats,
        asker,
        auth,
        ..
    } = Desk::before_registry().await;
    asker.ask(SealingKey {}).await.unwrap();
    auth.drain(PATIENCE).await;
    let outcome = asker.ask(SealingKey {}).await;
    assert!(
        matches!(outcome, Err(CallError::NoResponder)),
        "{outcome:?}"
    );
}
