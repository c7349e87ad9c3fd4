//! The example workflows, published at the first start.

use std::path::Path;
use std::time::Duration;

use shared::v1::auth::{MintToken, Role};

use crate::client::Client;
use crate::commands::apply;
use crate::commands::files::Source;
use crate::commands::publish;
use crate::failure::Failure;
use crate::output;
use crate::up::banner;
use crate::up::platform::Platform;

macro_rules! examples {
    ($($name:literal)*) => {
        /// Name and text of each example.
        const EXAMPLES: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../../../examples/", $name, ".yaml"))),)*];
    };
}

examples! {
    "acknowledge-after-check"
    "asynchronous-hand-over"
    "browser-cors-jwt"
    "fan-out"
    "html-page"
    "json-echo"
    "look-up-behind-jwt"
    "ping-or-event"
    "sign-up-redirect"
    "sse-progress"
}

/// The file that says that the examples were published: what became of them since is their owner's business.
const MARKER: &str = "examples-published";

/// Publishes the examples, once in the life of a data folder.
pub(crate) async fn publish_once(
    control: &str,
    data: &Path,
    platform: &Platform,
) -> Result<(), Failure> {
    let marker = data.join(MARKER);
    if marker.exists() {
        return Ok(());
    }
    let token = match platform.first_token() {
        Some(token) => token.expose().to_owned(),
        None => own_token(platform).await?,
    };
    publish_all(&Client::at(control, token)?).await?;
    std::fs::write(&marker, "")
        .map_err(|error| Failure::unavailable(format!("{}: {error}", marker.display())))
}

/// A token of our own for a few minutes, where the first one is not ours to know.
async fn own_token(platform: &Platform) -> Result<String, Failure> {
    let now = ops::clock::now_ms();
    let wanted = MintToken {
        name: "earshot up, for the examples".to_owned(),
        role: Role::Editor,
        expires_at_ms: Some(now + 10 * 60 * 1_000),
    };
    let minted = platform
        .bus()
        .call(banner::context(), wanted, Duration::from_secs(5), now)
        .await;
    minted
        .map(|minted| minted.token)
        .map_err(|error| Failure::unavailable(format!("the examples cannot be published: {error}")))
}

async fn publish_all(client: &Client) -> Result<(), Failure> {
    for (name, text) in EXAMPLES {
        let source = Source {
            name: (*name).to_owned(),
            text: (*text).to_owned(),
        };
        let (_, workflow) = apply::apply_one(client, &source).await?;
        publish::send(client, &workflow, Some("an example of the first start")).await?;
    }
    output::say(&format!("published {} example workflows", EXAMPLES.len()));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::EXAMPLES;

    #[test]
    fn every_example_of_the_folder_is_published() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples");
        let mut files: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .filter_map(|entry| entry.unwrap().file_name().into_string().ok())
            .filter_map(|name| Some(name.strip_suffix(".yaml")?.to_owned()))
            .collect();
        files.sort();
        let names: Vec<&str> = EXAMPLES.iter().map(|(name, _)| *name).collect();
        assert_eq!(files, names);
    }
}
