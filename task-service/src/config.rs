//! Settings of the service: from the environment to typed values, all faults at once.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use chassis::config::{ConfigError, DatabaseConfig, ServerConfig, Settings};
use chassis::revocations::RevocationConfig;
use proto::access_token::Keyring;

use crate::domain::Limits;

/// The setting that says where the service listens.
pub const ADDR: &str = "TANDEM_TASKS_ADDR";
/// The setting that says where the database is.
pub const DATABASE_URL: &str = "TANDEM_TASKS_DATABASE_URL";
const DEFAULT_ADDR: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 50052);

const HISTORY_DAYS: u32 = 90;

/// What the service needs to know.
#[derive(Debug, Clone)]
pub struct Config {
    /// How it listens.
    pub server: ServerConfig,
    /// `TANDEM_TASKS_DATABASE_URL`: its database.
    pub database: DatabaseConfig,
    /// `TANDEM_TOKEN_KEYS`: the keys that verify access tokens.
    pub keyring: Keyring,
    /// Where sessions that ended early are heard of.
    pub revocations: Option<RevocationConfig>,
    /// `TANDEM_TASKS_LIMIT_...`: the most that a person may have.
    pub limits: Limits,
    /// `TANDEM_TASKS_HISTORY_DAYS`: how long it is told what happened to tasks.
    pub history_days: u32,
}

impl Config {
    /// The settings of this process.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with them.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::read(Settings::from_env())
    }

    /// The settings among these variables.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with them.
    pub fn read(mut settings: Settings) -> Result<Self, ConfigError> {
        let config = Self::parts(&mut settings);
        settings.finish_some(config)
    }

    /// Every setting with what it is for, for `--help`.
    pub fn help() -> String {
        let mut settings = Settings::from_pairs([("", ""); 0]);
        Self::parts(&mut settings);
        settings.help()
    }

    /// None means that a fault was noted.
    fn parts(settings: &mut Settings) -> Option<Self> {
        let server = ServerConfig::read(settings, ADDR, DEFAULT_ADDR);
        let database = DatabaseConfig::read(settings, DATABASE_URL);
        let keyring = read_keyring(settings);
        let revocations = RevocationConfig::read(settings);
        let limits = read_limits(settings);
        let history_days = settings
            .about("days for which it is kept who changed what of a task")
            .within("TANDEM_TASKS_HISTORY_DAYS", HISTORY_DAYS, 1..=3650);
        database.zip(keyring).map(|(database, keyring)| Self {
            server,
            database,
            keyring,
            revocations,
            limits,
            history_days,
        })
    }
}

fn read_limits(settings: &mut Settings) -> Limits {
    let defaults = Limits::default();
    Limits {
        tasks: settings
            .about("most tasks of a person, those in the trash too")
            .within("TANDEM_TASKS_LIMIT_TASKS", defaults.tasks, 1..=i64::MAX),
        lists: settings
            .about("most lists of a person, those in the trash too")
            .within("TANDEM_TASKS_LIMIT_LISTS", defaults.lists, 1..=i64::MAX),
        stored_bytes: settings
            .about("most bytes of titles, notes, labels and rules of a person")
            .within(
                "TANDEM_TASKS_LIMIT_STORED_BYTES",
                defaults.stored_bytes,
                1..=i64::MAX,
            ),
        streams: settings
            .about("most streams that a person has open on one replica")
            .within("TANDEM_TASKS_LIMIT_STREAMS", defaults.streams, 1..=100_000),
        calls_per_second: settings
            .about("most calls a second of a person on one replica, kept up")
            .within(
                "TANDEM_TASKS_LIMIT_CALLS_PER_SECOND",
                defaults.calls_per_second,
                1..=1_000_000,
            ),
        calls_burst: settings
            .about("most calls at once of a person on one replica, after a rest")
            .within(
                "TANDEM_TASKS_LIMIT_CALLS_BURST",
                defaults.calls_burst,
                1..=1_000_000,
            ),
    }
}

fn read_keyring(settings: &mut Settings) -> Option<Keyring> {
    const NAME: &str = "TANDEM_TOKEN_KEYS";
    let text = settings
        .about("keys of access tokens, kid:key or kid:alg:key, comma separated; all verify")
        .required_secret(NAME)?;
    // The error names the entry by its number and shows no key.
    Keyring::parse(text.expose())
        .map_err(|error| settings.fault(NAME, error))
        .ok()
}
