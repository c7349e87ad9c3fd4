//! A real browser, driven over the WebDriver protocol (W3C Recommendation), and a site for it to visit.
//!
//! ```no_run
//! # async fn test() {
//! let site = testkit::browser::Site::serve("<title>a page</title>").await;
//! let browser = testkit::browser::Browser::start().await;
//! browser.open(&site.url("localhost")).await;
//! let title = browser.run("return document.title", &[]).await;
//! # }
//! ```

mod driver;
mod session;
mod site;

pub use session::Browser;
pub use site::Site;
