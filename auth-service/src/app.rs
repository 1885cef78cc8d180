//! What every method depends on. No behaviour.

use std::io;

use chassis::postgres::KeptConnections;
use chassis::{Clock, Entropy, Metrics, PageTokens};
use chrono::TimeDelta;
use proto::access_token::{Audience, Verifier};
use sqlx::PgPool;

use crate::config::Config;
use crate::credentials::ServiceCredentials;
use crate::domain::{Lifetimes, PasswordRules};
use crate::gathering::{self, Refreshes};
use crate::hashing::Hasher;
use crate::housekeeping::Retention;
use crate::mail::Mailer;
use crate::purge::Purger;
use crate::revocations::Wakeups;
use crate::rpc::CookiePolicy;
use crate::signer::Signer;
use crate::throttle::Throttle;

/// The dependencies.
pub struct App {
    pub(crate) pool: PgPool,
    /// Of the pool, for the statements that most calls are.
    pub(crate) kept: KeptConnections,
    pub(crate) clock: Clock,
    pub(crate) entropy: Entropy,
    pub(crate) hasher: Hasher,
    pub(crate) refreshes: Refreshes,
    pub(crate) signer: Signer,
    pub(crate) throttle: Throttle,
    pub(crate) mailer: Mailer,
    pub(crate) purger: Purger,
    /// How long a deletion can be taken back.
    pub(crate) deletion_grace: TimeDelta,
    /// Nobody signs in with an email that was not shown to be theirs.
    pub(crate) requires_verified_email: bool,
    pub(crate) lifetimes: Lifetimes,
    pub(crate) sessions_per_person: i64,
    pub(crate) password_rules: PasswordRules,
    pub(crate) credentials: ServiceCredentials,
    /// For people's tokens that services bring to act with, which is at task-service.
    pub(crate) subjects: Verifier,
    pub(crate) retention: Retention,
    pub(crate) page_tokens: PageTokens,
    pub(crate) wakeups: Wakeups,
    /// None where no cookie is safe.
    pub(crate) cookies: Option<CookiePolicy>,
}

impl App {
    /// Makes them; connects to nothing.
    ///
    /// # Errors
    ///
    /// When the system gives no threads for hashing, or task-service's address cannot be called.
    pub fn new(config: &Config, clock: Clock, entropy: Entropy, metrics: &Metrics) -> io::Result<Self> {
        let pool = chassis::postgres::connect(&config.database, "auth-service");
        chassis::postgres::observe(&pool, metrics);
        let kept = KeptConnections::of(&pool);
        let own_pem = config.server.tls.as_ref().map(|tls| tls.cert_pem.as_slice());
        let subjects_clock = clock.clone();
        Ok(Self {
            mailer: Mailer::new(&config.mail, config.public_origin.clone(), metrics),
            purger: Purger::new(config.tasks_url.as_deref(), own_pem, metrics).map_err(io::Error::other)?,
            deletion_grace: config.deletion_grace,
            requires_verified_email: config.requires_verified_email,
            throttle: Throttle::new(config.throttle, pool.clone(), clock.clone(), metrics),
            refreshes: gathering::refreshes(kept.clone()),
            pool,
            kept,
            clock,
            hasher: Hasher::start(config.hashing, entropy.clone(), metrics)?,
            entropy,
            signer: Signer::new(&config.keyring),
            lifetimes: config.lifetimes,
            sessions_per_person: config.sessions_per_person,
            password_rules: config.password_rules,
            credentials: config.credentials.clone(),
            subjects: Verifier::new(&config.keyring, Audience::Tasks, move || {
                subjects_clock.unix_seconds()
            }),
            retention: config.retention,
            wakeups: Wakeups::new(),
            page_tokens: PageTokens::new(
                "tandem.auth.v1 page token",
                config.keyring.iter().map(|key| key.secret()),
            ),
            cookies: config.public_origin.clone().and_then(CookiePolicy::for_origin),
        })
    }

    /// How passwords are hashed.
    pub fn hasher(&self) -> &Hasher {
        &self.hasher
    }
}
