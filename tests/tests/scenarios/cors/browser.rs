//! A real browser with pages of other origins.

use serde_json::{Value, json};
use testkit::browser::{Browser, Site};

use super::endpoint::{Endpoint, behind_jwt, token};

/// Calls the endpoint from the page: status, body and a header, or the name of the error that the browser throws.
const CALL: &str = r"
    const [url, method, headers, body] = arguments;
    try {
        const reply = await fetch(url, { method, headers, body: body ?? undefined });
        return [reply.status, await reply.text(), reply.headers.get('x-request-id')];
    } catch (error) {
        return error.name;
    }
";

/// Does the same from a document without an origin.
const CALL_FROM_NOWHERE: &str = r"
    const frame = document.createElement('iframe');
    frame.sandbox = 'allow-scripts';
    frame.srcdoc = `<script>
        fetch(${JSON.stringify(arguments[0])})
            .then((reply) => reply.status, (error) => error.name)
            .then((seen) => parent.postMessage([location.ancestorOrigins.length, origin, seen], '*'));
    <\/script>`;
    const answer = new Promise((resolve) => addEventListener('message', (event) => resolve(event.data)));
    document.body.append(frame);
    return await answer;
";

const PAGE: &str = "<!doctype html><title>a page of somebody else</title><body></body>";

#[tokio::test]
async fn a_page_that_may_call_reads_the_reply_and_no_other_page_does() {
    let site = Site::serve(PAGE).await;
    let signed = Endpoint::with(behind_jwt(&json!({
        "cors_domains": site.origin("localhost"),
        "return_data": "{\"said\": \"{{ __data.word }}\", \"by\": \"{{ __data.__logged_in_user_id }}\"}",
    })))
    .await;
    let listed = json!({ "cors_domains": format!("{}, null", site.origin("*.localhost")) });
    let open = Endpoint::with(listed).await;
    let browser = Browser::start().await;
    let url = json!(signed.workflow.url);
    let call = async |headers: Value, body: Value| {
        let arguments = [url.clone(), json!("POST"), headers, body];
        browser.run(CALL, &arguments).await
    };
    let bearer = |token: &str| json!({ "authorization": format!("Bearer {token}"), "content-type": "application/json" });
    let good = testkit::jwt::mint(
        testkit::jwt::Algorithm::HS256,
        super::endpoint::SECRET.as_bytes(),
        &json!({ "iss": super::endpoint::KEY, "exp": testkit::jwt::now() + 300, "sub": "7" }),
    );
    let word = json!("{\"word\": \"hello\"}");

    browser.open(&site.url("localhost")).await;
    let read = call(bearer(&good), word.clone()).await;
    assert_eq!(read[0], 200, "{read}");
    assert_eq!(read[1], "{\"said\": \"hello\", \"by\": \"7\"}");
    assert!(read[2].is_string(), "the request's id can be read: {read}");
    let plain = call(json!({ "token": token() }), word.clone()).await;
    assert_eq!(plain[0], 200, "{plain}");
    let denied = call(bearer("x.y.z"), word.clone()).await;
    assert_eq!(denied[0], 401, "the page reads why: {denied}");
    let missing = call(json!({}), Value::Null).await;
    assert_eq!(missing[0], 403, "the page reads why: {missing}");

    // The same page under a name that is not listed.
    browser.open(&site.url("127.0.0.1")).await;
    for headers in [bearer(&good), json!({})] {
        let blocked = call(headers, word.clone()).await;
        assert_eq!(blocked, "TypeError");
    }
    let get = json!("GET");
    let arguments = [json!(open.workflow.url), get, json!({}), Value::Null];
    assert_eq!(browser.run(CALL, &arguments).await, "TypeError");

    browser.open(&site.url("a.b.localhost")).await;
    let read = browser.run(CALL, &arguments).await;
    assert_eq!(read[0], 200, "a sub-domain: {read}");
    let nowhere = [json!(open.workflow.url)];
    let read = browser.run(CALL_FROM_NOWHERE, &nowhere).await;
    assert_eq!(read, json!([1, "null", 200]));
    let nowhere = [json!(signed.workflow.url)];
    let read = browser.run(CALL_FROM_NOWHERE, &nowhere).await;
    assert_eq!(read, json!([1, "null", "TypeError"]));
}
