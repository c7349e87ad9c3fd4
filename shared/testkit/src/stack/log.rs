//! Reading what a service has written.

use serde_json::Value;

/// The lines that are JSON. The last one may still be half written.
pub(super) fn parse(text: &str) -> Vec<Value> {
    text.lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect()
}

/// The address of the last port of this name that was announced.
pub(super) fn announced(lines: &[Value], port_name: &str) -> Option<String> {
    lines
        .iter()
        .rev()
        .find(|line| line["message"] == "listening" && line["port_name"] == port_name)
        .and_then(|line| line["address"].as_str())
        .map(str::to_owned)
}

/// The rest of the first whole line that begins with `start`.
pub(super) fn line_after(start: &str, text: &str) -> Option<String> {
    text.split_inclusive('\n')
        .filter_map(|line| line.strip_suffix('\n'))
        .find_map(|line| line.strip_prefix(start))
        .map(str::to_owned)
}

/// The end of a text, with at most `count` lines.
pub(super) fn tail(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_announcement_of_a_port_counts() {
        let lines = parse(
            "{\"message\":\"listening\",\"port_name\":\"ops\",\"address\":\"127.0.0.1:1\"}\n\
             {\"message\":\"listening\",\"port_name\":\"control\",\"address\":\"127.0.0.1:2\"}\n\
             {\"message\":\"listening\",\"port_name\":\"ops\",\"address\":\"127.0.0.1:3\"}\n{\"mess",
        );
        assert_eq!(announced(&lines, "ops").as_deref(), Some("127.0.0.1:3"));
        assert_eq!(announced(&lines, "listener"), None);
    }

    #[test]
    fn a_half_written_line_is_not_read() {
        assert_eq!(line_after("admin token: ", "hello\nadmin token: ab"), None);
        assert_eq!(
            line_after("admin token: ", "hello\nadmin token: abc\n").as_deref(),
            Some("abc")
        );
    }

    #[test]
    fn a_tail_is_never_longer_than_the_text() {
        assert_eq!(tail("a\nb\nc", 2), "b\nc");
        assert_eq!(tail("a", 2), "a");
    }
}
