//! Workflow files: named ones, all of a folder, or standard input.

use std::io::Read;
use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// A file's name and text.
pub(crate) struct Source {
    pub(crate) name: String,
    pub(crate) text: String,
}

/// Reads what the command line names, folders in the order of their files' names.
pub(crate) fn read(paths: &[PathBuf]) -> Result<Vec<Source>, Failure> {
    let mut sources = Vec::new();
    for path in paths {
        if path.as_os_str() == "-" {
            let mut text = String::new();
            std::io::stdin()
                .read_to_string(&mut text)
                .map_err(|error| unreadable(path, &error))?;
            sources.push(Source {
                name: "standard input".to_owned(),
                text,
            });
        } else if path.is_dir() {
            for file in workflow_files(path)? {
                sources.push(read_one(&file)?);
            }
        } else {
            sources.push(read_one(path)?);
        }
    }
    Ok(sources)
}

/// What an argument says: itself, or what is in the file that it names behind `@`; `@-` is standard input.
pub(crate) fn bytes_or_file(argument: &str) -> Result<Vec<u8>, Failure> {
    let Some(file) = argument.strip_prefix('@') else {
        return Ok(argument.as_bytes().to_vec());
    };
    let read = if file == "-" {
        let mut bytes = Vec::new();
        std::io::stdin().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        std::fs::read(file)
    };
    read.map_err(|error| unreadable(Path::new(file), &error))
}

/// The same where it is text.
pub(crate) fn text_or_file(argument: &str) -> Result<String, Failure> {
    String::from_utf8(bytes_or_file(argument)?)
        .map_err(|_| Failure::usage(format!("{argument} is not UTF-8")))
}

fn read_one(path: &Path) -> Result<Source, Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| unreadable(path, &error))?;
    Ok(Source {
        name: path.display().to_string(),
        text,
    })
}

fn workflow_files(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let entries = std::fs::read_dir(folder).map_err(|error| unreadable(folder, &error))?;
    let mut files: Vec<PathBuf> = entries
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|path| {
            let ending = path.extension().and_then(std::ffi::OsStr::to_str);
            matches!(ending, Some("yaml" | "yml" | "json"))
        })
        .collect();
    files.sort();
    if files.is_empty() {
        let name = folder.display();
        return Err(Failure::usage(format!(
            "{name} holds no .yaml, .yml or .json file"
        )));
    }
    Ok(files)
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::usage(format!("{} cannot be read: {error}", path.display()))
}
