//! Every rule of receiving, from bytes to `__data`.

use bytes::Bytes;
use script::Value;
use serde_json::{Value as Json, json};
use shared::ids::{EndpointId, RequestId};
use shared::v1::run::{BodyKind, Received};

use super::{Data, classify};

const ENDPOINT: &str = "018f3f6e-0000-7000-8000-000000000001";
const REQUEST: &str = "018f3f6e-0000-7000-8000-000000000002";

/// A request as a gateway hands it on: the body classified, header names in lower case.
struct Sent<'a> {
    query: &'a str,
    headers: &'a [(&'a str, &'a str)],
    claims: Option<Json>,
    body: &'a [u8],
}

impl Default for Sent<'_> {
    fn default() -> Self {
        Self {
            query: "",
            headers: &[],
            claims: None,
            body: b"",
        }
    }
}

impl Sent<'_> {
    fn data(&self) -> Data {
        let content_type = self
            .headers
            .iter()
            .find(|(name, _)| *name == "content-type");
        let body_kind = classify(content_type.map(|(_, value)| *value), self.body).unwrap();
        let headers = self
            .headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let received = Received {
            received_at_ms: 1_772_361_000_250,
            method: "POST".to_owned(),
            query: self.query.to_owned(),
            ip: "203.0.113.7".to_owned(),
            headers: headers.collect(),
            claims: self.claims.as_ref().map(ToString::to_string),
            body_kind,
        };
        let (request, endpoint): (RequestId, EndpointId) =
            (REQUEST.parse().unwrap(), ENDPOINT.parse().unwrap());
        Data::from_request(
            &received,
            request,
            endpoint,
            Bytes::copy_from_slice(self.body),
        )
        .unwrap()
    }

    fn json(&self) -> Json {
        self.data().to_json()
    }
}

fn typed<'a>(content_type: &'a [(&'a str, &'a str)], query: &'a str, body: &'a str) -> Sent<'a> {
    Sent {
        query,
        headers: content_type,
        body: body.as_bytes(),
        ..Sent::default()
    }
}

const FORM: &[(&str, &str)] = &[("content-type", "application/x-www-form-urlencoded")];
const JSON: &[(&str, &str)] = &[("content-type", "application/json; charset=utf-8")];
const TEXT: &[(&str, &str)] = &[("content-type", "text/plain")];
const MULTIPART: &[(&str, &str)] = &[("content-type", "multipart/form-data; boundary=x")];

#[test]
fn form_fields_are_merged_with_the_query_and_beat_it() {
    let all = typed(FORM, "a=query&q=1", "a=body&b=x+y%26z&e=").json();
    assert_eq!((&all["a"], &all["q"]), (&json!("body"), &json!("1")));
    assert_eq!((&all["b"], &all["e"]), (&json!("x y&z"), &json!("")));
}

#[test]
fn json_members_keep_their_types_and_beat_the_query() {
    let body = r#"{"a": 1, "n": {"m": [1, {"x": null}]}, "t": true, "f": 1.5}"#;
    let all = typed(JSON, "a=query&q=1", body).json();
    assert_eq!(
        (&all["a"], &all["q"], &all["t"]),
        (&json!(1), &json!("1"), &json!(true))
    );
    assert_eq!(all["n"], json!({"m": [1, {"x": null}]}));
    assert_eq!(all["__json"], serde_json::from_str::<Json>(body).unwrap());
}

#[test]
fn json_that_says_it_is_text_or_nothing_is_json_all_the_same() {
    for headers in [TEXT, &[]] {
        assert_eq!(typed(headers, "", r#"{"a": [1]}"#).json()["a"], json!([1]));
        assert_eq!(typed(headers, "", "[1, 2]").json()["__json"], json!([1, 2]));
    }
}

#[test]
fn json_without_an_object_on_top_is_only_under_its_own_name() {
    for body in ["[1, 2]", "\"text\"", "12", "null", "false"] {
        let all = typed(JSON, "q=1", body).json();
        assert_eq!(all["__json"], serde_json::from_str::<Json>(body).unwrap());
        assert_eq!(all["q"], json!("1"));
        assert!(
            all.as_object()
                .unwrap()
                .keys()
                .all(|name| name == "q" || name.starts_with("__"))
        );
    }
    assert_eq!(typed(TEXT, "", "hello").data().get("__json"), None);
}

#[test]
fn any_other_body_is_text_beside_the_query() {
    let all = typed(&[("content-type", "text/csv")], "q=1", "a,b\n").json();
    assert_eq!((&all["__body"], &all["q"]), (&json!("a,b\n"), &json!("1")));
    let all = typed(TEXT, "", "a=1&b=2").json();
    assert_eq!((&all["__body"], all.get("a")), (&json!("a=1&b=2"), None));
}

#[test]
fn without_a_body_the_query_stands_alone() {
    let all = typed(&[], "a=1&b=%C3%A9&c", "").json();
    assert_eq!(
        (&all["a"], &all["b"], &all["c"]),
        (&json!("1"), &json!("é"), &json!(""))
    );
    assert_eq!(
        (&all["__body"], &all["__body_encoding"]),
        (&json!(""), &json!("text"))
    );
    assert_eq!(classify(None, b"").unwrap(), BodyKind::Empty);
}

#[test]
fn names_that_begin_with_two_underscores_are_dropped_wherever_they_come_from() {
    let multipart = "--x\r\nContent-Disposition: form-data; name=\"__jwt\"\r\n\r\nv\r\n\
                     --x\r\nContent-Disposition: form-data; name=\"__f\"; filename=\"f\"\r\n\r\nv\r\n--x--";
    for sent in [
        typed(
            FORM,
            "__jwt=q&__x[]=1",
            "__jwt=b&__logged_in_user_id=1&__files[]=2&__json=3",
        ),
        typed(
            JSON,
            "__jwt=q",
            r#"{"__jwt": {"sub": "x"}, "__logged_in_user_id": 1, "__files": 2}"#,
        ),
        typed(MULTIPART, "", multipart),
    ] {
        let all = sent.json();
        for name in ["__jwt", "__x", "__logged_in_user_id", "__f"] {
            assert_eq!(all.get(name), None, "{name}");
        }
        assert_eq!(all["__files"], json!({}));
    }
}

#[test]
fn repeated_names_and_names_that_end_in_brackets_become_lists() {
    let all = typed(
        FORM,
        "q=1&q=2&o[]=x",
        "a=1&a=2&b[]=3&c=4&d=5&d[]=6&e[k]=7&[]=8",
    )
    .json();
    assert_eq!((&all["q"], &all["o"]), (&json!(["1", "2"]), &json!(["x"])));
    assert_eq!(
        (&all["a"], &all["b"], &all["c"]),
        (&json!(["1", "2"]), &json!(["3"]), &json!("4"))
    );
    assert_eq!(
        (&all["d"], &all["e[k]"], &all["[]"]),
        (&json!(["5", "6"]), &json!("7"), &json!("8"))
    );
    let all = typed(FORM, "a=1&a=2", "a=3").json();
    assert_eq!(
        all["a"],
        json!("3"),
        "the body's value replaces the query's list"
    );
}

#[test]
fn headers_are_there_in_lower_case_and_with_underscores_and_joined() {
    let headers = &[
        ("x-github-event", "push"),
        ("Accept", "a"),
        ("accept", "b"),
        ("x_b", "1"),
        ("x-b", "2"),
    ];
    let all = typed(headers, "", "").json();
    let headers = &all["__headers"];
    assert_eq!(
        (&headers["x-github-event"], &headers["x_github_event"]),
        (&json!("push"), &json!("push"))
    );
    assert_eq!(headers["accept"], json!("a, b"));
    assert_eq!(
        (&headers["x_b"], &headers["x-b"]),
        (&json!("2"), &json!("2"))
    );
}

#[test]
fn the_parts_of_a_cookie_are_put_together_as_one_cookie() {
    let headers = &[
        ("cookie", "a=1"),
        ("x-a", "1"),
        ("Cookie", "b=2; c=3"),
        ("x-a", "2"),
        ("cookie", "d=4"),
    ];
    let all = typed(headers, "", "").json();
    assert_eq!(
        all["__headers"],
        json!({"cookie": "a=1; b=2; c=3; d=4", "x-a": "1, 2", "x_a": "1, 2"})
    );
}

#[test]
fn a_header_cannot_pass_for_a_checked_token() {
    let headers = &[
        ("__jwt_data", "evil"),
        ("--jwt-data", "evil"),
        ("_-jwt_data", "evil"),
        ("-x", "fine"),
    ];
    let all = typed(headers, "", "").json();
    assert_eq!(all["__headers"], json!({"-x": "fine", "_x": "fine"}));
    let claims = Some(json!({"data": {"id": 7}}));
    let all = Sent {
        headers,
        claims,
        ..Sent::default()
    }
    .json();
    assert_eq!(all["__headers"]["__jwt_data"], json!([{"id": 7}]));
}

#[test]
fn the_claims_of_the_token_are_there_and_the_user_by_name() {
    let claims = json!({"sub": "u1", "name": "Ann", "data": [1], "iss": "k", "exp": 1_900_000_000});
    let all = Sent {
        claims: Some(claims.clone()),
        ..Sent::default()
    }
    .json();
    assert_eq!(all["__jwt"], claims);
    assert_eq!(all["__headers"]["__jwt_data"], json!([[1]]));
    assert_eq!(
        (
            &all["__logged_in_user_id"],
            &all["__logged_in_user_full_name"]
        ),
        (&json!("u1"), &json!("Ann"))
    );
    let data = Sent {
        claims: Some(json!({"iss": "k"})),
        ..Sent::default()
    }
    .data();
    assert_eq!(
        (
            data.get("__logged_in_user_id"),
            data.get("__logged_in_user_full_name")
        ),
        (None, None)
    );
    assert_eq!(typed(&[], "", "").data().get("__jwt"), None);
}

#[test]
fn the_exact_body_is_always_there() {
    let body = "{ \"a\" :1}\r\n ";
    assert_eq!(typed(JSON, "", body).json()["__body"], json!(body));
    assert_eq!(typed(FORM, "", "a=%41").json()["__body"], json!("a=%41"));
    let headers = &[("content-type", "application/octet-stream")];
    let all = Sent {
        headers,
        body: b"\xff\x00\x01",
        ..Sent::default()
    }
    .json();
    assert_eq!(
        (&all["__body"], &all["__body_encoding"]),
        (&json!("/wAB"), &json!("base64"))
    );
}

#[test]
fn uploaded_files_come_as_lists_and_other_parts_as_fields() {
    let body = b"\r\n--x\r\nContent-Disposition: form-data; name=\"doc\"; filename=\"a.txt\"\r\n\
        Content-Type: text/plain\r\n\r\nhello\r\n\
        --x\r\nContent-Disposition: form-data; name=\"doc\"; filename=\"b.bin\"\r\n\r\n\xff\r\n\
        --x\r\nContent-Disposition: form-data; name=\"pics[]\"; filename=\"c\"\r\n\r\n\r\n\
        --x\r\nContent-Disposition: form-data; name=\"none\"; filename=\"\"\r\n\r\n\r\n\
        --x\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nT\xc3\xa9\xff\r\n\
        --x\r\nContent-Disposition: form-data; name=\"tag\"\r\n\r\n1\r\n\
        --x\r\nContent-Disposition: form-data; name=\"tag\"\r\n\r\n2\r\n--x--\r\n";
    let all = Sent {
        query: "title=q&q=1",
        headers: MULTIPART,
        body,
        ..Sent::default()
    }
    .json();
    let hash = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
    let file = json!({"filename": "a.txt", "content_type": "text/plain", "size": 5, "sha256": hash, "data": "aGVsbG8="});
    assert_eq!(all["__files"]["doc"][0], file);
    assert_eq!(all["__files"]["doc"][1]["data"], json!("/w=="));
    assert_eq!(all["__files"]["doc"][1]["content_type"], Json::Null);
    assert_eq!(all["__files"]["pics"][0]["size"], json!(0));
    assert_eq!(all["__files"].get("none"), None);
    assert_eq!(
        (&all["title"], &all["q"], &all["tag"]),
        (&json!("Té\u{fffd}"), &json!("1"), &json!(["1", "2"]))
    );
    assert_eq!(all["__body_encoding"], json!("base64"));
}

#[test]
fn the_request_is_described_without_its_secret_url() {
    let all = typed(&[], "a=%20b", "").json();
    let expected = json!({
        "id": REQUEST, "method": "POST", "path": format!("/listener/{ENDPOINT}"), "query": "a=%20b",
        "ip": "203.0.113.7", "received_at": "2026-03-01T10:30:00.25Z", "endpoint_id": ENDPOINT,
    });
    assert_eq!(all["__request"], expected);
}

#[test]
fn a_body_that_is_not_what_the_gateway_said_is_refused() {
    let received = Received {
        received_at_ms: 0,
        method: "POST".to_owned(),
        query: String::new(),
        ip: String::new(),
        headers: Vec::new(),
        claims: None,
        body_kind: BodyKind::Json,
    };
    let (request, endpoint): (RequestId, EndpointId) =
        (REQUEST.parse().unwrap(), ENDPOINT.parse().unwrap());
    assert!(Data::from_request(&received, request, endpoint, Bytes::from_static(b"{")).is_err());
    let received = Received {
        body_kind: BodyKind::Multipart,
        ..received
    };
    assert!(
        Data::from_request(&received, request, endpoint, Bytes::from_static(b"--x--")).is_err()
    );
}

#[test]
fn scripts_are_given_the_same_body_again_and_again_without_a_copy() {
    // The engine keeps short texts inline; this one is shared or copied.
    let data = typed(JSON, "", r#"{"a": "a text that is longer than what fits"}"#).data();
    let text = |value: &Value| value.get_attr("__body").unwrap().to_str().unwrap();
    assert!(std::sync::Arc::ptr_eq(
        &text(&data.scope_value()),
        &text(&data.scope_value())
    ));
}
