//! `POST /dynamic-endpoints/{id}/token`: a token for a test call.

use reqwest::Method;
use serde_json::{Value, json};
use testkit::control::{Client, Reply};

use super::endpoint::{Endpoint, document, platform};

async fn sign(control: &Client, endpoint_id: &str, wanted: &Value) -> Reply {
    let path = format!("/dynamic-endpoints/{endpoint_id}/token");
    let request = control.request(Method::POST, &path).json(wanted);
    control.send(request).await
}

#[tokio::test]
async fn a_signed_token_passes_its_endpoint_with_the_claims_that_were_asked_for() {
    let endpoint = Endpoint::with(json!({ "return_data": "{{ __data.__jwt }}" })).await;
    let wanted = json!({ "claims": { "sub": "7", "iss": "forged", "exp": 1 }, "seconds": 60 });
    let id = &endpoint.workflow.endpoint_id;
    let signed = sign(&endpoint.control, id, &wanted).await;
    assert_eq!(signed.status, 200, "{:#}", signed.body);
    assert_eq!(signed.body["expires_in"], 60);
    let token = signed.body["token"].as_str().unwrap();
    let reply = endpoint.call(token).await;
    reply.is_passed("signed");
    let claims = reply.body();
    assert_eq!(claims["sub"], "7");
    assert_eq!(claims["iss"], super::endpoint::KEY);
    let (exp, iat) = (&claims["exp"], &claims["iat"]);
    assert_eq!(exp.as_i64().unwrap() - iat.as_i64().unwrap(), 60);

    let other = Endpoint::with(json!({ "endpoint_key": "another" })).await;
    other.call(token).await.is_denied("issuer", "elsewhere");
    let nothing_asked = sign(&endpoint.control, id, &json!({})).await;
    let token = nothing_asked.body["token"].as_str().unwrap();
    endpoint.call(token).await.is_passed("nothing asked for");
}

#[tokio::test]
async fn times_and_claims_out_of_bounds_are_refused() {
    let endpoint = Endpoint::with(json!({})).await;
    for wanted in [
        json!({ "seconds": 0 }),
        json!({ "seconds": 3_601 }),
        json!({ "seconds": "60" }),
        json!({ "claims": [] }),
        json!({ "unknown": 1 }),
    ] {
        let refused = sign(&endpoint.control, &endpoint.workflow.endpoint_id, &wanted).await;
        assert_eq!(refused.status, 400, "{wanted}: {:#}", refused.body);
    }
}

#[tokio::test]
async fn there_is_no_token_for_an_endpoint_that_takes_none() {
    let control = platform().await.control();
    let open = document(&json!({ "add_authentication": false }));
    let open = control.publish_new(&open.to_string()).await;
    let draft = control.create(&document(&json!({})).to_string()).await;
    let gone = control.publish_new(&document(&json!({})).to_string()).await;
    control.unpublish(&gone.id).await;
    let nobody = uuid::Uuid::now_v7().to_string();
    for id in [
        open.endpoint_id.as_str(),
        &draft.endpoint_id,
        &gone.endpoint_id,
        &nobody,
        "x",
    ] {
        let refused = sign(&control, id, &json!({})).await;
        assert_eq!(refused.status, 404, "{:#}", refused.body);
    }
}
