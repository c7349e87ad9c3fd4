//! When `earshot up` cannot start.

use std::net::TcpListener;

use testkit::{Scratch, port};

use super::up_running::{Up, processes_of};

/// Waits for its end; its exit code and what it said.
async fn ended(up: &Up) -> (Option<i32>, String) {
    let code = up.process().wait().await.code();
    assert_eq!(
        super::up_running::token(&up.out()),
        None,
        "half a start shows no token"
    );
    (code, up.err())
}

#[tokio::test]
async fn a_port_in_use_is_a_69_that_names_it_and_no_nats_server_is_left() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    for (listener, control, more) in [
        (port, port::free(), vec![]),
        (port::free(), port, vec![]),
        (
            port::free(),
            port::free(),
            vec!["--nats-port".to_owned(), port.to_string()],
        ),
    ] {
        let data = Scratch::new("up-data");
        let more: Vec<&str> = more.iter().map(String::as_str).collect();
        let up = Up::start(data.path(), listener, control, &more);
        let (code, said) = ended(&up).await;
        assert_eq!(code, Some(69), "{said}");
        assert!(said.contains(&port.to_string()), "{said}");
        assert_eq!(processes_of(data.path()), Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_second_one_on_the_same_data_is_a_69_and_the_first_goes_on() {
    let data = Scratch::new("up-data");
    let first = Up::start(data.path(), port::free(), port::free(), &[]);
    let banner = first.banner().await;
    let second = Up::start(data.path(), port::free(), port::free(), &[]);
    let (code, said) = ended(&second).await;
    assert_eq!(code, Some(69), "{said}");
    assert!(said.contains("in use"), "{said}");
    let url = format!("http://127.0.0.1:{}", first.control);
    let client = testkit::control::Client::new(&url, super::up_running::token(&banner).unwrap());
    assert_eq!(client.get("/workflows").await.status, 200);
    assert_eq!(first.interrupt().await, Some(0), "{}", first.err());
}

#[tokio::test]
async fn a_nats_server_that_is_not_there_is_a_69_that_names_it() {
    let data = Scratch::new("up-data");
    let more = ["--nats-server", "/nowhere/nats-server"];
    let up = Up::start(data.path(), port::free(), port::free(), &more);
    let (code, said) = ended(&up).await;
    assert_eq!(code, Some(69), "{said}");
    assert!(said.contains("/nowhere/nats-server"), "{said}");
    let nats = format!("nats://127.0.0.1:{}", port::free());
    let data = Scratch::new("up-data");
    let up = Up::start(
        data.path(),
        port::free(),
        port::free(),
        &["--nats-url", &nats],
    );
    let (code, said) = ended(&up).await;
    assert!(code == Some(64) || code == Some(69), "{said}");
}

#[tokio::test]
async fn ctrl_c_while_it_starts_leaves_nothing_behind() {
    let data = Scratch::new("up-data");
    let up = Up::start(data.path(), port::free(), port::free(), &[]);
    let patience = std::time::Duration::from_secs(30);
    testkit::until(patience, "nats-server to be there", async || {
        (processes_of(data.path()).len() > 1).then_some(())
    })
    .await;
    up.process().interrupt();
    up.process().wait().await;
    assert_eq!(processes_of(data.path()), Vec::<String>::new());
}
