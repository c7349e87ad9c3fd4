//! `GET /dynamic-endpoints`.

use reqwest::Method;
use serde_json::{Value, json};

use super::paging::pages;
use super::platform::{control, document, name};

const KEY: &str = "an-issuer-that-must-not-be-shown";
const SECRET: &str = "a-secret-of-more-than-32-bytes-that-must-not-be-shown";
const PREVIOUS: &str = "a-former-secret-of-more-than-32-bytes-not-to-be-shown";

/// A workflow of this category with more settings of its listener.
fn in_category(category: &str, more: &Value) -> (String, String) {
    let name = name("endpoint");
    let mut document = document(&name, "ok");
    document["metadata"]["category"] = json!(category);
    for (setting, value) in more.as_object().unwrap() {
        document["spec"]["listener"][setting] = value.clone();
    }
    (name, document.to_string())
}

#[tokio::test]
async fn a_published_endpoint_is_listed_with_what_a_caller_needs() {
    let (control, category) = (control().await, name("listed"));
    let (name, text) = in_category(
        &category,
        &json!({"methods": ["POST", "PATCH"], "allow_cors": true, "cors_domains": "*"}),
    );
    let made = control.create(&text).await;
    let list = async || {
        control
            .get(&format!("/dynamic-endpoints?category={category}"))
            .await
            .body
    };
    assert_eq!(list().await["items"], json!([]), "a draft is not listed");
    let published = control.publish(&made.id).await;
    let listed = list().await;
    let expected = json!([{
        "id": made.endpoint_id,
        "name": name,
        "workflow_id": made.id,
        "category": category,
        "url": made.url,
        "methods": ["POST", "PATCH"],
        "return_type": "data",
        "run_mode": "sync",
        "authentication": false,
        "cors": true,
        "version": 1,
        "published_at": published.body["published"]["published_at"],
    }]);
    assert_eq!(listed, json!({"items": expected, "next_cursor": null}));
    control.unpublish(&made.id).await;
    assert_eq!(list().await["items"], json!([]));
}

#[tokio::test]
async fn no_key_and_no_secret_is_shown_anywhere() {
    let (control, category) = (control().await, name("secret"));
    let (_, text) = in_category(
        &category,
        &json!({
            "add_authentication": true,
            "endpoint_key": KEY,
            "endpoint_secret": SECRET,
            "endpoint_secret_previous": {"secret": PREVIOUS, "expires_at": "2099-01-01T00:00:00Z"},
        }),
    );
    let made = control.publish_new(&text).await;
    let listed = control
        .get(&format!("/dynamic-endpoints?category={category}"))
        .await
        .body;
    assert_eq!(listed["items"][0]["authentication"], true);
    let shown = [
        made.body.clone(),
        listed,
        control.get(&format!("/workflows/{}", made.id)).await.body,
        control
            .get(&format!("/workflows?category={category}"))
            .await
            .body,
        control.act(&made.id, "publish").await.body,
        control.update(&made.id, "*", &text).await.body,
        control.get("/workflows?limit=200").await.body,
    ];
    for body in shown {
        for secret in [KEY, SECRET, PREVIOUS] {
            assert!(!body.to_string().contains(secret), "{body:#}");
        }
    }
}

#[tokio::test]
async fn generated_credentials_are_shown_once_and_open_the_endpoint() {
    let (control, category) = (control().await, name("generated"));
    let (_, text) = in_category(&category, &json!({"add_authentication": true}));
    let made = control.publish_new(&text).await;
    let (key, secret) = (made.endpoint_key.unwrap(), made.endpoint_secret.unwrap());
    for generated in [&key, &secret] {
        assert!(
            generated.len() == 50 && generated.bytes().all(|byte| byte.is_ascii_alphanumeric())
        );
    }
    let again = control.update(&made.id, "*", &text).await;
    assert!(again.body.get("credentials").is_none(), "{:#}", again.body);
    let call = async |token: &str| {
        let request = testkit::http::client().get(&made.url).bearer_auth(token);
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!(call(&testkit::jwt::good(&key, &secret)).await, 200);
    assert_eq!(call(&testkit::jwt::good(&key, &key)).await, 401);
    let token = control.request(
        Method::POST,
        &format!("/dynamic-endpoints/{}/token", made.endpoint_id),
    );
    let token = control
        .send(token.json(&json!({"claims": {"sub": "ada"}, "seconds": 60})))
        .await;
    assert_eq!(
        call(token.body["token"].as_str().unwrap()).await,
        200,
        "{:#}",
        token.body
    );
}

#[tokio::test]
async fn filters_narrow_the_listing_and_a_cursor_walks_it() {
    let (control, category) = (control().await, name("filters"));
    let mut names = Vec::new();
    for n in 0..9 {
        let listener = match n % 3 {
            0 => json!({}),
            1 => json!({"add_authentication": true}),
            _ => json!({"return_type": "html", "return_html": "<p>ok</p>", "return_data": null}),
        };
        let (name, text) = in_category(&category, &listener);
        let mut document: Value = serde_json::from_str(&text).unwrap();
        let listener = document["spec"]["listener"].as_object_mut().unwrap();
        listener.retain(|_, value| !value.is_null());
        control.publish_new(&document.to_string()).await;
        names.push(name);
    }
    let count = async |filter: &str| {
        let path = format!("/dynamic-endpoints?category={category}{filter}");
        control.get(&path).await.body["items"]
            .as_array()
            .unwrap()
            .len()
    };
    for (filter, expected) in [
        ("", 9),
        ("&return_type=html", 3),
        ("&return_type=data", 6),
        ("&return_type=sse", 0),
        ("&authentication=true", 3),
        ("&authentication=false", 6),
        ("&authentication=false&return_type=data", 3),
        (&format!("&name={}", names[4]), 1),
        ("&name=of-no-workflow", 0),
    ] {
        assert_eq!(count(filter).await, expected, "{filter}");
    }
    let pages = pages(
        &control,
        &format!("/dynamic-endpoints?category={category}&limit=4"),
    )
    .await;
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [4, 4, 1]);
    let mut found: Vec<&str> = pages
        .iter()
        .flatten()
        .map(|item| item["name"].as_str().unwrap())
        .collect();
    assert!(found.is_sorted(), "{found:?}");
    names.sort();
    found.sort_unstable();
    assert_eq!(found, names);
}
