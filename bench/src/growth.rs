//! What a call costs as the work grows: the same calls of a person with 100 tasks while the table has 1,000, 100,000 and
//! 1,000,000, and then of a person who has 100,000. One call at a time, so that a latency is work and not waiting.

mod calls;
mod filling;

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chassis::Entropy;
use proto::tasks::v1::ListTasksRequest;
use proto::tasks::v1::task_service_client::TaskServiceClient;
use tandem_postgres::{Cluster, Options};
use tempfile::TempDir;
use tonic::transport::Channel;

use self::calls::{Kind, Operation};
use self::filling::Table;
use crate::calls::request;
use crate::load::{self, Plan};
use crate::people::Person;
use crate::process::Meters;
use crate::report;
use crate::service::{Running, Service, endpoint};

/// Tasks of the person whose calls are measured while others' tasks grow.
const SMALL: i64 = 100;
/// Tasks of the person who has many.
const LARGE: i64 = if cfg!(debug_assertions) { 2_000 } else { 100_000 };
/// Rows of the table, everybody's. A debug build only tries the program.
const TABLE_SIZES: [i64; 3] = match cfg!(debug_assertions) {
    true => [1_000, 2_000, 3_000],
    false => [1_000, 100_000, 1_000_000],
};
/// A cost that an index holds is at most this many times that of the smallest table.
const FLAT: f64 = 2.0;

/// Measures everything and returns the table for people.
pub(crate) async fn run(seconds: u64) -> anyhow::Result<String> {
    let plan = Plan {
        warm_up: Duration::from_millis(300),
        measured: Duration::from_secs(seconds),
    };
    let (house, small) = House::start().await?;
    let table = Table::open(&house.postgres.url("tandem_tasks")).await?;
    let large = Person::sign_up(house.auth_channel().await?, 1).await?;
    table.add_tasks(small.user_id()?, SMALL).await?;
    let ids = table.some_ids(small.user_id()?).await?;
    let small = Arc::new(small.with_tasks(ids));

    let mut columns: Vec<(String, Vec<f64>)> = Vec::new();
    for size in TABLE_SIZES {
        eprintln!("filling the table to {size} tasks");
        table.fill_to(size).await?;
        let column = house.measure(&small, plan).await?;
        columns.push((format!("{size} in the table"), column));
    }
    eprintln!("a person with {LARGE} tasks");
    table.add_tasks(large.user_id()?, LARGE).await?;
    table.settle().await?;
    let ids = table.some_ids(large.user_id()?).await?;
    let large = Arc::new(large.with_tasks(ids));
    let column = house.measure(&large, plan).await?;
    columns.push((format!("person with {LARGE}"), column));
    house.stop().await?;
    Ok(markdown(&columns))
}

/// Median milliseconds, a line for each call, with the dearest column as a multiple of the first.
fn markdown(columns: &[(String, Vec<f64>)]) -> String {
    let mut head = vec!["median ms"];
    head.extend(columns.iter().map(|(name, _)| name.as_str()));
    head.extend(["most / first", "aim"]);
    let lines = Kind::ALL.into_iter().enumerate().map(|(number, kind)| {
        let medians: Vec<f64> = columns.iter().map(|(_, medians)| medians[number]).collect();
        let most = medians.iter().copied().fold(0.0, f64::max);
        let mut line = vec![kind.name().to_owned()];
        line.extend(medians.iter().map(|median| format!("{median:.2}")));
        line.push(format!("{:.1}", most / medians[0]));
        line.push(format!("<= {FLAT}"));
        line
    });
    report::table(&head, lines)
}

/// A Postgres with fsync on and both services.
struct House {
    auth: Running,
    tasks: Running,
    postgres: Cluster,
    _folder: TempDir,
}

impl House {
    /// Everything up and migrated, and a first person.
    async fn start() -> anyhow::Result<(Self, Person)> {
        let folder = tempfile::Builder::new()
            .prefix("tandem-bench-")
            .permissions(Permissions::from_mode(0o755))
            .tempdir()?;
        let mut options = Options::new(folder.path().join("postgres"));
        options.state_dir = folder.path().join("state");
        let postgres = Cluster::start(options).await?;
        postgres.create_database("tandem_auth").await?;
        postgres.create_database("tandem_tasks").await?;
        let keys = format!("bench:{}", STANDARD.encode(Entropy::system().bytes::<32>()));
        let service = |name, address, url, database: &str| {
            let settings = vec![
                (url, postgres.url(database)),
                ("TANDEM_TOKEN_KEYS", keys.clone()),
                ("TANDEM_TASKS_LIMIT_TASKS", "10000000".to_owned()),
                ("TANDEM_TASKS_LIMIT_CALLS_PER_SECOND", "1000000".to_owned()),
                ("TANDEM_TASKS_LIMIT_CALLS_BURST", "1000000".to_owned()),
            ];
            Service::new(name, address, settings, folder.path())
        };
        let auth = service(
            "auth-service",
            "TANDEM_AUTH_ADDR",
            "TANDEM_AUTH_DATABASE_URL",
            "tandem_auth",
        )?;
        let (auth, person) = auth
            .start(async |channel| Person::sign_up(channel, 0).await)
            .await?;
        let tasks = service(
            "task-service",
            "TANDEM_TASKS_ADDR",
            "TANDEM_TASKS_DATABASE_URL",
            "tandem_tasks",
        )?;
        let list = async |channel| {
            let request = request(ListTasksRequest::default(), Some(&person.bearer));
            TaskServiceClient::new(channel).list_tasks(request).await
        };
        let (tasks, _) = tasks.start(list).await?;
        let house = Self {
            auth,
            tasks,
            postgres,
            _folder: folder,
        };
        Ok((house, person))
    }

    async fn auth_channel(&self) -> anyhow::Result<Channel> {
        Ok(endpoint(self.auth.address)?.connect().await?)
    }

    /// The median of each kind of call, in milliseconds.
    async fn measure(&self, person: &Arc<Person>, plan: Plan) -> anyhow::Result<Vec<f64>> {
        let channel = endpoint(self.tasks.address)?.connect().await?;
        let mut medians = Vec::new();
        for kind in Kind::ALL {
            let caller = Operation::new(kind, channel.clone(), Arc::clone(person))
                .await
                .with_context(|| kind.name())?;
            let figure = load::run(vec![caller], plan, &Meters::new(None, None)).await?;
            anyhow::ensure!(figure.errors.is_empty(), "{}: {:?}", kind.name(), figure.errors);
            eprintln!("  {}: {:.2} ms", kind.name(), figure.p50_ms);
            medians.push(figure.p50_ms);
        }
        Ok(medians)
    }

    async fn stop(self) -> anyhow::Result<()> {
        self.auth.kill().await?;
        self.tasks.kill().await?;
        self.postgres.stop().await?;
        Ok(())
    }
}
