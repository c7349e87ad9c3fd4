//! Which origins may call.

use reqwest::Method;
use serde_json::json;

use super::endpoint::{ALLOWED, Endpoint, FOREIGN, Reply, document, platform};

async fn allows(endpoint: &Endpoint, origins: &[&str]) {
    for origin in origins {
        let reply = Reply::to(endpoint.from(origin, Method::GET)).await;
        assert_eq!(reply.status, 200, "{origin}: {}", reply.text);
        reply.is_readable_from(origin, origin);
        let preflight = Reply::to(endpoint.preflight(origin, "GET")).await;
        assert_eq!(preflight.status, 204, "{origin}: {}", preflight.text);
        preflight.is_readable_from(origin, origin);
    }
}

async fn refuses(endpoint: &Endpoint, origins: &[&str]) {
    for origin in origins {
        let reply = Reply::to(endpoint.from(origin, Method::GET)).await;
        reply.is_refused(origin);
        let preflight = Reply::to(endpoint.preflight(origin, "GET")).await;
        preflight.is_refused(origin);
    }
}

async fn of(domains: &str) -> Endpoint {
    Endpoint::with(json!({ "cors_domains": domains })).await
}

#[tokio::test]
async fn an_origin_is_compared_whole_but_for_case_default_port_and_trailing_slash() {
    for domains in [
        "https://app.example.com",
        "https://app.example.com/",
        "  HTTPS://App.Example.COM  ",
        "https://app.example.com:443",
        "https://other.example, https://app.example.com:443/ ,http://third.example",
    ] {
        let endpoint = of(domains).await;
        let same = [
            "https://app.example.com",
            "https://APP.example.com:443",
            "HTTPS://app.example.com/",
        ];
        allows(&endpoint, &same).await;
        refuses(&endpoint, &["https://app.example.com:8443", FOREIGN]).await;
    }
}

#[tokio::test]
async fn what_only_looks_like_the_origin_is_refused() {
    let endpoint = of("https://app.example.com, http://plain.example:8080").await;
    let others = [
        "http://app.example.com",
        "https://app.example.com:80",
        "https://app.example.com:4433",
        "https://example.com",
        "https://www.app.example.com",
        "https://app.example.com.evil.example.org",
        "https://evil-app.example.com",
        "https://app-example.com",
        "https://appxexample.com",
        "https://app.example.com@evil.example.org",
        "https://evil.example.org#https://app.example.com",
        "https://app.example.com/path",
        "https://app.example.com, https://evil.example.org",
        "https://app.example.com https://evil.example.org",
        "https://app.example.com.",
        "app.example.com",
        "//app.example.com",
        "https:app.example.com",
        "https://",
        "*",
        "null",
        "",
        "http://plain.example",
        "https://plain.example:8080",
    ];
    refuses(&endpoint, &others).await;
    allows(&endpoint, &[ALLOWED, "http://plain.example:8080"]).await;
}

#[tokio::test]
async fn a_wildcard_means_subdomains_at_any_depth_and_not_the_apex() {
    let endpoint = of("https://*.example.com").await;
    let below = [
        "https://a.example.com",
        "https://A.B.c.Example.com",
        "https://x.y.z.example.com:443",
        "https://xn--bcher-kva.example.com",
    ];
    allows(&endpoint, &below).await;
    let others = [
        "https://example.com",
        "https://.example.com",
        "https://a.example.com:8443",
        "http://a.example.com",
        "https://aexample.com",
        "https://a.example.com.evil.example.org",
        "https://a.example.org",
        "https://evil.example.org/.example.com",
        "null",
    ];
    refuses(&endpoint, &others).await;
    let port = of("http://*.dev.example:3000").await;
    allows(&port, &["http://a.dev.example:3000"]).await;
    refuses(&port, &["http://a.dev.example", "http://dev.example:3000"]).await;
}

#[tokio::test]
async fn null_may_call_only_where_it_is_listed() {
    let endpoint = of("https://app.example.com, null").await;
    allows(&endpoint, &["null", ALLOWED]).await;
    refuses(&endpoint, &["Null", "https://null", FOREIGN]).await;
    refuses(&of("https://app.example.com").await, &["null"]).await;
    refuses(&of("*").await, &["null"]).await;
}

#[tokio::test]
async fn addresses_and_their_ports_are_origins_too() {
    let endpoint = of("http://localhost:3000, http://127.0.0.1:80, http://[::1]:8080").await;
    let listed = [
        "http://localhost:3000",
        "http://127.0.0.1",
        "http://[::1]:8080",
    ];
    allows(&endpoint, &listed).await;
    refuses(
        &endpoint,
        &["http://localhost", "http://127.0.0.1:3000", "http://[::1]"],
    )
    .await;
}

#[tokio::test]
async fn a_star_is_answered_with_a_star() {
    let endpoint = of("*").await;
    for origin in [ALLOWED, FOREIGN, "http://localhost:1"] {
        let reply = Reply::to(endpoint.from(origin, Method::GET)).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        reply.is_readable_from("*", origin);
        let preflight = Reply::to(endpoint.preflight(origin, "POST")).await;
        assert_eq!(preflight.status, 204, "{}", preflight.text);
        preflight.is_readable_from("*", origin);
    }
}

#[tokio::test]
async fn no_origin_means_no_rules() {
    for domains in ["https://app.example.com", "*"] {
        let endpoint = of(domains).await;
        let reply = Reply::to(endpoint.without_origin(Method::GET)).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        reply.is_unreadable("no origin");
    }
}

#[tokio::test]
async fn two_origins_in_one_request_are_no_origin_that_may_call() {
    let endpoint = of(ALLOWED).await;
    for second in [ALLOWED, FOREIGN] {
        let request = endpoint.from(ALLOWED, Method::GET);
        let reply = Reply::to(request.header("origin", second)).await;
        reply.is_refused(second);
    }
}

#[tokio::test]
async fn the_list_is_a_script_and_a_publish_of_another_takes_effect_at_once() {
    let domains = "https://{{ 'app' }}.example.com{% if 1 %}, http://b.example{% endif %}";
    let endpoint = of(domains).await;
    allows(&endpoint, &[ALLOWED, "http://b.example"]).await;
    refuses(&endpoint, &[FOREIGN]).await;

    let control = platform().await.control();
    let mut changed = document(&json!({ "cors_domains": FOREIGN }));
    changed["metadata"]["name"] = endpoint.workflow.body["name"].clone();
    let id = &endpoint.workflow.id;
    let saved = control.update(id, "*", &changed.to_string()).await;
    assert_eq!(saved.status, 200, "{:#}", saved.body);
    allows(&endpoint, &[ALLOWED]).await;
    control.publish(id).await;
    allows(&endpoint, &[FOREIGN]).await;
    refuses(&endpoint, &[ALLOWED, "http://b.example"]).await;
}

/// A caller must never choose who may call; what renders to nothing denies.
#[tokio::test]
async fn a_list_that_renders_to_nothing_or_reads_the_request_lets_nobody_in() {
    let control = platform().await.control();
    for domains in [
        "",
        " ",
        "{{ '' }}",
        ",",
        "{{ __data.origin }}",
        "{{ __data.__headers.origin }}",
    ] {
        let document = document(&json!({ "cors_domains": domains }));
        let created = control.try_create(&document.to_string()).await;
        assert_eq!(created.status, 201, "{domains}: {:#}", created.body);
        let id = created.body["id"].as_str().unwrap();
        let published = control.act(id, "publish").await;
        if published.status == 422 {
            let problems = published.body["problems"].to_string();
            assert!(problems.contains("cors_domains"), "{domains}: {problems}");
            continue;
        }
        assert_eq!(published.status, 200, "{domains}: {:#}", published.body);
        let url = created.body["endpoint"]["url"].as_str().unwrap();
        let request = testkit::http::client()
            .get(url)
            .query(&[("origin", FOREIGN)]);
        let reply = Reply::to(request.header("origin", FOREIGN)).await;
        reply.is_refused(domains);
    }
}
