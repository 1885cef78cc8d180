//! Stands in for the crate of that name until it can be started: the same settings, and health alone.

use chassis::config::{ConfigError, DatabaseConfig, ServerConfig, Settings};
use chassis::{Health, Metrics, Server};
use tokio_util::sync::CancellationToken;

pub(crate) mod config {
    pub(crate) use super::Config;
}

pub(crate) struct Config(ServerConfig);

impl Config {
    pub(crate) fn from_env() -> Result<Self, ConfigError> {
        Self::read(Settings::from_env())
    }

    pub(crate) fn read(mut settings: Settings) -> Result<Self, ConfigError> {
        let server = ServerConfig::read(&mut settings, "TANDEM_TASKS_ADDR", ([127, 0, 0, 1], 50052).into());
        let _ = DatabaseConfig::read(&mut settings, "TANDEM_TASKS_DATABASE_URL");
        settings.finish(Self(server))
    }
}

pub(crate) async fn run(config: Config, shutdown: CancellationToken) -> anyhow::Result<()> {
    let listener = chassis::bind(config.0.addr, config.0.addr_setting).await?;
    let health = Health::new(&["tandem.tasks.v1.TaskService"]);
    Ok(Server::new(config.0, health, Metrics::new())
        .serve(listener, shutdown)
        .await?)
}
