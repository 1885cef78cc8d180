//! All SQL, one file per table, and the transaction that every statement needs.
//!
//! [`OwnerTx`] is the first wall and sets up the third: it is bound to one owner, and with BEGIN goes, in one round trip,
//! a role without rights of its own and the owner that row-level security compares with. The text's only variables are
//! one of two roles, a UUID and a number. [`HousekeepingTx`] has no owner: it finds whose rows are to go.
//! What may never be put here: rules, and text that goes to a client.

pub mod changes;
pub mod completions;
pub mod feed_epoch;
pub mod housekeeping;
pub mod labels;
mod ledger;
pub mod list;
pub mod lists;
pub mod moves;
pub mod notifications;
pub mod order;
pub mod owners;
pub mod removals;
pub mod requests;
pub mod search;
pub mod task_events;
pub mod task_labels;
pub mod tasks;
pub mod trash;

use chassis::Entropy;
use chassis::deadline::Deadline;
use chrono::{DateTime, Utc};
use sqlx::postgres::PgConnection;
use sqlx::{PgPool, Postgres, Transaction};
use uuid::Uuid;

use crate::domain::{Happened, Revision, Usage};
use crate::error::Error;
use crate::owner::OwnerId;
use crate::wakeups::Wakeups;
use ledger::Ledger;

/// The role under which every statement of a person runs; the migrations make it.
const PERSON: &str = "tandem_tasks_person";
/// The role that deletes. It sees keys and times only, and an owner's tombstone does not stop it.
const HOUSEKEEPING: &str = "tandem_tasks_housekeeping";

/// A table with an owner whose wall is open. It asks the catalogue, so that no new table can be forgotten.
const UNWALLED: &str = "SELECT c.relname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
     WHERE a.attname = 'owner_id' AND c.relkind IN ('r', 'p') AND pg_table_is_visible(c.oid)
       AND NOT (c.relforcerowsecurity AND row_security_active(c.oid))
     ORDER BY c.relname LIMIT 1";

/// The connections, and who hears of what was committed on them.
#[derive(Debug, Clone)]
pub struct Pool {
    connections: PgPool,
    wakeups: Wakeups,
}

impl Pool {
    /// Over these connections.
    pub fn new(connections: PgPool, entropy: &Entropy) -> Self {
        Self {
            connections,
            wakeups: Wakeups::new(entropy),
        }
    }

    /// For what is no transaction.
    pub fn connections(&self) -> &PgPool {
        &self.connections
    }

    /// A connection beside the others, with the same who hear of commits.
    pub(crate) fn apart(&self) -> Self {
        Self {
            connections: chassis::postgres::apart(&self.connections),
            wakeups: self.wakeups.clone(),
        }
    }

    /// Who hears of commits.
    pub(crate) fn wakeups(&self) -> &Wakeups {
        &self.wakeups
    }
}

/// Wakes those who wait for an owner's writes, whichever way the commit ends: its answer may be lost.
struct Told(Wakeups, OwnerId);

impl Drop for Told {
    fn drop(&mut self) {
        self.0.written(self.1);
    }
}

/// A transaction in which one owner's rows exist and no others. Dropped, it is rolled back.
pub struct OwnerTx {
    transaction: Transaction<'static, Postgres>,
    owner: OwnerId,
    /// The owner's row, once it is locked for a write.
    ledger: Option<Ledger>,
    wakeups: Wakeups,
    /// Which method writes, and when.
    method: Option<(&'static str, DateTime<Utc>)>,
    /// What happened to tasks, to be stored with the commit.
    happened: Vec<Happened>,
}

impl OwnerTx {
    /// Begins. Neither a statement nor a silence may outlast what is left of the call's time. Once the owner is a
    /// tombstone, statements fail with [`Error::OwnerPurged`].
    pub async fn begin(pool: &Pool, owner: OwnerId, deadline: Deadline) -> Result<Self, Error> {
        Self::begin_as(PERSON, pool, owner, deadline).await
    }

    /// Begins, to delete the owner's rows and not to read them.
    pub async fn begin_deleting(pool: &Pool, owner: OwnerId, deadline: Deadline) -> Result<Self, Error> {
        Self::begin_as(HOUSEKEEPING, pool, owner, deadline).await
    }

    async fn begin_as(role: &str, pool: &Pool, owner: OwnerId, deadline: Deadline) -> Result<Self, Error> {
        let begin = format!(
            "BEGIN; SET LOCAL ROLE {role}; SELECT set_config('app.owner', '{}', true); {}",
            owner.uuid().as_hyphenated(),
            time_limits(deadline)?
        );
        let transaction = chassis::postgres::begin(&pool.connections, begin).await?;
        Ok(Self {
            transaction,
            owner,
            ledger: None,
            wakeups: pool.wakeups.clone(),
            method: None,
            happened: Vec::new(),
        })
    }

    /// Makes it last. Fails with [`Error::QuotaExceeded`] when the write brought something above the owner's limits.
    pub async fn commit(mut self) -> Result<(), Error> {
        let happened = std::mem::take(&mut self.happened);
        if let Some(by) = self.method {
            let actor = self.owner.actor();
            task_events::insert_many(&mut self, &happened, actor, by).await?;
        }
        let mut told = None;
        if let Some(ledger) = self.ledger.take()
            && ledger.is_changed()
        {
            ledger.check()?;
            owners::update(&mut self, &ledger).await?;
            told = Some(Told(self.wakeups, self.owner));
        }
        self.transaction.commit().await?;
        drop(told);
        Ok(())
    }

    /// The next revision, for one row that changes. The owner must be locked.
    pub fn raise(&mut self) -> Result<Revision, Error> {
        self.raise_by(1)
    }

    /// The first of so many revisions, for rows that change together. The owner must be locked.
    pub fn raise_by(&mut self, rows: i64) -> Result<Revision, Error> {
        Ok(self.ledger()?.raise_by(rows))
    }

    /// What the owner has, to be changed with a write.
    fn usage(&mut self) -> Result<&mut Usage, Error> {
        Ok(self.ledger()?.usage())
    }

    /// Says which method writes, and when, for the history of tasks.
    pub fn by(&mut self, method: &'static str, now: DateTime<Utc>) {
        self.method = Some((method, now));
    }

    /// Remembers what happened to tasks.
    fn record(&mut self, happened: impl IntoIterator<Item = Happened>) -> Result<(), Error> {
        if self.method.is_none() {
            return Err(Error::internal("a task changes and nobody said by which method"));
        }
        self.happened.extend(happened);
        Ok(())
    }

    fn ledger(&mut self) -> Result<&mut Ledger, Error> {
        self.ledger
            .as_mut()
            .ok_or_else(|| Error::internal("a write without the owner's lock"))
    }

    /// For the top-level condition of every statement.
    fn owner(&self) -> Uuid {
        self.owner.uuid()
    }

    fn connection(&mut self) -> &mut PgConnection {
        &mut self.transaction
    }
}

/// A transaction in which what is over can be found, whoever owns it. Dropped, it is rolled back.
pub struct HousekeepingTx(Transaction<'static, Postgres>);

impl HousekeepingTx {
    /// Begins. Neither a statement nor a silence may outlast the deadline.
    pub async fn begin(pool: &Pool, deadline: Deadline) -> Result<Self, Error> {
        let begin = format!("BEGIN; SET LOCAL ROLE {HOUSEKEEPING}; {}", time_limits(deadline)?);
        Ok(Self(chassis::postgres::begin(&pool.connections, begin).await?))
    }

    /// Makes it last.
    pub async fn commit(self) -> Result<(), Error> {
        Ok(self.0.commit().await?)
    }

    fn connection(&mut self) -> &mut PgConnection {
        &mut self.0
    }
}

fn time_limits(deadline: Deadline) -> Result<String, Error> {
    let left = deadline.remaining();
    if left.is_zero() {
        return Err(Error::DeadlinePassed);
    }
    Ok(chassis::postgres::time_limits(left))
}

/// Makes sure that the third wall stands.
///
/// # Errors
///
/// When row-level security would not hold for one of the owned tables under a role that statements run under.
pub async fn check_walls(pool: &PgPool) -> Result<(), WallDown> {
    for role in [PERSON, HOUSEKEEPING] {
        let begin = format!("BEGIN; SET LOCAL ROLE {role}");
        let mut transaction = chassis::postgres::begin(pool, begin).await?;
        let unwalled = sqlx::query_scalar(UNWALLED)
            .fetch_optional(&mut *transaction)
            .await?;
        transaction.rollback().await?;
        if let Some(table) = unwalled {
            return Err(WallDown::Inactive { table, role });
        }
    }
    Ok(())
}

/// Why the service does not start.
#[derive(Debug, thiserror::Error)]
pub enum WallDown {
    /// A table's rows could be seen by everybody.
    #[error("row-level security does not hold for the table {table} under the role {role}")]
    Inactive {
        /// Which one.
        table: String,
        /// Who could see them.
        role: &'static str,
    },
    /// It could not be asked.
    #[error("row-level security cannot be checked")]
    Sql(#[from] sqlx::Error),
}
