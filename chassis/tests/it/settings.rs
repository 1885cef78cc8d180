//! Settings: every fault at once, and no secret in any text.

use std::net::SocketAddr;
use std::time::Duration;

use chassis::config::{DatabaseConfig, ServerConfig, Settings};

const ADDR: &str = "TANDEM_AUTH_ADDR";

fn default_addr() -> SocketAddr {
    "127.0.0.1:50051".parse().unwrap()
}

#[test]
fn every_fault_is_reported_in_one_message() {
    let mut settings = Settings::from_pairs([
        (ADDR, "nowhere"),
        ("TANDEM_ALLOWED_ORIGINS", "https://a.example, *"),
        ("TANDEM_REFLECTION", "perhaps"),
        ("TANDEM_MAX_CONCURRENT_REQUESTS", "0"),
        ("TANDEM_DRAIN_DELAY_MS", "-1"),
        ("TANDEM_TLS_CERT", "/no/such/file"),
        ("TANDEM_AUTH_DATABASE_URL", "mysql://root:hunter2@db/x"),
    ]);
    let server = ServerConfig::read(&mut settings, ADDR, default_addr());
    let database = DatabaseConfig::read(&mut settings, "TANDEM_AUTH_DATABASE_URL");
    let keys = settings.required_secret("TANDEM_TOKEN_KEYS");
    let error = settings.finish((server, database, keys)).unwrap_err();
    let text = error.to_string();
    for name in [
        ADDR,
        "TANDEM_ALLOWED_ORIGINS",
        "TANDEM_REFLECTION",
        "TANDEM_MAX_CONCURRENT_REQUESTS",
        "TANDEM_DRAIN_DELAY_MS",
        "TANDEM_TLS_CERT",
        "TANDEM_AUTH_DATABASE_URL",
        "TANDEM_TOKEN_KEYS",
    ] {
        assert_eq!(
            error
                .faults()
                .iter()
                .filter(|fault| fault.starts_with(name))
                .count(),
            1,
            "{name}: {text}"
        );
        assert!(text.contains(name), "{text}");
    }
    assert!(!text.contains("hunter2"), "{text}");
}

#[test]
fn an_empty_value_means_unset() {
    let mut settings = Settings::from_pairs([(ADDR, ""), ("TANDEM_METRICS_ADDR", "")]);
    let server = ServerConfig::read(&mut settings, ADDR, default_addr());
    let server = settings.finish(server).unwrap();
    assert_eq!(server.addr, default_addr());
    assert_eq!(server.metrics_addr, None);
    assert_eq!(server.request_timeout, Duration::from_secs(15));
}

#[test]
fn a_secret_comes_from_its_file_without_the_trailing_newline() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "hunter2\n").unwrap();
    let mut settings = Settings::from_pairs([("KEYS_FILE", file.path().to_str().unwrap())]);
    assert_eq!(settings.required_secret("KEYS").unwrap().expose(), "hunter2");
    settings.finish(()).unwrap();
}

#[test]
fn a_secret_given_twice_or_in_an_empty_or_absent_file_is_a_fault() {
    let empty = tempfile::NamedTempFile::new().unwrap();
    let empty = empty.path().to_str().unwrap();
    for pairs in [
        vec![("KEYS", "hunter2"), ("KEYS_FILE", empty)],
        vec![("KEYS_FILE", empty)],
        vec![("KEYS_FILE", "/no/such/file")],
    ] {
        let mut settings = Settings::from_pairs(pairs.clone());
        assert!(settings.required_secret("KEYS").is_none());
        let error = settings.finish(()).unwrap_err();
        assert_eq!(error.faults().len(), 1, "{pairs:?}: {error}");
        assert!(!error.to_string().contains("hunter2"));
    }
}

#[test]
fn secrets_print_as_stars_wherever_they_are() {
    let mut settings = Settings::from_pairs([
        ("KEYS", "hunter2"),
        (
            "TANDEM_AUTH_DATABASE_URL",
            "postgres://tandem:hunter2@db.example/tandem_auth",
        ),
    ]);
    let keys = settings.secret("KEYS").unwrap();
    let database = DatabaseConfig::read(&mut settings, "TANDEM_AUTH_DATABASE_URL").unwrap();
    let printed = format!("{keys} {keys:?} {database:?} {settings:?}");
    assert!(
        printed.starts_with("*** ***") && printed.contains("db.example"),
        "{printed}"
    );
    assert!(!printed.contains("hunter2"), "{printed}");
}

#[test]
fn every_setting_describes_itself() {
    let mut settings = Settings::from_pairs([("TANDEM_AUTH_DATABASE_URL", "postgres://db/x")]);
    ServerConfig::read(&mut settings, ADDR, default_addr());
    DatabaseConfig::read(&mut settings, "TANDEM_AUTH_DATABASE_URL");
    for declared in settings.declared() {
        assert!(!declared.help.is_empty(), "{} has no help", declared.name);
    }
    let addr = &settings.declared()[0];
    assert_eq!((addr.name, addr.default.as_str()), (ADDR, "127.0.0.1:50051"));
}
