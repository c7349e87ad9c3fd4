//! The client against real servers on loopback: 127.0.0.2 is allowed, 127.0.0.1 is not.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Query;
use axum::http::{HeaderMap, Method};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{any, get};
use tokio::net::TcpListener;
use workflow::machine::HttpRequest;

use super::{Guard, HttpClient, HttpSettings};

fn client() -> HttpClient {
    let guard = Guard::new(vec!["127.0.0.2/32".parse().unwrap()]);
    HttpClient::new(HttpSettings {
        guard,
        max_response_bytes: 1_000,
    })
    .unwrap()
}

fn request(method: &str, url: String) -> HttpRequest {
    HttpRequest {
        method: method.to_owned(),
        url,
        headers: vec![("authorization".to_owned(), "Bearer x".to_owned())],
        query: Vec::new(),
        body: (method == "POST").then(|| b"hello".to_vec()),
        content_type: Some("text/plain".to_owned()),
        timeout: Duration::from_secs(5),
        max_redirects: 3,
    }
}

async fn echo(method: Method, headers: HeaderMap, body: Bytes) -> String {
    let has = |name: &str| headers.contains_key(name);
    let body = String::from_utf8_lossy(&body).into_owned();
    format!(
        "{method} {body} auth={} type={}",
        has("authorization"),
        has("content-type")
    )
}

async fn redirect(Query(query): Query<Vec<(String, String)>>) -> Response {
    let value = |name: &str| {
        query
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value)
    };
    let status: u16 = value("status").unwrap().parse().unwrap();
    let to = value("to").unwrap().clone();
    (
        axum::http::StatusCode::from_u16(status).unwrap(),
        [("location", to)],
    )
        .into_response()
}

async fn serve(address: &str) -> SocketAddr {
    let listener = TcpListener::bind((address, 0)).await.unwrap();
    let bound = listener.local_addr().unwrap();
    let router = Router::new()
        .route("/echo", any(echo))
        .route("/redirect", any(redirect))
        .route("/loop", get(|| async { Redirect::temporary("/loop") }))
        .route("/large", get(|| async { "x".repeat(2_000) }))
        .route(
            "/never",
            get(|| async {
                Body::from_stream(futures_util::stream::pending::<Result<Bytes, std::io::Error>>())
            }),
        );
    tokio::spawn(async move { axum::serve(listener, router).await });
    bound
}

async fn outcome(request: HttpRequest) -> Result<String, String> {
    let response = client().fetch(&request).await?;
    Ok(format!(
        "{} {}",
        response.status,
        String::from_utf8_lossy(&response.body)
    ))
}

#[tokio::test]
async fn a_private_address_is_refused_as_literal_by_name_and_behind_a_redirect() {
    let allowed = serve("127.0.0.2").await;
    let refused = serve("127.0.0.1").await;
    let port = refused.port();
    for url in [
        format!("http://127.0.0.1:{port}/echo"),
        format!("http://2130706433:{port}/echo"),
        format!("http://localhost:{port}/echo"),
        format!("http://{allowed}/redirect?status=302&to=http://127.0.0.1:{port}/echo"),
        format!("http://{allowed}/redirect?status=307&to=http://localhost:{port}/echo"),
        format!("http://{allowed}/redirect?status=302&to=//0x7f.1:{port}/echo"),
    ] {
        let error = outcome(request("GET", url.clone())).await.unwrap_err();
        assert!(error.contains("is not a public address"), "{url}: {error}");
    }
}

#[tokio::test]
async fn redirects_are_followed_as_the_fetch_standard_says() {
    let server = serve("127.0.0.2").await;
    let other = serve("127.0.0.2").await;
    for (status, to, expected) in [
        (
            301,
            format!("http://{server}/echo"),
            "200 GET  auth=true type=false",
        ),
        (303, "/echo".to_owned(), "200 GET  auth=true type=false"),
        (
            307,
            "/echo".to_owned(),
            "200 POST hello auth=true type=true",
        ),
        (
            308,
            format!("http://{other}/echo"),
            "200 POST hello auth=false type=true",
        ),
    ] {
        let url = format!("http://{server}/redirect?status={status}&to={to}");
        assert_eq!(
            outcome(request("POST", url)).await.unwrap(),
            expected,
            "{status}"
        );
    }
}

#[tokio::test]
async fn what_has_no_end_is_ended() {
    let server = serve("127.0.0.2").await;
    let error = |path: &str| {
        let mut request = request("GET", format!("http://{server}{path}"));
        request.timeout = Duration::from_millis(300);
        async move { outcome(request).await.unwrap_err() }
    };
    assert_eq!(
        error("/loop").await,
        "the response redirects more than 3 times"
    );
    assert_eq!(
        error("/large").await,
        "the response is larger than 1000 bytes"
    );
    assert!(error("/never").await.starts_with("no response within"));
}

#[tokio::test]
async fn with_no_redirects_allowed_a_redirect_is_the_response() {
    let server = serve("127.0.0.2").await;
    let mut request = request(
        "GET",
        format!("http://{server}/redirect?status=302&to=/echo"),
    );
    request.max_redirects = 0;
    assert_eq!(outcome(request).await.unwrap(), "302 ");
}

/// Nothing is sent: a name is left to the resolver, whose answers the guard judges, and those few
/// URLs that name a public address are named here.
#[test]
fn none_of_the_collected_hostile_urls_names_an_address_that_the_guard_permits() {
    let Some(folder) = testkit::fixtures::dir() else {
        println!("the fixtures are not there; the collected URLs were not judged");
        return;
    };
    let urls = std::fs::read_to_string(folder.join("ssrf/urls.txt")).unwrap();
    let guard = Guard::default();
    let mut judged = 0;
    for url in urls
        .lines()
        .filter(|url| !url.contains("2.2.2.2# @3.3.3.3"))
    {
        let Ok(parsed) = url::Url::parse(url) else {
            continue;
        };
        let literal = !matches!(parsed.host(), None | Some(url::Host::Domain(_)));
        if matches!(parsed.scheme(), "http" | "https") && literal {
            assert!(guard.check_literal(&parsed).is_err(), "{url}");
            judged += 1;
        }
    }
    assert!(judged > 30, "only {judged} URLs were judged");
}
