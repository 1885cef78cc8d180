//! What every service's server needs to know, under names that both share.

use std::net::SocketAddr;
use std::time::Duration;

use super::{Network, Origin, Secret, Settings};

/// How a server listens, what it lets in and how it ends.
#[derive(Debug, Clone)]
pub struct ServerConfig {
    /// Where calls arrive.
    pub addr: SocketAddr,
    /// The setting that `addr` came from, for messages.
    pub addr_setting: &'static str,
    /// Where Prometheus may scrape; never the public port.
    pub metrics_addr: Option<SocketAddr>,
    /// Certificate and key; without them the server speaks plain text.
    pub tls: Option<TlsFiles>,
    /// Web origins whose pages may call with a bearer token.
    pub allowed_origins: Vec<Origin>,
    /// Whose word on where a call comes from is believed.
    pub trusted_proxies: Vec<Network>,
    /// Whether the server describes itself by reflection.
    pub reflection: bool,
    /// No call takes longer than this to its first answer.
    pub request_timeout: Duration,
    /// Calls at work at once; one more is refused.
    pub max_concurrent_requests: usize,
    /// Between "not ready" and the end of accepting: the time a load balancer needs to look away.
    pub drain_delay: Duration,
    /// How long open calls may take to end.
    pub drain_timeout: Duration,
    /// Connections are asked to reconnect after about this long, so that replicas share the load evenly.
    pub max_connection_age: Duration,
}

/// A certificate chain and its key, in PEM.
#[derive(Debug, Clone)]
pub struct TlsFiles {
    /// The chain, leaf first.
    pub cert_pem: Vec<u8>,
    /// The private key.
    pub key_pem: Secret,
}

impl ServerConfig {
    /// Reads the shared settings; the address has a name and a default of its own per service.
    pub fn read(settings: &mut Settings, addr_setting: &'static str, default_addr: SocketAddr) -> Self {
        Self {
            addr: settings
                .about("where the service listens")
                .parse_or(addr_setting, default_addr),
            addr_setting,
            metrics_addr: settings
                .about("where the service serves Prometheus metrics")
                .optional("TANDEM_METRICS_ADDR"),
            tls: TlsFiles::read(settings),
            allowed_origins: settings
                .about("other origins whose pages may call with a bearer token, comma separated")
                .list("TANDEM_ALLOWED_ORIGINS"),
            trusted_proxies: settings
                .about("proxies whose X-Forwarded-For is believed, addresses or networks, comma separated")
                .list("TANDEM_TRUSTED_PROXIES"),
            reflection: settings
                .about("whether the service describes itself by reflection")
                .flag("TANDEM_REFLECTION", true),
            request_timeout: settings
                .about("longest time to a call's first answer, in ms")
                .millis("TANDEM_REQUEST_TIMEOUT_MS", Duration::from_secs(15)),
            max_concurrent_requests: settings
                .about("calls at work at once; one more is refused")
                .within("TANDEM_MAX_CONCURRENT_REQUESTS", 1024, 1..=1_000_000),
            drain_delay: settings
                .about("time for load balancers between not ready and the end of accepting, in ms")
                .millis("TANDEM_DRAIN_DELAY_MS", Duration::ZERO),
            drain_timeout: settings
                .about("time for open calls to end at shutdown, in ms")
                .millis("TANDEM_DRAIN_TIMEOUT_MS", Duration::from_secs(10)),
            max_connection_age: settings
                .about("age at which a connection is asked to reconnect, in ms")
                .millis("TANDEM_MAX_CONNECTION_AGE_MS", Duration::from_secs(30 * 60)),
        }
    }

    /// The defaults, on a port that the system chooses. For tests.
    pub fn loopback() -> Self {
        let none: [(String, String); 0] = [];
        Self::read(
            &mut Settings::from_pairs(none),
            "TANDEM_ADDR",
            SocketAddr::from(([127, 0, 0, 1], 0)),
        )
    }
}

impl TlsFiles {
    fn read(settings: &mut Settings) -> Option<Self> {
        let cert = settings.about("PEM file with the certificate chain; unset means plain text");
        let cert = cert.file("TANDEM_TLS_CERT");
        let key = settings.about("PEM file with the private key");
        let key = key.file("TANDEM_TLS_KEY");
        match (cert, key) {
            (Some(cert_pem), Some(key)) => match String::from_utf8(key) {
                Ok(key) => Some(Self {
                    cert_pem,
                    key_pem: Secret::new(key),
                }),
                Err(_) => {
                    settings.fault("TANDEM_TLS_KEY", "names a file that is not PEM");
                    None
                }
            },
            (None, None) => None,
            (Some(_), None) => {
                settings.fault(
                    "TANDEM_TLS_CERT",
                    "is set but TANDEM_TLS_KEY gives no key; set both or neither",
                );
                None
            }
            (None, Some(_)) => {
                settings.fault(
                    "TANDEM_TLS_KEY",
                    "is set but TANDEM_TLS_CERT gives no certificate; set both or neither",
                );
                None
            }
        }
    }
}
