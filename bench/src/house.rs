//! The pair without limits on anybody: a Postgres with fsync on, both services, and a further task-service on the same
//! tables where one is asked for. What is measured, and who calls, is not known here.

use std::fs::Permissions;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chassis::Entropy;
use proto::tasks::v1::ListTasksRequest;
use proto::tasks::v1::task_service_client::TaskServiceClient;
use tandem_postgres::{Cluster, Options};
use tempfile::TempDir;
use tonic::transport::Channel;

use crate::calls::request;
use crate::people::Person;
use crate::process;
use crate::service::{Running, Service};

const AUTH_DATABASE: &str = "tandem_auth";
const TASKS_DATABASE: &str = "tandem_tasks";
/// What a limit is set to that is not to be met.
const PLENTY: &str = "1000000";

pub(crate) struct House {
    pub(crate) auth: Running,
    pub(crate) tasks: Vec<Running>,
    pub(crate) token_keys: String,
    postgres: Cluster,
    folder: TempDir,
}

impl House {
    /// Everything up and migrated, and a first person.
    pub(crate) async fn start() -> anyhow::Result<(Self, Person)> {
        let folder = tempfile::Builder::new()
            .prefix("tandem-bench-")
            // Postgres may run as somebody else, who must get through to its own, private folder in here.
            .permissions(Permissions::from_mode(0o755))
            .tempdir()?;
        let mut options = Options::new(folder.path().join("postgres"));
        options.state_dir = folder.path().join("state");
        let postgres = Cluster::start(options).await?;
        postgres.create_database(AUTH_DATABASE).await?;
        postgres.create_database(TASKS_DATABASE).await?;
        let token_keys = format!("bench:{}", STANDARD.encode(Entropy::system().bytes::<32>()));
        let settings = vec![
            ("TANDEM_AUTH_DATABASE_URL", postgres.url(AUTH_DATABASE)),
            ("TANDEM_TOKEN_KEYS", token_keys.clone()),
        ];
        let auth = Service::new("auth-service", "TANDEM_AUTH_ADDR", settings, folder.path())?;
        let (auth, person) = auth
            .start(async |channel| Person::sign_up(channel, 0).await)
            .await?;
        let mut house = Self {
            auth,
            tasks: Vec::new(),
            token_keys,
            postgres,
            folder,
        };
        house.add_task_service(&person).await?;
        Ok((house, person))
    }

    /// One more replica of task-service, which answers this person.
    pub(crate) async fn add_task_service(&mut self, person: &Person) -> anyhow::Result<SocketAddr> {
        let mut settings = vec![
            ("TANDEM_TASKS_DATABASE_URL", self.tasks_url()),
            ("TANDEM_TOKEN_KEYS", self.token_keys.clone()),
        ];
        for limit in [
            "TANDEM_TASKS_LIMIT_TASKS",
            "TANDEM_TASKS_LIMIT_CALLS_PER_SECOND",
            "TANDEM_TASKS_LIMIT_CALLS_BURST",
        ] {
            settings.push((limit, PLENTY.to_owned()));
        }
        let service = Service::new("task-service", "TANDEM_TASKS_ADDR", settings, self.folder.path())?;
        let list = async |channel| {
            let request = request(ListTasksRequest::default(), Some(&person.bearer));
            TaskServiceClient::new(channel).list_tasks(request).await
        };
        let (running, _) = service.start(list).await?;
        let address = running.address;
        self.tasks.push(running);
        Ok(address)
    }

    /// Where the tables of tasks are.
    pub(crate) fn tasks_url(&self) -> String {
        self.postgres.url(TASKS_DATABASE)
    }

    /// What else there is goes in there, and away with it.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The server that all databases are in.
    pub(crate) fn postmaster(&self) -> Option<u32> {
        process::postmaster(&self.postgres.data_dir())
    }

    pub(crate) async fn auth_channel(&self) -> anyhow::Result<Channel> {
        self.auth.connect().await
    }

    /// To the first task-service.
    pub(crate) async fn tasks_channel(&self) -> anyhow::Result<Channel> {
        self.tasks[0].connect().await
    }

    /// The data goes with it.
    pub(crate) async fn stop(self) -> anyhow::Result<()> {
        for service in self.tasks {
            service.kill().await?;
        }
        self.auth.kill().await?;
        self.postgres.stop().await?;
        Ok(())
    }
}
