use seal::setting;
use shared::ids::ContentHash;
use shared::v1::auth::{CheckCredentials, SealingKey};
use shared::v1::views::CredentialsView;

use crate::desk::{Desk, ISSUER, SECRET, endpoint, key};

#[tokio::test]
async fn what_is_sealed_to_the_published_key_can_be_checked() {
    let desk = Desk::before_registry().await;
    let public = desk.ask(SealingKey {}).await.unwrap();
    assert_eq!(&public, key().public());
    let credentials = |secret: &str| CheckCredentials {
        credentials: CredentialsView {
            endpoint_id: endpoint(1),
            revision: ContentHash([1; 32]),
            endpoint_key: seal::seal(&public, setting::KEY, ISSUER.as_bytes()).unwrap(),
            endpoint_secret: seal::seal(&public, setting::SECRET, secret.as_bytes()).unwrap(),
            previous_secret: None,
            require_exp: true,
            secrets: std::collections::BTreeMap::new(),
            variables: std::collections::BTreeMap::new(),
        },
    };
    assert_eq!(desk.ask(credentials(SECRET)).await.unwrap(), []);
    let problems = desk.ask(credentials("short")).await.unwrap();
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].setting, setting::SECRET);
}
