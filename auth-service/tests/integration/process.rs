//! The binary as an operator meets it.

use std::process::{Command, Output};

use crate::harness::{KEYS, Service};

fn auth_service(arguments: &[&str], settings: &[(&str, &str)]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_auth-service"))
        .args(arguments)
        .env_clear()
        .envs(settings.iter().copied())
        .output()
        .expect("started")
}

fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn bad_settings_stop_the_start_with_one_message_that_lists_them_all() {
    let output = auth_service(
        &[],
        &[
            ("TANDEM_AUTH_ADDR", "nowhere"),
            ("TANDEM_TOKEN_KEYS", "weak:c2hvcnQ="),
            ("TANDEM_PUBLIC_ORIGIN", "*"),
        ],
    );
    assert_eq!(output.status.code(), Some(2));
    let message = errors(&output);
    for name in [
        "TANDEM_AUTH_ADDR",
        "TANDEM_TOKEN_KEYS",
        "TANDEM_PUBLIC_ORIGIN",
        "TANDEM_AUTH_DATABASE_URL",
    ] {
        assert!(message.contains(name), "{name} in {message}");
    }
    assert!(!message.contains("c2hvcnQ="), "{message}");
}

#[tokio::test]
async fn a_port_in_use_is_named() {
    let service = Service::start().await;
    let addr = service.addr.to_string();
    let url = service.database.url();
    let output = auth_service(
        &["serve"],
        &[
            ("TANDEM_AUTH_ADDR", &addr),
            ("TANDEM_TOKEN_KEYS", KEYS),
            ("TANDEM_AUTH_DATABASE_URL", &url),
        ],
    );
    assert_eq!(output.status.code(), Some(1));
    let message = errors(&output);
    assert!(
        message.contains(&addr) && message.contains("TANDEM_AUTH_ADDR"),
        "{message}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn health_asks_the_running_service() {
    let service = Service::start().await;
    let addr = service.addr.to_string();
    let url = service.database.url();
    let ask = |addr: &str| {
        let settings = [
            ("TANDEM_AUTH_ADDR", addr),
            ("TANDEM_TOKEN_KEYS", KEYS),
            ("TANDEM_AUTH_DATABASE_URL", url.as_str()),
        ];
        auth_service(&["health"], &settings).status.success()
    };
    assert!(ask(&addr));
    assert!(!ask("127.0.0.1:1"));
}

#[test]
fn help_lists_every_setting() {
    let output = auth_service(&["--help"], &[]);
    let help = String::from_utf8_lossy(&output.stdout);
    for name in [
        "TANDEM_AUTH_ADDR",
        "TANDEM_TOKEN_KEYS",
        "TANDEM_AUTH_SESSION_DAYS",
        "TANDEM_AUTH_HASH_QUEUE",
    ] {
        assert!(help.contains(name), "{name} in {help}");
    }
}
