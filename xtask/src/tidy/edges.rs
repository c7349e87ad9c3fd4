//! Who may depend on whom: services meet in `shared`, and what only one of them may hold, only one depends on.

use super::Violation;
use super::source::Source;

/// A dependency that only some may have.
struct Edge {
    on: &'static [&'static str],
    allowed: &'static [&'static str],
    mend: &'static str,
}

const APART: &str = "no service links another's crate: what both need stands in shared, and the rest goes over the bus";

const EDGES: &[Edge] = &[
    Edge {
        on: &["gateway", "auth-svc", "workflow-runner"],
        allowed: &["cli", "shared/testkit"],
        mend: APART,
    },
    Edge {
        // The benchmark of lists asks the store itself.
        on: &["registry-svc"],
        allowed: &["cli", "shared/testkit", "bench"],
        mend: APART,
    },
    Edge {
        // The benchmark of journals asks what a database would cost.
        on: &["sqlx"],
        allowed: &["registry-svc", "bench"],
        mend: "registry-svc is the only holder of the database: ask it over the bus",
    },
    Edge {
        on: &["async-nats"],
        allowed: &["shared/bus", "shared/testkit", "tests"],
        mend: "the bus is the only one that speaks to NATS: use the crate bus",
    },
];

/// Finds dependencies that are not allowed in a package's manifest.
pub(super) fn check(file: &Source) -> Vec<Violation> {
    let Some(room) = file.path().strip_suffix("/Cargo.toml") else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let mut section = String::new();
    for line in file.lines() {
        let text = line.text.trim();
        let in_section = text
            .strip_prefix('[')
            .and_then(|rest| rest.split(']').next());
        if let Some(name) = in_section {
            section = name.to_owned();
        }
        let package = if in_section.is_some() {
            table_name(&section)
        } else {
            dependency(&section, text)
        };
        let Some(package) = package else {
            continue;
        };
        for edge in EDGES.iter().filter(|edge| edge.on.contains(&package)) {
            if !edge.allowed.contains(&room) && !file.sets_aside("dependency", line.number) {
                let mend = format!("{room} may not depend on {package}: {}", edge.mend);
                found.push(Violation::new(file.path(), line.number, "dependency", mend));
            }
        }
    }
    found
}

/// The package in `[dependencies.package]`.
fn table_name(section: &str) -> Option<&str> {
    let (_, package) = section.rsplit_once("dependencies.")?;
    Some(package.trim_matches('"'))
}

/// The package of a line in a dependency section, by its own name when it is renamed.
fn dependency<'a>(section: &str, line: &'a str) -> Option<&'a str> {
    let of_dependencies = section.ends_with("dependencies") || section.contains("dependencies.");
    if !of_dependencies || line.starts_with('#') {
        return None;
    }
    if let Some((_, renamed)) = line.split_once("package") {
        let quoted = renamed
            .trim_start()
            .strip_prefix('=')
            .and_then(|rest| rest.split('"').nth(1));
        if quoted.is_some() {
            return quoted;
        }
    }
    let (key, _) = line.split_once('=')?;
    key.split('.')
        .next()
        .map(|key| key.trim().trim_matches('"'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<usize> {
        let file = Source::new(path.to_owned(), text.to_owned());
        check(&file)
            .iter()
            .map(|violation| violation.line)
            .collect()
    }

    #[test]
    fn no_service_depends_on_another() {
        let text = "[package]\nname = \"gateway\"\n[dependencies]\nauth-svc.workspace = true\nshared.workspace = true\n";
        assert_eq!(found("gateway/Cargo.toml", text), [4]);
        assert_eq!(found("tests/Cargo.toml", text), [4]);
        assert_eq!(found("cli/Cargo.toml", text), Vec::<usize>::new());
        assert_eq!(
            found("shared/testkit/Cargo.toml", text),
            Vec::<usize>::new()
        );
    }

    #[test]
    fn every_way_to_write_a_dependency_is_read() {
        for text in [
            "[dev-dependencies]\ngateway = { path = \"../gateway\" }\n",
            "[target.'cfg(unix)'.dependencies]\ngateway.workspace = true\n",
            "[build-dependencies]\nfront = { package = \"gateway\", path = \"../gateway\" }\n",
            "\n[dependencies.gateway]\nworkspace = true\n",
            "[dependencies.front]\npackage = \"gateway\"\n",
        ] {
            assert_eq!(found("auth-svc/Cargo.toml", text), [2], "{text}");
        }
    }

    #[test]
    fn other_sections_and_the_workspace_itself_are_not_dependencies() {
        assert_eq!(
            found(
                "gateway/Cargo.toml",
                "[[bin]]\nname = \"gateway\"\n[features]\ngateway = []\n"
            ),
            Vec::<usize>::new()
        );
        assert_eq!(
            found(
                "Cargo.toml",
                "[workspace.dependencies]\ngateway = { path = \"gateway\" }\n"
            ),
            Vec::<usize>::new()
        );
    }

    #[test]
    fn the_database_has_one_holder() {
        let text = "[dependencies]\nsqlx.workspace = true\n";
        assert_eq!(found("workflow-runner/Cargo.toml", text), [2]);
        assert_eq!(found("registry-svc/Cargo.toml", text), Vec::<usize>::new());
    }
}
