//! Inputs that others wrote, where their folder lies beside the checkout.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{classify, json, multipart};

/// A folder of fixtures; none, with a line that says so, where it is not there.
fn folder(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../shared/fixtures")
        .join(name);
    if !path.is_dir() {
        println!("the fixtures `{name}` are not there: nothing to hold against them");
        return None;
    }
    Some(path)
}

fn files(folder: &Path, ending: &str) -> Vec<(String, PathBuf)> {
    let mut files: Vec<(String, PathBuf)> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == ending)
        })
        .map(|path| {
            (
                path.file_stem().unwrap().to_string_lossy().into_owned(),
                path,
            )
        })
        .collect();
    files.sort();
    files
}

#[test]
fn the_json_suite_is_accepted_and_refused_as_it_says() {
    let Some(folder) = folder("json/test_parsing") else {
        return;
    };
    let files = files(&folder, "json");
    assert!(files.len() > 300);
    for (name, path) in files {
        let body = fs::read(path).unwrap();
        let accepted = classify(Some("application/json"), &body).is_ok();
        assert_eq!(
            accepted,
            json::parse(&body).is_ok(),
            "{name}: the check and the parser differ"
        );
        match name.as_bytes().first() {
            Some(b'y') => assert!(accepted, "{name}"),
            Some(b'n') => assert!(!accepted, "{name}"),
            _ => {}
        }
    }
}

/// What a fixture expects where it expects no error.
#[derive(Deserialize)]
struct Fixture {
    boundary: String,
    expected: Vec<ExpectedPart>,
}

/// What a fixture expects where it expects an error.
#[derive(Deserialize)]
struct BrokenFixture {
    boundary: String,
}

#[derive(Debug, PartialEq, Eq, Deserialize)]
struct ExpectedPart {
    name: String,
    #[serde(rename = "file_name")]
    filename: Option<String>,
    content_type: Option<String>,
    data: Vec<u8>,
}

/// The boundary, and the parts; none for an error.
fn expected(text: &str) -> (String, Option<Vec<ExpectedPart>>) {
    match serde_saphyr::from_str::<Fixture>(text) {
        Ok(fixture) => (fixture.boundary, Some(fixture.expected)),
        Err(_) => {
            assert!(text.contains("error:"), "{text}");
            (
                serde_saphyr::from_str::<BrokenFixture>(text)
                    .unwrap()
                    .boundary,
                None,
            )
        }
    }
}

fn read(boundary: &str, body: &[u8]) -> Option<Vec<ExpectedPart>> {
    let content_type = format!("multipart/form-data; boundary=\"{boundary}\"");
    let parts = multipart::parse(&content_type, body).ok()?;
    let parts = parts.into_iter().map(|part| ExpectedPart {
        name: part.name,
        filename: part.filename,
        content_type: part.content_type,
        data: part.bytes.to_vec(),
    });
    Some(parts.collect())
}

#[test]
fn the_multipart_pairs_give_the_same_parts_or_a_clean_refusal() {
    let Some(folder) = folder("multipart/python-multipart-0.0.34") else {
        return;
    };
    let files = files(&folder, "http");
    assert!(files.len() > 30);
    let (mut equal, mut refused) = (0, Vec::new());
    for (name, path) in &files {
        let (boundary, parts) = expected(&fs::read_to_string(path.with_extension("yaml")).unwrap());
        match (read(&boundary, &fs::read(path).unwrap()), parts) {
            (Some(mut read), Some(mut parts)) => {
                // What the fixtures name for parts that are no files is not what stands there.
                for part in read.iter_mut().chain(&mut parts) {
                    part.content_type =
                        part.content_type.take().filter(|_| part.filename.is_some());
                }
                assert_eq!(read, parts, "{name}");
                equal += 1;
            }
            (None, Some(_)) => refused.push(name.as_str()),
            (Some(_), None) => panic!("{name} was accepted"),
            (None, None) => {}
        }
    }
    // Data that looks like a boundary but is none, an encoding that forms do not have, and a file
    // whose boundary is not the one that it names.
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

#[test]
fn what_browsers_sent_gives_their_files_byte_for_byte() {
    let Some(folder) = folder("multipart/werkzeug-3.1.9") else {
        return;
    };
    let mut captures = 0;
    for entry in fs::read_dir(&folder).unwrap() {
        let capture = entry.unwrap().path();
        if !capture.is_dir() {
            continue;
        }
        captures += 1;
        let body = fs::read(capture.join("request.http")).unwrap();
        let end = body.windows(2).position(|pair| pair == b"\r\n").unwrap();
        let boundary = std::str::from_utf8(&body[2..end]).unwrap();
        let parts = read(boundary, &body).unwrap();
        let named = |name: &str| parts.iter().find(|part| part.name == name).unwrap();
        for file in ["file1", "file2"] {
            let sent = fs::read(capture.join(format!("{file}.png"))).unwrap();
            assert_eq!(named(file).data, sent, "{}", capture.display());
            assert!(named(file).filename.is_some());
        }
        // The text was typed into a form: browsers send its line ends as CRLF, and its file ends in
        // one that nobody typed.
        let typed = fs::read_to_string(capture.join("text.txt")).unwrap();
        let sent = typed.trim_end().replace("\r\n", "\n").replace('\n', "\r\n");
        assert_eq!(named("text").data, sent.as_bytes(), "{}", capture.display());
        assert_eq!(named("text").filename, None);
    }
    assert!(captures > 3);
}
