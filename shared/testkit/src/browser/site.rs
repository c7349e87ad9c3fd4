//! A site of somebody else: a page on an origin that is not Earshot's.

use std::net::{Ipv4Addr, SocketAddr};

use axum::Router;
use axum::response::Html;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A server that gives one page at every path. Ends when dropped.
#[derive(Debug)]
pub struct Site {
    port: u16,
    server: JoinHandle<()>,
}

impl Site {
    /// Serves an HTML page on a free port.
    pub async fn serve(page: &str) -> Self {
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let listener = TcpListener::bind(any).await.expect("a port is free");
        let port = listener.local_addr().expect("it is bound").port();
        let page = Html(page.to_owned());
        let router = Router::new().fallback(async move || page.clone());
        let server = tokio::spawn(async move {
            let _ = axum::serve(listener, router).await;
        });
        Self { port, server }
    }

    /// Its origin by one of its names, which are different origins to a browser: `localhost`, `127.0.0.1`, or any
    /// name that ends in `.localhost`, which browsers take for this machine.
    #[must_use]
    pub fn origin(&self, host: &str) -> String {
        format!("http://{host}:{}", self.port)
    }

    /// The page's URL by one of its names.
    #[must_use]
    pub fn url(&self, host: &str) -> String {
        format!("{}/", self.origin(host))
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.server.abort();
    }
}
