//! `earshot validate`.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::earshot::Earshot;
use super::platform::workflow;

fn twelve() -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/twelve-mistakes.yaml");
    fs::read_to_string(file).unwrap()
}

#[tokio::test]
async fn twelve_mistakes_are_all_told_in_every_form_with_exit_code_1() {
    let run = async |form: &str| {
        let earshot = Earshot::new(["validate", "bad.yaml", "-o", form]);
        earshot.file("bad.yaml", &twelve()).run().await.with(1)
    };
    let json = run("json").await.json();
    let yaml: Value = serde_saphyr::from_str(&run("yaml").await.out).unwrap();
    assert_eq!(json, yaml);
    assert_eq!(json[0]["valid"], false);
    let problems = json[0]["problems"].as_array().unwrap();
    assert_eq!(problems.len(), 12, "{problems:#?}");
    let table = run("table").await;
    assert_eq!(
        table.out.lines().count(),
        13,
        "a line for each, and the heading:\n{}",
        table.out
    );
    for problem in problems {
        for member in ["path", "message", "hint"] {
            let text = problem[member].as_str().unwrap();
            assert!(
                !text.is_empty() && table.out.contains(text),
                "{text}:\n{}",
                table.out
            );
        }
    }
    assert!(table.err.starts_with("earshot: "), "{}", table.err);
}

#[tokio::test]
async fn a_good_file_ends_with_0_in_every_form() {
    let good = workflow("good", "ok", "");
    let run = async |form: &str| {
        let earshot = Earshot::new(["validate", "good.yaml", "-o", form]);
        earshot.file("good.yaml", &good).run().await.with(0)
    };
    let expected = json!([{"file": "good.yaml", "valid": true, "problems": []}]);
    assert_eq!(run("json").await.json(), expected);
    assert_eq!(
        serde_saphyr::from_str::<Value>(&run("yaml").await.out).unwrap(),
        expected
    );
    let table = run("table").await;
    assert!(
        table.out.contains("good.yaml") && table.out.contains("ok"),
        "{}",
        table.out
    );
    assert_eq!(table.err, "");
}

#[tokio::test]
async fn a_folder_is_read_whole_and_one_bad_file_spoils_it() {
    let earshot = Earshot::new(["validate", "folder", "more.json", "-o", "json"])
        .file("folder/b.yaml", &twelve())
        .file("folder/a.yml", &workflow("a", "ok", ""))
        .file("folder/notes.txt", "no workflow")
        .file("more.json", "{\"kind\": ");
    let told = earshot.run().await.with(1).json();
    let valid: Vec<(&str, bool)> = told
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            (
                one["file"].as_str().unwrap(),
                one["valid"].as_bool().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        valid,
        [
            ("folder/a.yml", true),
            ("folder/b.yaml", false),
            ("more.json", false)
        ]
    );
}

#[tokio::test]
async fn a_dash_reads_standard_input() {
    let good = Earshot::new(["validate", "-"]).input(&workflow("x", "ok", ""));
    assert!(good.run().await.with(0).out.contains("standard input"));
    let bad = Earshot::new(["validate", "-", "-o", "json"]).input(&twelve());
    assert_eq!(
        bad.run().await.with(1).json()[0]["problems"]
            .as_array()
            .unwrap()
            .len(),
        12
    );
}

#[tokio::test]
async fn what_is_not_there_ends_with_64_and_is_named() {
    for arguments in [
        &["validate", "missing.yaml"][..],
        &["validate", "empty"],
        &["validate"],
    ] {
        let ended = Earshot::new(arguments)
            .file("empty/notes.txt", "")
            .run()
            .await
            .with(64);
        let named = arguments.get(1).unwrap_or(&"FILE");
        assert!(ended.err.contains(named), "{}", ended.err);
        assert_eq!(ended.out, "");
    }
}
