//! A gateway that dies with a request which has a key.

use serde_json::json;
use testkit::remote::Remote;

use super::platform::{Endpoint, Reply, builder, call, respond};

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_gateway_was_at_is_answered_by_another_and_runs_no_second_time_unless_it_may()
{
    let remote = Remote::start();
    let stack = builder().start().await;
    let publish = async |mode: &str, path: &str, lost: &str| {
        let listener = json!({ "return_type": "continue", "on_runner_lost": lost });
        let steps = call(&remote, path, &respond());
        Endpoint::on(&stack, mode, &listener, &steps).await
    };
    let once = publish("sync", "/held/once", "fail").await;
    let again = publish("sync", "/held/again", "resend").await;
    let stored = publish("async", "/held/stored", "fail").await;
    let endpoints = [
        (&once, "/held/once"),
        (&again, "/held/again"),
        (&stored, "/held/stored"),
    ];
    let mut cut = Vec::new();
    for (endpoint, path) in endpoints {
        let request = endpoint.post(0, "killed", "");
        cut.push(tokio::spawn(request.send()));
        remote.called(path).await;
    }
    // Some wait at the other gateway when it happens, some come later.
    let mut waiting = Vec::new();
    for (endpoint, _) in endpoints {
        waiting.push(tokio::spawn(Reply::to(endpoint.post(1, "killed", ""))));
    }
    for (endpoint, _) in endpoints {
        endpoint.has_waiting(&stack, 1).await;
    }
    stack.gateway(0).kill();
    for request in cut {
        assert!(request.await.unwrap().is_err());
    }
    // What may run again has begun a second run.
    remote.called_times("/held/again", 2).await;
    for (_, path) in endpoints {
        remote.release(path);
    }
    let mut replies = Vec::new();
    for reply in waiting {
        replies.push(reply.await.unwrap());
    }
    let lost = replies[0].problem(502, "reply_broken");
    assert!(lost["run_id"].is_string(), "{lost}");
    assert_eq!((replies[1].status, replies[2].status), (201, 201));
    for ((endpoint, _), first) in endpoints.into_iter().zip(&replies) {
        let reply = endpoint.reply(1, "killed", "").await;
        assert!(reply.is_replayed());
        reply.is_that_of(first);
    }
    let calls = endpoints.map(|(_, path)| remote.calls(path).len());
    assert_eq!(calls, [1, 2, 1]);
    // The gateway is there again, as another instance, and knows all of it.
    stack.gateway(0).restart().await;
    for ((endpoint, _), first) in endpoints.into_iter().zip(&replies) {
        endpoint.reply(0, "killed", "").await.is_that_of(first);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_in_vain_for_a_gateway_that_hangs_is_told_so_and_gets_the_reply_later() {
    let remote = Remote::start();
    let stack = builder().start().await;
    let listener = json!({ "return_type": "continue", "sync_timeout": 2 });
    let steps = call(&remote, "/held/hangs", &respond());
    let endpoint = Endpoint::on(&stack, "sync", &listener, &steps).await;
    let first = tokio::spawn(Reply::to(endpoint.post(0, "hangs", "")));
    remote.called("/held/hangs").await;
    stack.gateway(0).pause();
    let told = endpoint.reply(1, "hangs", "").await;
    let body = told.problem(409, "idempotency_key_in_use");
    assert!(body["run_id"].is_string(), "{body}");
    assert_eq!(told.headers["retry-after"], "1");
    stack.gateway(0).resume();
    let first = first.await.unwrap();
    first.problem(504, "run_timeout");
    endpoint.reply(1, "hangs", "").await.is_that_of(&first);
    assert_eq!(remote.calls("/held/hangs").len(), 1);
    remote.release("/held/hangs");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_stops_waits_for_the_runs_whose_callers_will_come_again() {
    let remote = Remote::start();
    let stack = builder().start().await;
    let listener = json!({ "return_type": "continue" });
    let steps = call(&remote, "/held/drain", &respond());
    let endpoint = Endpoint::on(&stack, "sync", &listener, &steps).await;
    let caller = tokio::spawn(endpoint.post(0, "drain", "").send());
    remote.called("/held/drain").await;
    caller.abort();
    stack.gateway(0).terminate();
    let again = tokio::spawn(Reply::to(endpoint.post(1, "drain", "")));
    endpoint.has_waiting(&stack, 1).await;
    remote.release("/held/drain");
    let again = again.await.unwrap();
    assert_eq!((again.status, again.is_replayed()), (201, true));
    assert!(stack.gateway(0).wait().await.success());
    assert_eq!(remote.calls("/held/drain").len(), 1);
}
