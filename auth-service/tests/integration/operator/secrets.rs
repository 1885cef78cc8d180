//! `credentials new` and `keys new`: what they print is what the settings take.

use auth_service::config::Config;
use auth_service::credentials::ServiceCredentials;
use chassis::config::{ServiceCredential, Settings};
use proto::access_token::{Algorithm, Keyring};

use super::{Said, binary};

fn run(arguments: &[&str]) -> Said {
    Said::of(&binary(arguments).output().expect("started"))
}

/// The lines that are for settings.
fn values(said: &str) -> Vec<String> {
    let lines = said.lines().filter(|line| !line.starts_with('#'));
    lines.map(str::to_owned).collect()
}

#[test]
fn a_new_credential_is_taken_by_both_sides() {
    let said = run(&[
        "credentials",
        "new",
        "reports",
        "--scope",
        "tasks.read",
        "--scope",
        "tasks.write",
        "--audience",
        "tandem.tasks",
        "--grant",
        "impersonate",
    ])
    .good();
    let [declared, own] = values(&said).try_into().expect("two values");
    assert!(declared.starts_with("reports:sha256="), "{declared}");
    assert!(
        declared.ends_with(":tasks.read+tasks.write+impersonate"),
        "{declared}"
    );
    ServiceCredentials::parse(&declared).expect("auth-service takes it");

    let mut settings = Settings::from_pairs([(ServiceCredential::SETTING, own.as_str())]);
    let own = ServiceCredential::read(&mut settings).expect("a service takes it");
    assert_eq!(own.name, "reports");
    let secret = own.secret.expose();
    assert!(
        !declared.contains(secret) && said.matches(secret).count() == 1,
        "shown once"
    );
    let with_secret = format!("reports:{secret}:tasks.read+tasks.write+impersonate");
    let with_secret = ServiceCredentials::parse(&with_secret).expect("strong");
    assert_eq!(
        with_secret.to_string(),
        declared,
        "the hash is that of the secret"
    );

    let other = run(&["credentials", "new", "reports", "--scope", "tasks.read"]).good();
    assert_ne!(values(&other)[1], own.name.clone() + ":" + secret);
}

#[test]
fn a_credential_that_would_be_refused_is_not_made() {
    for (arguments, word) in [
        (vec!["Bad Name", "--scope", "tasks.read"], "lower-case"),
        (vec!["reports", "--scope", "account"], "revocations.read"),
        (vec!["auth-service", "--scope", "owners.purge"], "auth-service"),
        (
            vec!["reports", "--scope", "tasks.read", "--audience", "tandem.auth"],
            "tandem.tasks",
        ),
        (vec!["reports", "--scope", "impersonate"], "needs a scope"),
        (vec!["reports"], "--scope"),
    ] {
        let said = run(&[vec!["credentials", "new"], arguments].concat());
        assert_ne!(said.code, Some(0), "{said:?}");
        assert!(said.err.contains(word) && said.out.is_empty(), "{word}: {said:?}");
    }
}

#[test]
fn a_new_key_signs_at_auth_service_and_its_public_half_verifies() {
    let said = run(&["keys", "new"]).good();
    let [entry, public] = values(&said).try_into().expect("two values");
    let ring = Keyring::parse(&format!(
        "{entry},old:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
    ))
    .expect("good");
    assert_eq!(ring.first().algorithm(), Algorithm::EdDsa);
    assert!(ring.first().can_sign());
    let verifiers = Keyring::parse(&public).expect("good");
    assert_eq!(verifiers.first().public(), ring.first().public());
    assert_eq!(verifiers.first().kid(), ring.first().kid());
    let settings = [
        ("TANDEM_TOKEN_KEYS", entry.as_str()),
        ("TANDEM_AUTH_DATABASE_URL", "postgres://localhost/auth"),
    ];
    Config::read(Settings::from_pairs(settings)).expect("auth-service takes it");
    for step in ["1. behind", "2. in front", "3. ten minutes"] {
        assert!(said.contains(step), "{step} in {said}");
    }
}

#[test]
fn a_shared_key_is_made_on_demand_under_a_name_of_ones_choice() {
    let said = run(&["keys", "new", "--alg", "HS256", "--kid", "next"]).good();
    let [entry] = values(&said).try_into().expect("one value");
    let ring = Keyring::parse(&entry).expect("good");
    assert_eq!(
        (ring.first().kid(), ring.first().algorithm()),
        ("next", Algorithm::Hs256)
    );
    let refused = run(&["keys", "new", "--kid", "a,b"]);
    assert_eq!(refused.code, Some(1));
    assert!(refused.err.contains("kid"), "{refused:?}");
}
