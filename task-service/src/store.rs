//! All SQL, one file per table, and the transaction that every statement needs.
//!
//! [`OwnerTx`] is the first wall and sets up the third: it is bound to one owner, and with BEGIN goes, in one round trip,
//! the role without rights of its own and the owner that row-level security compares with. The text's only variables are
//! a UUID and a number. What may never be put here: rules, and text that goes to a client.

pub mod completions;
pub mod list;
pub mod owners;
pub mod requests;
pub mod tasks;

use chassis::deadline::Deadline;
use sqlx::postgres::PgConnection;
use sqlx::{PgPool, Postgres, Transaction};
use uuid::Uuid;

use crate::error::Error;
use crate::owner::OwnerId;

/// The role under which every statement of a person runs; the migrations make it.
const ROLE: &str = "tandem_tasks_person";

/// A table with an owner whose wall is open. It asks the catalogue, so that no new table can be forgotten.
const UNWALLED: &str = "SELECT c.relname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
     WHERE a.attname = 'owner_id' AND c.relkind IN ('r', 'p') AND pg_table_is_visible(c.oid)
       AND NOT (c.relforcerowsecurity AND row_security_active(c.oid))
     ORDER BY c.relname LIMIT 1";

/// A transaction in which one owner's rows exist and no others. Dropped, it is rolled back.
pub struct OwnerTx {
    transaction: Transaction<'static, Postgres>,
    owner: OwnerId,
}

impl OwnerTx {
    /// Begins. Neither a statement nor a silence may outlast what is left of the call's time.
    pub async fn begin(pool: &PgPool, owner: OwnerId, deadline: Deadline) -> Result<Self, Error> {
        let begin = format!(
            "BEGIN; SET LOCAL ROLE {ROLE}; {}; SELECT set_config('app.owner', '{}', true)",
            chassis::postgres::time_limits(deadline.remaining()),
            owner.uuid().as_hyphenated()
        );
        let transaction = chassis::postgres::begin(pool, begin).await?;
        Ok(Self { transaction, owner })
    }

    /// Makes it last.
    pub async fn commit(self) -> Result<(), Error> {
        Ok(self.transaction.commit().await?)
    }

    /// For the top-level condition of every statement.
    fn owner(&self) -> Uuid {
        self.owner.uuid()
    }

    fn connection(&mut self) -> &mut PgConnection {
        &mut self.transaction
    }
}

/// Makes sure that the third wall stands.
///
/// # Errors
///
/// When row-level security would not hold for one of the owned tables under the role that statements run under.
pub async fn check_walls(pool: &PgPool) -> Result<(), WallDown> {
    let begin = format!("BEGIN; SET LOCAL ROLE {ROLE}");
    let mut transaction = chassis::postgres::begin(pool, begin).await?;
    let unwalled = sqlx::query_scalar(UNWALLED)
        .fetch_optional(&mut *transaction)
        .await?;
    transaction.rollback().await?;
    unwalled.map_or(Ok(()), |table| Err(WallDown::Inactive(table)))
}

/// Why the service does not start.
#[derive(Debug, thiserror::Error)]
pub enum WallDown {
    /// A table's rows could be seen by everybody.
    #[error("row-level security does not hold for the table {0} under the role {ROLE}")]
    Inactive(String),
    /// It could not be asked.
    #[error("row-level security cannot be checked")]
    Sql(#[from] sqlx::Error),
}
