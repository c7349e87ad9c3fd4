//! What several messages have inside.

use std::collections::BTreeMap;

use shared::ids::{ContentHash, EndpointId, RequestId, TokenId, WorkflowId};
use shared::rpc::Context;
use shared::trace::TraceContext;
use shared::v1::auth::{CredentialUses, Role, SealedCredentials, TokenInfo};
use shared::v1::registry::{Draft, EndpointInfo, VersionInfo, WorkflowInfo, WorkflowSource};
use shared::v1::settings::SettingUses;
use shared::v1::views::{CredentialsView, Sealed};
use uuid::Uuid;

pub(crate) const ID: Uuid = Uuid::from_u128(0x0192_f0c1_2345_7abc_8def_0123_4567_89ab);

pub(crate) fn trace() -> TraceContext {
    TraceContext::parse("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01").unwrap()
}

pub(crate) fn context() -> Context {
    Context {
        trace: trace(),
        request_id: RequestId(ID),
        deadline_ms: 1_764_000_000_000,
    }
}

pub(crate) fn sealed() -> Sealed {
    Sealed {
        key_id: 7,
        encapsulated: vec![1; 32],
        ciphertext: vec![2; 66],
    }
}

pub(crate) fn sealed_credentials() -> SealedCredentials {
    SealedCredentials {
        endpoint_key: Some(sealed()),
        endpoint_secret: Some(sealed()),
        previous_secret: Some((sealed(), 1_764_000_000_000)),
        uses: CredentialUses::default(),
    }
}

pub(crate) fn uses() -> SettingUses {
    SettingUses {
        secrets: ["JWT_SECRET".to_owned()].into(),
        variables: ["REGION".to_owned()].into(),
    }
}

pub(crate) fn credentials() -> CredentialsView {
    CredentialsView {
        endpoint_id: EndpointId(ID),
        revision: ContentHash([3; 32]),
        endpoint_key: sealed(),
        endpoint_secret: sealed(),
        previous_secret: Some((sealed(), 1_764_000_000_000)),
        require_exp: true,
        secrets: BTreeMap::new(),
        variables: BTreeMap::new(),
    }
}

pub(crate) fn token_info() -> TokenInfo {
    TokenInfo {
        id: TokenId(ID),
        name: "pipeline".into(),
        role: Role::Editor,
        created_at_ms: 1_764_000_000_000,
        expires_at_ms: Some(1_765_000_000_000),
    }
}

pub(crate) fn version() -> VersionInfo {
    VersionInfo {
        number: 4,
        content_hash: ContentHash([9; 32]),
        published_at_ms: 1_764_000_000_000,
        actor: TokenId(ID),
        message: Some("second try".into()),
    }
}

pub(crate) fn workflow() -> WorkflowInfo {
    WorkflowInfo {
        id: WorkflowId(ID),
        name: "order-check".into(),
        category: Some("demo".into()),
        etag: "5".into(),
        created_at_ms: 1_764_000_000_000,
        updated_at_ms: 1_764_000_000_001,
        endpoint: Some(EndpointInfo {
            id: EndpointId(ID),
            path: "/listener/a/b".into(),
        }),
        published: Some(version()),
        changed: true,
        document: Some("{}".into()),
        source: WorkflowSource::Listener,
        schedule: None,
    }
}

pub(crate) fn draft() -> Draft {
    Draft {
        document: "{}".into(),
        given: sealed_credentials(),
        offered: SealedCredentials::default(),
        actor: TokenId(ID),
        uses: SettingUses::default(),
    }
}
