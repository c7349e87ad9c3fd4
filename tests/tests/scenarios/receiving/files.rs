//! Uploaded files.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::multipart::{Form, Part};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::platform::{data, echo, fields};

fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[tokio::test]
async fn a_form_with_files_gives_its_fields_and_its_files() {
    let picture: Vec<u8> = (0..=255).cycle().take(70_000).collect();
    let file = |bytes: Vec<u8>, name: &'static str| Part::bytes(bytes).file_name(name);
    let form = Form::new()
        .text("title", "Ünïcode \"quoted\"")
        .text("tag", "one")
        .text("tag", "two")
        .text("list[]", "only")
        .part(
            "photo",
            file(picture.clone(), "größe.png")
                .mime_str("image/png")
                .unwrap(),
        )
        .part("docs", file(b"first".to_vec(), "a.txt"))
        .part("docs", file(b"second".to_vec(), "b.txt"))
        .part("__files", file(b"ours".to_vec(), "c.txt"))
        .text("__jwt", "ours");
    let url = format!("{}?title=query&q=1", echo().await);
    let all = data(testkit::http::client().post(url).multipart(form)).await;
    assert_eq!(
        fields(&all),
        json!({"title": "Ünïcode \"quoted\"", "q": "1", "tag": ["one", "two"], "list": ["only"]})
    );
    let photo = json!([{
        "filename": "größe.png",
        "content_type": "image/png",
        "size": picture.len(),
        "sha256": hex(&picture),
        "data": STANDARD.encode(&picture),
    }]);
    assert_eq!(all["__files"]["photo"], photo);
    assert_eq!(all["__files"]["docs"][0]["data"], STANDARD.encode("first"));
    assert_eq!(all["__files"]["docs"][1]["filename"], "b.txt");
    assert_eq!(all["__files"]["docs"][1]["sha256"], hex(b"second"));
    assert_eq!(
        all["__files"].as_object().unwrap().len(),
        2,
        "{}",
        all["__files"]
    );
    assert!(all.get("__jwt").is_none());
    assert_eq!(all["__body_encoding"], "base64", "the body holds a picture");
}

#[tokio::test]
async fn an_empty_file_is_a_file_and_a_field_left_blank_is_none() {
    let form = Form::new()
        .part("empty", Part::bytes(Vec::new()).file_name("empty.txt"))
        .part("blank", Part::bytes(Vec::new()).file_name(""));
    let all = data(testkit::http::client().post(echo().await).multipart(form)).await;
    assert_eq!(all["__files"]["empty"][0]["size"], 0);
    assert_eq!(all["__files"]["empty"][0]["sha256"], hex(b""));
    assert!(all["__files"].get("blank").is_none(), "{}", all["__files"]);
}
