//! What the tests need from outside of cargo: where it is, and how it is put there when it is missing.

pub(crate) mod debian;
pub(crate) mod node;

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use crate::command;
use crate::project::Project;

/// The folder of PostgreSQL's server programs: the newest of Debian's, else the one on the PATH.
pub(crate) fn postgres_folder() -> Option<PathBuf> {
    newest_postgres(Path::new("/usr/lib/postgresql")).or_else(|| {
        command::on_path("postgres").and_then(|program| program.parent().map(Path::to_path_buf))
    })
}

/// Debian keeps one folder for each major version, named by its number.
fn newest_postgres(versions: &Path) -> Option<PathBuf> {
    let entries = fs::read_dir(versions).ok()?.flatten();
    let numbered = entries.filter_map(|entry| {
        let number: u32 = entry.file_name().to_str()?.parse().ok()?;
        let folder = entry.path().join("bin");
        folder
            .join("postgres")
            .is_file()
            .then_some((number, folder))
    });
    numbered.max().map(|(_, folder)| folder)
}

/// The variables by which the tests find what is not theirs. What is missing is left out: the test that needs it fails.
pub(crate) fn test_environment(project: &Project) -> Vec<(&'static str, OsString)> {
    let found = [
        ("EARSHOT_TEST_POSTGRES_BIN", postgres_folder()),
        ("EARSHOT_TEST_CHROMIUM", command::on_path("chromium")),
        (
            "EARSHOT_TEST_CHROMEDRIVER",
            command::on_path("chromedriver"),
        ),
        ("EARSHOT_TEST_NODE_MODULES", node::modules(project)),
    ];
    found
        .into_iter()
        .filter_map(|(name, path)| Some((name, path?.into_os_string())))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_postgres_is_the_highest_number_that_has_a_server() {
        let versions =
            std::env::temp_dir().join(format!("earshot-xtask-postgres-{}", std::process::id()));
        for (version, program) in [
            ("9", "postgres"),
            ("15", "postgres"),
            ("17", "psql"),
            ("old", "postgres"),
        ] {
            let folder = versions.join(version).join("bin");
            fs::create_dir_all(&folder).expect("a scratch folder");
            fs::write(folder.join(program), "").expect("a stand-in");
        }
        let found = newest_postgres(&versions);
        fs::remove_dir_all(&versions).expect("the scratch folder can go");
        assert_eq!(found, Some(versions.join("15/bin")));
    }

    #[test]
    fn no_postgres_is_none() {
        assert_eq!(newest_postgres(Path::new("/nowhere")), None);
    }
}
