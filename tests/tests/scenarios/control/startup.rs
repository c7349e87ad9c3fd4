//! Why a service does not start: the exit code, and what its operator reads.

use std::fs::File;
use std::net::TcpListener;
use std::process::Stdio;

use testkit::{Child, Scratch, nats};

const SERVICES: [&str; 4] = ["gateway", "auth-svc", "registry-svc", "workflow-runner"];

/// How a service ended that was started with these arguments and variables, and what it wrote.
fn start(program: &str, arguments: &[&str], variables: &[(&str, &str)]) -> (Option<i32>, String) {
    let scratch = Scratch::new("startup");
    let file = scratch.path().join("output");
    let output = File::create(&file).unwrap();
    let mut command = testkit::program(program);
    command
        .args(arguments)
        .current_dir(scratch.path())
        .env("EARSHOT_NATS__CONNECT_TIMEOUT", "1")
        .envs(variables.iter().copied())
        .stdout(Stdio::from(output.try_clone().unwrap()))
        .stderr(Stdio::from(output));
    let status = Child::start(program, command).wait_blocking();
    (status.code(), std::fs::read_to_string(file).unwrap())
}

#[test]
fn an_unknown_key_is_a_64_that_names_the_nearest_one() {
    for program in SERVICES {
        let (code, said) = start(program, &[], &[("EARSHOT_NATS__ULR", "nats://127.0.0.1:1")]);
        assert_eq!(code, Some(64), "{said}");
        assert!(
            said.contains("nats.ulr") && said.contains("did you mean url?"),
            "{said}"
        );
        assert!(said.contains("EARSHOT_NATS__ULR"), "it says where: {said}");
    }
    let (code, said) = start(
        "gateway",
        &[],
        &[("EARSHOT_GATEWAY__LISTENR", "127.0.0.1:0")],
    );
    assert_eq!(code, Some(64), "{said}");
    assert!(said.contains("did you mean listener?"), "{said}");
}

/// Service, key and a value that it cannot have.
const UNUSABLE: [(&str, &str, &str); 12] = [
    ("gateway", "gateway.max_in_flight", "many"),
    ("gateway", "gateway.max_in_flight", "0"),
    ("gateway", "gateway.listener", "nowhere"),
    ("gateway", "gateway.max_body_bytes", "99999999"),
    ("gateway", "gateway.trusted_proxies", "proxy"),
    ("gateway", "gateway.public_url", "hooks.example"),
    ("registry-svc", "registry.database_url", "mysql://x"),
    ("registry-svc", "registry.replicas", "9"),
    ("workflow-runner", "runner.capacity", "-1"),
    ("workflow-runner", "runner.allowed_networks", "lan"),
    ("auth-svc", "auth.permits", "some"),
    ("auth-svc", "ops.log_format", "xml"),
];

#[test]
fn a_value_of_a_wrong_type_or_out_of_bounds_is_a_64_that_names_the_key() {
    for (program, key, value) in UNUSABLE {
        let variable = format!("EARSHOT_{}", key.replace('.', "__").to_uppercase());
        let (code, said) = start(program, &[], &[(&variable, value)]);
        assert_eq!(code, Some(64), "{variable}: {said}");
        assert!(said.contains(key), "{variable}: {said}");
    }
}

#[test]
fn a_configuration_file_that_cannot_be_read_or_an_unknown_argument_is_a_64() {
    for program in SERVICES {
        let (code, said) = start(program, &["--config", "missing.toml"], &[]);
        assert_eq!(code, Some(64), "{said}");
        assert!(said.contains("missing.toml"), "{said}");
        let (code, said) = start(program, &["--fast"], &[]);
        assert_eq!(code, Some(64), "{said}");
    }
}

#[test]
fn a_port_in_use_is_a_69_that_names_it() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for variable in [
        "EARSHOT_GATEWAY__LISTENER",
        "EARSHOT_GATEWAY__CONTROL",
        "EARSHOT_OPS__ADDRESS",
    ] {
        let mut variables = vec![
            ("EARSHOT_GATEWAY__LISTENER", "127.0.0.1:0"),
            ("EARSHOT_GATEWAY__CONTROL", "127.0.0.1:0"),
        ];
        variables.push((variable, &address));
        let (code, said) = start("gateway", &[], &variables);
        assert_eq!(code, Some(69), "{variable}: {said}");
        assert!(said.contains(&address), "{variable}: {said}");
    }
}

#[test]
fn without_nats_a_service_gives_up_with_a_69_that_names_its_address() {
    let url = format!("nats://127.0.0.1:{}", testkit::port::free());
    let scratch = Scratch::new("no-nats");
    let database = format!("sqlite://{}", scratch.path().join("earshot.db").display());
    let key = scratch.path().join("auth.key").display().to_string();
    for program in SERVICES {
        let variables = [
            ("EARSHOT_NATS__URL", url.as_str()),
            ("EARSHOT_GATEWAY__LISTENER", "127.0.0.1:0"),
            ("EARSHOT_GATEWAY__CONTROL", "127.0.0.1:0"),
            ("EARSHOT_REGISTRY__DATABASE_URL", &database),
            ("EARSHOT_AUTH__PRIVATE_KEY_FILE", &key),
        ];
        let (code, said) = start(program, &[], &variables);
        assert_eq!(code, Some(69), "{program}: {said}");
        let address = url.trim_start_matches("nats://");
        assert!(said.contains(address), "{program}: {said}");
    }
}

#[test]
fn a_database_that_is_not_there_is_a_69_that_does_not_tell_the_password() {
    let server = nats::Server::start();
    let url = "postgres://earshot:a-password-to-hide@127.0.0.1:1/earshot";
    let variables = [
        ("EARSHOT_NATS__URL", server.url()),
        ("EARSHOT_REGISTRY__DATABASE_URL", url.to_owned()),
    ];
    let variables = variables
        .each_ref()
        .map(|(name, value)| (*name, value.as_str()));
    let (code, said) = start("registry-svc", &[], &variables);
    assert_eq!(code, Some(69), "{said}");
    assert!(said.contains("registry.database_url"), "{said}");
    assert!(!said.contains("a-password-to-hide"), "{said}");
}

#[test]
fn check_config_prints_what_holds_and_no_password() {
    let variables = [(
        "EARSHOT_REGISTRY__DATABASE_URL",
        "postgres://earshot:a-password-to-hide@db/earshot",
    )];
    let (code, said) = start("registry-svc", &["--check-config"], &variables);
    assert_eq!(code, Some(0), "{said}");
    assert!(
        said.contains("database_url") && !said.contains("a-password-to-hide"),
        "{said}"
    );
}
