//! Which services may have tokens, and for what: `TANDEM_SERVICE_CREDENTIALS`, comma separated entries of
//! `name:secret:scope+scope`. The secret may be written as `sha256=HEX`, so that auth-service never learns it.
//!
//! SHA-256 is enough here, unlike for passwords: a secret is 32 random bytes or more, so nobody finds it by guessing,
//! however fast a guess can be checked. No secret appears in an error, a log or a `Debug` output.

use std::fmt;

use aws_lc_rs::{constant_time, digest};
use proto::access_token::{Audience, Scope};

use crate::domain::ServiceName;

/// Random bytes as text, without padding: base64 of 32 bytes. Hex is longer.
const SHORTEST_SECRET: usize = 43;
/// Of 32 random bytes in hex some digits may be missing, but never half of them.
const FEWEST_CHARACTERS: usize = 9;
const HASH_PREFIX: &str = "sha256=";
const IMPERSONATE: &str = "impersonate";
/// What a credential can hold. `account` is not among them: nobody acts for a person there.
const SCOPES: [Scope; 4] = [
    Scope::RevocationsRead,
    Scope::OwnersPurge,
    Scope::TasksRead,
    Scope::TasksWrite,
];

/// One entry.
#[derive(Clone)]
pub(crate) struct Credential {
    pub(crate) service: ServiceName,
    /// What it may ask for.
    pub(crate) scopes: Vec<Scope>,
    /// Whether it may act for a person without that person's token.
    pub(crate) impersonate: bool,
    secret_hash: [u8; 32],
}

/// The credentials of a deployment; there may be none, and several with one name while a secret is replaced.
#[derive(Debug, Clone, Default)]
pub struct ServiceCredentials {
    entries: Vec<Credential>,
}

impl ServiceCredentials {
    /// Reads the setting.
    ///
    /// # Errors
    ///
    /// Every fault of every entry, which is named by its position and never by its secret.
    pub fn parse(text: &str) -> Result<Self, Vec<CredentialFault>> {
        let mut entries: Vec<Credential> = Vec::new();
        let mut faults = Vec::new();
        for (index, entry) in text.split(',').map(str::trim).enumerate() {
            let mut note = |what: String| {
                faults.push(CredentialFault {
                    entry: index + 1,
                    what,
                })
            };
            if let Some(credential) = parse_entry(entry, &mut note) {
                let hash = credential.secret_hash;
                if entries.iter().any(|earlier| earlier.secret_hash == hash) {
                    note("has the secret of an earlier entry; each needs its own".to_owned());
                }
                entries.push(credential);
            }
        }
        if faults.is_empty() {
            Ok(Self { entries })
        } else {
            Err(faults)
        }
    }

    /// Where tokens of these credentials can be good, each place once.
    pub(crate) fn audiences(&self) -> Vec<Audience> {
        let scopes = self.entries.iter().flat_map(|entry| &entry.scopes);
        let mut audiences: Vec<Audience> = Vec::new();
        for audience in scopes.map(|scope| scope.audience()) {
            if !audiences.contains(&audience) {
                audiences.push(audience);
            }
        }
        audiences
    }

    /// The credential that a service proves to have. Every entry is compared, whoever asks and whatever fits, so that
    /// the time tells nothing about names and secrets.
    pub(crate) fn find(&self, service: &str, secret: &str) -> Option<&Credential> {
        let given = sha256(secret);
        let mut found = None;
        for entry in &self.entries {
            let same_secret = constant_time::verify_slices_are_equal(&entry.secret_hash, &given).is_ok();
            if same_secret & (entry.service.as_str() == service) {
                found = Some(entry);
            }
        }
        found
    }
}

/// As the setting has it, with hashes in place of secrets.
impl fmt::Display for ServiceCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, entry) in self.entries.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            let (name, hash) = (entry.service.as_str(), hex::encode(entry.secret_hash));
            write!(f, "{comma}{name}:{HASH_PREFIX}{hash}:{}", entry.grants())?;
        }
        Ok(())
    }
}

impl Credential {
    fn grants(&self) -> String {
        let scopes = self.scopes.iter().map(|scope| scope.as_str());
        let impersonate = self.impersonate.then_some(IMPERSONATE);
        scopes.chain(impersonate).collect::<Vec<_>>().join("+")
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:***:{}", self.service.as_str(), self.grants())
    }
}

/// None when something was noted.
fn parse_entry(entry: &str, note: &mut impl FnMut(String)) -> Option<Credential> {
    let parts: Vec<&str> = entry.split(':').collect();
    let &[name, secret, grants] = parts.as_slice() else {
        note("is not of the form name:secret:scope+scope".to_owned());
        return None;
    };
    let service = ServiceName::parse(name).map_err(|what| note(format!("has a name that {what}")));
    if service.as_ref() == Ok(&ServiceName::own()) {
        note("has the name of auth-service, which signs its own tokens and needs no entry".to_owned());
        return None;
    }
    let secret_hash = parse_secret(secret).map_err(|what| note(what.to_owned()));
    let granted = parse_grants(grants).map_err(note);
    let (scopes, impersonate) = granted.ok()?;
    Some(Credential {
        service: service.ok()?,
        secret_hash: secret_hash.ok()?,
        scopes,
        impersonate,
    })
}

fn parse_secret(text: &str) -> Result<[u8; 32], &'static str> {
    if let Some(digits) = text.strip_prefix(HASH_PREFIX) {
        let mut hash = [0; 32];
        hex::decode_to_slice(digits, &mut hash).map_err(
            |_| "has a hash that is not 64 hex digits; make it with: printf %s SECRET | sha256sum",
        )?;
        return Ok(hash);
    }
    let mut characters = text.as_bytes().to_vec();
    characters.sort_unstable();
    characters.dedup();
    if text.len() < SHORTEST_SECRET || characters.len() < FEWEST_CHARACTERS {
        return Err("has a secret of fewer than 32 random bytes; make one with: openssl rand -hex 32");
    }
    Ok(sha256(text))
}

fn parse_grants(text: &str) -> Result<(Vec<Scope>, bool), String> {
    let (mut scopes, mut impersonate) = (Vec::new(), false);
    for grant in text.split('+') {
        match SCOPES.into_iter().find(|scope| scope.as_str() == grant) {
            Some(scope) => scopes.push(scope),
            None if grant == IMPERSONATE => impersonate = true,
            None => {
                let known = SCOPES.map(Scope::as_str).join(", ");
                return Err(format!(
                    "has an unknown scope; known are {known}, and the grant {IMPERSONATE}"
                ));
            }
        }
    }
    Ok((scopes, impersonate))
}

fn sha256(text: &str) -> [u8; 32] {
    let digest = digest::digest(&digest::SHA256, text.as_bytes());
    digest.as_ref().try_into().expect("SHA-256 has 32 bytes")
}

/// What is wrong with an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialFault {
    entry: usize,
    what: String,
}

impl CredentialFault {
    /// The same without the number of the entry.
    pub fn what(&self) -> &str {
        &self.what
    }
}

impl fmt::Display for CredentialFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "entry {} {}", self.entry, self.what)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "Zm9yIHRoZSB0ZXN0cyBvbmx5LCBhbmQgbmV2ZXIgZWxzZQ";
    const NEW: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

    fn parse(text: &str) -> ServiceCredentials {
        ServiceCredentials::parse(text).expect("good")
    }

    #[test]
    fn a_secret_opens_the_entry_of_its_name_and_no_other() {
        let known = parse(&format!("reports:{OLD}:tasks.read, worker:{NEW}:owners.purge"));
        assert!(known.find("reports", OLD).is_some());
        assert!(known.find("worker", NEW).is_some());
        for (service, secret) in [
            ("reports", NEW),
            ("worker", OLD),
            ("nobody", OLD),
            ("", OLD),
            ("reports", ""),
            ("reports", &OLD[1..]),
        ] {
            assert!(known.find(service, secret).is_none(), "{service}");
        }
    }

    #[test]
    fn while_a_secret_is_replaced_both_are_good_each_with_its_own_scopes() {
        let known = parse(&format!(
            "reports:{OLD}:tasks.read,reports:{NEW}:tasks.read+tasks.write+impersonate"
        ));
        let old = known.find("reports", OLD).expect("still good");
        assert_eq!(
            (old.scopes.as_slice(), old.impersonate),
            ([Scope::TasksRead].as_slice(), false)
        );
        let new = known.find("reports", NEW).expect("good already");
        assert_eq!(new.scopes, [Scope::TasksRead, Scope::TasksWrite]);
        assert!(new.impersonate);
    }

    #[test]
    fn a_hash_stands_for_the_secret_and_the_hash_itself_opens_nothing() {
        let written = parse(&format!(
            "reports:{OLD}:tasks.read+impersonate,worker:{NEW}:owners.purge"
        ))
        .to_string();
        assert!(!written.contains(OLD) && !written.contains(NEW), "{written}");
        let known = parse(&written);
        assert_eq!(known.to_string(), written);
        assert!(known.find("reports", OLD).is_some_and(|found| found.impersonate));
        let hash = hex::encode(sha256(OLD));
        for guess in [hash.clone(), format!("{HASH_PREFIX}{hash}")] {
            assert!(known.find("reports", &guess).is_none());
        }
    }

    #[test]
    fn every_fault_of_every_entry_is_told_and_no_secret_is_shown() {
        let short = &OLD[..42];
        let same = "a1".repeat(32);
        let text = format!(
            "reports:{OLD},Bad Name:{short}:account,ok:{NEW}:tasks.read,again:{NEW}:tasks.read,\
             weak:{same}:tasks.read,hashed:sha256=12ab:tasks.read,auth-service:{OLD}:owners.purge,none:{OLD}:,"
        );
        let faults = ServiceCredentials::parse(&text).expect_err("nothing but faults");
        let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
        for (entry, word) in [
            (1, "of the form"),
            (2, "name"),
            (2, "32 random bytes"),
            (2, "unknown scope"),
            (4, "earlier entry"),
            (5, "32 random bytes"),
            (6, "64 hex digits"),
            (7, "auth-service"),
            (8, "unknown scope"),
            (9, "of the form"),
        ] {
            let start = format!("entry {entry} ");
            assert!(
                told.iter()
                    .any(|fault| fault.starts_with(&start) && fault.contains(word)),
                "{entry} {word}: {told:?}"
            );
        }
        assert_eq!(told.len(), 10, "{told:?}");
        for secret in [OLD, NEW, short, &same, "12ab"] {
            assert!(!told.concat().contains(secret), "{told:?}");
        }
        assert!(!format!("{:?}", parse(&format!("a:{OLD}:tasks.read"))).contains(OLD));
    }
}
