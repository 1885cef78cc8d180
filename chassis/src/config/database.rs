//! How a service reaches its Postgres. The URL carries a password, so nothing here prints it.

use std::fmt;
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;

use super::Settings;

/// Where a service's database is, and how many connections it may hold.
#[derive(Clone)]
pub struct DatabaseConfig {
    pub(crate) options: PgConnectOptions,
    /// Connections of the pool.
    pub max_connections: u32,
    /// How long a call waits for a connection before it is told that the database is away.
    pub acquire_timeout: Duration,
}

impl DatabaseConfig {
    /// Reads the URL from the named setting, a secret, and the shared limits; `None` means that a fault was noted.
    pub fn read(settings: &mut Settings, url_setting: &'static str) -> Option<Self> {
        let url = settings
            .about("Postgres URL of the service's database")
            .required_secret(url_setting);
        let max_connections = settings.about("connections to Postgres").within(
            "TANDEM_DATABASE_MAX_CONNECTIONS",
            16,
            1..=10_000,
        );
        let acquire_timeout = settings
            .about("longest wait for a connection to Postgres, in ms")
            .millis("TANDEM_DATABASE_ACQUIRE_TIMEOUT_MS", Duration::from_secs(3));
        let url = url?;
        let is_postgres =
            url.expose().starts_with("postgres://") || url.expose().starts_with("postgresql://");
        // The parser's own error can repeat parts of the URL, and with them the password.
        let Some(options) = url.expose().parse().ok().filter(|_| is_postgres) else {
            settings.fault(
                url_setting,
                "is not a Postgres URL; write postgres://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=verify-full",
            );
            return None;
        };
        Some(Self {
            options,
            max_connections,
            acquire_timeout,
        })
    }

    /// A database by its URL, with the default limits. For tests.
    ///
    /// # Errors
    ///
    /// When the URL is not one.
    pub fn from_url(url: &str) -> Result<Self, super::ConfigError> {
        let mut settings = Settings::from_pairs([("TANDEM_DATABASE_URL", url)]);
        let config = Self::read(&mut settings, "TANDEM_DATABASE_URL");
        settings.finish_some(config)
    }
}

impl fmt::Debug for DatabaseConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DatabaseConfig")
            .field("host", &self.options.get_host())
            .field("database", &self.options.get_database())
            .field("max_connections", &self.max_connections)
            .finish_non_exhaustive()
    }
}
