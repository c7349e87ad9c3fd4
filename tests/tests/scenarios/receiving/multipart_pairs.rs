//! Multipart bodies that others wrote down with what is in them, over HTTP.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};
use testkit::{fixtures, problem};

use super::platform::{echo, fields};

/// What a pair says is in its body, where it does not say that the body is broken.
#[derive(Deserialize)]
struct Pair {
    boundary: String,
    expected: Vec<Part>,
}

#[derive(Deserialize)]
struct BrokenPair {
    boundary: String,
}

#[derive(Deserialize)]
struct Part {
    name: String,
    file_name: Option<String>,
    content_type: Option<String>,
    data: Vec<u8>,
}

fn folder(name: &str) -> Option<PathBuf> {
    let found = fixtures::dir().map(|folder| folder.join("multipart").join(name));
    if found.is_none() {
        println!("../shared/fixtures is not there: no multipart body of others was sent");
    }
    found
}

/// The status and what was read of the body.
async fn send(boundary: &str, body: Vec<u8>) -> Option<Value> {
    let response = testkit::http::client()
        .post(echo().await)
        .header(
            "content-type",
            format!("multipart/form-data; boundary=\"{boundary}\""),
        )
        .body(body)
        .send()
        .await
        .unwrap();
    if response.status() == 200 {
        return Some(serde_json::from_str(&response.text().await.unwrap()).unwrap());
    }
    problem(response, 400, "malformed_body").await;
    None
}

/// The fields and the files that these parts are.
fn told(parts: &[Part]) -> (Value, Value) {
    let mut texts: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    let mut files: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for part in parts {
        match &part.file_name {
            None => texts
                .entry(&part.name)
                .or_default()
                .push(json!(String::from_utf8_lossy(&part.data))),
            Some(name) => files.entry(&part.name).or_default().push(json!({
                "filename": name,
                "content_type": part.content_type,
                "size": part.data.len(),
                "data": STANDARD.encode(&part.data),
            })),
        }
    }
    let one_or_list = |values: Vec<Value>| match values.as_slice() {
        [only] => only.clone(),
        _ => Value::Array(values),
    };
    let texts: BTreeMap<_, _> = texts
        .into_iter()
        .map(|(name, values)| (name, one_or_list(values)))
        .collect();
    (json!(texts), json!(files))
}

fn without_hashes(mut files: Value) -> Value {
    for file in files
        .as_object_mut()
        .into_iter()
        .flatten()
        .flat_map(|(_, list)| list.as_array_mut())
        .flatten()
    {
        file.as_object_mut().unwrap().remove("sha256");
    }
    files
}

fn pairs(folder: &Path) -> Vec<PathBuf> {
    let mut bodies: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "http"))
        .collect();
    bodies.sort();
    bodies
}

#[tokio::test]
async fn the_multipart_pairs_give_the_same_fields_and_files_or_a_clean_400() {
    let Some(folder) = folder("python-multipart-0.0.34") else {
        return;
    };
    let bodies = pairs(&folder);
    assert!(bodies.len() > 30);
    let (mut equal, mut refused) = (0, Vec::new());
    for path in &bodies {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let text = fs::read_to_string(path.with_extension("yaml")).unwrap();
        let pair = serde_saphyr::from_str::<Pair>(&text).ok();
        let boundary = match &pair {
            Some(pair) => pair.boundary.clone(),
            None => {
                serde_saphyr::from_str::<BrokenPair>(&text)
                    .unwrap()
                    .boundary
            }
        };
        match (send(&boundary, fs::read(path).unwrap()).await, pair) {
            (Some(all), Some(pair)) => {
                let (texts, files) = told(&pair.expected);
                assert_eq!(fields(&all), texts, "{name}");
                assert_eq!(without_hashes(all["__files"].clone()), files, "{name}");
                equal += 1;
            }
            (Some(all), None) => panic!("{name} was accepted: {all:#}"),
            (None, Some(_)) => refused.push(name),
            (None, None) => {}
        }
    }
    // Data that looks like a boundary but is none, an encoding that forms do not have, and a file whose boundary is
    // not the one that it names.
    let known = [
        "almost_match_boundary_without_CR",
        "almost_match_boundary_without_LF",
        "almost_match_boundary_without_final_hyphen",
        "quoted_printable_encoding",
        "single_field_blocks",
    ];
    assert_eq!(refused, known);
    assert!(equal > 15, "{equal}");
}

#[tokio::test]
async fn what_browsers_sent_gives_their_files_byte_for_byte() {
    let Some(folder) = folder("werkzeug-3.1.9") else {
        return;
    };
    let captures = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let captures: Vec<PathBuf> = captures.filter(|path| path.is_dir()).collect();
    assert!(captures.len() > 3);
    for capture in captures {
        let body = fs::read(capture.join("request.http")).unwrap();
        let end = body.windows(2).position(|pair| pair == b"\r\n").unwrap();
        let boundary = std::str::from_utf8(&body[2..end]).unwrap().to_owned();
        let all = send(&boundary, body).await.expect("a browser sent it");
        for file in ["file1", "file2"] {
            let sent = fs::read(capture.join(format!("{file}.png"))).unwrap();
            assert_eq!(
                all["__files"][file][0]["data"],
                STANDARD.encode(&sent),
                "{}",
                capture.display()
            );
            assert_eq!(all["__files"][file][0]["size"], sent.len());
        }
        let typed = fs::read_to_string(capture.join("text.txt")).unwrap();
        let sent = typed.trim_end().replace("\r\n", "\n").replace('\n', "\r\n");
        assert_eq!(all["text"], sent, "{}", capture.display());
    }
}
