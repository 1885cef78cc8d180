//! Everything, in order: settings, lock, ports, secrets, Postgres, services, web app, one screen; and back again.
//!
//! Each part is a process of its own, as it is anywhere else. What ends by itself takes the rest down with it: a
//! supervisor that restarts what is broken hides it, and whoever wants restarts has systemd or an orchestrator.

mod build;
pub(crate) mod data;
mod part;
mod ports;
pub(crate) mod settings;

use std::time::Duration;

use anyhow::{Context as _, bail};
use futures_util::future::select_all;
use tandem_postgres::{Cluster, Options};
use tokio::signal::unix::{SignalKind, signal};

use crate::{screen, web};
use data::DataDir;
use part::Part;
use settings::Settings;

pub(crate) const AUTH_DATABASE: &str = "tandem_auth";
pub(crate) const TASKS_DATABASE: &str = "tandem_tasks";
/// A service that is not ready by then is stuck; migrations of a large database may take a while.
const READY: Duration = Duration::from_secs(120);

/// Brings everything up and stays until a signal comes or a part ends by itself.
pub(crate) async fn up() -> anyhow::Result<()> {
    let settings = Settings::from_env()?;
    let data = DataDir::take(&settings)?;
    ports::check(&settings).await?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;

    let mut system = System::default();
    let outcome = tokio::select! {
        outcome = system.run(&settings, &data) => outcome,
        _ = interrupt.recv() => Ok(()),
        _ = terminate.recv() => Ok(()),
    };
    if let Err(error) = &outcome {
        screen::error(&format!("{error:#}"));
    }
    screen::progress("stopping");
    tokio::select! {
        stopped = system.stop() => stopped?,
        _ = interrupt.recv() => bail!("stopped at once on a second signal"),
        _ = terminate.recv() => bail!("stopped at once on a second signal"),
    }
    screen::progress("stopped");
    outcome.map_err(|_| anyhow::anyhow!("ended because of the above"))
}

/// What is running.
#[derive(Default)]
struct System {
    cluster: Option<Cluster>,
    parts: Vec<Part>,
}

impl System {
    /// Starts everything, shows the screen and returns only when something went wrong.
    async fn run(&mut self, settings: &Settings, data: &DataDir) -> anyhow::Result<()> {
        let keys = data.token_keys(settings)?;
        let credential = data.task_service_credential()?;
        self.start_postgres(settings, data).await?;
        for (name, environment) in settings.services(self.cluster.as_ref(), keys.as_deref(), &credential) {
            self.parts.push(Part::start(name, &environment)?);
        }
        let (auth, tasks) = (settings.auth_url(), settings.tasks_url());
        let certificate = settings.web.certificate.as_deref();
        let ready = async {
            tokio::join!(
                part::ready("auth-service", &auth, certificate, "tandem.auth.v1.AuthService"),
                part::ready("task-service", &tasks, certificate, "tandem.tasks.v1.TaskService"),
            )
        };
        let prepared =
            async { tokio::join!(tokio::time::timeout(READY, ready), build::web_app(settings, data)) };
        let (ready, web_app) = tokio::select! {
            prepared = prepared => prepared,
            ended = first_end(&mut self.parts, self.cluster.as_mut()) => return Err(ended),
        };
        ready.context("the services are still not ready")?;

        self.parts
            .push(Part::start("web", &settings.web_environment(web_app.as_deref()))?);
        let answer = tokio::time::timeout(READY, web::answers(settings.web.addr));
        tokio::select! {
            answer = answer => answer.context("the web origin is still not ready")?,
            ended = first_end(&mut self.parts, self.cluster.as_mut()) => return Err(ended),
        }
        let location = self.cluster.as_ref().map(Cluster::data_dir);
        screen::show(&settings.screen(data, location.as_deref(), web_app.is_some()));
        Err(first_end(&mut self.parts, self.cluster.as_mut()).await)
    }

    async fn start_postgres(&mut self, settings: &Settings, data: &DataDir) -> anyhow::Result<()> {
        if !settings.needs_postgres() {
            screen::progress("using the databases that the settings name");
            return Ok(());
        }
        self.cluster = Some(start_cluster(settings, data).await?);
        Ok(())
    }

    /// The parts first, so that they can end what they are doing, and Postgres last.
    async fn stop(self) -> anyhow::Result<()> {
        for part in &self.parts {
            part.ask_to_stop();
        }
        for part in self.parts {
            part.stop().await;
        }
        if let Some(cluster) = self.cluster {
            cluster.stop().await?;
        }
        Ok(())
    }
}

/// Starts the Postgres of the data directory, with both databases.
pub(crate) async fn start_cluster(settings: &Settings, data: &DataDir) -> anyhow::Result<Cluster> {
    let mut options = Options::new(data.postgres());
    options.bin_dir.clone_from(&settings.postgres_bin);
    options.progress = Box::new(|step| screen::progress(&step.to_string()));
    let cluster = Cluster::start(options).await?;
    for database in [AUTH_DATABASE, TASKS_DATABASE] {
        cluster.create_database(database).await?;
    }
    Ok(cluster)
}

/// Waits until something ends that should not, and says what.
async fn first_end(parts: &mut [Part], cluster: Option<&mut Cluster>) -> anyhow::Error {
    let postgres = async {
        match cluster {
            Some(cluster) => {
                cluster.exited().await;
                anyhow::anyhow!(
                    "Postgres ended by itself; its log is {}",
                    cluster.log_file().display()
                )
            }
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        (ended, ..) = select_all(parts.iter_mut().map(|part| Box::pin(part.ended()))) => ended,
        ended = postgres => ended,
    }
}
