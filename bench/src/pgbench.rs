//! What Postgres itself can do: the least SQL that does each operation, by its own load generator (pgbench, prepared
//! statements), on the same server, over the same socket, on a copy of the seeded tasks with two indexes instead of all and
//! no constraints beside the key; and, to tell what those cost, on the service's own table. No policies, no feed, one statement
//! and one commit for each row.

mod answer;

use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use tandem_postgres::Binaries;
use tokio::process::Command;

use self::answer::Answer;
use crate::figure::{CpuPerCall, Figure};
use crate::house::House;
use crate::machine::cores;
use crate::process::Meters;
use crate::seeding::Table;

/// A table like that of tasks, for statements that know nothing of the service.
const TABLE: &str = "
    CREATE SCHEMA bench;
    CREATE TABLE bench.tasks AS
        SELECT owner_id, id, revision, title, notes, state, priority, due_date, rank, create_time, update_time FROM tasks;
    ALTER TABLE bench.tasks ADD PRIMARY KEY (owner_id, id);
    CREATE INDEX ON bench.tasks (owner_id, rank, id)";

const OWNER: &str = "lpad(to_hex(:owner::bigint), 32, '0')::uuid";
const TASK: &str = "lpad(to_hex(:task::bigint), 32, '0')::uuid";
const COLUMNS: &str =
    "owner_id, id, revision, title, notes, state, priority, due_date, rank, create_time, update_time";

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    PointRead,
    ListOf50,
    Insert,
    /// The same row into the service's own table, with all of its indexes and checks: what is left when the walls, the
    /// feed, the history and the service itself are taken away. It stands first in its owner's order, where no other goes.
    OwnInsert,
    Update,
    /// Likewise.
    OwnUpdate,
}

impl Operation {
    pub(crate) const ALL: [Self; 6] = [
        Self::PointRead,
        Self::ListOf50,
        Self::Insert,
        Self::OwnInsert,
        Self::Update,
        Self::OwnUpdate,
    ];

    const fn file_name(self) -> &'static str {
        match self {
            Self::PointRead => "point-read.sql",
            Self::ListOf50 => "list-of-50.sql",
            Self::Insert => "insert.sql",
            Self::OwnInsert => "own-insert.sql",
            Self::Update => "update.sql",
            Self::OwnUpdate => "own-update.sql",
        }
    }

    /// Random owners and tasks come from pgbench, their ids from their numbers.
    fn script(self) -> String {
        let statement = match self {
            Self::PointRead => {
                format!("SELECT {COLUMNS} FROM bench.tasks WHERE owner_id = {OWNER} AND id = {TASK}")
            }
            Self::ListOf50 => format!(
                "SELECT {COLUMNS} FROM bench.tasks WHERE owner_id = {OWNER} ORDER BY rank, id LIMIT 50"
            ),
            Self::Insert => format!(
                "INSERT INTO bench.tasks ({COLUMNS}) VALUES ({OWNER}, gen_random_uuid(), 1, 'Water the plants', \
                 'Two litres, and look at the leaves of the one by the window.', 1, NULL, NULL, 'ffffffffffff80', \
                 now(), now())"
            ),
            Self::OwnInsert => format!(
                "INSERT INTO tasks (owner_id, id, revision, title, title_order, notes, state, rank, create_time, \
                 update_time) VALUES ({OWNER}, gen_random_uuid(), 1, 'Water the plants', 'water the plants', \
                 'Two litres, and look at the leaves of the one by the window.', 1, '00000000000080', now(), now())"
            ),
            // Another title each time, as UpdateTask does: what is found by its letters has new ones.
            Self::OwnUpdate => format!(
                "UPDATE tasks SET title = 'Water the plants ' || gen_random_uuid(), title_order = 'water the plants ' || \
                 gen_random_uuid(), revision = revision + 1, update_time = now() WHERE owner_id = {OWNER} AND id = {TASK}"
            ),
            Self::Update => format!(
                "UPDATE bench.tasks SET title = 'Water the plants again', revision = revision + 1, \
                 update_time = now() WHERE owner_id = {OWNER} AND id = {TASK}"
            ),
        };
        format!("\\set owner random(1, :owners)\n\\set task random(1, :tasks)\n{statement};\n")
    }
}

/// The program and how many clients serve each operation best.
pub(crate) struct Pgbench {
    program: PathBuf,
    url: String,
    folder: PathBuf,
    numbers: [String; 4],
    postmaster: Option<u32>,
    best: Vec<(Operation, usize)>,
}

impl Pgbench {
    /// Makes its table, of what is seeded by now; None where packages leave pgbench out.
    pub(crate) async fn prepare(
        house: &House,
        table: &Table,
        owners: u64,
        tasks_each: i64,
    ) -> anyhow::Result<Option<Self>> {
        let binaries = Binaries::find(None, None, house.folder())?;
        let Some(program) = binaries.optional_program("pgbench") else {
            return Ok(None);
        };
        table.run(TABLE).await?;
        for operation in Operation::ALL {
            let file = house.folder().join(operation.file_name());
            std::fs::write(&file, operation.script())?;
        }
        let define = |name, value| format!("--define={name}={value}");
        Ok(Some(Self {
            program,
            url: house.tasks_url(),
            folder: house.folder().to_owned(),
            numbers: [
                define("owners", owners.to_string()),
                define("tasks", tasks_each.to_string()),
                "--protocol=prepared".to_owned(),
                "--no-vacuum".to_owned(),
            ],
            postmaster: house.postmaster(),
            best: Vec::new(),
        }))
    }

    /// Finds out which of these numbers of clients gets most done, in a second each.
    pub(crate) async fn choose_clients(&mut self, numbers: &[usize]) -> anyhow::Result<()> {
        for operation in Operation::ALL {
            let mut best = (0.0, 1);
            for &clients in numbers {
                let answer = self.run(operation, clients, 1).await?;
                if answer.per_second > best.0 {
                    best = (answer.per_second, clients);
                }
            }
            self.best.push((operation, best.1));
        }
        Ok(())
    }

    /// How many clients those are.
    pub(crate) fn clients(&self, operation: Operation) -> usize {
        let best = self.best.iter().find(|(known, _)| *known == operation);
        best.map_or(1, |(_, clients)| *clients)
    }

    /// An operation, by the clients that get most of it done.
    pub(crate) async fn measure(&self, operation: Operation, measured: Duration) -> anyhow::Result<Figure> {
        let seconds = measured.as_secs().max(1);
        let run = self.run(operation, self.clients(operation), seconds);
        // Connecting is not the operation, and takes most of the beginning.
        let watch = async {
            tokio::time::sleep(Duration::from_millis(500)).await;
            let meters = Meters::of_postgres(self.postmaster);
            let (before, begun) = (meters.read(), Instant::now());
            tokio::time::sleep(measured.saturating_sub(Duration::from_millis(600))).await;
            (before, meters.read(), begun.elapsed())
        };
        let (answer, (before, after, watched)) = tokio::join!(run, watch);
        let answer = answer?;
        let calls = (answer.per_second * watched.as_secs_f64()) as u64;
        let failed = answer.failed;
        Ok(Figure {
            per_second: answer.per_second,
            latency: None,
            cpu: CpuPerCall::between(before, after, calls),
            errors: (failed > 0)
                .then(|| ("failed".to_owned(), failed))
                .into_iter()
                .collect(),
        })
    }

    /// Mean latency of one client alone, in milliseconds.
    pub(crate) async fn alone_ms(&self, operation: Operation, seconds: u64) -> anyhow::Result<f64> {
        let answer = self.run(operation, 1, seconds).await?;
        ensure!(answer.per_second > 0.0, "pgbench did nothing in {seconds} s");
        Ok(answer.latency_ms)
    }

    async fn run(&self, operation: Operation, clients: usize, seconds: u64) -> anyhow::Result<Answer> {
        let cores = cores();
        let output = Command::new(&self.program)
            .env_clear()
            .args(&self.numbers)
            .arg(format!("--client={clients}"))
            .arg(format!("--jobs={}", clients.min(cores)))
            .arg(format!("--time={seconds}"))
            .arg("--file")
            .arg(self.folder.join(operation.file_name()))
            .arg(&self.url)
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output()
            .await
            .with_context(|| format!("starting {}", self.program.display()))?;
        ensure!(
            output.status.success(),
            "pgbench: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
        Answer::parse(&String::from_utf8_lossy(&output.stdout))
    }
}

#[cfg(test)]
mod tests {
    use sqlx::postgres::PgPoolOptions;
    use sqlx::{AssertSqlSafe, Executor as _};

    use super::*;
    use crate::seeding;

    #[tokio::test]
    async fn every_statement_finds_the_seeded_rows_and_reads_no_more_of_them_than_it_says() {
        let database = tandem_postgres::test::database("bench", &task_service::MIGRATOR).await;
        let table = Table::open(&database.url()).await.unwrap();
        table.add_tasks(&[seeding::owner(1)], 60).await.unwrap();
        table.run(TABLE).await.unwrap();
        let pool = PgPoolOptions::new().connect(&database.url()).await.unwrap();
        for (operation, rows) in [
            (Operation::PointRead, 1),
            (Operation::ListOf50, 50),
            (Operation::Insert, 1),
            (Operation::OwnInsert, 1),
            (Operation::Update, 1),
            (Operation::OwnUpdate, 1),
        ] {
            // pgbench's own lines before the statement, and its variables in it.
            let script = operation.script();
            let statement = script.lines().last().unwrap().trim_end_matches(';');
            let statement = statement.replace(":owner::", "1::").replace(":task::", "60::");
            let done = pool.execute(AssertSqlSafe(statement)).await.unwrap();
            assert_eq!(done.rows_affected(), rows, "{operation:?}");
        }
    }
}
