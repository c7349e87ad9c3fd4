//! Behind authentication, a key is its caller's own.

use serde_json::json;
use testkit::jwt::{self, Algorithm};

use super::platform::{Endpoint, Reply, data};

const KEY: &str = "issuer-of-the-tests";
const SECRET: &str = "a secret of the tests that is long enough for all";

fn token(subject: &str, minutes: i64) -> String {
    let mut claims = jwt::claims(KEY);
    claims["sub"] = json!(subject);
    claims["exp"] = json!(jwt::now() + minutes * 60);
    jwt::mint(Algorithm::HS256, SECRET.as_bytes(), &claims)
}

#[tokio::test]
async fn one_caller_never_sees_the_reply_of_another_and_its_own_with_any_token() {
    let guarded = json!({
        "add_authentication": true, "endpoint_key": KEY, "endpoint_secret": SECRET,
    });
    let listener = testkit::document::with(data(), &guarded);
    let endpoint = Endpoint::new("sync", &listener, &json!([])).await;
    let reply = async |gateway, token: &str, body: &str| {
        Reply::to(endpoint.post(gateway, "shared", body).bearer_auth(token)).await
    };
    let ada = reply(0, &token("ada", 5), "hers").await;
    assert_eq!(ada.status, 201);
    // Neither the reply nor that the key is used.
    let bob = reply(1, &token("bob", 5), "his").await;
    assert_eq!((bob.status, bob.is_replayed()), (201, false));
    assert_ne!(bob.text, ada.text);
    let again = reply(1, &token("ada", 7), "hers").await;
    assert!(again.is_replayed());
    again.is_that_of(&ada);
    reply(0, "no.token.really", "hers")
        .await
        .problem(401, "token_invalid");
    Reply::to(endpoint.post(0, "shared", "hers"))
        .await
        .problem(403, "token_missing");
}
