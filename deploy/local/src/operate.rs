//! The operator's commands of auth-service, on the Postgres of the data directory: that of a running `tandem up`, or one
//! that is started for the command alone. A database that the settings name is used instead.

use std::process::ExitCode;

use auth_service::operator::{self, Command, DATABASE_URL};
use chassis::config::{DatabaseConfig, Settings as Given};
use tandem_postgres::Cluster;

use crate::up::data::{DataDir, postgres_in};
use crate::up::settings::Settings;
use crate::up::{AUTH_DATABASE, start_cluster};

pub(crate) async fn operate(command: Command) -> anyhow::Result<ExitCode> {
    let mut given = Given::from_env();
    if !command.needs_database() {
        return Ok(operator::execute(command, given).await);
    }
    let settings = Settings::from_env()?;
    if !settings.needs_auth_database {
        return Ok(operator::execute(command, given).await);
    }
    if let Some(url) = Cluster::url_of_running(&postgres_in(&settings.data_dir), AUTH_DATABASE) {
        given.set(DATABASE_URL, url);
        return Ok(operator::execute(command, given).await);
    }
    let data = DataDir::take(&settings)?;
    let cluster = start_cluster(&settings, &data).await?;
    let url = cluster.url(AUTH_DATABASE);
    let migrated = migrate(&url).await;
    given.set(DATABASE_URL, url);
    let done = match migrated {
        Ok(()) => Ok(operator::execute(command, given).await),
        Err(error) => Err(error),
    };
    cluster.stop().await?;
    done
}

/// As auth-service does at its start.
async fn migrate(url: &str) -> anyhow::Result<()> {
    let pool = chassis::postgres::connect(&DatabaseConfig::from_url(url)?, "auth-service operator");
    chassis::postgres::migrate(&pool, &auth_service::MIGRATOR).await?;
    pool.close().await;
    Ok(())
}
