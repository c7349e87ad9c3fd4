//! The clients against a server that says what it was sent.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

#[tokio::test]
async fn raw_sends_the_very_bytes_and_returns_the_whole_reply() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let odd = b"G\0T / HTTP/9.9\r\n\r\n";
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut bytes = vec![0; odd.len()];
        stream.read_exact(&mut bytes).await.unwrap();
        stream.write_all(&bytes).await.unwrap();
        stream.write_all(&[b'x'; 100_000]).await.unwrap();
    });
    let reply = testkit::http::raw(address, odd).await;
    server.await.unwrap();
    assert_eq!(&reply[..odd.len()], odd);
    assert_eq!(reply.len(), odd.len() + 100_000);
}

#[tokio::test]
async fn the_client_hands_a_redirect_to_the_test() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut bytes = [0; 1024];
        let _ = stream.read(&mut bytes).await.unwrap();
        let reply = "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n";
        stream.write_all(reply.as_bytes()).await.unwrap();
    });
    let response = testkit::http::client()
        .get(format!("http://{address}/"))
        .send()
        .await
        .unwrap();
    server.await.unwrap();
    assert_eq!(response.status(), 302);
    assert_eq!(response.headers()["location"], "/elsewhere");
}
