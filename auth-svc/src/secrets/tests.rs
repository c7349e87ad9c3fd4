//! What is known, what is asked for, and what a runner gets.

use std::collections::BTreeSet;

use bus::router::Router;
use bus::serve::{Intake, Permits};
use shared::ids::{RequestId, SettingId};
use shared::trace::TraceContext;
use shared::{frame, subjects};
use testkit::nats::Server;
use uuid::Uuid;

use super::*;

fn key() -> PrivateKey {
    PrivateKey::from_bytes(&[5; 32]).unwrap()
}

fn view(id: u128, name: &str, revision: u64, value: &str) -> SecretView {
    SecretView {
        id: SettingId(Uuid::from_u128(id)),
        name: name.to_owned(),
        revision,
        sealed: seal::seal(key().public(), &setting::secret(name), value.as_bytes()).unwrap(),
    }
}

fn told(secrets: &Secrets, view: &SecretView) {
    let value = frame::pack(view).unwrap();
    secrets.put(None, &view.id.to_string(), &value);
}

fn names(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn known(secrets: &Secrets, name: &str) -> Option<String> {
    let (found, _) = secrets.known.of(&names(&[name]));
    let text = found.first()?.text.clone()?;
    Some(text.to_string())
}

#[test]
fn a_newer_value_replaces_an_older_one_and_a_deleted_one_is_forgotten() {
    let secrets = Secrets::new(key());
    told(&secrets, &view(1, "A", 1, "first"));
    told(&secrets, &view(1, "A", 2, "second"));
    assert_eq!(known(&secrets, "A").as_deref(), Some("second"));
    // The database was put back to an earlier time.
    told(&secrets, &view(1, "A", 1, "first"));
    assert_eq!(known(&secrets, "A").as_deref(), Some("first"));
    // Made anew under its name: the bucket may tell of the deletion later.
    told(&secrets, &view(2, "A", 3, "third"));
    secrets.removed(None, &SettingId(Uuid::from_u128(1)).to_string());
    told(&secrets, &view(1, "A", 2, "second"));
    assert_eq!(known(&secrets, "A").as_deref(), Some("third"));
    secrets.removed(None, &SettingId(Uuid::from_u128(2)).to_string());
    assert_eq!(known(&secrets, "A"), None);
}

#[test]
fn a_secret_that_was_sealed_under_another_name_is_none() {
    let secrets = Secrets::new(key());
    let mut moved = view(1, "A", 1, "hidden");
    moved.name = "B".to_owned();
    told(&secrets, &moved);
    assert_eq!(known(&secrets, "B"), None);
    let (found, _) = secrets.known.of(&names(&["B"]));
    let runner = PrivateKey::generate();
    let failure = seal_all(found, runner.public()).unwrap_err();
    assert_eq!(failure.code, Code::AuthUnavailable);
}

#[test]
fn an_opened_secret_does_not_show_in_debug() {
    let value = Secrets::new(key()).open(&view(1, "A", 1, "hidden"));
    assert!(!format!("{value:?}").contains("hidden"));
}

#[tokio::test]
async fn a_run_gets_what_is_known_and_what_registry_knows_sealed_to_its_runner() {
    let nats = Server::start();
    let settings = bus::Settings {
        url: nats.url(),
        service: "auth-svc",
        auth: bus::Auth::None,
        connect_timeout: Duration::from_secs(20),
    };
    let bus = Bus::connect(&settings).await.unwrap();
    let secrets = Secrets::new(key());
    told(&secrets, &view(1, "KNOWN", 1, "hidden-1"));
    let runner = PrivateKey::generate();
    let context = Context {
        trace: TraceContext {
            trace_id: 1,
            span_id: 1,
            sampled: false,
        },
        request_id: RequestId(Uuid::nil()),
        deadline_ms: 0,
    };
    let ask = async |wanted: &[&str]| {
        let asked = RunSecrets {
            names: names(wanted),
            key: runner.public().clone(),
        };
        let sealed = secrets.of_run(&bus, context, asked).await;
        sealed.map(|sealed| {
            let open = |secret: RunSecret| {
                let purpose = setting::run_secret(&secret.name);
                let value = seal::open(&runner, &purpose, &secret.sealed).unwrap();
                let text = String::from_utf8(value.expose().to_vec()).unwrap();
                (secret.name, text)
            };
            sealed.into_iter().map(open).collect::<Vec<_>>()
        })
    };
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(ask(&["KNOWN"]).await.unwrap(), [pair("KNOWN", "hidden-1")]);
    let failure = ask(&["KNOWN", "NEW"]).await.unwrap_err();
    assert_eq!(failure.code, Code::AuthUnavailable, "registry-svc is away");

    let router = Router::new(bus.clone(), clock::now_ms).on(async |_, asked: FindSecrets| {
        assert_eq!(asked.names, names(&["NEW", "NONE"]));
        Ok(vec![view(2, "NEW", 2, "hidden-2")])
    });
    let intake = Intake {
        subject: subjects::REGISTRY.to_owned(),
        group: Some(subjects::REGISTRY_GROUP),
        permits: Permits::new(8),
    };
    let _registry = bus.serve(intake, router).await.unwrap();
    assert_eq!(
        ask(&["KNOWN", "NEW", "NONE"]).await.unwrap(),
        [pair("KNOWN", "hidden-1"), pair("NEW", "hidden-2")]
    );
    let many: Vec<String> = (0..101).map(|number| format!("S{number}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert_eq!(ask(&many).await.unwrap_err().code, Code::InvalidRequest);
}
