//! `publish_message`: a message of the author's on NATS.

use std::time::Duration;

use serde_json::Value as Json;
use tokio::time::{Instant, sleep};

use crate::errands::Of;
use crate::service::Shared;

/// The pause between two tries.
const PAUSE: Duration = Duration::from_millis(500);

/// The longest subject, in bytes.
const LONGEST: usize = 255;

/// What begins a subject of the platform's own, or of NATS itself.
const OURS: [&str; 4] = ["earshot", "_INBOX", "_IN", "_R_"];

/// Publishes a message once the operator's rules allow its subject; done when the server has it.
///
/// # Errors
/// Why it was not published, a sentence for people.
pub(crate) async fn publish(
    runner: &Shared,
    of: &Of,
    subject: &str,
    headers: &[(String, String)],
    (payload, id): (&str, &str),
) -> Result<Json, String> {
    check(subject)?;
    let allowed = &runner.config.publish_subjects;
    if !allowed.iter().any(|pattern| matches(pattern, subject)) {
        return Err(format!(
            "the operator does not allow to publish on `{subject}`: runner.publish_subjects has {}",
            if allowed.is_empty() {
                "no subject".to_owned()
            } else {
                allowed.join(", ")
            }
        ));
    }
    let ends_at = Instant::now() + of.patience;
    loop {
        let sent = runner.bus.publish_message(subject, id, headers, payload);
        match sent.await {
            Ok(()) => return Ok(Json::Null),
            Err(error) if Instant::now() >= ends_at => {
                return Err(format!("the message could not be published: {error}"));
            }
            Err(error) => {
                tracing::warn!(%error, "a message is published again");
                sleep(PAUSE).await;
            }
        }
    }
}

/// Whether a text is a subject that a message can have, and none of the platform's own.
///
/// # Errors
/// What is wrong with it, a sentence for people.
fn check(subject: &str) -> Result<(), String> {
    if subject.is_empty() || subject.len() > LONGEST {
        return Err(format!("a subject has 1 to {LONGEST} bytes"));
    }
    let strange = |letter: char| letter.is_whitespace() || letter.is_control();
    if subject.contains(strange) {
        return Err("a subject has no spaces".to_owned());
    }
    if subject.contains(['*', '>']) {
        return Err(format!(
            "`{subject}` has a wildcard: a message has one subject"
        ));
    }
    if subject.split('.').any(str::is_empty) {
        return Err(format!("`{subject}` has an empty part between its dots"));
    }
    let first = subject.split('.').next().unwrap_or_default();
    if subject.starts_with('$') || OURS.iter().any(|own| own.eq_ignore_ascii_case(first)) {
        return Err(format!(
            "`{subject}` is a subject of the platform's own, or of NATS"
        ));
    }
    Ok(())
}

/// Whether a pattern takes a subject, as NATS has it.
fn matches(pattern: &str, subject: &str) -> bool {
    let mut wanted = pattern.split('.');
    let mut parts = subject.split('.');
    loop {
        match (wanted.next(), parts.next()) {
            (Some(">"), Some(_)) | (None, None) => return true,
            (Some("*"), Some(_)) => {}
            (Some(word), Some(part)) if word == part => {}
            _ => return false,
        }
    }
}

/// Whether a text is a pattern of subjects.
///
/// # Errors
/// What is wrong with it, a sentence for people.
pub(crate) fn check_pattern(pattern: &str) -> Result<(), String> {
    let parts: Vec<&str> = pattern.split('.').collect();
    let last = parts.len().saturating_sub(1);
    let good = parts.iter().enumerate().all(|(place, part)| match *part {
        ">" => place == last,
        "*" => true,
        part => {
            !part.is_empty()
                && !part.contains(|letter: char| letter.is_whitespace() || "*>".contains(letter))
        }
    });
    if good {
        return Ok(());
    }
    Err(format!(
        "runner.publish_subjects: `{pattern}` is no pattern of subjects such as workflows.>"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_takes_the_subjects_that_nats_would_deliver() {
        for (pattern, subject, taken) in [
            ("workflows.>", "workflows.a.b", true),
            ("workflows.>", "workflows", false),
            ("workflows.*", "workflows.a", true),
            ("workflows.*", "workflows.a.b", false),
            ("a.*.c", "a.b.c", true),
            ("a.*.c", "a.b.d", false),
            ("a.b", "a.b", true),
            ("a.b", "a.b.c", false),
            (">", "a", true),
        ] {
            assert_eq!(matches(pattern, subject), taken, "{pattern} {subject}");
        }
    }

    #[test]
    fn subjects_with_wildcards_gaps_or_spaces_and_those_of_the_platform_are_refused() {
        assert!(check("workflows.a-b_C.1").is_ok());
        for wrong in [
            "",
            ".",
            "a.",
            ".a",
            "a..b",
            "a.*",
            "a.>",
            "a b",
            "a\n",
            "a\tb",
            "$JS.API.INFO",
            "$SYS.x",
            "$KV.a.b",
            "_INBOX.x",
            "earshot.a",
            "EARSHOT.x",
            "_IN.a",
            &"a".repeat(256),
        ] {
            assert!(check(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_pattern_of_the_operators_is_well_formed() {
        for good in ["workflows.>", "*", ">", "a.*.b"] {
            assert!(check_pattern(good).is_ok(), "{good}");
        }
        for wrong in ["", "a.", "a.>.b", "a*", "a b", "a.b>"] {
            assert!(check_pattern(wrong).is_err(), "{wrong}");
        }
    }
}
