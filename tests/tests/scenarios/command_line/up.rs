//! `earshot up`: the first try.

use testkit::control::Client;
use testkit::{Scratch, port, postgres};

use super::up_running::{Up, curl_lines, paste, processes_of, token};

/// Pastes each line of a banner, and holds the reply against its type.
async fn every_line_works(banner: &str) {
    let lines = curl_lines(banner);
    let kinds: Vec<&str> = lines.iter().map(|(kind, _)| *kind).collect();
    assert_eq!(
        kinds,
        ["data", "html", "redirect", "continue", "sse"],
        "{banner}"
    );
    for (kind, line) in lines {
        let said = paste(line, &[]).await;
        let expected: &[&str] = match kind {
            "data" => &["\"name\": \"Ada\"", "\"method\": \"POST\""],
            "html" => &["<h1>Hello Ada</h1>"],
            "redirect" => &["HTTP/1.1 303", "location: https://www.example.com/thanks"],
            "continue" => &["{\"accepted\": true, \"order\": \"A-1\"}"],
            _ => &["event: progress\n", "event: done\n", "\"percent\": 50"],
        };
        for part in expected {
            assert!(said.contains(part), "{line}\n{part}\n{said}");
        }
    }
}

#[tokio::test]
async fn the_first_start_shows_the_way_in_and_the_second_keeps_everything() {
    let data = Scratch::new("up-data");
    let (listener, control) = (port::free(), port::free());
    let up = Up::start(data.path(), listener, control, &[]);
    let first = up.banner().await;
    let admin = token(&first)
        .expect("a token at the first start")
        .to_owned();
    let url = format!("http://127.0.0.1:{control}");
    assert!(first.contains(&format!("{url}/api/v1")), "{first}");
    every_line_works(&first).await;
    let client = Client::new(&url, &admin);
    let before = client.get("/workflows").await.body;
    assert_eq!(
        before["items"].as_array().unwrap().len(),
        10,
        "the ten examples"
    );
    let servers = processes_of(data.path());
    assert!(servers.len() >= 2, "itself and nats-server: {servers:?}");
    assert_eq!(up.interrupt().await, Some(0), "{}", up.err());
    assert!(up.err().contains("draining"), "{}", up.err());
    assert_eq!(
        processes_of(data.path()),
        Vec::<String>::new(),
        "nothing is left behind"
    );

    let up = Up::start(data.path(), listener, control, &[]);
    let second = up.banner().await;
    assert_eq!(token(&second), None, "{second}");
    assert!(!second.contains(&admin));
    assert_eq!(curl_lines(&second), curl_lines(&first));
    every_line_works(&second).await;
    assert_eq!(client.get("/workflows").await.body, before);
    up.process().terminate();
    assert_eq!(
        up.process().wait().await.code(),
        Some(0),
        "SIGTERM is as good: {}",
        up.err()
    );
    assert_eq!(processes_of(data.path()), Vec::<String>::new());
}

#[tokio::test]
async fn a_killed_one_takes_its_nats_server_along_and_starts_again() {
    let data = Scratch::new("up-data");
    let (listener, control) = (port::free(), port::free());
    let up = Up::start(data.path(), listener, control, &[]);
    let first = up.banner().await;
    up.process().kill();
    let patience = std::time::Duration::from_secs(30);
    testkit::until(patience, "nats-server to end too", async || {
        processes_of(data.path()).is_empty().then_some(())
    })
    .await;
    let up = Up::start(data.path(), listener, control, &[]);
    let second = up.banner().await;
    assert_eq!(curl_lines(&second), curl_lines(&first));
    every_line_works(&second).await;
    assert_eq!(up.interrupt().await, Some(0), "{}", up.err());
}

#[tokio::test]
async fn it_keeps_its_state_in_postgresql_where_that_is_asked_for() {
    let database = tokio::task::spawn_blocking(|| postgres::Server::shared().create_database());
    let database = database.await.unwrap();
    let data = Scratch::new("up-data");
    let more = ["--postgres", database.as_str()];
    let up = Up::start(data.path(), port::free(), port::free(), &more);
    every_line_works(&up.banner().await).await;
    assert_eq!(up.interrupt().await, Some(0), "{}", up.err());
    assert!(!data.path().join("registry.db").exists());
    let again = Up::start(data.path(), port::free(), port::free(), &more);
    assert_eq!(
        token(&again.banner().await),
        None,
        "the token is in the database"
    );
    assert_eq!(again.interrupt().await, Some(0), "{}", again.err());
}
