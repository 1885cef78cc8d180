//! The operator's commands of both services, on the Postgres of the data directory: that of a running `tandem up`, or one
//! that is started for the command alone. A database that the settings name is used instead.

use std::process::ExitCode;

use chassis::config::{DatabaseConfig, Settings as Given};
use tandem_postgres::Cluster;

use crate::up::data::{DataDir, postgres_in};
use crate::up::settings::Settings;
use crate::up::{AUTH_DATABASE, TASKS_DATABASE, start_cluster};

/// Whose database a command works on.
#[derive(Clone, Copy)]
enum Service {
    Auth,
    Tasks,
}

pub(crate) async fn auth_service(command: auth_service::operator::Command) -> anyhow::Result<ExitCode> {
    let given = Given::from_env();
    if !command.needs_database() {
        return Ok(auth_service::operator::execute(command, given).await);
    }
    let execute = async |given| auth_service::operator::execute(command, given).await;
    with_database(Service::Auth, given, execute).await
}

pub(crate) async fn task_service(command: task_service::operator::Command) -> anyhow::Result<ExitCode> {
    let execute = async |given| task_service::operator::execute(command, given).await;
    with_database(Service::Tasks, Given::from_env(), execute).await
}

/// Does it with settings that name the service's database.
async fn with_database(
    service: Service,
    mut given: Given,
    execute: impl AsyncFnOnce(Given) -> ExitCode,
) -> anyhow::Result<ExitCode> {
    let settings = Settings::from_env()?;
    if !service.needs_database(&settings) {
        return Ok(execute(given).await);
    }
    if let Some(url) = Cluster::url_of_running(&postgres_in(&settings.data_dir), service.database()) {
        given.set(service.setting(), url);
        return Ok(execute(given).await);
    }
    let data = DataDir::take(&settings)?;
    let cluster = start_cluster(&settings, &data).await?;
    let url = cluster.url(service.database());
    let migrated = service.migrate(&url).await;
    given.set(service.setting(), url);
    let done = match migrated {
        Ok(()) => Ok(execute(given).await),
        Err(error) => Err(error),
    };
    cluster.stop().await?;
    done
}

impl Service {
    fn database(self) -> &'static str {
        match self {
            Self::Auth => AUTH_DATABASE,
            Self::Tasks => TASKS_DATABASE,
        }
    }

    fn setting(self) -> &'static str {
        match self {
            Self::Auth => auth_service::operator::DATABASE_URL,
            Self::Tasks => task_service::config::DATABASE_URL,
        }
    }

    /// Whether none is given.
    fn needs_database(self, settings: &Settings) -> bool {
        match self {
            Self::Auth => settings.needs_auth_database,
            Self::Tasks => settings.needs_tasks_database,
        }
    }

    /// As the service does at its start.
    async fn migrate(self, url: &str) -> anyhow::Result<()> {
        let migrations = match self {
            Self::Auth => &auth_service::MIGRATOR,
            Self::Tasks => &task_service::MIGRATOR,
        };
        let pool = chassis::postgres::connect(&DatabaseConfig::from_url(url)?, "operator");
        chassis::postgres::migrate(&pool, migrations).await?;
        pool.close().await;
        Ok(())
    }
}
