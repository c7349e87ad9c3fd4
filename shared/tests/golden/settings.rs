//! Secrets and variables.

use shared::ids::{InstanceId, SettingId, TokenId, WorkflowId};
use shared::v1::auth::{CredentialUses, PublicKey, RunSecret, RunSecrets, SealedCredentials};
use shared::v1::presence::{GatewayPresence, RunnerPresence};
use shared::v1::registry::{Draft, Page};
use shared::v1::settings::{
    DeleteSetting, FindSecrets, GetSetting, ListSettings, PutSetting, SecretView, SettingInfo,
    SettingKind, SettingPut, SettingUser, SettingValue, VariableView,
};
use shared::v1::views::CredentialsView;

use crate::frozen;
use crate::samples::{ID, credentials, draft, sealed, sealed_credentials, uses};

fn info() -> SettingInfo {
    SettingInfo {
        id: SettingId(ID),
        name: "REGION".into(),
        value: Some("eu".into()),
        etag: "7".into(),
        updated_at_ms: 1_764_000_000_000,
        updated_by: TokenId(ID),
        used_by: vec![SettingUser {
            workflow_id: WorkflowId(ID),
            name: "order-check".into(),
            draft: false,
            published: true,
        }],
    }
}

#[test]
fn the_views_of_secrets_and_variables_read_back() {
    frozen(
        "secret_view",
        &SecretView {
            id: SettingId(ID),
            name: "JWT_SECRET".into(),
            revision: 7,
            sealed: sealed(),
        },
    );
    frozen(
        "variable_view",
        &VariableView {
            id: SettingId(ID),
            name: "REGION".into(),
            revision: 8,
            value: "eu".into(),
        },
    );
}

#[test]
fn what_uses_secrets_and_variables_reads_back() {
    let view = CredentialsView {
        secrets: [("JWT_SECRET".to_owned(), sealed())].into(),
        variables: [("REGION".to_owned(), "eu".to_owned())].into(),
        ..credentials()
    };
    frozen("credentials_view_with_settings", &view);
    let given = SealedCredentials {
        uses: CredentialUses {
            endpoint_secret: uses(),
            ..Default::default()
        },
        ..sealed_credentials()
    };
    let draft = Draft {
        given,
        uses: uses(),
        ..draft()
    };
    frozen("draft_with_uses", &draft);
    frozen(
        "runner_presence_with_variables",
        &RunnerPresence {
            runner: InstanceId(ID),
            build: "0.1.0".into(),
            lane: "default".into(),
            capacity: 1_024,
            in_flight: 3,
            draining: false,
            variables_revision: 9,
        },
    );
    frozen(
        "gateway_presence_with_variables",
        &GatewayPresence {
            gateway: InstanceId(ID),
            build: "0.1.0".into(),
            routes_revision: 12,
            draining: false,
            variables_revision: 9,
        },
    );
}

#[test]
fn requests_about_secrets_and_variables_read_back() {
    let put = |value| PutSetting {
        name: "REGION".into(),
        value,
        if_match: Some("7".into()),
        actor: TokenId(ID),
    };
    frozen("put_secret", &put(SettingValue::Secret(sealed())));
    frozen("put_variable", &put(SettingValue::Variable("eu".into())));
    let (info, created) = (info(), true);
    frozen(
        "setting_put",
        &SettingPut {
            info: info.clone(),
            created,
        },
    );
    let (kind, name) = (SettingKind::Secret, "JWT_SECRET".to_owned());
    frozen(
        "delete_setting",
        &DeleteSetting {
            kind,
            name: name.clone(),
            if_match: None,
            force: true,
        },
    );
    frozen("get_setting", &GetSetting { kind, name });
    let cursor = Some("REGION".to_owned());
    frozen(
        "list_settings",
        &ListSettings {
            kind: SettingKind::Variable,
            cursor: cursor.clone(),
            limit: 50,
        },
    );
    frozen(
        "setting_page",
        &Page {
            items: vec![info],
            next_cursor: cursor,
        },
    );
    let names = uses().secrets;
    frozen("find_secrets", &FindSecrets { names });
}

#[test]
fn the_secrets_of_a_run_read_back() {
    let key = PublicKey {
        key_id: 7,
        key: vec![5; 32],
    };
    let names = uses().secrets;
    frozen("run_secrets", &RunSecrets { names, key });
    let name = "JWT_SECRET".to_owned();
    let sealed = sealed();
    frozen("run_secret", &RunSecret { name, sealed });
}
