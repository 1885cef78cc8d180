//! The pool of connections, and what an operator sees of it.

use std::time::Duration;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric as _};
use prometheus_client::metrics::gauge::ConstGauge;
use sqlx::postgres::PgPoolOptions;
use sqlx::{ConnectOptions as _, Connection as _, Executor as _, PgPool};

use crate::Metrics;
use crate::config::DatabaseConfig;

/// Idle connections are given back, so that a quiet service takes nothing from a shared server.
const IDLE_TIMEOUT: Duration = Duration::from_secs(5 * 60);

/// A connection that rested for longer is asked whether it still lives before a call gets it: a server that restarted
/// has broken all of them. Asking every time would cost each transaction one more round trip.
pub(super) const TRUSTED_IDLE: Duration = Duration::from_secs(1);

/// No call waits for longer (the longest deadline), and what takes longer by its nature says so in its transaction. A statement
/// whose caller is gone would else keep its connection for as long as it takes.
const LONGEST_STATEMENT: &str = "SET statement_timeout = '15s'";

/// Makes the pool without connecting: a service starts although Postgres is away. `application` is what an operator
/// sees in `pg_stat_activity`. Statements are not logged, since parameters and texts are people's data.
pub fn connect(config: &DatabaseConfig, application: &str) -> PgPool {
    let options = config
        .options
        .clone()
        .application_name(application)
        .disable_statement_logging();
    PgPoolOptions::new()
        .max_connections(config.max_connections)
        .acquire_timeout(config.acquire_timeout)
        .idle_timeout(IDLE_TIMEOUT)
        .test_before_acquire(false)
        .after_connect(|connection, _| {
            Box::pin(async move { connection.execute(LONGEST_STATEMENT).await.map(drop) })
        })
        .before_acquire(|connection, meta| {
            Box::pin(async move {
                if meta.idle_for > TRUSTED_IDLE {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
        .connect_lazy_with(options)
}

/// A pool of one connection of its own, to the same database: for work that must neither wait for calls nor take a
/// connection from them.
pub fn apart(pool: &PgPool) -> PgPool {
    PgPoolOptions::new()
        .max_connections(1)
        .max_lifetime(None)
        .idle_timeout(None)
        .acquire_timeout(pool.options().get_acquire_timeout())
        .connect_lazy_with((*pool.connect_options()).clone())
}

/// Shows the pool in the metrics.
pub fn observe(pool: &PgPool, metrics: &Metrics) {
    let collector = Box::new(PoolCollector(pool.clone()));
    metrics.register(|registry| registry.register_collector(collector));
}

#[derive(Debug)]
struct PoolCollector(PgPool);

impl Collector for PoolCollector {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), std::fmt::Error> {
        let idle = i64::try_from(self.0.num_idle()).unwrap_or(i64::MAX);
        let open = i64::from(self.0.size());
        let limit = i64::from(self.0.options().get_max_connections());
        for (name, help, value) in [
            (
                "tandem_database_connections_open",
                "Connections to Postgres",
                open,
            ),
            (
                "tandem_database_connections_idle",
                "Connections to Postgres without work",
                idle,
            ),
            (
                "tandem_database_connections_limit",
                "Most connections to Postgres",
                limit,
            ),
        ] {
            let gauge = ConstGauge::new(value);
            gauge.encode(encoder.encode_descriptor(name, help, None, gauge.metric_type())?)?;
        }
        Ok(())
    }
}
