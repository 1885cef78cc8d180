//! The snippets of docs/keys.md, as they stand there, on good and forged tokens. The one in Go is not run.

use std::fs;
use std::path::Path;
use std::process::Command;

use aws_lc_rs::hmac;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::harness::{node, python, repository, skip, succeed};

const PERSON: &str = "01930000-0000-7000-8000-000000000001";

#[tokio::test]
async fn the_python_snippet_takes_good_tokens_and_refuses_forged_ones() {
    let bin = match python().await {
        Ok(bin) => bin,
        Err(missing) => return skip(missing),
    };
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("snippet.py"), snippet("python")).unwrap();
    let mut client = Command::new(bin.join("python"));
    client
        .arg(repository().join("tests/clients/python/verify.py"))
        .env("PYTHONPATH", folder.path())
        .env("PYTHONDONTWRITEBYTECODE", "1");
    verify_all(client, folder.path());
}

#[tokio::test]
async fn the_node_snippet_takes_good_tokens_and_refuses_forged_ones() {
    let (node, packages) = match node() {
        Ok(node) => node,
        Err(missing) => return skip(missing),
    };
    // Node looks for packages from where the importing file lies.
    let folder = tempfile::tempdir_in(packages).unwrap();
    fs::write(folder.path().join("snippet.mjs"), snippet("js")).unwrap();
    let client = folder.path().join("verify.mjs");
    fs::copy(repository().join("tests/clients/node/verify.mjs"), &client).unwrap();
    let mut command = Command::new(node);
    command.arg(client);
    verify_all(command, folder.path());
}

/// The one block of docs/keys.md in that language.
fn snippet(language: &str) -> String {
    let document = fs::read_to_string(repository().join("docs/keys.md")).expect("the page is there");
    let mut blocks = document.split("```").skip(1).step_by(2);
    let block = blocks.find_map(|block| block.strip_prefix(language)?.strip_prefix('\n'));
    block.expect("the page has a snippet").to_owned()
}

fn verify_all(mut client: Command, folder: &Path) {
    let signer = Signer::new(1);
    let tokens = signer.tokens();
    let given = json!({
        "keys": {"e1": signer.x()},
        "tokens": tokens.iter().map(|(name, token, _)| [*name, token]).collect::<Vec<_>>(),
    });
    let file = folder.join("given.json");
    fs::write(&file, given.to_string()).expect("a new folder can be written");
    let said = succeed(client.arg(file)).unwrap_or_else(|complaint| panic!("{complaint}"));
    let expected = tokens.iter().map(|(name, _, is_good)| {
        let outcome = if *is_good { PERSON } else { "refused" };
        format!("{name}: {outcome}\n")
    });
    assert_eq!(said, expected.collect::<String>());
}

struct Signer(Ed25519KeyPair);

impl Signer {
    fn new(seed: u8) -> Self {
        let seed: [u8; 32] = std::array::from_fn(|place| seed + u8::try_from(place).expect("small"));
        Self(Ed25519KeyPair::from_seed_unchecked(&seed).expect("any 32 bytes"))
    }

    fn x(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0.public_key())
    }

    fn sign(&self, header: &Value, claims: &Value) -> String {
        let message = message(header, claims);
        let signature = URL_SAFE_NO_PAD.encode(self.0.sign(message.as_bytes()));
        format!("{message}.{signature}")
    }

    /// Each with whether it is good.
    fn tokens(&self) -> Vec<(&'static str, String, bool)> {
        let now = chassis::Clock::system().unix_seconds();
        let header = json!({"alg": "EdDSA", "typ": "at+jwt", "kid": "e1"});
        let claims = json!({
            "iss": "tandem", "aud": ["tandem.auth", "tandem.tasks"], "sub": PERSON, "sid": PERSON,
            "scope": "tasks.read", "role": "user", "iat": now, "nbf": now, "exp": now + 600, "jti": "t1",
        });
        let headed = |member: &str, value: Value| self.sign(&with(&header, member, value), &claims);
        let claiming = |member: &str, value: Value| self.sign(&header, &with(&claims, member, value));
        let good = self.sign(&header, &claims);
        let (signed, _) = good.rsplit_once('.').expect("three parts");
        let confused = message(&with(&header, "alg", json!("HS256")), &claims);
        let keyed = |secret: &[u8]| {
            let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), confused.as_bytes());
            format!("{confused}.{}", URL_SAFE_NO_PAD.encode(tag))
        };
        let unsigned = message(&with(&header, "alg", json!("none")), &claims);
        vec![
            ("good", good.clone(), true),
            ("no signature", format!("{signed}."), false),
            ("alg none", format!("{unsigned}."), false),
            (
                "HS256 with the public key",
                keyed(self.0.public_key().as_ref()),
                false,
            ),
            ("HS256 with its text", keyed(self.x().as_bytes()), false),
            ("another's key", Self::new(2).sign(&header, &claims), false),
            ("unknown kid", headed("kid", json!("e2")), false),
            ("no kid", headed("kid", Value::Null), false),
            ("other type", headed("typ", json!("JWT")), false),
            ("no type", headed("typ", Value::Null), false),
            ("other issuer", claiming("iss", json!("somebody")), false),
            ("other audience", claiming("aud", json!(["tandem.auth"])), false),
            ("no audience", claiming("aud", Value::Null), false),
            ("expired", claiming("exp", json!(now - 60)), false),
            ("no end", claiming("exp", Value::Null), false),
            ("not yet", claiming("nbf", json!(now + 60)), false),
            ("no begin", claiming("nbf", Value::Null), false),
            ("no subject", claiming("sub", Value::Null), false),
        ]
    }
}

fn message(header: &Value, claims: &Value) -> String {
    let parts = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
    parts.join(".")
}

/// Null takes the member away.
fn with(object: &Value, member: &str, value: Value) -> Value {
    let mut object = object.clone();
    let members = object.as_object_mut().expect("an object");
    if value.is_null() {
        members.remove(member);
    } else {
        members.insert(member.to_owned(), value);
    }
    object
}
