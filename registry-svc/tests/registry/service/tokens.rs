//! API tokens, as auth-svc stores them.

use shared::codes::Code;
use shared::ids::TokenId;
use shared::v1::auth::{Role, TokenInfo};
use shared::v1::registry::{AllTokens, DropToken, FindToken, PutToken, TokenRecord};
use uuid::Uuid;

use super::platform::Platform;

fn put(byte: u8, only_first: bool) -> PutToken {
    let info = TokenInfo {
        id: TokenId(Uuid::now_v7()),
        name: format!("token {byte}"),
        role: Role::Admin,
        created_at_ms: 5,
        expires_at_ms: None,
    };
    PutToken {
        record: TokenRecord {
            hash: vec![byte; 32],
            info,
        },
        only_first,
    }
}

#[tokio::test]
async fn the_first_token_is_stored_once_and_found_until_it_is_revoked() {
    let platform = Platform::start().await;
    let first = put(1, true);
    assert!(platform.ask(first.clone()).await.unwrap());
    assert!(!platform.ask(put(2, true)).await.unwrap());
    assert!(platform.ask(put(3, false)).await.unwrap());
    assert_eq!(platform.ask(AllTokens {}).await.unwrap().len(), 2);
    let find = FindToken { hash: vec![1; 32] };
    let info = platform.ask(find.clone()).await.unwrap();
    assert_eq!(info.as_ref(), Some(&first.record.info));
    let id = first.record.info.id;
    assert!(platform.ask(DropToken { id }).await.unwrap());
    assert!(!platform.ask(DropToken { id }).await.unwrap());
    assert_eq!(platform.ask(find).await.unwrap(), None);
}

#[tokio::test]
async fn what_is_no_token_record_is_refused() {
    let platform = Platform::start().await;
    let mut short = put(1, false);
    short.record.hash.pop();
    assert_eq!(platform.refused(short).await.code, Code::InvalidRequest);
    let mut odd = put(1, false);
    odd.record.info.name = "a\0b".to_owned();
    assert_eq!(platform.refused(odd).await.code, Code::InvalidRequest);
    assert!(platform.ask(put(1, false)).await.unwrap());
    assert_eq!(platform.refused(put(1, false)).await.code, Code::Conflict);
}
