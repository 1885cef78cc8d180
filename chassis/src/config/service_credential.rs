//! What a service proves itself with at auth-service: its name and its secret, from the one setting that both sides
//! share. auth-service declares whom it knows; everybody else has the one credential of its own, and that is read here.

use super::{Secret, Settings};

/// A service's own credential, for `ServiceTokenService.IssueServiceToken`.
#[derive(Debug, Clone)]
pub struct ServiceCredential {
    /// The name that auth-service knows the service by.
    pub name: String,
    /// The secret that goes with it.
    pub secret: Secret,
}

impl ServiceCredential {
    /// The setting, on both sides.
    pub const SETTING: &'static str = "TANDEM_SERVICE_CREDENTIALS";

    /// Reads `name:secret`. None means that it is not set, or that a fault was noted.
    pub fn read(settings: &mut Settings) -> Option<Self> {
        let text = settings
            .about("this service's own name:secret, as auth-service knows it")
            .secret(Self::SETTING)?;
        Self::parse(text.expose().trim())
            .map_err(|fault| settings.fault(Self::SETTING, fault))
            .ok()
    }

    /// The error never shows what was given.
    fn parse(text: &str) -> Result<Self, &'static str> {
        if text.contains(',') {
            return Err("has several entries; a service has one credential, its own");
        }
        let (name, secret) = text
            .split_once(':')
            .filter(|(name, secret)| !name.is_empty() && !secret.is_empty())
            .ok_or("is not of the form name:secret")?;
        if secret.starts_with("sha256=") {
            return Err(
                "has the hash of a secret; only auth-service can do with that, give the secret itself",
            );
        }
        if secret.contains(':') {
            return Err("has more than name:secret; scopes are declared at auth-service");
        }
        Ok(Self {
            name: name.to_owned(),
            secret: Secret::new(secret),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::ConfigError;

    fn read(value: &str) -> Result<Option<ServiceCredential>, ConfigError> {
        let mut settings = Settings::from_pairs([(ServiceCredential::SETTING, value)]);
        let credential = ServiceCredential::read(&mut settings);
        settings.finish(credential)
    }

    #[test]
    fn name_and_secret_are_read_and_the_secret_is_not_shown() {
        let credential = read("task-service:hunter2hunter2\n").expect("good").expect("set");
        assert_eq!(
            (credential.name.as_str(), credential.secret.expose()),
            ("task-service", "hunter2hunter2")
        );
        assert!(!format!("{credential:?}").contains("hunter2"));
        assert!(read("").expect("good").is_none());
    }

    #[test]
    fn what_is_not_a_credential_of_ones_own_is_told_without_the_secret() {
        for value in [
            "hunter2",
            ":hunter2",
            "hunter2:",
            "task-service:sha256=hunter2",
            "task-service:hunter2:revocations.read",
            "task-service:hunter2,reports:hunter2",
        ] {
            let error = read(value).expect_err(value).to_string();
            assert!(error.contains("TANDEM_SERVICE_CREDENTIALS"), "{error}");
            assert!(!error.contains("hunter2"), "{error}");
        }
    }
}
