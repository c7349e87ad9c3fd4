//! What reaches runs from outside.

use shared::ids::RunId;
use shared::v1::auth::{CallbackRight, CallbackTerms, CheckCallbackLink, SignCallbackLink};
use shared::v1::letters::{Called, Caller, CancelRun, Cancelling, Letter};
use shared::v1::reply::Outcome;
use shared::v1::run::{BodyKind, Received};

use crate::frozen;
use crate::samples::ID;

#[test]
fn letters_read_back() {
    let received = Received {
        received_at_ms: 1_764_000_000_000,
        method: "POST".to_owned(),
        query: "a=1".to_owned(),
        ip: "192.0.2.7".to_owned(),
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        claims: None,
        body_kind: BodyKind::Json,
    };
    let called = Called {
        run_id: RunId(ID),
        outcome: Some(Outcome::Failed),
        error: Some("step charge: the connection was refused".to_owned()),
        status: Some(200),
        content_type: Some("application/json".to_owned()),
    };
    frozen("letter_callback", &Letter::Callback { received });
    frozen("letter_called", &Letter::Called(called));
    frozen("letter_cancel", &Letter::Cancel);
    frozen("letter_closed", &Letter::Closed);
    frozen("letter_used", &Letter::Used);
    frozen(
        "letter_caller",
        &Caller {
            run_id: RunId(ID),
            place: "ask".to_owned(),
        },
    );
}

#[test]
fn the_stopping_of_runs_reads_back() {
    let (run_id, held) = (RunId(ID), true);
    frozen("cancel_run", &CancelRun { run_id, held });
    for (name, answer) in [
        ("told", Cancelling::Told),
        ("ended", Cancelling::Ended),
        ("dead", Cancelling::Dead),
        ("unknown", Cancelling::Unknown),
    ] {
        frozen(&format!("cancelling_{name}"), &answer);
    }
}

#[test]
fn resume_urls_read_back() {
    let (run_id, place) = (RunId(ID), "approval".to_owned());
    let terms = CallbackTerms {
        journalled: true,
        methods: vec!["POST".to_owned()],
        max_body_bytes: 1_048_576,
        status: 200,
        body: Some("thank you".to_owned()),
    };
    frozen(
        "sign_callback_link",
        &SignCallbackLink {
            run_id,
            place: place.clone(),
            expires_at: 1_764_000_060,
            terms: terms.clone(),
        },
    );
    frozen(
        "check_callback_link",
        &CheckCallbackLink {
            token: "a.b.c".to_owned(),
        },
    );
    frozen(
        "callback_right",
        &Some(CallbackRight {
            run_id,
            place,
            terms,
        }),
    );
}
