//! The transactions that every statement needs. With BEGIN goes, in one round trip, a role without rights of its own and
//! whose rows exist, which row-level security compares with. The text's only variables are one of three roles, UUIDs and a
//! number.

use std::time::Duration;

use chassis::deadline::Deadline;
use chassis::postgres::KeptConnection;
use chrono::{DateTime, Utc};
use sqlx::postgres::PgConnection;
use sqlx::{Postgres, Transaction};
use uuid::Uuid;

use super::{HOUSEKEEPING, PEOPLE, PERSON, Pool, Share, owners, task_events};
use crate::domain::{Happened, Revision, Usage};
use crate::error::Error;
use crate::owner::OwnerId;
use crate::wakeups::Wakeups;

/// What statements run on.
pub(crate) trait Connected {
    fn connection(&mut self) -> &mut PgConnection;
}

/// A transaction for statements that can be about several owners, each of which brings its own.
pub(crate) trait OfOwners: Connected {}

/// Wakes those who wait for an owner's writes, whichever way the commit ends: its answer may be lost.
struct Told(Wakeups, Vec<OwnerId>);

impl Told {
    /// Of the writes that these change.
    fn of(wakeups: &Wakeups, shares: &[Share]) -> Self {
        let changed = shares.iter().filter(|share| share.changed_ledger().is_some());
        Self(wakeups.clone(), changed.map(Share::owner).collect())
    }
}

impl Drop for Told {
    fn drop(&mut self) {
        for owner in &self.1 {
            self.0.written(*owner);
        }
    }
}

/// Stores what the commit brings beside the rows: what happened to tasks, and the owners' rows.
async fn store(tx: &mut impl OfOwners, shares: &[Share]) -> Result<(), Error> {
    task_events::insert_many(tx, shares).await?;
    shares.iter().try_for_each(Share::check)?;
    owners::update(tx, shares).await
}

/// A transaction in which one owner's rows exist and no others. Dropped, it is rolled back.
pub struct OwnerTx {
    transaction: Transaction<'static, Postgres>,
    share: Share,
    wakeups: Wakeups,
    /// Whether it is there to delete, which needs no lock of the owner.
    deletes: bool,
}

impl OwnerTx {
    /// Begins. Neither a statement nor a silence may outlast what is left of the call's time. Once the owner is a
    /// tombstone, statements fail with [`Error::OwnerPurged`].
    pub async fn begin(pool: &Pool, owner: OwnerId, deadline: Deadline) -> Result<Self, Error> {
        Self::begin_as(PERSON, pool, owner, deadline, "").await
    }

    /// Begins, for statements whose plan is the same whatever they ask for. Postgres would else make another one each time
    /// where it takes that for cheaper, though it takes longer than such a statement.
    pub async fn begin_planned_once(pool: &Pool, owner: OwnerId, deadline: Deadline) -> Result<Self, Error> {
        Self::begin_as(PERSON, pool, owner, deadline, PLANNED_ONCE).await
    }

    /// Begins, to delete the owner's rows and not to read them.
    pub async fn begin_deleting(pool: &Pool, owner: OwnerId, deadline: Deadline) -> Result<Self, Error> {
        Self::begin_as(HOUSEKEEPING, pool, owner, deadline, "").await
    }

    async fn begin_as(
        role: &str,
        pool: &Pool,
        owner: OwnerId,
        deadline: Deadline,
        settings: &str,
    ) -> Result<Self, Error> {
        let begin = format!(
            "BEGIN; SET LOCAL ROLE {role}; SET LOCAL app.owner = '{}'; {settings}{}",
            owner.uuid().as_hyphenated(),
            time_limits(deadline)?
        );
        let transaction = chassis::postgres::begin(pool.connections(), begin).await?;
        Ok(Self {
            transaction,
            share: Share::new(owner),
            wakeups: pool.wakeups().clone(),
            deletes: role == HOUSEKEEPING,
        })
    }

    /// Makes it last. Fails with [`Error::QuotaExceeded`] when the write brought something above the owner's limits.
    pub async fn commit(mut self) -> Result<(), Error> {
        if !self.deletes && !self.share.is_locked() {
            // It only read. Nobody waits for the end of that: it goes with the return of the connection.
            return Ok(());
        }
        // The statements need the transaction beside what they store.
        let owner = self.share.owner();
        let shares = [std::mem::replace(&mut self.share, Share::new(owner))];
        store(&mut self, &shares).await?;
        let _told = Told::of(&self.wakeups, &shares);
        Ok(self.transaction.commit().await?)
    }

    /// What this owner's write does beside its rows.
    pub(crate) fn share(&mut self) -> &mut Share {
        &mut self.share
    }

    /// The next revision, for one row that changes. The owner must be locked.
    pub fn raise(&mut self) -> Result<Revision, Error> {
        self.share.raise()
    }

    /// The first of so many revisions, for rows that change together. The owner must be locked.
    pub fn raise_by(&mut self, rows: i64) -> Result<Revision, Error> {
        self.share.raise_by(rows)
    }

    /// What the owner has, to be changed with a write.
    pub(super) fn usage(&mut self) -> Result<&mut Usage, Error> {
        self.share.usage()
    }

    /// Says which method writes, and when, for the history of tasks.
    pub fn by(&mut self, method: &'static str, now: DateTime<Utc>) {
        self.share.by(method, now);
    }

    /// Remembers what happened to tasks.
    pub(super) fn record(&mut self, happened: impl IntoIterator<Item = Happened>) -> Result<(), Error> {
        self.share.record(happened)
    }

    /// For the top-level condition of every statement.
    pub(super) fn owner(&self) -> Uuid {
        self.share.owner().uuid()
    }

    pub(super) fn connection(&mut self) -> &mut PgConnection {
        &mut self.transaction
    }
}

impl Connected for OwnerTx {
    fn connection(&mut self) -> &mut PgConnection {
        &mut self.transaction
    }
}

impl OfOwners for OwnerTx {}

/// One plan for each statement: for a few rows Postgres takes it for cheaper to make another one each time.
const PLANNED_ONCE: &str = "SET LOCAL plan_cache_mode = force_generic_plan; ";

/// Every statement about several owners goes through a key, pair after pair, whatever the statistics say or do not say yet. So
/// one plan for each will do.
const PAIR_AFTER_PAIR: &str = "SET LOCAL enable_bitmapscan = off; SET LOCAL enable_seqscan = off; \
                               SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off; ";

/// A transaction in which the rows of these owners exist and no others. Nobody's statement may fail in it: it would take
/// what the others asked for along. Dropped, it is rolled back.
pub(crate) struct OwnersTx {
    transaction: Transaction<'static, Postgres>,
    wakeups: Wakeups,
}

impl OwnersTx {
    /// Begins. Neither a statement nor a silence may take longer.
    pub(crate) async fn begin(pool: &Pool, owners: &[OwnerId], longest: Duration) -> Result<Self, Error> {
        let owners: Vec<_> = owners.iter().map(|owner| owner.uuid().to_string()).collect();
        let begin = format!(
            "BEGIN; SET LOCAL ROLE {PEOPLE}; SET LOCAL app.owners = '{{{}}}'; {PAIR_AFTER_PAIR}{PLANNED_ONCE}{}",
            owners.join(","),
            chassis::postgres::time_limits(longest)
        );
        Ok(Self {
            transaction: chassis::postgres::begin(pool.connections(), begin).await?,
            wakeups: pool.wakeups().clone(),
        })
    }

    /// Stores what the commit brings beside the rows.
    pub(crate) async fn store(&mut self, shares: &[Share]) -> Result<(), Error> {
        store(self, shares).await
    }

    /// Makes it last, with what was stored. When this fails nobody knows whether it did.
    pub(crate) async fn commit(self, shares: &[Share]) -> Result<(), Error> {
        let _told = Told::of(&self.wakeups, shares);
        Ok(self.transaction.commit().await?)
    }
}

impl Connected for OwnersTx {
    fn connection(&mut self) -> &mut PgConnection {
        &mut self.transaction
    }
}

impl OfOwners for OwnersTx {}

/// A connection outside of any transaction, in which nobody's rows exist: for the functions that say themselves whose do.
pub(crate) struct Outside(KeptConnection);

impl Outside {
    /// Takes one.
    pub(crate) async fn take(pool: &Pool) -> Result<Self, Error> {
        Ok(Self(pool.kept.acquire().await?))
    }

    /// Leaves it to the next one. Only after an answer that came whole.
    pub(crate) fn keep(self) {
        self.0.keep();
    }
}

impl Connected for Outside {
    fn connection(&mut self) -> &mut PgConnection {
        &mut self.0
    }
}

/// A transaction in which what is over can be found, whoever owns it. Dropped, it is rolled back.
pub struct HousekeepingTx(Transaction<'static, Postgres>);

impl HousekeepingTx {
    /// Begins. Neither a statement nor a silence may outlast the deadline.
    pub async fn begin(pool: &Pool, deadline: Deadline) -> Result<Self, Error> {
        let begin = format!("BEGIN; SET LOCAL ROLE {HOUSEKEEPING}; {}", time_limits(deadline)?);
        Ok(Self(chassis::postgres::begin(pool.connections(), begin).await?))
    }

    /// Makes it last.
    pub async fn commit(self) -> Result<(), Error> {
        Ok(self.0.commit().await?)
    }

    pub(super) fn connection(&mut self) -> &mut PgConnection {
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
