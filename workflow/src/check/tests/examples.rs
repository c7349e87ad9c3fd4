//! The examples are what authors start from.

use super::{Report, judge, lines};
use crate::schema::schema;
use std::path::{Path, PathBuf};

fn examples() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "yaml")
        })
        .collect();
    files.sort();
    files
}

#[test]
fn there_are_ten_examples_and_the_folder_explains_each() {
    let files = examples();
    assert_eq!(files.len(), 10);
    let readme = files[0].with_file_name("README.md");
    let readme = std::fs::read_to_string(readme).unwrap();
    for file in files {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        assert!(readme.contains(&name), "{name} is not in the README");
    }
}

#[test]
fn every_example_passes_without_a_warning() {
    for file in examples() {
        let text = std::fs::read_to_string(&file).unwrap();
        let report: Report = judge(&text);
        assert_eq!(
            lines(&report),
            Vec::<String>::new(),
            "{}: {:#?}",
            file.display(),
            report.problems
        );
        let document = report.document.unwrap();
        assert_eq!(
            document.metadata.name,
            file.file_stem().unwrap().to_string_lossy(),
            "an example is named like its file"
        );
    }
}

#[test]
fn every_example_names_the_schema_and_is_accepted_by_it() {
    let schema = jsonschema::draft7::new(&schema()).unwrap();
    for file in examples() {
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(text.starts_with("# yaml-language-server: $schema=../docs/workflow.schema.json\n"));
        let value = crate::document::parse(&text).unwrap();
        let errors: Vec<String> = schema.iter_errors(&value).map(|e| e.to_string()).collect();
        assert_eq!(errors, Vec::<String>::new(), "{}", file.display());
    }
}
