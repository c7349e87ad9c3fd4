//! Words that may stand in some places only: one table, one rule a row.

use super::Violation;
use super::source::{Line, Source};

/// A rule about words in lines.
struct Rule {
    name: &'static str,
    needles: &'static [&'static str],
    /// Which files it is about.
    holds_in: fn(&str) -> bool,
    /// Which of their lines.
    lines: Lines,
    mend: &'static str,
}

#[derive(Clone, Copy)]
enum Lines {
    /// Code that is compiled into the product.
    Product,
    /// Code of tests.
    Tests,
    /// Code of both kinds.
    Code,
    /// All that is written, comments too.
    All,
}

const RULES: &[Rule] = &[
    Rule {
        name: "subject",
        needles: &["\"earshot.v1"],
        holds_in: |path| is_rust(path) && path != "shared/src/subjects.rs",
        lines: Lines::Code,
        mend: "a subject is spelt in shared/src/subjects.rs only: add it there and use its name",
    },
    Rule {
        name: "status",
        needles: &["StatusCode::"],
        holds_in: |path| is_rust(path) && !may_speak_http(path),
        lines: Lines::Product,
        mend: "the gateway alone chooses an HTTP status: answer with a code of shared::codes",
    },
    Rule {
        name: "await",
        needles: &[".await"],
        holds_in: is_pure,
        lines: Lines::Product,
        mend: "this crate does no IO: return what is to be done, and let a service do it",
    },
    Rule {
        name: "clock",
        needles: &[
            "SystemTime::now",
            "Instant::now",
            "Timestamp::now",
            "Zoned::now",
            "Uuid::now_v7",
        ],
        holds_in: is_pure,
        lines: Lines::Product,
        mend: "this crate reads no clock: take the time as an argument",
    },
    Rule {
        name: "randomness",
        needles: &["rand::", "Uuid::new_v4"],
        holds_in: is_pure,
        lines: Lines::Product,
        mend: "this crate makes no randomness: take it as an argument",
    },
    Rule {
        name: "environment",
        needles: &["std::env::", "env::var"],
        holds_in: is_pure,
        lines: Lines::Product,
        mend: "this crate reads no environment: take the value as an argument",
    },
    Rule {
        name: "sleep",
        needles: &["time::sleep", "thread::sleep", "sleep("],
        holds_in: is_rust,
        lines: Lines::Tests,
        mend: "a test waits for the thing itself, under a deadline; where slowness is what is tested, set the rule aside and say so",
    },
    Rule {
        name: "machine-path",
        needles: &["/work/", "/tmp/brief"],
        holds_in: |_| true,
        lines: Lines::All,
        mend: "a path of one machine means nothing on another: make it relative, or take it as a setting",
    },
];

/// The rules' own words stand in this file.
const OWN: &str = "xtask/src/tidy/needles.rs";

fn is_rust(path: &str) -> bool {
    path.ends_with(".rs")
}

/// The crates that do no IO: everything comes in as an argument.
fn is_pure(path: &str) -> bool {
    is_rust(path)
        && ["shared/src/", "script/src/", "workflow/src/"]
            .iter()
            .any(|room| path.starts_with(room))
}

/// Those who serve or call over HTTP themselves, and the bus: NATS has status codes of its own under the same name.
fn may_speak_http(path: &str) -> bool {
    let rooms = [
        "gateway/",
        "shared/bus/",
        "shared/ops/",
        "shared/testkit/",
        "tests/",
        "cli/",
    ];
    rooms.iter().any(|room| path.starts_with(room))
        || (path.starts_with("workflow-runner/src/") && path.contains("http"))
}

/// Finds every line that says what it may not.
pub(super) fn check(file: &Source) -> Vec<Violation> {
    if file.path() == OWN {
        return Vec::new();
    }
    let mut found = Vec::new();
    for rule in RULES.iter().filter(|rule| (rule.holds_in)(file.path())) {
        for line in file.lines().filter(|line| breaks(rule, line)) {
            if !file.sets_aside(rule.name, line.number) {
                found.push(Violation::new(
                    file.path(),
                    line.number,
                    rule.name,
                    rule.mend,
                ));
            }
        }
    }
    found
}

fn breaks(rule: &Rule, line: &Line<'_>) -> bool {
    let text = match rule.lines {
        Lines::Product if line.in_test => return false,
        Lines::Tests if !line.in_test => return false,
        Lines::Product | Lines::Tests | Lines::Code => line.code,
        Lines::All => line.text,
    };
    rule.needles.iter().any(|needle| holds(text, needle))
}

/// Whether the text holds the word, and not as the end of a longer name.
fn holds(text: &str, needle: &str) -> bool {
    let of_a_name = |letter: char| letter.is_alphanumeric() || letter == '_';
    let starts_as_name = needle.chars().next().is_some_and(of_a_name);
    text.match_indices(needle).any(|(at, _)| {
        let before = text.get(..at).and_then(|head| head.chars().next_back());
        !(starts_as_name && before.is_some_and(of_a_name))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<(usize, &'static str)> {
        let file = Source::new(path.to_owned(), text.to_owned());
        check(&file)
            .iter()
            .map(|violation| (violation.line, violation.rule))
            .collect()
    }

    #[test]
    fn a_subject_is_spelt_in_one_file_only() {
        let text = "\nlet subject = \"earshot.v1.auth.verify\";\n";
        assert_eq!(found("gateway/src/auth.rs", text), [(2, "subject")]);
        assert_eq!(found("shared/src/subjects.rs", text), []);
        assert_eq!(
            found("gateway/src/auth.rs", "// on \"earshot.v1.auth.verify\"\n"),
            []
        );
    }

    #[test]
    fn a_status_is_chosen_where_http_is_spoken() {
        let text = "StatusCode::OK;\n";
        assert_eq!(found("auth-svc/src/verify.rs", text), [(1, "status")]);
        assert_eq!(
            found("workflow-runner/src/driver.rs", text),
            [(1, "status")]
        );
        assert_eq!(found("workflow-runner/src/http_request.rs", text), []);
        assert_eq!(found("gateway/src/problem.rs", text), []);
        assert_eq!(found("shared/ops/src/health.rs", text), []);
    }

    #[test]
    fn the_pure_crates_neither_wait_nor_look_around() {
        let text = "a.await;\nSystemTime::now();\nrand::random();\nstd::env::var(\"A\");\n";
        let expected = [
            (1, "await"),
            (2, "clock"),
            (3, "randomness"),
            (4, "environment"),
        ];
        for room in ["shared", "script", "workflow"] {
            assert_eq!(found(&format!("{room}/src/a.rs"), text), expected);
        }
        assert_eq!(found("shared/bus/src/a.rs", text), []);
        assert_eq!(found("gateway/src/a.rs", text), []);
    }

    #[test]
    fn what_pure_crates_may_not_do_their_tests_may() {
        assert_eq!(
            found(
                "workflow/src/a.rs",
                "#[cfg(test)]\nmod tests {\n    fn a() { Instant::now(); }\n}\n"
            ),
            []
        );
        assert_eq!(
            found("workflow/tests/a.rs", "fn a() { Instant::now(); }\n"),
            []
        );
    }

    #[test]
    fn a_longer_name_is_another_name() {
        assert_eq!(
            found("script/src/a.rs", "operand::left();\nx.awaits();\n"),
            [(2, "await")]
        );
    }

    #[test]
    fn a_test_does_not_sleep_unless_it_says_why() {
        let sleep = "tokio::time::sleep(a).await;\n";
        assert_eq!(found("tests/tests/a.rs", sleep), [(1, "sleep")]);
        assert_eq!(
            found(
                "tests/tests/a.rs",
                &format!("// tidy-allow(sleep): a slow reader\n{sleep}")
            ),
            []
        );
        assert_eq!(found("gateway/src/a.rs", sleep), []);
        assert_eq!(
            found(
                "gateway/src/a.rs",
                &format!("#[cfg(test)]\nmod tests {{\n{sleep}}}\n")
            ),
            [(3, "sleep")]
        );
    }

    #[test]
    fn paths_of_one_machine_are_found_in_every_kind_of_file() {
        assert_eq!(
            found("docs/a.md", "see /work/main\n"),
            [(1, "machine-path")]
        );
        assert_eq!(
            found("gateway/src/a.rs", "// see /tmp/brief\n"),
            [(1, "machine-path")]
        );
        assert_eq!(found("docs/a.md", "see /workflows/main\n"), []);
    }
}
