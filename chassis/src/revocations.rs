//! How a service follows auth-service's revocations: settings, the set, and what an operator sees of it.

use std::sync::Arc;
use std::time::Duration;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric as _};
use prometheus_client::metrics::gauge::ConstGauge;
use proto::access_token::{Credential, RevocationSet, StalePolicy};
use zeroize::Zeroizing;

use crate::config::{ServiceCredential, Settings};
use crate::peer::{self, AddressError};
use crate::{Clock, Metrics};

/// auth-service sends a checkpoint every second.
const STALE_SECONDS: u64 = 10;

/// Where revocations come from.
#[derive(Debug, Clone)]
pub struct RevocationConfig {
    /// `TANDEM_AUTH_URL`: where auth-service is.
    pub auth_url: String,
    /// `TANDEM_SERVICE_CREDENTIALS`: what this service proves itself with.
    pub credential: ServiceCredential,
    /// `TANDEM_REVOCATION_POLICY` and `TANDEM_REVOCATION_STALE_SECONDS`.
    pub policy: StalePolicy,
}

impl RevocationConfig {
    /// None where no auth-service is named, or a fault was noted.
    pub fn read(settings: &mut Settings) -> Option<Self> {
        const URL: &str = "TANDEM_AUTH_URL";
        const POLICY: &str = "TANDEM_REVOCATION_POLICY";
        let url: Option<String> = settings
            .about("where auth-service is, whose revocations are followed; without it tokens are good until they expire")
            .optional(URL);
        if let Some(url) = &url
            && let Err(fault) = peer::endpoint(url, None)
        {
            settings.fault(URL, fault);
        }
        let credential = ServiceCredential::read(settings);
        let policy: Option<String> = settings
            .about("open: tokens stay good while auth-service cannot be heard; closed: they are refused after a time")
            .optional(POLICY);
        let stale = settings
            .about("seconds without auth-service after which closed refuses")
            .within("TANDEM_REVOCATION_STALE_SECONDS", STALE_SECONDS, 2..=600);
        let policy = match policy.as_deref() {
            None | Some("open") => StalePolicy::Open,
            Some("closed") => StalePolicy::Closed(Duration::from_secs(stale)),
            Some(_) => {
                settings.fault(POLICY, "is neither open nor closed");
                return None;
            }
        };
        match (url, credential) {
            (Some(auth_url), Some(credential)) => Some(Self {
                auth_url,
                credential,
                policy,
            }),
            (None, None) if policy == StalePolicy::Open => None,
            (Some(_), None) => {
                settings.fault(
                    ServiceCredential::SETTING,
                    "is missing; whoever follows revocations proves itself with name:secret",
                );
                None
            }
            (None, _) => {
                settings.fault(URL, "is missing; revocations cannot be followed without it");
                None
            }
        }
    }

    /// The set, and the work that keeps it in step. `own_pem` is this machine's certificate, if there is one.
    ///
    /// # Errors
    ///
    /// When the address cannot be called; [`Self::read`] has seen to that.
    pub fn follow(
        self,
        own_pem: Option<&[u8]>,
        clock: Clock,
        metrics: &Metrics,
    ) -> Result<(Arc<RevocationSet>, impl Future<Output = ()> + Send + 'static), AddressError> {
        let channel = peer::connect_lazily(&self.auth_url, own_pem)?;
        let credential = Credential {
            service: self.credential.name,
            secret: Zeroizing::new(self.credential.secret.expose().to_owned()),
        };
        let (set, work) = RevocationSet::follow(
            channel,
            credential,
            self.policy,
            move || clock.unix_seconds(),
            |status| tracing::warn!(code = ?status.code(), "revocations: connection to auth-service lost: {}", status.message()),
        );
        let collector = Box::new(SetCollector(Arc::clone(&set)));
        metrics.register(|registry| registry.register_collector(collector));
        Ok((set, work))
    }
}

#[derive(Debug)]
struct SetCollector(Arc<RevocationSet>);

impl Collector for SetCollector {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), std::fmt::Error> {
        // No checkpoint yet is as late as can be told.
        let lag = self.0.staleness().map_or(f64::INFINITY, |age| age.as_secs_f64());
        let gauge = ConstGauge::new(lag);
        gauge.encode(encoder.encode_descriptor(
            "tandem_revocations_lag_seconds",
            "Since the set of revoked sessions was last known to be complete",
            None,
            gauge.metric_type(),
        )?)?;
        let held = ConstGauge::new(i64::try_from(self.0.len()).unwrap_or(i64::MAX));
        held.encode(encoder.encode_descriptor(
            "tandem_revocations_held",
            "Revoked sessions whose tokens have not expired",
            None,
            held.metric_type(),
        )?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::ConfigError;

    const URL: (&str, &str) = ("TANDEM_AUTH_URL", "http://127.0.0.1:50051");
    const CREDENTIAL: (&str, &str) = ("TANDEM_SERVICE_CREDENTIALS", "tasks:a-secret");

    fn read(pairs: &[(&str, &str)]) -> Result<Option<RevocationConfig>, ConfigError> {
        let mut settings = Settings::from_pairs(pairs.iter().copied());
        let config = RevocationConfig::read(&mut settings);
        settings.finish(config)
    }

    #[test]
    fn an_address_and_a_credential_belong_together() {
        assert!(read(&[]).expect("nothing to follow").is_none());
        let both = read(&[URL, CREDENTIAL]).expect("good").expect("followed");
        assert_eq!(both.policy, StalePolicy::Open);
        for (half, missing) in [
            (URL, "TANDEM_SERVICE_CREDENTIALS"),
            (CREDENTIAL, "TANDEM_AUTH_URL"),
        ] {
            let error = read(&[half]).expect_err("half").to_string();
            assert!(error.contains(missing), "{error}");
        }
        let nowhere = read(&[("TANDEM_AUTH_URL", "somewhere"), CREDENTIAL]).expect_err("no address");
        assert!(nowhere.to_string().contains("TANDEM_AUTH_URL"));
    }

    #[test]
    fn the_policy_is_open_or_closed() {
        let closed = ("TANDEM_REVOCATION_POLICY", "closed");
        let config = read(&[URL, CREDENTIAL, closed, ("TANDEM_REVOCATION_STALE_SECONDS", "5")]);
        let policy = config.expect("good").expect("followed").policy;
        assert_eq!(policy, StalePolicy::Closed(Duration::from_secs(5)));
        assert!(read(&[URL, CREDENTIAL, ("TANDEM_REVOCATION_POLICY", "ajar")]).is_err());
        assert!(read(&[closed]).is_err(), "closed for ever");
    }
}
