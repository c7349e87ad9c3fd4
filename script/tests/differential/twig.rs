//! The real Twig, in a process of its own.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value as Json, json};

/// What the test says where Twig is not there.
const MISSING: &str = "the real Twig is not here: install the Debian packages php-cli and php-twig";

/// A PHP process that renders templates one after the other.
pub(crate) struct Twig {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Twig {
    pub(crate) fn start() -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/differential/render.php");
        let mut child = Command::new("php")
            .args(["-d", "display_errors=0", script])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{MISSING} ({error})"));
        let input = child.stdin.take().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Self {
            child,
            input,
            output,
        }
    }

    /// The text that Twig renders, or why it does not.
    pub(crate) fn render(
        &mut self,
        template: &str,
        data: &Json,
        mode: &str,
    ) -> Result<String, String> {
        let case = json!({"template": template, "data": data, "mode": mode});
        let mut answer = String::new();
        let asked = writeln!(self.input, "{case}");
        let _ = self.output.read_line(&mut answer);
        if asked.is_err() || answer.is_empty() {
            let status = self.child.wait();
            panic!(
                "php ended ({status:?}) at {case}; where it cannot find Twig/autoload.php: {MISSING}"
            );
        }
        let answer: Json = serde_json::from_str(&answer).unwrap();
        match &answer["text"] {
            Json::String(text) => Ok(text.clone()),
            _ => Err(answer["failure"].as_str().unwrap_or("no text").to_owned()),
        }
    }
}

impl Drop for Twig {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
