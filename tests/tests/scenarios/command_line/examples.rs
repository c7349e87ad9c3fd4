//! The ten examples, called by the very lines of their README.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::OnceCell;

use super::platform::{earshot, stack};
use super::up_running::paste;

/// The README's part about one example: its lines for the shell, and what they bring.
struct Section {
    commands: Vec<String>,
    replies: Vec<String>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples")
}

fn section(name: &str) -> Section {
    let readme = std::fs::read_to_string(folder().join("README.md")).unwrap();
    let (_, rest) = readme
        .split_once(&format!("\n## {name}\n"))
        .expect("every example has its part");
    let part = rest
        .split("\n## ")
        .next()
        .unwrap()
        .split("\n---\n")
        .next()
        .unwrap();
    let (mut commands, mut replies) = (Vec::new(), Vec::new());
    for block in part.split("```").skip(1).step_by(2) {
        let (language, text) = block.split_once('\n').unwrap();
        let lines = text.lines().map(str::to_owned);
        if language == "sh" {
            commands.extend(lines);
        } else {
            replies.extend(lines);
        }
    }
    Section { commands, replies }
}

/// Publishes all examples once; each one's endpoint by its name.
async fn endpoints() -> &'static BTreeMap<String, Value> {
    static ENDPOINTS: OnceCell<BTreeMap<String, Value>> = OnceCell::const_new();
    ENDPOINTS
        .get_or_init(|| async {
            let folder = folder().display().to_string();
            earshot(&["apply", "--publish", "-f", &folder])
                .await
                .run()
                .await
                .with(0);
            let list =
                earshot(&["endpoints", "list", "--category", "examples", "-o", "json"]).await;
            let list = list.run().await.with(0).json();
            let named = |one: &Value| (one["name"].as_str().unwrap().to_owned(), one.clone());
            list.as_array().unwrap().iter().map(named).collect()
        })
        .await
}

/// Runs a line of the README as a person would who has exported `URL` and `TOKEN`.
async fn run(name: &str, line: &str) -> String {
    let (stack, endpoint) = (stack().await, &endpoints().await[name]);
    let mut variables = vec![
        ("URL", endpoint["url"].as_str().unwrap().to_owned()),
        ("EARSHOT_URL", stack.gateway(0).control_url()),
        ("EARSHOT_TOKEN", stack.admin_token().to_owned()),
    ];
    if endpoint["authentication"] == true {
        let path = format!(
            "/dynamic-endpoints/{}/token",
            endpoint["id"].as_str().unwrap()
        );
        let claims = json!({"claims": {"sub": "ada", "name": "Ada Lovelace"}});
        let control = stack.control();
        let signed = control
            .send(control.request(Method::POST, &path).json(&claims))
            .await;
        variables.push(("TOKEN", signed.body["token"].as_str().unwrap().to_owned()));
    }
    let variables: Vec<(&str, &str)> = variables
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    // The binary as a person has it on the PATH.
    let own = std::env::current_exe().unwrap();
    let binaries = own.ancestors().nth(2).unwrap().display();
    paste(&format!("PATH={binaries}:$PATH; {line}"), &variables).await
}

/// The body of what `curl -i` or `earshot invoke` has printed.
fn body(said: &str) -> &str {
    if said.starts_with("HTTP/") {
        said.split_once("\r\n\r\n").unwrap().1
    } else {
        said
    }
}

fn header<'a>(said: &'a str, name: &str) -> &'a str {
    let lines = said.lines().filter_map(|line| line.split_once(": "));
    let mut found = lines.filter(|(found, _)| found.eq_ignore_ascii_case(name));
    found
        .next()
        .unwrap_or_else(|| panic!("no {name}: {said}"))
        .1
        .trim()
}

fn status(said: &str) -> &str {
    said.split(' ').nth(1).unwrap()
}

#[tokio::test]
async fn there_are_ten_and_each_has_lines_to_paste() {
    let endpoints = endpoints().await;
    assert_eq!(endpoints.len(), 10, "{:?}", endpoints.keys());
    for name in endpoints.keys() {
        assert!(!section(name).commands.is_empty(), "{name}");
    }
}

#[tokio::test]
async fn the_examples_with_json_answer_what_their_readme_shows() {
    for (name, bodies) in [
        ("acknowledge-after-check", 1),
        ("look-up-behind-jwt", 2),
        ("ping-or-event", 2),
        ("json-echo", 1),
        ("browser-cors-jwt", 2),
    ] {
        let Section { commands, replies } = section(name);
        let mut said = Vec::new();
        for command in &commands {
            let printed = run(name, command).await;
            if !body(&printed).is_empty() {
                said.push(body(&printed).to_owned());
            }
        }
        assert_eq!(said.len(), bodies, "{name}: {said:?}");
        for (index, said) in said.iter().enumerate() {
            let shown = replies.get(index).unwrap_or(&replies[0]);
            assert_eq!(said.trim_end(), shown, "{name}");
        }
    }
}

#[tokio::test]
async fn an_order_that_is_not_whole_is_a_422_and_a_whole_one_a_202() {
    let line = &section("acknowledge-after-check").commands[0];
    assert_eq!(status(&run("acknowledge-after-check", line).await), "202");
    let without = line.replace(", \"total\": 59.9", "");
    assert_eq!(
        status(&run("acknowledge-after-check", &without).await),
        "422"
    );
}

#[tokio::test]
async fn the_sign_up_is_sent_on_with_the_name_encoded() {
    let said = run("sign-up-redirect", &section("sign-up-redirect").commands[0]).await;
    assert_eq!(status(&said), "303");
    assert_eq!(
        header(&said, "location"),
        "https://www.example.com/thanks?name=Ada%20Lovelace"
    );
}

#[tokio::test]
async fn a_jwt_is_asked_for_and_a_preflight_is_not() {
    let bare = run("look-up-behind-jwt", "curl -i \"$URL?plan=team\"").await;
    assert_eq!(status(&bare), "403");
    let wrong = run(
        "look-up-behind-jwt",
        "curl -i \"$URL\" -H 'Authorization: Bearer a.b.c'",
    )
    .await;
    assert_eq!(status(&wrong), "401");
    let commands = section("browser-cors-jwt").commands;
    let preflight = run("browser-cors-jwt", &commands[0]).await;
    assert_eq!(status(&preflight), "204");
    assert_eq!(
        header(&preflight, "access-control-allow-origin"),
        "https://app.example.com"
    );
    for command in &commands[..2] {
        let elsewhere = command.replace("https://app.example.com", "https://evil.example.net");
        assert_eq!(status(&run("browser-cors-jwt", &elsewhere).await), "403");
    }
}

#[tokio::test]
async fn the_page_greets_and_runs_no_markup_of_its_visitor() {
    let said = run("html-page", &section("html-page").commands[0]).await;
    assert_eq!(
        (status(&said), header(&said, "content-type")),
        ("200", "text/html; charset=utf-8")
    );
    for part in ["<h1>Hello Ada</h1>", "<li>engines</li>", "<li>numbers</li>"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let said = run(
        "html-page",
        "curl -i -G \"$URL\" --data-urlencode 'name=<script>'",
    )
    .await;
    assert!(
        said.contains("Hello &lt;script&gt;") && !said.contains("<script>"),
        "{said}"
    );
}

#[tokio::test]
async fn progress_comes_as_events() {
    let Section { commands, replies } = section("sse-progress");
    let said = run("sse-progress", &commands[0]).await;
    assert_eq!(header(&said, "content-type"), "text/event-stream");
    let frames: Vec<&str> = body(&said)
        .split("\n\n")
        .filter(|frame| frame.contains("data:"))
        .collect();
    assert_eq!(frames.len(), 3, "{said}");
    for line in &replies {
        assert!(
            frames[0].lines().any(|found| found == line),
            "{line}: {said}"
        );
    }
    assert!(frames[2].contains("event: done"), "{said}");
}

/// A server whose `/delay` answers once the test says so; everything else answers at once.
async fn site() -> (String, tokio::sync::watch::Sender<bool>) {
    let (release, held) = tokio::sync::watch::channel(false);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut held = held.clone();
            tokio::spawn(async move {
                let mut request = [0; 1024];
                let read = stream.read(&mut request).await.unwrap_or(0);
                if request[..read].starts_with(b"GET /delay") {
                    let _ = held.wait_for(|released| *released).await;
                }
                let reply = "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 8\r\nconnection: close\r\n\r\na \"page\"";
                let _ = stream.write_all(reply.as_bytes()).await;
            });
        }
    });
    (url, release)
}

#[tokio::test]
async fn a_slow_page_is_handed_over_where_location_says() {
    let (site, release) = site().await;
    let commands = section("asynchronous-hand-over").commands;
    let line = commands[0].replace("https://httpbin.org", &site);
    assert_ne!(line, commands[0]);
    let said = run("asynchronous-hand-over", &line).await;
    assert_eq!(status(&said), "202", "{said}");
    let listener = stack().await.gateway(0).listener_url();
    let fetch = commands[1]
        .replace("http://127.0.0.1:8080", &listener)
        .replace("<the Location of the answer>", header(&said, "location"));
    assert_eq!(
        status(&run("asynchronous-hand-over", &fetch).await),
        "202",
        "it is not there yet"
    );
    release.send(true).unwrap();
    let said = testkit::until(Duration::from_secs(30), "the reply", async || {
        let said = run("asynchronous-hand-over", &fetch).await;
        (status(&said) == "200").then_some(said)
    })
    .await;
    let reply: Value = serde_json::from_str(body(&said)).unwrap();
    assert_eq!(reply, json!({"status": 200, "body": "a \"page\""}));
}

#[tokio::test]
async fn two_pages_come_back_in_one_reply_and_a_failure_hides_nothing() {
    let (site, _release) = site().await;
    let line = &section("fan-out").commands[0];
    let both = line
        .replace("https://example.com", &site)
        .replace("https://example.org", &site);
    let reply: Value = serde_json::from_str(body(&run("fan-out", &both).await)).unwrap();
    let page = json!({"ok": true, "status": 200, "body": "a \"page\""});
    assert_eq!(reply, json!({"left": page, "right": page}));
    let one = line
        .replace("https://example.com", &site)
        .replace("https://example.org", "http://127.0.0.1:1");
    let reply: Value = serde_json::from_str(body(&run("fan-out", &one).await)).unwrap();
    assert_eq!(reply["left"], page);
    assert_eq!(reply["right"]["ok"], false, "{reply:#}");
}
