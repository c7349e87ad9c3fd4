//! The example workflows, published at the first start.

use crate::client::Client;
use crate::commands::apply;
use crate::commands::files::Source;
use crate::commands::publish;
use crate::failure::Failure;
use crate::output;

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

/// Applies and publishes every example.
pub(crate) async fn publish_all(client: &Client) -> Result<(), Failure> {
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
