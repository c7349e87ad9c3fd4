use shared::codes::Code;
use shared::v1::auth::{CheckToken, ListTokens, MintToken, Role};

use crate::desk::{Desk, code};

#[tokio::test]
async fn without_the_registry_no_api_token_is_good_and_none_is_made() {
    let desk = Desk::before_registry().await;
    let token = format!("ear_{}", "a".repeat(43));
    assert_eq!(
        code(desk.ask(CheckToken { token }).await),
        Code::RegistryUnavailable
    );
    assert_eq!(
        code(desk.ask(ListTokens {}).await),
        Code::RegistryUnavailable
    );
    let wish = MintToken {
        name: "ci".to_owned(),
        role: Role::Viewer,
        expires_at_ms: None,
    };
    assert_eq!(code(desk.ask(wish).await), Code::RegistryUnavailable);
}

#[tokio::test]
async fn what_does_not_look_like_a_token_is_refused_without_asking_the_registry() {
    let desk = Desk::before_registry().await;
    for token in ["", "ear_", "admin", "ear_short"] {
        let token = token.to_owned();
        assert_eq!(desk.ask(CheckToken { token }).await.unwrap(), None);
    }
}
