//! One browser window.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::time::Duration;

use serde_json::{Value, json};

use super::driver::Driver;

/// How long an order, and a script in a page, may take before the test fails.
const PATIENCE: Duration = Duration::from_secs(60);

/// No window, no sandbox (tests may run as root in a container), no traffic of its own.
const FLAGS: [&str; 11] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--no-proxy-server",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-default-apps",
];

/// A headless Chromium with an empty profile. Closed when dropped.
#[derive(Debug)]
pub struct Browser {
    session: String,
    http: reqwest::Client,
    driver: Driver,
}

impl Browser {
    /// Starts the browser. `EARSHOT_TEST_CHROMEDRIVER` and `EARSHOT_TEST_CHROMIUM` may name the programs; otherwise
    /// they are looked for on the PATH.
    pub async fn start() -> Self {
        let mut browser = Self {
            session: String::new(),
            http: client(),
            driver: Driver::start(),
        };
        let mut flags: Vec<String> = FLAGS.map(str::to_owned).to_vec();
        let profile = browser.driver.folder().join("profile");
        flags.push(format!("--user-data-dir={}", profile.display()));
        let patience = u64::try_from(PATIENCE.as_millis()).unwrap_or(u64::MAX);
        let wanted = json!({
            "timeouts": { "script": patience, "pageLoad": patience },
            "goog:chromeOptions": { "binary": browser.driver.browser(), "args": flags },
        });
        let capabilities = json!({ "capabilities": { "alwaysMatch": wanted } });
        let started = browser.order("/session", &capabilities).await;
        let session = started["sessionId"].as_str();
        session
            .expect("a session has an id")
            .clone_into(&mut browser.session);
        browser
    }

    /// Opens a page and waits until it is loaded.
    pub async fn open(&self, url: &str) {
        self.order(&self.path("/url"), &json!({ "url": url })).await;
    }

    /// Runs JavaScript in the page and returns what it returns: the body of an asynchronous function, in which `await`
    /// and `arguments` can be used. Panics where it throws, or takes more than a minute.
    pub async fn run(&self, body: &str, arguments: &[Value]) -> Value {
        let script = format!("return (async function () {{\n{body}\n}}).apply(null, arguments);");
        let order = json!({ "script": script, "args": arguments });
        self.order(&self.path("/execute/sync"), &order).await
    }

    fn path(&self, rest: &str) -> String {
        format!("/session/{}{rest}", self.session)
    }

    async fn order(&self, path: &str, body: &Value) -> Value {
        let url = format!("http://127.0.0.1:{}{path}", self.driver.port());
        let sent = self.http.post(url).json(body).send().await;
        let failed = |what: &dyn std::fmt::Display| -> ! {
            panic!("{path}: {what}\n{}", self.driver.log());
        };
        let response = sent.unwrap_or_else(|error| failed(&error));
        let fine = response.status().is_success();
        let text = response.text().await.unwrap_or_else(|error| failed(&error));
        let mut reply: Value = serde_json::from_str(&text).unwrap_or_else(|error| failed(&error));
        let value = reply["value"].take();
        if !fine {
            failed(&value["message"]);
        }
        value
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // A killed chromedriver leaves its browser running for a while: so it is asked first, and without a runtime,
        // which may be gone by now.
        if self.session.is_empty() || !self.driver.runs() {
            return;
        }
        let Ok(mut stream) = TcpStream::connect((Ipv4Addr::LOCALHOST, self.driver.port())) else {
            return;
        };
        let request = format!(
            "DELETE {} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\n\r\n",
            self.path(""),
            self.driver.port()
        );
        let _ = stream.set_read_timeout(Some(Duration::from_secs(10)));
        if stream.write_all(request.as_bytes()).is_ok() {
            let _ = stream.read(&mut [0; 1024]);
        }
    }
}

fn client() -> reqwest::Client {
    reqwest::Client::builder()
        .no_proxy()
        .timeout(PATIENCE * 2)
        .build()
        .expect("these settings go together")
}
