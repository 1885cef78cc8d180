//! What every method depends on. No behaviour.

use chassis::{Clock, Entropy, Metrics, PageTokens};
use sqlx::PgPool;

use crate::config::Config;

/// The dependencies.
pub struct App {
    pub(crate) pool: PgPool,
    pub(crate) clock: Clock,
    pub(crate) entropy: Entropy,
    pub(crate) page_tokens: PageTokens,
}

impl App {
    /// Makes them; connects to nothing.
    pub fn new(config: &Config, clock: Clock, entropy: Entropy, metrics: &Metrics) -> Self {
        let pool = chassis::postgres::connect(&config.database, "task-service");
        chassis::postgres::observe(&pool, metrics);
        Self {
            pool,
            clock,
            entropy,
            page_tokens: PageTokens::new(
                "tandem.tasks.v1 page token",
                config.keyring.iter().map(|key| key.secret()),
            ),
        }
    }
}
