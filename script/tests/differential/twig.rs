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

    /// Hands a template to Twig. The answers come in the order of the questions.
    pub(crate) fn ask(&mut self, template: &str, data: &Json, mode: &str) {
        let case = json!({"template": template, "data": data, "mode": mode});
        if writeln!(self.input, "{case}").is_err() {
            self.ended(template);
        }
    }

    /// The text that Twig rendered, or why it did not.
    pub(crate) fn answer(&mut self, template: &str) -> Result<String, String> {
        let mut answer = String::new();
        if self.output.read_line(&mut answer).unwrap_or_default() == 0 {
            self.ended(template);
        }
        let answer: Json = serde_json::from_str(&answer).unwrap();
        match &answer["text"] {
            Json::String(text) => Ok(text.clone()),
            _ => Err(answer["failure"].as_str().unwrap_or("no text").to_owned()),
        }
    }

    fn ended(&mut self, template: &str) -> ! {
        let status = self.child.wait();
        panic!(
            "php ended ({status:?}) at {template:?}; where it cannot find Twig/autoload.php: {MISSING}"
        );
    }
}

impl Drop for Twig {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
