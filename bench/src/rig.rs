//! Everything that is measured, up and running: a Postgres with fsync on, both services, the echo servers, and people
//! with tasks.

use std::fs::Permissions;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chassis::Entropy;
use futures_util::future::try_join_all;
use proto::access_token::Verifier;
use tandem_postgres::{Cluster, Options};
use tempfile::TempDir;
use tonic::transport::Channel;

use crate::calls::{CreateTask, GetTask, SignIn};
use crate::echo::{self, Echo, EchoProcess, Kind};
use crate::figure::Figure;
use crate::footprint::{self, Footprint};
use crate::limits;
use crate::load::{self, Call, Plan};
use crate::people::{self, Person};
use crate::process::{self, Meters};
use crate::rows::Row;
use crate::service::{Running, Service, endpoint};

/// How the load is made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Load {
    pub(crate) in_flight: usize,
    pub(crate) connections: usize,
    pub(crate) plan: Plan,
}

/// What is measured, and who calls it.
pub(crate) struct Rig {
    echoes: Echoes,
    auth: Running,
    tasks: Running,
    postgres: Cluster,
    _folder: TempDir,
    people: Vec<Arc<Person>>,
    verifier: Arc<Verifier>,
}

struct Echoes {
    bare: EchoProcess,
    layered: EchoProcess,
    verified: EchoProcess,
}

impl Rig {
    /// Starts everything, and tells how long the services took and how little they need.
    pub(crate) async fn start() -> anyhow::Result<(Self, Vec<Footprint>)> {
        let folder = tempfile::Builder::new()
            .prefix("tandem-bench-")
            // Postgres may run as somebody else, who must get through to its own, private folder in here.
            .permissions(Permissions::from_mode(0o755))
            .tempdir()?;
        let mut options = Options::new(folder.path().join("postgres"));
        options.state_dir = folder.path().join("state");
        let postgres = Cluster::start(options).await?;
        postgres.create_database("tandem_auth").await?;
        postgres.create_database("tandem_tasks").await?;

        let token_keys = format!("bench:{}", STANDARD.encode(Entropy::system().bytes::<32>()));
        let settings = |url, database| {
            vec![
                (url, postgres.url(database)),
                ("TANDEM_TOKEN_KEYS", token_keys.clone()),
            ]
        };
        let auth_settings = settings("TANDEM_AUTH_DATABASE_URL", "tandem_auth");
        let mut tasks_settings = settings("TANDEM_TASKS_DATABASE_URL", "tandem_tasks");
        // Few people make the load of many.
        for limit in [
            "TANDEM_TASKS_LIMIT_CALLS_PER_SECOND",
            "TANDEM_TASKS_LIMIT_CALLS_BURST",
        ] {
            tasks_settings.push((limit, "1000000".to_owned()));
        }
        let auth = Service::new("auth-service", "TANDEM_AUTH_ADDR", auth_settings, folder.path())?;
        let tasks = Service::new("task-service", "TANDEM_TASKS_ADDR", tasks_settings, folder.path())?;
        let people = people::settle(&auth, &tasks).await?;
        let (auth, tasks, footprints) = footprint::measure(&auth, &tasks, &people[0]).await?;

        let rig = Self {
            echoes: Echoes {
                bare: EchoProcess::start(Kind::Bare, &token_keys, folder.path()).await?,
                layered: EchoProcess::start(Kind::Layered, &token_keys, folder.path()).await?,
                verified: EchoProcess::start(Kind::Verified, &token_keys, folder.path()).await?,
            },
            auth,
            tasks,
            postgres,
            _folder: folder,
            people,
            verifier: Arc::new(echo::verifier(&token_keys)?),
        };
        Ok((rig, footprints))
    }

    /// Measures a row once.
    pub(crate) async fn measure(&self, row: Row, load: Load) -> anyhow::Result<Figure> {
        match row {
            Row::BareEcho => self.measure_echo(Kind::Bare, &self.echoes.bare, load).await,
            Row::CarryingEcho => self.measure_echo(Kind::Verified, &self.echoes.bare, load).await,
            Row::LayeredEcho => self.measure_echo(Kind::Layered, &self.echoes.layered, load).await,
            Row::VerifiedEcho => {
                self.measure_echo(Kind::Verified, &self.echoes.verified, load)
                    .await
            }
            Row::GetTask => self.measure_service(&self.tasks, load, GetTask::new).await,
            Row::CreateTask => self.measure_service(&self.tasks, load, CreateTask::new).await,
            Row::SignIn => self.measure_service(&self.auth, load, SignIn::new).await,
            Row::Argon2id => {
                tokio::task::spawn_blocking(move || limits::argon2id(load.plan.measured)).await?
            }
            Row::Verification => {
                let (verifier, person) = (Arc::clone(&self.verifier), Arc::clone(&self.people[0]));
                let work = move || limits::verification(load.plan.measured, &verifier, person.token());
                tokio::task::spawn_blocking(work).await?
            }
        }
    }

    /// As those who call the echo server of this kind do.
    async fn measure_echo(&self, kind: Kind, server: &EchoProcess, load: Load) -> anyhow::Result<Figure> {
        let meters = Meters::new(server.pid(), None);
        let make = |channel, person: Arc<Person>| Echo::new(kind, channel, &person);
        load::run(
            self.callers(server.address, load, make).await?,
            load.plan,
            &meters,
        )
        .await
    }

    async fn measure_service<C: Call>(
        &self,
        service: &Running,
        load: Load,
        make: impl Fn(Channel, Arc<Person>) -> C,
    ) -> anyhow::Result<Figure> {
        let meters = Meters::new(service.pid(), process::postmaster(&self.postgres.data_dir()));
        load::run(
            self.callers(service.address, load, make).await?,
            load.plan,
            &meters,
        )
        .await
    }

    /// One caller for each call in flight, spread over connections and people.
    async fn callers<C: Call>(
        &self,
        address: SocketAddr,
        load: Load,
        make: impl Fn(Channel, Arc<Person>) -> C,
    ) -> anyhow::Result<Vec<C>> {
        let endpoint = endpoint(address)?;
        let channels = try_join_all((0..load.connections).map(|_| endpoint.connect())).await?;
        let pairs = channels.iter().cycle().zip(self.people.iter().cycle());
        let callers = pairs.map(|(channel, person)| make(channel.clone(), Arc::clone(person)));
        Ok(callers.take(load.in_flight).collect())
    }

    /// Fills in what the services hold now.
    pub(crate) fn weigh_again(&self, footprints: &mut [Footprint]) {
        for (footprint, service) in footprints.iter_mut().zip([&self.auth, &self.tasks]) {
            footprint.after_load_mb = service.pid().and_then(process::pss_mb);
        }
    }

    /// Stops everything in order; the data goes with it.
    pub(crate) async fn stop(self) -> anyhow::Result<()> {
        drop(self.echoes);
        self.auth.kill().await?;
        self.tasks.kill().await?;
        self.postgres.stop().await?;
        Ok(())
    }
}
