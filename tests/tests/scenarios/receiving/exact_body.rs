//! `__data.__body`: the very bytes.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::platform::{data, echo};

/// The bytes that `__body` stands for.
pub(super) fn bytes(all: &Value) -> Vec<u8> {
    let text = all["__body"].as_str().expect("a text");
    match all["__body_encoding"].as_str() {
        Some("text") => text.as_bytes().to_vec(),
        Some("base64") => STANDARD.decode(text).expect("base64"),
        other => panic!("no encoding {other:?}"),
    }
}

#[tokio::test]
async fn the_exact_body_is_there_whatever_its_type() {
    let every_byte: Vec<u8> = (0..=255).collect();
    for (content_type, body, encoding) in [
        (
            "application/json",
            &b" {\"b\" : 1.0,\r\n\t\"a\":\"\\u00e9\\/\" , \"b\": 2e0}\n\n"[..],
            "text",
        ),
        (
            "application/x-www-form-urlencoded",
            b"a=%7e&b=+&&c&a=%ff",
            "text",
        ),
        (
            "multipart/form-data; boundary=x",
            b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--x--\r\ntrailer",
            "text",
        ),
        ("text/plain", b"line one\r\nline two\rthree\n\n", "text"),
        (
            "text/plain",
            "\u{feff}mark, ä, \u{1f600}, \u{2028}</script>".as_bytes(),
            "text",
        ),
        ("text/plain", b"nul \0 and \x1b", "text"),
        ("text/plain; charset=latin1", b"gr\xfcn", "base64"),
        ("application/octet-stream", &every_byte, "base64"),
        ("", b"{{ __data }}", "text"),
        ("text/csv", b"", "text"),
    ] {
        let request = testkit::http::client()
            .post(echo().await)
            .header("content-type", content_type)
            .body(body.to_vec());
        let all = data(request).await;
        assert_eq!(all["__body_encoding"], encoding, "{content_type}");
        assert_eq!(bytes(&all), body, "{content_type}");
    }
}

#[tokio::test]
async fn a_body_of_a_megabyte_in_many_pieces_arrives_whole() {
    let body: Vec<u8> = (0..1_000_000_u32)
        .map(|n| b"0123456789abcdef\n"[(n % 17) as usize])
        .collect();
    let pieces: Vec<Result<Vec<u8>, std::io::Error>> =
        body.chunks(7_919).map(|piece| Ok(piece.to_vec())).collect();
    let request = testkit::http::client()
        .post(echo().await)
        .body(reqwest::Body::wrap_stream(futures_util::stream::iter(
            pieces,
        )));
    let all = data(request).await;
    assert!(bytes(&all) == body);
    assert_eq!(all["__headers"]["transfer_encoding"], "chunked");
}
