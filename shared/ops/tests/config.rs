//! Configuration: what outweighs what, and how a wrong setting is named.

// A test may fail loudly, and so may what it shares with others.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use ops::Secret;
use ops::config::{ConfigError, load, load_effective};
use serde::Deserialize;
use tempfile::NamedTempFile;

const DEFAULTS: &str = r#"
[gateway]
listener = "127.0.0.1:8080"
max_body_bytes = 1048576
strict = false
origins = []
"#;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Gateway {
    listener: std::net::SocketAddr,
    max_body_bytes: u32,
    strict: bool,
    origins: Vec<String>,
    #[serde(default)]
    weights: Vec<u8>,
    #[serde(default)]
    seal: Option<Secret>,
    #[serde(default)]
    limits: Limits,
    #[serde(default)]
    labels: BTreeMap<String, String>,
}

/// Without `deny_unknown_fields` on purpose.
#[derive(Debug, Default, Deserialize)]
struct Limits {
    #[serde(default)]
    rate: Option<f64>,
}

type Loaded = Result<ops::Settings<Gateway>, ConfigError>;

fn with_env(env: &[(&str, &str)]) -> Loaded {
    load("gateway", DEFAULTS, None, owned(env))
}

fn with_file(text: &str) -> (Loaded, NamedTempFile) {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    (load("gateway", DEFAULTS, Some(file.path()), []), file)
}

fn owned(env: &[(&str, &str)]) -> Vec<(String, String)> {
    env.iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn refusal(loaded: Loaded) -> String {
    loaded.unwrap_err().to_string()
}

#[test]
fn the_defaults_alone_are_a_whole_configuration() {
    let settings = with_env(&[]).unwrap();
    assert_eq!(
        settings.nats,
        ops::NatsSettings::plain("nats://127.0.0.1:4222")
    );
    assert_eq!(settings.ops, ops::OpsSettings::default());
    assert_eq!(settings.service.listener.port(), 8080);
    assert_eq!(settings.service.max_body_bytes, 1_048_576);
    assert!(!settings.service.strict);
    assert!(settings.service.origins.is_empty());
}

#[test]
fn the_file_outweighs_the_defaults_and_the_environment_outweighs_the_file() {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(
        b"[gateway]\nlistener = \"0.0.0.0:1\"\nmax_body_bytes = 2\n[nats]\nurl = \"nats://file\"\n",
    )
    .unwrap();
    let env = owned(&[("EARSHOT_GATEWAY__MAX_BODY_BYTES", "3")]);
    let settings: ops::Settings<Gateway> =
        load("gateway", DEFAULTS, Some(file.path()), env).unwrap();
    assert_eq!(settings.service.listener.port(), 1);
    assert_eq!(settings.service.max_body_bytes, 3);
    assert_eq!(settings.nats.url, "nats://file");
}

#[test]
fn a_variable_is_read_as_the_type_that_its_setting_has() {
    let settings = with_env(&[
        ("EARSHOT_GATEWAY__STRICT", "true"),
        (
            "EARSHOT_GATEWAY__ORIGINS",
            "https://a.example, https://b.example",
        ),
        ("EARSHOT_GATEWAY__WEIGHTS", "[1, 2]"),
        ("EARSHOT_GATEWAY__SEAL", "12345"),
        ("EARSHOT_GATEWAY__LIMITS__RATE", "2.5"),
        ("EARSHOT_GATEWAY__LABELS", "{ room = \"1\" }"),
        ("EARSHOT_OPS__ADDRESS", "127.0.0.1:0"),
        ("EARSHOT_OPS__LOG_FORMAT", "text"),
        ("EARSHOT_OPS__LOG", "info,bus=debug"),
        ("EARSHOT_NATS__PASSWORD", "007"),
    ])
    .unwrap();
    let Gateway {
        strict,
        origins,
        weights,
        seal,
        limits,
        labels,
        ..
    } = settings.service;
    assert!(strict);
    assert_eq!(origins, ["https://a.example", "https://b.example"]);
    assert_eq!(weights, [1, 2]);
    assert_eq!(seal, Some(Secret::new("12345")));
    assert_eq!(limits.rate, Some(2.5));
    assert_eq!(labels["room"], "1");
    assert_eq!(settings.ops.address, Some("127.0.0.1:0".parse().unwrap()));
    assert_eq!(settings.ops.log_format, ops::LogFormat::Text);
    assert_eq!(settings.nats.password.unwrap().expose(), "007");
}

#[test]
fn one_environment_and_one_file_serve_all_services() {
    let (loaded, _file) = with_file("[runner]\nanything = 1\n[auth]\nx.y = 2\n");
    loaded.unwrap();
    with_env(&[
        ("EARSHOT_RUNNER__ANYTHING", "1"),
        ("EARSHOT_CONFIG", "/somewhere"),
        ("EARSHOT_GATEWAY_PORT_8080_TCP", "tcp://10.0.0.1:8080"),
        ("PATH", "/bin"),
    ])
    .unwrap();
}

#[test]
fn an_empty_variable_counts_as_not_set() {
    let settings = with_env(&[
        ("EARSHOT_GATEWAY__MAX_BODY_BYTES", ""),
        ("EARSHOT_NATS__USER", ""),
    ]);
    assert_eq!(settings.unwrap().nats.user, None);
}

#[test]
fn an_unknown_key_is_named_with_its_place_and_the_nearest_known_one() {
    let (loaded, file) = with_file("[gateway]\n\nlisener = \"0.0.0.0:1\"\n");
    let path = file.path().display();
    assert_eq!(
        refusal(loaded),
        format!("gateway.lisener is not a setting ({path}, line 3); did you mean listener?")
    );
    assert_eq!(
        refusal(with_env(&[("EARSHOT_NATS__ULR", "x")])),
        "nats.ulr is not a setting (the variable EARSHOT_NATS__ULR); did you mean url?"
    );
}

#[test]
fn an_unknown_key_is_refused_where_its_type_would_pass_it_over() {
    let refused = refusal(with_env(&[("EARSHOT_GATEWAY__LIMITS__BURST", "1")]));
    assert_eq!(
        refused,
        "gateway.limits.burst is not a setting (the variable EARSHOT_GATEWAY__LIMITS__BURST); known are rate"
    );
}

#[test]
fn an_unknown_section_is_refused() {
    assert_eq!(
        refusal(with_env(&[("EARSHOT_GATWAY__LISTENER", "x")])),
        "gatway is not a setting (the variable EARSHOT_GATWAY__LISTENER); did you mean gateway?"
    );
    let (loaded, _file) = with_file("[opps]\nlog = \"info\"\n");
    assert!(refusal(loaded).ends_with("did you mean ops?"));
}

#[test]
fn a_wrong_type_names_key_and_place_and_never_the_value() {
    let (loaded, file) = with_file("[gateway]\nmax_body_bytes = \"hunter2\"\n");
    let path = file.path().display();
    assert_eq!(
        refusal(loaded),
        format!("gateway.max_body_bytes is not usable ({path}, line 2): expected u32, found text")
    );
    assert_eq!(
        refusal(with_env(&[("EARSHOT_GATEWAY__STRICT", "hunter2")])),
        "gateway.strict is not usable (the variable EARSHOT_GATEWAY__STRICT): expected true or false, found text"
    );
    assert_eq!(
        refusal(with_env(&[("EARSHOT_GATEWAY__WEIGHTS", "1,hunter2")])),
        "gateway.weights[1] is not usable (the variable EARSHOT_GATEWAY__WEIGHTS): \
         expected a whole number that fits, found text"
    );
}

#[test]
fn a_number_out_of_bounds_and_an_address_that_is_none_are_refused() {
    let (loaded, _file) = with_file("[gateway]\nmax_body_bytes = -1\n");
    assert!(refusal(loaded).ends_with("line 2): expected u32"));
    let refused = refusal(with_env(&[("EARSHOT_GATEWAY__LISTENER", "localhost")]));
    assert_eq!(
        refused,
        "gateway.listener is not usable (the variable EARSHOT_GATEWAY__LISTENER): invalid socket address syntax"
    );
}

#[test]
fn a_log_filter_and_a_log_format_that_are_none_are_refused() {
    let refused = refusal(with_env(&[("EARSHOT_OPS__LOG", "info,bus=loudly")]));
    assert!(
        refused.starts_with("ops.log is not usable (the variable EARSHOT_OPS__LOG)"),
        "{refused}"
    );
    assert_eq!(
        refusal(with_env(&[("EARSHOT_OPS__LOG_FORMAT", "jason")])),
        "ops.log_format is not usable (the variable EARSHOT_OPS__LOG_FORMAT): did you mean json? \
         It is one of json, text"
    );
}

#[test]
fn a_setting_that_must_be_set_is_asked_for_with_its_variable() {
    let loaded: Loaded = load("gateway", "[gateway]\nstrict = true\n", None, []);
    let refused = refusal(loaded);
    assert_eq!(
        refused,
        "gateway.listener is not set: add it to the configuration file, or set EARSHOT_GATEWAY__LISTENER"
    );
}

#[test]
fn text_that_is_no_toml_is_refused_with_its_line_but_without_its_text() {
    let (loaded, file) = with_file("[nats]\npassword = hunter2 x\n");
    let refused = refusal(loaded);
    let start = format!("{}, line 2 is not TOML: ", file.path().display());
    assert!(refused.starts_with(&start), "{refused}");
    assert!(!refused.contains("hunter2"), "{refused}");
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let loaded: Loaded = load("gateway", DEFAULTS, Some(Path::new("/no/such.toml")), []);
    assert_eq!(
        refusal(loaded),
        "the configuration file /no/such.toml cannot be read"
    );
}

#[test]
fn a_variable_cannot_set_a_table_and_a_key_in_it_at_once() {
    let env = [
        ("EARSHOT_GATEWAY__LIMITS", "{}"),
        ("EARSHOT_GATEWAY__LIMITS__RATE", "1"),
    ];
    assert!(
        refusal(with_env(&env))
            .contains("the variable EARSHOT_GATEWAY__LIMITS sets the whole of it")
    );
}

#[test]
fn the_effective_configuration_shows_every_setting_but_no_secret() {
    let env = owned(&[
        ("EARSHOT_NATS__URL", "nats://user:hunter2@one:4222"),
        ("EARSHOT_NATS__PASSWORD", "hunter2"),
        ("EARSHOT_GATEWAY__SEAL", "hunter2"),
    ]);
    let (settings, effective) = load_effective::<Gateway>("gateway", DEFAULTS, None, env).unwrap();
    let shown = effective.to_string();
    assert!(!shown.contains("hunter2"), "{shown}");
    assert!(!format!("{settings:?}").contains("hunter2"), "{settings:?}");
    for line in [
        "url = \"nats://[redacted]@one:4222\" # the variable EARSHOT_NATS__URL",
        "password = \"[redacted]\" # the variable EARSHOT_NATS__PASSWORD",
        "seal = \"[redacted]\" # the variable EARSHOT_GATEWAY__SEAL",
        "max_body_bytes = 1048576 # the defaults, line 4",
    ] {
        assert!(shown.contains(line), "{shown}");
    }
    toml::from_str::<toml::Table>(&shown).unwrap();
}
