//! Tasks by the hundred thousand, put into the table as the service would have, since making each by a call would take hours.

use sqlx::postgres::PgPoolOptions;
use sqlx::{Executor as _, PgPool};
use uuid::Uuid;

/// Tasks of each of the others.
const EACH: i64 = 1_000;

/// Tasks of one owner behind those that are there.
const ADD: &str = "
    WITH there AS (SELECT count(*) AS n FROM tasks WHERE owner_id = $1)
    INSERT INTO tasks (owner_id, id, revision, title, title_order, notes, state, priority, due_date, due_order, rank,
                       create_time, update_time, size_bytes)
    SELECT $1, gen_random_uuid(), there.n + i, t.title, lower(t.title), t.notes, 1, nullif((i % 5)::smallint, 0),
           t.due, to_char(t.due, 'YYYY-MM-DD'), lpad(to_hex(there.n + i + 1099511627776), 12, '0') || '80',
           now() - i * interval '1 minute', now() - i * interval '1 minute', octet_length(t.title || t.notes)
    FROM there, generate_series(1, $2) i, LATERAL (
        SELECT (ARRAY['Water the plants', 'Buy bread', 'Call the landlord', 'Mend the fence', 'Read a chapter'])[1 + i % 5]
                   || ' ' || i AS title,
               'Two litres, and look at the leaves of the one by the window.' AS notes,
               CASE WHEN i % 3 = 0 THEN date '2026-01-01' + (i % 700)::integer END AS due) t";

const COUNT: &str = "
    UPDATE owners SET revision = (SELECT max(revision) FROM tasks WHERE owner_id = $1),
        tasks = (SELECT count(*) FROM tasks WHERE owner_id = $1),
        stored_bytes = (SELECT sum(size_bytes) FROM tasks WHERE owner_id = $1)
    WHERE owner_id = $1";

/// The table, as its owner sees it.
pub(super) struct Table(PgPool);

impl Table {
    pub(super) async fn open(url: &str) -> anyhow::Result<Self> {
        Ok(Self(PgPoolOptions::new().max_connections(1).connect(url).await?))
    }

    /// So many tasks for one owner.
    pub(super) async fn add_tasks(&self, owner: Uuid, tasks: i64) -> anyhow::Result<()> {
        let mut transaction = self.0.begin().await?;
        sqlx::query("INSERT INTO owners (owner_id, revision) VALUES ($1, 0) ON CONFLICT DO NOTHING")
            .bind(owner)
            .execute(&mut *transaction)
            .await?;
        sqlx::query(ADD)
            .bind(owner)
            .bind(tasks)
            .execute(&mut *transaction)
            .await?;
        sqlx::query(COUNT).bind(owner).execute(&mut *transaction).await?;
        Ok(transaction.commit().await?)
    }

    /// Tasks of more and more others, until the table has so many.
    pub(super) async fn fill_to(&self, size: i64) -> anyhow::Result<()> {
        let there: i64 = sqlx::query_scalar("SELECT count(*) FROM tasks")
            .fetch_one(&self.0)
            .await?;
        let mut missing = size - there;
        while missing > 0 {
            let owner: Uuid = sqlx::query_scalar("SELECT gen_random_uuid()")
                .fetch_one(&self.0)
                .await?;
            self.add_tasks(owner, missing.min(EACH)).await?;
            missing -= EACH;
        }
        self.settle().await
    }

    /// Statistics, and nothing left for autovacuum to do in the middle of a measurement.
    pub(super) async fn settle(&self) -> anyhow::Result<()> {
        self.0.execute("VACUUM ANALYZE").await?;
        self.0.execute("CHECKPOINT").await?;
        Ok(())
    }

    /// A hundred tasks of an owner, from all over.
    pub(super) async fn some_ids(&self, owner: Uuid) -> anyhow::Result<Vec<Uuid>> {
        let ids =
            sqlx::query_scalar("SELECT id FROM tasks WHERE owner_id = $1 ORDER BY md5(id::text) LIMIT 100");
        Ok(ids.bind(owner).fetch_all(&self.0).await?)
    }
}
