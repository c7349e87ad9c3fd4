//! The JSON parsing suite, over HTTP.

use std::fs;

use serde_json::Value;
use testkit::{fixtures, problem};

use super::platform::{echo, stack};

/// Whether two values are the same one in JSON, where 1 and 1.0 are one number.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            let equal = |(name, a)| b.get(name).is_some_and(|b| same(a, b));
            a.len() == b.len() && a.iter().all(equal)
        }
        (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        _ => a == b,
    }
}

#[tokio::test]
async fn the_json_suite_is_accepted_and_refused_as_it_says_and_no_service_minds() {
    let Some(folder) = fixtures::dir() else {
        println!("../shared/fixtures is not there: the JSON suite was not sent");
        return;
    };
    let mut files: Vec<_> = fs::read_dir(folder.join("json/test_parsing"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    assert!(files.len() > 300);
    let pids = || async {
        stack()
            .await
            .services()
            .iter()
            .map(|one| one.pid())
            .collect::<Vec<_>>()
    };
    let (before, url, client) = (pids().await, echo().await, testkit::http::client());
    for file in files {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let body = fs::read(&file).unwrap();
        // The length is said also where it is zero: that is a body, and no JSON.
        let request = client
            .post(url)
            .header("content-type", "application/json")
            .header("content-length", body.len());
        let response = request.body(body.clone()).send().await.unwrap();
        let accepted = response.status() == 200;
        match name.as_bytes()[0] {
            b'y' => assert!(accepted, "{name}: {}", response.status()),
            b'n' => assert!(!accepted, "{name} was accepted"),
            _ => {}
        }
        if accepted {
            let all: Value = serde_json::from_str(&response.text().await.unwrap()).unwrap();
            if let Ok(expected) = serde_json::from_slice::<Value>(&body) {
                let seen = all.get("__json").expect("it was JSON");
                assert!(same(seen, &expected), "{name}: {seen} {expected}");
            }
        } else {
            let refused = problem(response, 400, "malformed_body").await;
            assert!(
                refused.body["line"].as_u64() >= Some(1),
                "{name}: {}",
                refused.body
            );
            assert!(refused.body["column"].is_u64(), "{name}: {}", refused.body);
        }
    }
    assert_eq!(pids().await, before);
    for service in stack().await.services() {
        assert_eq!(service.ended(), None);
        service.wait_until_ready().await;
    }
}
