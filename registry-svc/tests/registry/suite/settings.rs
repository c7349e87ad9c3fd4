//! Secrets and variables.

use futures_util::future::join_all;
use registry_svc::store::{AccessUses, NewSetting, Setting, SettingChange, Store, Wanted};
use shared::ids::{SettingId, TokenId};
use shared::v1::settings::{SettingKind, SettingUses};
use uuid::Uuid;

use super::samples::{version, workflow};

const KINDS: [SettingKind; 2] = [SettingKind::Secret, SettingKind::Variable];

fn new(kind: SettingKind, name: &str, value: &str) -> NewSetting {
    NewSetting {
        kind,
        id: SettingId(Uuid::now_v7()),
        name: name.to_owned(),
        value: value.as_bytes().to_vec(),
        updated_at_ms: 1_700_000_000_123,
        updated_by: TokenId(Uuid::from_u128(7)),
    }
}

async fn put<S: Store>(store: &S, kind: SettingKind, name: &str, value: &str) -> Setting {
    let change = store
        .put_setting(&new(kind, name, value), Wanted::Whatever)
        .await;
    assert!(matches!(change.unwrap(), SettingChange::Done { .. }));
    store.setting(kind, name).await.unwrap().unwrap()
}

fn uses(secrets: &[&str], variables: &[&str]) -> SettingUses {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    SettingUses {
        secrets: names(secrets),
        variables: names(variables),
    }
}

pub(crate) async fn a_setting_reads_back_and_keeps_its_id_while_its_value_changes<S: Store>(
    store: &S,
) {
    for kind in KINDS {
        let first = put(store, kind, "A", "ünï \0").await;
        assert_eq!(first.value, "ünï \0".as_bytes());
        assert_eq!(first.updated_by, TokenId(Uuid::from_u128(7)));
        assert_eq!(first.updated_at_ms, 1_700_000_000_123);
        let second = put(store, kind, "A", "other").await;
        assert_eq!((second.id, second.name.as_str()), (first.id, "A"));
        assert!(second.revision > first.revision);
        let found = store.setting_with_id(kind, first.id).await.unwrap();
        assert!(found == Some(second));
    }
    assert!(
        store
            .setting(SettingKind::Secret, "B")
            .await
            .unwrap()
            .is_none()
    );
}

pub(crate) async fn a_secret_and_a_variable_may_have_one_name<S: Store>(store: &S) {
    let secret = put(store, SettingKind::Secret, "A", "hidden").await;
    let variable = put(store, SettingKind::Variable, "A", "open").await;
    assert_ne!(secret.id, variable.id);
    let done = store
        .delete_setting(SettingKind::Secret, "A", Wanted::Whatever, false)
        .await;
    assert!(matches!(done.unwrap(), SettingChange::Done { .. }));
    assert!(
        store
            .setting(SettingKind::Secret, "A")
            .await
            .unwrap()
            .is_none()
    );
    let kept = store.setting(SettingKind::Variable, "A").await.unwrap();
    assert!(kept == Some(variable));
}

pub(crate) async fn a_change_may_want_what_was_read<S: Store>(store: &S) {
    let kind = SettingKind::Variable;
    let change = |wanted| async move {
        store
            .put_setting(&new(kind, "A", "x"), wanted)
            .await
            .unwrap()
    };
    for absent in [Wanted::Some, Wanted::Revision(1)] {
        assert_eq!(change(absent).await, SettingChange::Other);
    }
    let first = put(store, kind, "A", "first").await;
    assert!(matches!(
        change(Wanted::Revision(first.revision)).await,
        SettingChange::Done { created: false, .. }
    ));
    assert_eq!(
        change(Wanted::Revision(first.revision)).await,
        SettingChange::Other
    );
    assert!(matches!(
        change(Wanted::Some).await,
        SettingChange::Done { created: false, .. }
    ));
    let stale = Wanted::Revision(first.revision);
    let delete = store.delete_setting(kind, "A", stale, false).await.unwrap();
    assert_eq!(delete, SettingChange::Other);
    let delete = |wanted| async move { store.delete_setting(kind, "A", wanted, false).await };
    assert!(matches!(
        delete(Wanted::Some).await.unwrap(),
        SettingChange::Done { .. }
    ));
    assert_eq!(
        delete(Wanted::Whatever).await.unwrap(),
        SettingChange::Missing
    );
}

pub(crate) async fn no_revision_comes_twice_not_even_after_a_deletion<S: Store>(store: &S) {
    let kind = SettingKind::Secret;
    let first = put(store, kind, "A", "first").await;
    let before = store.setting_changes().await.unwrap();
    let done = store.delete_setting(kind, "A", Wanted::Some, false).await;
    assert!(matches!(done.unwrap(), SettingChange::Done { .. }));
    assert!(store.setting_changes().await.unwrap() > before);
    let again = put(store, kind, "A", "first").await;
    assert!(again.revision > first.revision);
    assert_ne!(again.id, first.id);
}

pub(crate) async fn of_many_new_settings_of_one_name_one_is_made<S: Store>(store: &S) {
    let kind = SettingKind::Variable;
    let all: Vec<_> = (0..10)
        .map(|number| new(kind, "A", &format!("{number}")))
        .collect();
    let changes = join_all(
        all.iter()
            .map(|new| store.put_setting(new, Wanted::Whatever)),
    )
    .await;
    let created = changes
        .into_iter()
        .filter(|change| {
            matches!(
                change.as_ref().unwrap(),
                SettingChange::Done { created: true, .. }
            )
        })
        .count();
    assert_eq!(created, 1);
    assert_eq!(store.setting_names(kind).await.unwrap(), ["A"]);
}

pub(crate) async fn settings_come_page_by_page_in_the_byte_order_of_names<S: Store>(store: &S) {
    let kind = SettingKind::Secret;
    for name in ["b", "_", "B", "a", "A"] {
        put(store, kind, name, name).await;
    }
    let order = ["A", "B", "_", "a", "b"];
    assert_eq!(store.setting_names(kind).await.unwrap(), order);
    let mut seen = Vec::new();
    loop {
        let after = seen.last().cloned();
        let page = store.settings(kind, after.as_deref(), 2).await.unwrap();
        if page.is_empty() {
            break;
        }
        seen.extend(page.into_iter().map(|setting| setting.name));
    }
    assert_eq!(seen, order);
}

pub(crate) async fn there_are_a_thousand_at_most<S: Store>(store: &S) {
    let kind = SettingKind::Variable;
    for number in 0..1_000 {
        put(store, kind, &format!("V{number}"), "x").await;
    }
    let one_more = new(kind, "ONE_MORE", "x");
    let full = store.put_setting(&one_more, Wanted::Whatever);
    assert_eq!(full.await.unwrap(), SettingChange::Full);
    put(store, kind, "V7", "y").await;
    put(store, SettingKind::Secret, "ONE_MORE", "x").await;
}

pub(crate) async fn users_are_those_of_drafts_and_of_what_is_published<S: Store>(store: &S) {
    let mut first = workflow("first");
    first.draft.uses = uses(&["A", "B"], &["A", "no name"]);
    store.create(&first).await.unwrap();
    let mut second = workflow("second");
    second.draft.uses = uses(&["B"], &[]);
    store.create(&second).await.unwrap();
    let mut published = version(1, 2);
    published.uses = uses(&["A", "C"], &[]);
    published.views.access = AccessUses {
        credentials: uses(&["C"], &[]),
        origins: uses(&[], &[]),
    };
    assert!(store.publish(first.id, 1, &published).await.unwrap());

    let users = |kind, first: &'static str, last: &'static str| async move {
        let users = store.setting_users(kind, first, last, 100).await.unwrap();
        let told = users.into_iter().map(|(setting, user)| {
            let marks = (user.draft, user.published);
            format!("{setting} {} {marks:?}", user.name)
        });
        told.collect::<Vec<_>>()
    };
    assert_eq!(
        users(SettingKind::Secret, "A", "C").await,
        [
            "A first (true, true)",
            "B first (true, false)",
            "B second (true, false)",
            "C first (false, true)",
        ]
    );
    assert_eq!(
        users(SettingKind::Variable, "A", "z").await,
        ["A first (true, false)"]
    );
    let access = |name: &'static str| async move {
        let kind = SettingKind::Secret;
        store.access_users(kind, name).await.unwrap()
    };
    assert_eq!(access("C").await, [first.id]);
    assert_eq!(access("A").await, []);
    store.unpublish(first.id).await.unwrap();
    assert_eq!(access("C").await, []);
    store.delete(first.id, None, 5).await.unwrap();
    assert_eq!(
        users(SettingKind::Secret, "A", "C").await,
        ["B second (true, false)"]
    );
}

pub(crate) async fn what_a_published_version_uses_is_deleted_by_force_alone<S: Store>(store: &S) {
    let kind = SettingKind::Secret;
    let new = workflow("first");
    store.create(&new).await.unwrap();
    let mut published = version(1, 2);
    published.uses = uses(&["A"], &[]);
    published.views.access.credentials = uses(&["A"], &[]);
    assert!(store.publish(new.id, 1, &published).await.unwrap());
    let live = store.publication(new.id).await.unwrap().unwrap();
    assert_eq!(live.live.unwrap().access, published.views.access);

    put(store, kind, "A", "x").await;
    let serial = store.serial(new.id).await.unwrap().unwrap();
    assert!(serial > live.serial, "the views are not what they were");
    let delete = |force| store.delete_setting(kind, "A", Wanted::Whatever, force);
    assert_eq!(delete(false).await.unwrap(), SettingChange::Used);
    assert!(store.setting(kind, "A").await.unwrap().is_some());
    assert!(matches!(
        delete(true).await.unwrap(),
        SettingChange::Done { .. }
    ));
    assert!(store.serial(new.id).await.unwrap().unwrap() > serial);
}
