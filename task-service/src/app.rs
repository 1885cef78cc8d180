//! What every method depends on. No behaviour.

use std::sync::Arc;

use chassis::{Clock, Entropy, Metrics, PageTokens};
use chrono::TimeDelta;

use crate::config::Config;
use crate::deletions::Deletions;
use crate::domain::Limits;
use crate::gathering::Gatherings;
use crate::imports::Imports;
use crate::refusals;
use crate::store::Pool;
use crate::streams::{Pace, Streams};

/// The dependencies.
pub struct App {
    pub(crate) pool: Pool,
    pub(crate) gatherings: Gatherings,
    pub(crate) clock: Clock,
    pub(crate) entropy: Entropy,
    pub(crate) page_tokens: PageTokens,
    pub(crate) deletions: Deletions,
    pub(crate) limits: Limits,
    /// How long it is told what happened to tasks.
    pub(crate) history: TimeDelta,
    pub(crate) streams: Streams,
    pub(crate) imports: Arc<Imports>,
    pub(crate) pace: Pace,
}

impl App {
    /// Makes them; connects to nothing.
    pub fn new(config: &Config, clock: Clock, entropy: Entropy, metrics: &Metrics) -> Self {
        let pool = chassis::postgres::connect(&config.database, "task-service");
        chassis::postgres::observe(&pool, metrics);
        refusals::register(metrics);
        let pool = Pool::new(pool, &entropy);
        pool.wakeups().register(metrics);
        Self {
            gatherings: Gatherings::new(&pool, &clock, &entropy, config.limits),
            pool,
            clock,
            entropy,
            deletions: Deletions::new(metrics),
            limits: config.limits,
            history: TimeDelta::days(config.history_days.into()),
            streams: Streams::new(config.limits.streams, metrics),
            imports: Imports::new(),
            pace: Pace::default(),
            page_tokens: PageTokens::new(
                "tandem.tasks.v1 page token",
                config.keyring.iter().map(|key| key.secret()),
            ),
        }
    }

    /// The same with other times of streams.
    #[must_use]
    pub fn streaming(mut self, pace: Pace) -> Self {
        self.pace = pace;
        self
    }

    /// The same with other limits on deleting: rows of one step, and steps of one call.
    #[must_use]
    pub fn deleting(mut self, rows_per_step: i64, steps_per_call: u32) -> Self {
        self.deletions = self.deletions.limited_to(rows_per_step, steps_per_call);
        self
    }
}
