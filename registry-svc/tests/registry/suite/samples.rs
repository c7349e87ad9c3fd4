//! Drafts, workflows and versions to store.

use registry_svc::store::{AccessUses, NewSchedule, NewVersion, NewWorkflow, StoredDraft, Views};
use shared::ids::{ContentHash, EndpointId, TokenId, WorkflowId};
use shared::v1::auth::SealedCredentials;
use shared::v1::registry::{VersionInfo, WorkflowSource};
use shared::v1::settings::SettingUses;
use shared::v1::views::{ReturnType, Sealed};
use uuid::Uuid;

pub(crate) fn draft(name: &str) -> StoredDraft {
    StoredDraft {
        name: name.to_owned(),
        category: None,
        document: format!(r#"{{"metadata":{{"name":"{name}","description":"ünï \u0000"}}}}"#),
        source: WorkflowSource::Listener,
        hash: ContentHash([1; 32]),
        credentials: SealedCredentials::default(),
        uses: SettingUses::default(),
        actor: TokenId(Uuid::now_v7()),
        saved_at_ms: 1_700_000_000_123,
    }
}

pub(crate) fn workflow(name: &str) -> NewWorkflow {
    NewWorkflow {
        id: WorkflowId(Uuid::now_v7()),
        endpoint: EndpointId(Uuid::now_v7()),
        first_hash: *Uuid::now_v7().as_bytes(),
        second_hash: *Uuid::now_v7().as_bytes(),
        draft: draft(name),
    }
}

pub(crate) fn sealed(byte: u8) -> Sealed {
    Sealed {
        key_id: 1,
        encapsulated: vec![byte; 32],
        ciphertext: vec![byte; 66],
    }
}

pub(crate) fn version(number: u64, content: u8) -> NewVersion {
    NewVersion {
        info: VersionInfo {
            number,
            content_hash: ContentHash([content; 32]),
            published_at_ms: 1_700_000_001_000,
            actor: TokenId(Uuid::now_v7()),
            message: Some("as agreed".to_owned()),
        },
        views: Views {
            content_hash: ContentHash([content; 32]),
            document: format!(r#"{{"content":{content}}}"#),
            route: Some(vec![0, content, 255]),
            credentials: content.is_multiple_of(2).then(|| vec![content; 5]),
            access: AccessUses::default(),
            published_at_ms: 1_700_000_001_000,
        },
        return_type: Some(ReturnType::Data),
        source: WorkflowSource::Listener,
        schedule: None,
        authentication: content.is_multiple_of(2),
        uses: SettingUses::default(),
    }
}

/// A version without a listener whose runs begin by this timetable.
pub(crate) fn scheduled(number: u64, timetable: &str, published_at_ms: i64) -> NewVersion {
    let mut version = version(number, 1);
    version.info.published_at_ms = published_at_ms;
    version.return_type = None;
    version.views.route = None;
    version.source = WorkflowSource::Scheduled;
    version.schedule = Some(NewSchedule {
        timetable: timetable.to_owned(),
        data: r#"{"a":1}"#.to_owned(),
    });
    version
}
