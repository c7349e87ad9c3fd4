//! Secrets and variables: what of them stands in the buckets, and what a change of one changes.

use std::time::{Duration, Instant};

use bus::Bus;
use bus::router::Router;
use bus::serve::{Intake, Permits, Serving};
use futures_util::future::join_all;
use ops::clock::now_ms;
use serde_json::{Value, json};
use shared::codes::Code;
use shared::limits::MAX_SETTING;
use shared::v1::auth::CheckCredentials;
use shared::v1::presence::RunnerPresence;
use shared::v1::registry::{CreateWorkflow, WorkflowInfo};
use shared::v1::settings::{
    DeleteSetting, FindSecrets, GetSetting, ListSettings, PutSetting, SecretView, SettingInfo,
    SettingKind, SettingValue, VariableView,
};
use shared::v1::views::Sealed;
use shared::{frame, subjects};

use super::gateway::Gateway;
use super::platform::{Platform, SOON, actor, connect, draft, echo, guarded, publish, sealed};

fn put(name: &str, value: SettingValue) -> PutSetting {
    PutSetting {
        name: name.to_owned(),
        value,
        if_match: None,
        actor: actor(),
    }
}

fn variable(name: &str, value: &str) -> PutSetting {
    put(name, SettingValue::Variable(value.to_owned()))
}

fn secret(name: &str, byte: u8) -> PutSetting {
    put(name, SettingValue::Secret(sealed(byte)))
}

fn delete(kind: SettingKind, name: &str) -> DeleteSetting {
    DeleteSetting {
        kind,
        name: name.to_owned(),
        if_match: None,
        force: false,
    }
}

/// As much of auth-svc as a publish needs: it finds nothing wrong.
async fn content(bus: &Bus) -> Serving {
    let router = Router::new(bus.clone(), now_ms).on(async |_, _: CheckCredentials| Ok(Vec::new()));
    let intake = Intake {
        subject: subjects::AUTH.to_owned(),
        group: Some(subjects::AUTH_GROUP),
        permits: Permits::new(8),
    };
    bus.serve(intake, router).await.unwrap()
}

fn with_origins(name: &str, origins: &str) -> Value {
    let mut document = echo(name);
    document["spec"]["listener"]["allow_cors"] = json!(true);
    document["spec"]["listener"]["cors_domains"] = json!(origins);
    document
}

/// A workflow whose document uses what it does, as the gateway would say.
async fn create(platform: &Platform, document: &Value, secrets: &[&str]) -> WorkflowInfo {
    let mut draft = draft(document);
    let names: Vec<_> = secrets.iter().map(|name| (*name).to_owned()).collect();
    draft.given.endpoint_key = Some(sealed(1));
    draft.given.endpoint_secret = Some(sealed(2));
    draft.given.uses.endpoint_secret.secrets = names.into_iter().collect();
    platform
        .ask(CreateWorkflow { draft })
        .await
        .unwrap()
        .workflow
}

async fn held<T: serde::de::DeserializeOwned>(
    platform: &Platform,
    bucket: &'static str,
    info: &SettingInfo,
) -> Option<T> {
    let key = subjects::setting_key(info.id);
    let value = platform.bucket(bucket).await.get(&key).await.unwrap();
    value.map(|bytes| frame::unpack(&bytes).unwrap())
}

#[tokio::test]
async fn what_is_set_stands_in_its_bucket_until_it_is_deleted() {
    let platform = Platform::start().await;
    let made = platform.ask(variable("REGION", "eu")).await.unwrap();
    assert!(made.created);
    assert_eq!(made.info.value.as_deref(), Some("eu"));
    assert_eq!(
        (made.info.updated_by, &made.info.used_by),
        (actor(), &vec![])
    );
    let bucket = subjects::VARIABLES_BUCKET;
    let view: VariableView = held(&platform, bucket, &made.info).await.unwrap();
    assert_eq!((view.name.as_str(), view.value.as_str()), ("REGION", "eu"));
    let again = platform.ask(variable("REGION", "us")).await.unwrap();
    assert!(!again.created && again.info.etag != made.info.etag);
    let view: VariableView = held(&platform, bucket, &made.info).await.unwrap();
    assert_eq!(view.value, "us");

    let made = platform.ask(secret("KEY", 5)).await.unwrap();
    assert_eq!(made.info.value, None);
    let view: SecretView = held(&platform, subjects::SECRETS_BUCKET, &made.info)
        .await
        .unwrap();
    assert_eq!((view.name.as_str(), view.sealed), ("KEY", sealed(5)));
    let names = ["KEY".to_owned(), "NONE".to_owned()].into();
    let found = platform.ask(FindSecrets { names }).await.unwrap();
    assert_eq!((found.len(), found[0].id), (1, made.info.id));

    let kind = SettingKind::Secret;
    platform.ask(delete(kind, "KEY")).await.unwrap();
    let gone: Option<SecretView> = held(&platform, subjects::SECRETS_BUCKET, &made.info).await;
    assert_eq!(gone, None);
    assert_eq!(
        platform.refused(delete(kind, "KEY")).await.code,
        Code::NotFound
    );
    let name = "KEY".to_owned();
    assert_eq!(
        platform.refused(GetSetting { kind, name }).await.code,
        Code::NotFound
    );
}

#[tokio::test]
async fn bad_names_large_values_and_stale_tags_are_refused() {
    let platform = Platform::start().await;
    for name in ["", "1A", "A-B", "Ä", &"x".repeat(65)] {
        let failure = platform.refused(variable(name, "x")).await;
        assert_eq!(failure.code, Code::InvalidRequest, "{name}");
    }
    let large = Sealed {
        ciphertext: vec![0; MAX_SETTING + 17],
        ..sealed(1)
    };
    for too_large in [
        variable("A", &"x".repeat(MAX_SETTING + 1)),
        put("A", SettingValue::Secret(large)),
    ] {
        let failure = platform.refused(too_large).await;
        assert_eq!(failure.code, Code::InvalidRequest);
        assert!(failure.detail.contains("32768 bytes"), "{}", failure.detail);
    }
    platform
        .ask(variable("A", &"x".repeat(MAX_SETTING)))
        .await
        .unwrap();
    let with = |if_match: &str| PutSetting {
        if_match: Some(if_match.to_owned()),
        ..variable("A", "y")
    };
    assert_eq!(
        platform.refused(with("\"99\"")).await.code,
        Code::PreconditionFailed
    );
    let done = platform.ask(with("*")).await.unwrap();
    let tag = done.info.etag;
    platform.ask(with(&tag)).await.unwrap();
    let stale = DeleteSetting {
        if_match: Some(tag),
        ..delete(SettingKind::Variable, "A")
    };
    assert_eq!(platform.refused(stale).await.code, Code::PreconditionFailed);
}

#[tokio::test]
async fn listings_come_page_by_page_with_the_workflows_that_use_each() {
    let platform = Platform::start().await;
    for name in ["C", "A", "B"] {
        platform.ask(secret(name, 1)).await.unwrap();
    }
    let _auth = content(&platform.bus).await;
    let made = create(&platform, &guarded("orders"), &["B"]).await;
    platform.publish(made.id).await;
    let list = |cursor| ListSettings {
        kind: SettingKind::Secret,
        cursor,
        limit: 2,
    };
    let first = platform.ask(list(None)).await.unwrap();
    let names: Vec<_> = first.items.iter().map(|item| item.name.as_str()).collect();
    assert_eq!(names, ["A", "B"]);
    assert_eq!(first.items[0].used_by, []);
    let user = &first.items[1].used_by[0];
    assert_eq!(
        (user.name.as_str(), user.draft, user.published),
        ("orders", true, true)
    );
    let second = platform.ask(list(first.next_cursor)).await.unwrap();
    assert_eq!((second.items.len(), second.next_cursor), (1, None));
    let made_up = platform.refused(list(Some("!".to_owned()))).await;
    assert_eq!(made_up.code, Code::InvalidRequest);

    let kind = SettingKind::Secret;
    let used = platform.refused(delete(kind, "B")).await;
    assert_eq!(used.code, Code::Conflict);
    assert!(used.detail.contains("`orders`"), "{}", used.detail);
    assert_eq!(used.facts.as_deref(), Some(r#"{"used_by":["orders"]}"#));
    let force = DeleteSetting {
        force: true,
        ..delete(kind, "B")
    };
    platform.ask(force).await.unwrap();
    let view = platform.credentials(&made).await.unwrap();
    assert!(view.secrets.is_empty(), "nobody gets in any more");
}

#[tokio::test]
async fn another_secret_is_another_revision_of_the_credentials_that_use_it() {
    let platform = Platform::start().await;
    let _auth = content(&platform.bus).await;
    platform.ask(secret("JWT", 5)).await.unwrap();
    platform.ask(secret("OTHER", 6)).await.unwrap();
    let gateway = Gateway::start(&connect(&platform.nats).await).await;
    let made = create(&platform, &guarded("orders"), &["JWT"]).await;
    let published = platform.publish(made.id).await;
    let before = platform.credentials(&made).await.unwrap();
    assert_eq!(before.secrets["JWT"], sealed(5));
    let route = platform.route(&made).await.unwrap();
    assert_eq!(route.credentials, Some(before.revision));

    platform.ask(secret("OTHER", 7)).await.unwrap();
    assert_eq!(platform.credentials(&made).await.as_ref(), Some(&before));
    platform.ask(secret("JWT", 8)).await.unwrap();
    let after = platform.credentials(&made).await.unwrap();
    assert_eq!(after.secrets["JWT"], sealed(8));
    assert_ne!(after.revision, before.revision);
    let route = platform.route(&made).await.unwrap();
    assert_eq!(route.credentials, Some(after.revision));
    let key = subjects::endpoint_key(route.endpoint_id);
    let served = gateway.serves.lock().unwrap()[&key].clone();
    let served: shared::v1::views::RouteView = frame::unpack(&served).unwrap();
    assert_eq!(served, route, "every gateway serves it before the answer");
    assert_eq!(
        platform.get(made.id).await.published,
        published.published,
        "the version is the same"
    );
    // Publishing the same draft again puts the same views.
    platform.publish(made.id).await;
    assert_eq!(platform.credentials(&made).await, Some(after));
}

#[tokio::test]
async fn origins_follow_their_variables() {
    let platform = Platform::start().await;
    platform
        .ask(variable("APP", "https://a.example"))
        .await
        .unwrap();
    let mut draft = draft(&with_origins("orders", "{{ variable('APP') }}"));
    draft.uses.variables = ["APP".to_owned()].into();
    let made = platform
        .ask(CreateWorkflow { draft })
        .await
        .unwrap()
        .workflow;
    platform.publish(made.id).await;
    let cors = async || platform.route(&made).await.unwrap().cors.unwrap();
    assert_eq!(cors().await, ["https://a.example"]);
    platform
        .ask(variable("APP", "https://b.example, https://c.example"))
        .await
        .unwrap();
    assert_eq!(cors().await, ["https://b.example", "https://c.example"]);
    let force = DeleteSetting {
        force: true,
        ..delete(SettingKind::Variable, "APP")
    };
    platform.ask(force).await.unwrap();
    assert_eq!(cors().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_changed_variable_is_waited_for_at_those_whose_scripts_read_the_old_one() {
    let platform = Platform::start().await;
    let bus = connect(&platform.nats).await;
    let runner = RunnerPresence {
        runner: bus.instance(),
        build: "test".to_owned(),
        lane: subjects::DEFAULT_LANE.to_owned(),
        capacity: 1,
        in_flight: 0,
        draining: false,
        variables_revision: 0,
    };
    let behind = tokio::spawn(async move {
        let mut every = tokio::time::interval(Duration::from_millis(50));
        loop {
            every.tick().await;
            let presence = frame::pack(&runner).unwrap();
            let subject = subjects::RUNNER_PRESENCE.to_owned();
            bus.publish(subject, presence).await.unwrap();
        }
    });
    let patience = Duration::from_secs(1);
    let started = Instant::now();
    platform.ask(variable("REGION", "eu")).await.unwrap();
    assert!(
        started.elapsed() >= patience,
        "it stays behind, and is given up"
    );
    behind.abort();
}

#[tokio::test]
async fn what_is_used_and_not_there_is_refused_with_a_guess() {
    let platform = Platform::start().await;
    let _auth = content(&platform.bus).await;
    platform.ask(secret("JWT_SECRET", 1)).await.unwrap();
    let made = create(&platform, &guarded("guarded"), &["JWT_SECRTE"]).await;
    let refused = platform.refused(publish(made.id)).await;
    assert_eq!(refused.code, Code::InvalidWorkflow);
    let problems: Value = serde_json::from_str(&refused.facts.unwrap()).unwrap();
    assert_eq!(
        problems,
        json!([{
            "severity": "error",
            "path": "spec.listener.endpoint_secret",
            "code": "no_such_secret",
            "message": "there is no secret `JWT_SECRTE`",
            "hint": "did you mean `JWT_SECRET`?",
        }])
    );
    let made = platform
        .create(&with_origins("origins", "{{ variable('APP') }}"))
        .await
        .workflow;
    let refused = platform.refused(publish(made.id)).await;
    let problems: Value = serde_json::from_str(&refused.facts.unwrap()).unwrap();
    assert_eq!(problems[0]["path"], "spec.listener.cors_domains");
    assert_eq!(problems[0]["code"], "no_such_variable");
    let mut calling = echo("calling");
    calling["spec"]["steps"] = json!([{
        "id": "call", "type": "http_request", "url": "https://a.example",
        "headers": {"X-A": "{{ secret('NONE') }} {{ variable('NONE') }}"},
    }]);
    let made = platform.create(&calling).await.workflow;
    let refused = platform.refused(publish(made.id)).await;
    let problems: Value = serde_json::from_str(&refused.facts.unwrap()).unwrap();
    assert_eq!(problems.as_array().unwrap().len(), 1, "{problems:#}");
    assert_eq!(problems[0]["message"], "there is no secret `NONE`");
    assert_eq!(problems[0]["path"], "spec.steps[0].headers.X-A");
    platform.ask(secret("NONE", 1)).await.unwrap();
    platform.publish(made.id).await;
}

#[tokio::test]
async fn the_buckets_are_brought_in_line_with_the_database_at_a_start() {
    let mut platform = Platform::start().await;
    let _auth = content(&platform.bus).await;
    let kept = platform.ask(variable("KEPT", "x")).await.unwrap().info;
    platform.ask(secret("JWT", 5)).await.unwrap();
    let made = create(&platform, &guarded("orders"), &["JWT"]).await;
    platform.publish(made.id).await;
    let view = platform.credentials(&made).await.unwrap();
    platform.stop_registry().await;

    let bucket = platform.bucket(subjects::VARIABLES_BUCKET).await;
    bucket
        .delete(&subjects::setting_key(kept.id))
        .await
        .unwrap();
    for odd in ["0190aaaa-bbbb-7ccc-8ddd-eeeeeeeeeeee", "odd"] {
        bucket.put(odd, "x".into()).await.unwrap();
    }
    let credentials = platform.bucket(subjects::CREDENTIALS_BUCKET).await;
    let key = subjects::endpoint_key(view.endpoint_id);
    credentials.put(&key, "x".into()).await.unwrap();

    let (registry, _) = platform.start_another().await;
    let view_of: Option<VariableView> = held(&platform, subjects::VARIABLES_BUCKET, &kept).await;
    assert_eq!(view_of.unwrap().value, "x");
    assert_eq!(
        bucket.keys().await.unwrap(),
        [subjects::setting_key(kept.id)]
    );
    assert_eq!(platform.credentials(&made).await, Some(view));
    ops::Service::drain(registry, SOON).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_at_two_registries_at_once_leave_the_views_as_the_database_is() {
    let platform = Platform::start_on_postgres().await;
    let _auth = content(&platform.bus).await;
    let (other, _) = platform.start_another().await;
    platform.ask(secret("JWT", 0)).await.unwrap();
    let made = create(&platform, &guarded("orders"), &["JWT"]).await;
    platform.publish(made.id).await;
    for round in 0..5_u8 {
        let sets = (0..8).map(async |turn| {
            let done = platform.ask(secret("JWT", 1 + 8 * round + turn)).await;
            done.map(drop).unwrap();
        });
        // Each puts the views of the very same version.
        let publishes = (0..8).map(async |_| {
            platform.ask(publish(made.id)).await.map(drop).unwrap();
        });
        futures_util::join!(join_all(sets), join_all(publishes));
        let names = ["JWT".to_owned()].into();
        let stored = platform.ask(FindSecrets { names }).await.unwrap();
        let view = platform.credentials(&made).await.unwrap();
        assert_eq!(view.secrets["JWT"], stored[0].sealed);
        let route = platform.route(&made).await.unwrap();
        assert_eq!(route.credentials, Some(view.revision));
        let key = subjects::setting_key(stored[0].id);
        let bucket = platform.bucket(subjects::SECRETS_BUCKET).await;
        let held = bucket.get(&key).await.unwrap().unwrap();
        assert_eq!(frame::unpack::<SecretView>(&held).unwrap(), stored[0]);
    }
    ops::Service::drain(other, SOON).await;
}
