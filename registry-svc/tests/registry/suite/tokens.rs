//! The hashes of API tokens.

use futures_util::future::join_all;
use registry_svc::store::{Store, StoreError};
use shared::ids::TokenId;
use shared::v1::auth::{Role, TokenInfo};
use shared::v1::registry::TokenRecord;
use uuid::Uuid;

fn token(byte: u8, role: Role) -> TokenRecord {
    TokenRecord {
        hash: vec![byte; 32],
        info: TokenInfo {
            id: TokenId(Uuid::now_v7()),
            name: format!("token {byte}"),
            role,
            created_at_ms: i64::from(byte),
            expires_at_ms: (byte == 1).then_some(77),
        },
    }
}

pub(crate) async fn a_token_is_found_by_its_hash_until_it_is_revoked<S: Store>(store: &S) {
    let tokens = [
        token(1, Role::Viewer),
        token(2, Role::Editor),
        token(3, Role::Admin),
    ];
    for token in tokens.iter().rev() {
        assert!(store.put_token(token, false).await.unwrap());
    }
    for token in &tokens {
        assert_eq!(
            store.find_token(&token.hash).await.unwrap().as_ref(),
            Some(&token.info)
        );
    }
    let infos: Vec<_> = tokens.iter().map(|token| token.info.clone()).collect();
    assert_eq!(store.tokens().await.unwrap(), infos);
    assert!(store.drop_token(tokens[1].info.id, 9).await.unwrap());
    assert!(!store.drop_token(tokens[1].info.id, 9).await.unwrap());
    assert_eq!(store.find_token(&tokens[1].hash).await.unwrap(), None);
    assert_eq!(store.tokens().await.unwrap().len(), 2);
    assert_eq!(store.find_token(&[9; 32]).await.unwrap(), None);
}

pub(crate) async fn of_many_first_tokens_at_once_one_is_stored<S: Store>(store: &S) {
    let tokens: Vec<_> = (0..10).map(|byte| token(byte, Role::Admin)).collect();
    let stored = join_all(tokens.iter().map(|token| store.put_token(token, true))).await;
    assert_eq!(
        stored
            .into_iter()
            .filter(|stored| *stored.as_ref().unwrap())
            .count(),
        1
    );
    assert_eq!(store.tokens().await.unwrap().len(), 1);
}

pub(crate) async fn there_is_no_first_token_after_any_other_even_a_revoked_one<S: Store>(
    store: &S,
) {
    let other = token(1, Role::Viewer);
    assert!(store.put_token(&other, false).await.unwrap());
    assert!(store.drop_token(other.info.id, 9).await.unwrap());
    assert!(!store.put_token(&token(2, Role::Admin), true).await.unwrap());
    assert_eq!(store.tokens().await.unwrap(), []);
}

pub(crate) async fn a_hash_is_stored_once<S: Store>(store: &S) {
    assert!(
        store
            .put_token(&token(1, Role::Admin), false)
            .await
            .unwrap()
    );
    let again = store.put_token(&token(1, Role::Admin), false).await;
    assert!(matches!(again, Err(StoreError::Taken)));
}
