//! Tasks by the hundred thousand, put into the table as the service would have, since making each by a call would take hours.
//! Task number n of an owner has the id n, and owners who are nobody's account are numbered likewise: whoever calls can
//! name any of them without having read it.

use anyhow::Context as _;
use sqlx::postgres::PgPoolOptions;
use sqlx::{AssertSqlSafe, Executor as _, PgPool};
use uuid::Uuid;

/// Tasks of each of the others.
pub(crate) const EACH: i64 = 1_000;

/// From so many tasks on it is faster to make the indexes again than to keep them.
const MANY: i64 = 50_000;

const OWNERS: &str = "
    INSERT INTO owners (owner_id, revision) SELECT owner_id, 0 FROM unnest($1::uuid[]) owner_id ON CONFLICT DO NOTHING";

/// Tasks of each of these owners, behind those that are there.
const ADD: &str = "
    INSERT INTO tasks (owner_id, id, revision, title, title_order, notes, state, priority, due_date, due_order, rank,
                       create_time, update_time, size_bytes)
    SELECT there.owner_id, lpad(to_hex(there.revision + i), 32, '0')::uuid, there.revision + i, t.title, lower(t.title),
           t.notes, 1, nullif((i % 5)::smallint, 0), t.due, to_char(t.due, 'YYYY-MM-DD'),
           lpad(to_hex(there.revision + i + 1099511627776), 12, '0') || '80',
           now() - i * interval '1 minute', now() - i * interval '1 minute', octet_length(t.title || t.notes)
    FROM (SELECT owner_id, revision FROM owners WHERE owner_id = ANY ($1)) there, generate_series(1, $2) i, LATERAL (
        SELECT (ARRAY['Water the plants', 'Buy bread', 'Call the landlord', 'Mend the fence', 'Read a chapter'])[1 + i % 5]
                   || ' ' || i AS title,
               'Two litres, and look at the leaves of the one by the window.' AS notes,
               CASE WHEN i % 3 = 0 THEN date '2026-01-01' + (i % 700)::integer END AS due) t";

const COUNT: &str = "
    UPDATE owners SET revision = greatest(owners.revision, t.revision), tasks = t.tasks, stored_bytes = t.bytes
    FROM (SELECT owner_id, max(revision) AS revision, count(*) AS tasks, sum(size_bytes) AS bytes
          FROM tasks GROUP BY owner_id) t
    WHERE owners.owner_id = t.owner_id AND owners.tasks <> t.tasks";

/// The indexes that hold no constraint: the name and how it is made again.
const INDEXES: &str = "
    SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
    WHERE indrelid = 'tasks'::regclass
        AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
    ORDER BY pg_get_indexdef(indexrelid) LIKE '%USING gin%' DESC, 1";

/// The table, as its owner sees it.
pub(crate) struct Table(PgPool);

/// Somebody with this number, who has no account.
pub(crate) fn owner(number: u64) -> Uuid {
    Uuid::from_u128(number.into())
}

/// The task with this number, of whichever owner.
pub(crate) fn task(number: u64) -> Uuid {
    Uuid::from_u128(number.into())
}

impl Table {
    pub(crate) async fn open(url: &str) -> anyhow::Result<Self> {
        Ok(Self(PgPoolOptions::new().max_connections(2).connect(url).await?))
    }

    /// So many tasks for each owner.
    pub(crate) async fn add_tasks(&self, owners: &[Uuid], each: i64) -> anyhow::Result<()> {
        let all = each.saturating_mul(i64::try_from(owners.len())?);
        self.add(owners, each, all >= MANY).await
    }

    async fn add(&self, owners: &[Uuid], each: i64, with_new_indexes: bool) -> anyhow::Result<()> {
        let indexes: Vec<(String, String)> = match with_new_indexes {
            true => sqlx::query_as(INDEXES).fetch_all(&self.0).await?,
            false => Vec::new(),
        };
        let mut transaction = self.0.begin().await?;
        for (name, _) in &indexes {
            let drop = AssertSqlSafe(format!("DROP INDEX {name}"));
            transaction.execute(drop).await?;
        }
        sqlx::query(OWNERS)
            .bind(owners)
            .execute(&mut *transaction)
            .await?;
        let add = sqlx::query(ADD).bind(owners).bind(each);
        add.execute(&mut *transaction).await?;
        sqlx::query(COUNT).execute(&mut *transaction).await?;
        transaction.commit().await?;
        self.make_indexes(indexes).await
    }

    /// Two at a time, the dearest first.
    async fn make_indexes(&self, indexes: Vec<(String, String)>) -> anyhow::Result<()> {
        let waiting = tokio::sync::Mutex::new(indexes.into_iter());
        let work = async || {
            let mut connection = self.0.acquire().await?;
            connection.execute("SET maintenance_work_mem = '512MB'").await?;
            loop {
                let next = waiting.lock().await.next();
                let Some((name, definition)) = next else {
                    return anyhow::Ok(());
                };
                let made = connection.execute(AssertSqlSafe(definition)).await;
                made.context(name)?;
            }
        };
        tokio::try_join!(work(), work())?;
        Ok(())
    }

    /// Tasks of more and more numbered owners, until the table has so many.
    pub(crate) async fn fill_to(&self, size: i64) -> anyhow::Result<()> {
        let (there, known): (i64, i64) =
            sqlx::query_as("SELECT (SELECT count(*) FROM tasks), (SELECT count(*) FROM owners)")
                .fetch_one(&self.0)
                .await?;
        let missing = u64::try_from((size - there).max(0))?;
        let each = u64::try_from(EACH)?;
        let first = u64::try_from(known)? + 1;
        let owners: Vec<Uuid> = (first..first + missing / each).map(owner).collect();
        if !owners.is_empty() {
            self.add_tasks(&owners, EACH).await?;
        }
        if missing % each > 0 {
            let last = owner(first + missing / each);
            self.add_tasks(&[last], i64::try_from(missing % each)?).await?;
        }
        self.settle().await
    }

    /// Statistics, and nothing left for autovacuum to do in the middle of a measurement.
    pub(crate) async fn settle(&self) -> anyhow::Result<()> {
        self.0.execute("VACUUM ANALYZE").await?;
        self.0.execute("CHECKPOINT").await?;
        Ok(())
    }

    /// Runs statements that give nothing back.
    pub(crate) async fn run(&self, statements: &'static str) -> anyhow::Result<()> {
        sqlx::raw_sql(statements).execute(&self.0).await?;
        Ok(())
    }

    /// As the server calls itself.
    pub(crate) async fn server_version(&self) -> anyhow::Result<String> {
        let version = sqlx::query_scalar("SELECT split_part(version(), ' (', 1)");
        Ok(version.fetch_one(&self.0).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn indexes(table: &Table) -> Vec<(String, String)> {
        sqlx::query_as(INDEXES).fetch_all(&table.0).await.unwrap()
    }

    async fn constraints(table: &Table) -> i64 {
        let count = "SELECT count(*) FROM pg_constraint WHERE conrelid = 'tasks'::regclass AND convalidated";
        sqlx::query_scalar(count).fetch_one(&table.0).await.unwrap()
    }

    #[tokio::test]
    async fn tasks_are_such_as_the_service_takes_and_every_index_is_there_afterwards() {
        let database = tandem_postgres::test::database("bench", &task_service::MIGRATOR).await;
        let table = Table::open(&database.url()).await.unwrap();
        let (indexes_before, constraints_before) = (indexes(&table).await, constraints(&table).await);
        assert!(!indexes_before.is_empty());

        let owners = [owner(1), owner(2)];
        table.add(&owners, 7, true).await.unwrap();
        table.add(&owners[..1], 3, false).await.unwrap();
        assert_eq!(indexes(&table).await, indexes_before);
        assert_eq!(constraints(&table).await, constraints_before);

        let held: Vec<(Uuid, i64, i64)> =
            sqlx::query_as("SELECT owner_id, revision, tasks FROM owners ORDER BY owner_id")
                .fetch_all(&table.0)
                .await
                .unwrap();
        assert_eq!(held, [(owner(1), 10, 10), (owner(2), 7, 7)]);
        let last: i64 = sqlx::query_scalar("SELECT revision FROM tasks WHERE owner_id = $1 AND id = $2")
            .bind(owner(1))
            .bind(task(10))
            .fetch_one(&table.0)
            .await
            .unwrap();
        assert_eq!(last, 10);
    }

    #[tokio::test]
    async fn a_table_is_filled_to_the_task_and_not_beyond() {
        let database = tandem_postgres::test::database("bench", &task_service::MIGRATOR).await;
        let table = Table::open(&database.url()).await.unwrap();
        for size in [1_005, 2_500, 2_500, 100] {
            table.fill_to(size).await.unwrap();
        }
        let there: i64 = sqlx::query_scalar("SELECT count(*) FROM tasks")
            .fetch_one(&table.0)
            .await
            .unwrap();
        assert_eq!(there, 2_500);
    }
}
