//! `credentials new` and `keys new`: secrets, printed once with what to do with them. Nothing is stored and nothing of a
//! running system changes. Lines that begin with `#` explain, the others are for the settings.

use anyhow::{anyhow, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chassis::{Clock, Entropy};
use clap::{Subcommand, ValueEnum};
use proto::access_token::{Audience, Keyring};
use zeroize::Zeroizing;

use super::say;
use crate::credentials::ServiceCredentials;

/// What to do about credentials of services.
#[derive(Debug, Subcommand)]
pub enum CredentialsCommand {
    /// Make a credential and print it: the hash for auth-service, the secret for the service
    ///
    /// The secret is shown once and kept nowhere. docs/services.md says what each scope allows.
    New {
        /// What the service is called: a-z, 0-9, '-', '_' and '.'; its tokens say service:NAME
        name: String,
        /// What it may ask for; give it again or join by commas
        #[arg(long = "scope", required = true, value_delimiter = ',', value_name = "SCOPE")]
        scopes: Vec<String>,
        /// Where its tokens shall be good. It follows from the scopes, and is checked against them
        #[arg(long = "audience", value_delimiter = ',', value_name = "AUDIENCE")]
        audiences: Vec<String>,
        /// A right that is no scope. impersonate: act for people without their token; every use is a security event
        #[arg(long = "grant", value_delimiter = ',', value_name = "GRANT")]
        grants: Vec<Grant>,
    },
}

/// A right that is no scope.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Grant {
    /// Act for people without their token
    Impersonate,
}

/// What to do about keys.
#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// Make a key and print its entry for TANDEM_TOKEN_KEYS, with the steps of a rotation
    ///
    /// The key is shown once and kept nowhere.
    New {
        /// How it signs
        #[arg(long, value_enum, default_value_t = KeyAlgorithm::EdDsa)]
        alg: KeyAlgorithm,
        /// Its name, which tokens carry as kid; made of the day by default
        #[arg(long)]
        kid: Option<String>,
    },
}

/// How a key signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum KeyAlgorithm {
    /// A private key for auth-service alone, and a public one for whoever verifies
    #[value(name = "EdDSA")]
    EdDsa,
    /// A shared secret: whoever verifies could also sign, so for the pair alone
    #[value(name = "HS256")]
    Hs256,
}

pub(super) fn new_credential(command: &CredentialsCommand) -> anyhow::Result<()> {
    let CredentialsCommand::New {
        name,
        scopes,
        audiences,
        grants,
    } = command;
    let secret = Zeroizing::new(URL_SAFE_NO_PAD.encode(Entropy::system().bytes::<32>()));
    let mut granted = scopes.clone();
    granted.extend(grants.iter().map(|Grant::Impersonate| "impersonate".to_owned()));
    let entry = Zeroizing::new(format!("{name}:{}:{}", *secret, granted.join("+")));
    // With what the service itself reads the setting; it is written again with the hash.
    let declared = ServiceCredentials::parse(&entry).map_err(|faults| {
        let faults = faults
            .iter()
            .map(|fault| format!("the credential {}", fault.what()));
        anyhow!("{}", faults.collect::<Vec<_>>().join("\n"))
    })?;
    let known = declared.audiences();
    ensure!(
        !known.is_empty(),
        "a grant needs a scope beside it, such as --scope tasks.read"
    );
    for audience in audiences {
        ensure!(
            known.iter().any(|known| known.as_str() == audience),
            "no scope of these is good at {audience}; theirs: {}",
            joined(&known)
        );
    }
    say(&format!(
        "# auth-service, one more entry of TANDEM_SERVICE_CREDENTIALS, after a comma. It holds the hash, not the secret:\n\
         {declared}\n\
         # {name}, its own TANDEM_SERVICE_CREDENTIALS or the file that TANDEM_SERVICE_CREDENTIALS_FILE names. Shown once:\n\
         {name}:{}\n\
         # Restart auth-service, then {name}. Audience to ask IssueServiceToken for: {}.\n\
         # To replace a secret keep the old entry beside the new one until {name} has the new secret.",
        *secret,
        joined(&known),
    ))?;
    Ok(())
}

fn joined(audiences: &[Audience]) -> String {
    let names: Vec<_> = audiences.iter().map(|audience| audience.as_str()).collect();
    names.join(", ")
}

pub(super) fn new_key(command: &KeysCommand) -> anyhow::Result<()> {
    let KeysCommand::New { alg, kid } = command;
    let (clock, entropy) = (Clock::system(), Entropy::system());
    let kid = kid.clone().unwrap_or_else(|| {
        let tail = hex::encode(entropy.bytes::<2>());
        format!("{}-{tail}", clock.now().format("%Y%m%d"))
    });
    let name = match alg {
        KeyAlgorithm::EdDsa => "EdDSA",
        KeyAlgorithm::Hs256 => "HS256",
    };
    let key = Zeroizing::new(STANDARD.encode(entropy.bytes::<32>()));
    let entry = Zeroizing::new(format!("{kid}:{name}:{}", *key));
    let ring = Keyring::parse(&entry).map_err(|fault| anyhow!("the key's {fault}"))?;
    let public = match alg {
        KeyAlgorithm::Hs256 => String::new(),
        KeyAlgorithm::EdDsa => format!(
            "# Its public half, for verifiers of your own that read TANDEM_TOKEN_KEYS (ListPublicKeys tells it too):\n\
             {}\n",
            *ring.for_verifiers()
        ),
    };
    let holders = match alg {
        KeyAlgorithm::EdDsa => "auth-service alone; task-service takes the public half in its place",
        KeyAlgorithm::Hs256 => "auth-service, task-service and services trusted as much",
    };
    say(&format!(
        "# An entry of TANDEM_TOKEN_KEYS, for {holders}. Shown once:\n\
         {}\n\
         {public}\
         # To change keys without a failed call, restart both services after each step, all replicas before the next:\n\
         #   1. behind the old one:   TANDEM_TOKEN_KEYS=OLD,{kid}:...   everybody verifies both, the old one signs; then wait five\n\
         #                            minutes, where others follow the public keys\n\
         #   2. in front of it:       TANDEM_TOKEN_KEYS={kid}:...,OLD   the new one signs\n\
         #   3. ten minutes and five seconds later the old one goes:  TANDEM_TOKEN_KEYS={kid}:...\n\
         # docs/keys.md has more.",
        *entry,
    ))?;
    Ok(())
}
