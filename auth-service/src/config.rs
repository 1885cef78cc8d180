//! Settings of the service: from the environment to typed values, all faults at once.

use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::ops::RangeInclusive;
use std::thread::available_parallelism;

use chassis::config::{ConfigError, DatabaseConfig, Origin, ServerConfig, ServiceCredential, Settings};
use chassis::peer;
use chrono::TimeDelta;
use proto::access_token::Keyring;

use crate::credentials::ServiceCredentials;
use crate::domain::{Lifetimes, Limits, PasswordRules};
use crate::hashing::HashLimits;
use crate::housekeeping::Retention;
use crate::mail::MailConfig;

/// The setting that says where the service listens.
pub const ADDR: &str = "TANDEM_AUTH_ADDR";
const DEFAULT_ADDR: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 50051);

/// Waiting passwords by default: a hundred people who sign in at the same moment pass, and the last of a full queue
/// waits some seconds on two cores.
const QUEUE: usize = 256;
const DAYS: RangeInclusive<i64> = 1..=3650;

/// What the service needs to know.
#[derive(Debug, Clone)]
pub struct Config {
    /// How it listens.
    pub server: ServerConfig,
    /// `TANDEM_AUTH_DATABASE_URL`: its database.
    pub database: DatabaseConfig,
    /// `TANDEM_TOKEN_KEYS`: the keys; the first one signs.
    pub keyring: Keyring,
    /// `TANDEM_SERVICE_CREDENTIALS`: which services may have tokens, and for what.
    pub credentials: ServiceCredentials,
    /// `TANDEM_PUBLIC_ORIGIN`: where the web app lives; without it no cookies are set.
    pub public_origin: Option<Origin>,
    /// `TANDEM_AUTH_SESSION_DAYS` and `TANDEM_AUTH_SESSION_IDLE_DAYS`: how long a session lives.
    pub lifetimes: Lifetimes,
    /// `TANDEM_AUTH_SESSIONS_PER_PERSON`: how many may live at once.
    pub sessions_per_person: i64,
    /// `TANDEM_AUTH_PASSWORD_MIN_LENGTH`: what new passwords must be like.
    pub password_rules: PasswordRules,
    /// `TANDEM_AUTH_SECURITY_EVENTS_DAYS`: how long things are kept.
    pub retention: Retention,
    /// `TANDEM_AUTH_THROTTLE` and those that begin so: what may be tried how often; none means as often as one likes.
    pub throttle: Option<Limits>,
    /// `TANDEM_SMTP_URL`, `TANDEM_MAIL_DIR` and `TANDEM_MAIL_FROM`: how mails are sent.
    pub mail: MailConfig,
    /// `TANDEM_AUTH_REQUIRE_VERIFIED_EMAIL`: nobody signs in with an email that was not shown to be theirs.
    pub requires_verified_email: bool,
    /// `TANDEM_AUTH_DELETION_GRACE_DAYS`: how long a deletion can be taken back.
    pub deletion_grace: TimeDelta,
    /// `TANDEM_TASKS_URL`: where task-service is, which deletes what it holds of people whose account goes.
    pub tasks_url: Option<String>,
    /// `TANDEM_AUTH_HASH_THREADS` and `TANDEM_AUTH_HASH_QUEUE`: how much hashing goes on at once.
    pub hashing: HashLimits,
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
        let database = DatabaseConfig::read(settings, "TANDEM_AUTH_DATABASE_URL");
        let keyring = read_keyring(settings);
        let credentials = read_credentials(settings);
        let public_origin = settings
            .about("where the web app lives; without it no refresh cookies are set")
            .optional("TANDEM_PUBLIC_ORIGIN");
        let lifetimes = Lifetimes {
            absolute: TimeDelta::days(
                settings
                    .about("days after which a session ends however much it is used")
                    .within("TANDEM_AUTH_SESSION_DAYS", 90, DAYS),
            ),
            idle: TimeDelta::days(
                settings
                    .about("days after which a session ends that is not used")
                    .within("TANDEM_AUTH_SESSION_IDLE_DAYS", 30, DAYS),
            ),
        };
        let sessions_per_person = settings
            .about("sessions that a person can have; a further sign-in ends the one used longest ago")
            .within("TANDEM_AUTH_SESSIONS_PER_PERSON", 100, 1..=1000);
        let password_rules = PasswordRules::new(
            settings
                .about("characters that a new password has at least; older ones keep working")
                .within("TANDEM_AUTH_PASSWORD_MIN_LENGTH", 8, 8..=64),
        );
        let retention = Retention {
            security_events: TimeDelta::days(settings.about("days that security events are kept").within(
                "TANDEM_AUTH_SECURITY_EVENTS_DAYS",
                365,
                DAYS,
            )),
        };
        let hashing = HashLimits {
            threads: settings
                .about("threads that hash passwords, each with 19 MiB; a core each by default")
                .within("TANDEM_AUTH_HASH_THREADS", cores(), 1..=1024),
            queue: settings
                .about("passwords that may wait to be hashed; one more is refused")
                .within("TANDEM_AUTH_HASH_QUEUE", QUEUE, 1..=100_000),
        };
        let deletion_grace = TimeDelta::days(
            settings
                .about("days in which people can take the deletion of their account back")
                .within("TANDEM_AUTH_DELETION_GRACE_DAYS", 0, 0..=365),
        );
        let tasks_url = read_tasks_url(settings);
        let throttle = read_throttle(settings);
        let mail = MailConfig::read(settings);
        let requires_verified_email = read_verified_mode(settings, &mail);
        Some(Self {
            server,
            database: database?,
            keyring: keyring?,
            credentials,
            public_origin,
            lifetimes,
            sessions_per_person,
            password_rules,
            retention,
            throttle,
            mail,
            requires_verified_email,
            deletion_grace,
            tasks_url,
            hashing,
        })
    }
}

/// Bounded, since a row holds an entry for each.
const ATTEMPTS: RangeInclusive<u16> = 1..=1000;

fn read_throttle(settings: &mut Settings) -> Option<Limits> {
    let on = settings
        .about("whether guessing is slowed down; off is for load tests alone")
        .flag("TANDEM_AUTH_THROTTLE", true);
    let limits = Limits {
        wrong_passwords: settings
            .about("wrong passwords in 5 minutes per account, and per known device and session")
            .within("TANDEM_AUTH_THROTTLE_WRONG_PASSWORDS", 10, ATTEMPTS),
        wrong_per_network: settings
            .about("wrong passwords in 5 minutes per network (/24, /64), and as many codes and secrets")
            .within("TANDEM_AUTH_THROTTLE_WRONG_PER_NETWORK", 600, ATTEMPTS),
        sign_ups_per_network: settings.about("sign-ups a minute per network").within(
            "TANDEM_AUTH_THROTTLE_SIGN_UPS_PER_NETWORK",
            120,
            ATTEMPTS,
        ),
        mails: settings
            .about("mails in 15 minutes that anybody can ask for, per address they go to")
            .within("TANDEM_AUTH_THROTTLE_MAILS", 5, ATTEMPTS),
        mails_per_network: settings
            .about("mails in 15 minutes that a network can ask for")
            .within("TANDEM_AUTH_THROTTLE_MAILS_PER_NETWORK", 600, ATTEMPTS),
    };
    on.then_some(limits)
}

fn read_tasks_url(settings: &mut Settings) -> Option<String> {
    const NAME: &str = "TANDEM_TASKS_URL";
    let url: Option<String> = settings
        .about("where task-service is; without it what it holds of deleted people waits to be deleted")
        .optional(NAME);
    if let Some(url) = &url
        && let Err(fault) = peer::endpoint(url, None)
    {
        settings.fault(NAME, fault);
    }
    url
}

fn read_verified_mode(settings: &mut Settings, mail: &MailConfig) -> bool {
    const NAME: &str = "TANDEM_AUTH_REQUIRE_VERIFIED_EMAIL";
    let on = settings
        .about("verified mode: nobody signs in before they have shown that the email is theirs")
        .flag(NAME, false);
    if on && !mail.is_on() {
        settings.fault(NAME, "needs mail; set TANDEM_SMTP_URL or TANDEM_MAIL_DIR");
    }
    on
}

fn cores() -> usize {
    available_parallelism().map_or(1, NonZeroUsize::get)
}

fn read_keyring(settings: &mut Settings) -> Option<Keyring> {
    const NAME: &str = "TANDEM_TOKEN_KEYS";
    let text = settings
        .about("keys of access tokens, kid:key or kid:alg:key, comma separated; the first signs")
        .required_secret(NAME)?;
    // The error names the entry by its number and shows no key.
    let keyring = Keyring::parse(text.expose())
        .map_err(|error| settings.fault(NAME, error))
        .ok()?;
    if !keyring.first().can_sign() {
        settings.fault(
            NAME,
            "begins with a public key, which cannot sign; put a key that can before it",
        );
        return None;
    }
    Some(keyring)
}

/// What follows a fault is of no use, and never used.
fn read_credentials(settings: &mut Settings) -> ServiceCredentials {
    const NAME: &str = ServiceCredential::SETTING;
    let text = settings
        .about("services that may have tokens, name:secret:scope+scope or name:sha256=HEX:scope+scope, comma separated")
        .secret(NAME);
    let parsed = text.map(|text| ServiceCredentials::parse(text.expose()));
    let noted = parsed.map(|parsed| {
        parsed.map_err(|faults| {
            // Each names its entry by the number and shows no secret.
            faults.into_iter().for_each(|fault| settings.fault(NAME, fault));
        })
    });
    noted.and_then(Result::ok).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    const URL: &str = "postgres://app@localhost/auth";

    fn read(pairs: &[(&str, &str)]) -> Result<Config, ConfigError> {
        Config::read(Settings::from_pairs(pairs.iter().copied()))
    }

    #[test]
    fn keys_and_a_database_are_enough() {
        let config = read(&[("TANDEM_TOKEN_KEYS", KEY), ("TANDEM_AUTH_DATABASE_URL", URL)]).expect("good");
        assert_eq!(config.server.addr, DEFAULT_ADDR);
        assert_eq!(config.lifetimes.absolute, TimeDelta::days(90));
        assert!(config.public_origin.is_none());
    }

    #[test]
    fn without_keys_there_is_no_start_and_every_other_fault_is_told_as_well() {
        let error = read(&[
            ("TANDEM_PUBLIC_ORIGIN", "https://a.example.org/app"),
            ("TANDEM_AUTH_SESSION_DAYS", "0"),
            ("TANDEM_AUTH_HASH_THREADS", "0"),
            ("TANDEM_AUTH_DELETION_GRACE_DAYS", "-1"),
            ("TANDEM_TASKS_URL", "somewhere"),
            ("TANDEM_AUTH_REQUIRE_VERIFIED_EMAIL", "true"),
            ("TANDEM_SERVICE_CREDENTIALS", "reports:hunter2:account"),
        ])
        .expect_err("nothing is right")
        .to_string();
        for name in [
            "TANDEM_TOKEN_KEYS",
            "TANDEM_AUTH_DATABASE_URL",
            "TANDEM_PUBLIC_ORIGIN",
            "TANDEM_AUTH_SESSION_DAYS",
            "TANDEM_AUTH_DELETION_GRACE_DAYS",
            "TANDEM_TASKS_URL ",
            "TANDEM_AUTH_HASH_THREADS",
            "TANDEM_AUTH_REQUIRE_VERIFIED_EMAIL needs mail",
            "TANDEM_SERVICE_CREDENTIALS entry 1 has a secret",
            "TANDEM_SERVICE_CREDENTIALS entry 1 has an unknown scope",
        ] {
            assert!(error.contains(name), "{name} in {error}");
        }
        assert!(!error.contains("hunter2"), "{error}");
    }

    #[test]
    fn a_weak_key_is_refused_and_no_key_is_ever_shown() {
        let error = read(&[
            ("TANDEM_TOKEN_KEYS", "k1:c2hvcnQ="),
            ("TANDEM_AUTH_DATABASE_URL", URL),
        ])
        .expect_err("short")
        .to_string();
        assert!(!error.contains("c2hvcnQ="));
        let good = read(&[("TANDEM_TOKEN_KEYS", KEY), ("TANDEM_AUTH_DATABASE_URL", URL)]).expect("good");
        assert!(!format!("{good:?}").contains("AAECAwQF"));
    }
}
