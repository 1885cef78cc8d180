//! All SQL, one file per table, and the transaction that every statement needs.
//!
//! [`OwnerTx`] and [`OwnersTx`] are the first wall and set up the third (see `transaction`). A statement that is about
//! one owner takes it as `$1`; one that can be about several takes them so, and finds every row by its own pair of owner
//! and id. [`HousekeepingTx`] has no owner: it finds whose rows are to go.
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
mod share;
pub mod task_events;
pub mod task_labels;
pub mod tasks;
mod transaction;
pub mod trash;

use chassis::Entropy;
use chassis::postgres::KeptConnections;
use sqlx::PgPool;
use uuid::Uuid;

use crate::error::Error;
use crate::owner::OwnerId;
use crate::wakeups::Wakeups;
pub(crate) use share::Share;
pub use transaction::{HousekeepingTx, OwnerTx};
pub(crate) use transaction::{Outside, OwnersTx};

/// The role under which every statement of a person runs; the migrations make it.
const PERSON: &str = "tandem_tasks_person";
/// The role under which statements run that several people asked for at the same moment.
const PEOPLE: &str = "tandem_tasks_people";
/// The role that deletes. It sees keys and times only, and an owner's tombstone does not stop it.
const HOUSEKEEPING: &str = "tandem_tasks_housekeeping";

/// A table with an owner whose wall is open. It asks the catalogue, so that no new table can be forgotten.
const UNWALLED: &str = "SELECT c.relname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
     WHERE a.attname = 'owner_id' AND c.relkind IN ('r', 'p') AND pg_table_is_visible(c.oid)
       AND NOT (c.relforcerowsecurity AND row_security_active(c.oid))
     ORDER BY c.relname LIMIT 1";

/// A function that steps through the wall and is not what the migrations made it: whoever restores a dump can become the owner
/// of what is in it, and then it would find everybody's rows, or none.
const ASTRAY: &str = "SELECT made.name
     FROM (VALUES ('find_tasks', 'tandem_tasks_people'), ('list_tasks', 'tandem_tasks_people'),
                  ('search_candidates', 'tandem_tasks_search')) AS made (name, role)
     JOIN pg_proc p ON p.proname = made.name AND pg_function_is_visible(p.oid)
     WHERE NOT p.prosecdef OR pg_get_userbyid(p.proowner) <> made.role
     ORDER BY made.name LIMIT 1";

/// The connections, and who hears of what was committed on them.
#[derive(Debug, Clone)]
pub struct Pool {
    connections: PgPool,
    /// Of those, for single statements.
    kept: KeptConnections,
    wakeups: Wakeups,
}

impl Pool {
    /// Over these connections.
    pub fn new(connections: PgPool, entropy: &Entropy) -> Self {
        Self {
            kept: KeptConnections::of(&connections),
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
        let connections = chassis::postgres::apart(&self.connections);
        Self {
            kept: KeptConnections::of(&connections),
            connections,
            wakeups: self.wakeups.clone(),
        }
    }

    /// Who hears of commits.
    pub(crate) fn wakeups(&self) -> &Wakeups {
        &self.wakeups
    }
}

/// Makes sure that the third wall stands.
///
/// # Errors
///
/// When row-level security would not hold for one of the owned tables under a role that statements run under, or a function that
/// runs as another role runs as a wrong one.
pub async fn check_walls(pool: &PgPool) -> Result<(), WallDown> {
    for role in [PERSON, PEOPLE, HOUSEKEEPING] {
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
    match sqlx::query_scalar(ASTRAY).fetch_optional(pool).await? {
        None => Ok(()),
        Some(function) => Err(WallDown::Astray { function }),
    }
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
    /// A function would not keep to the owners.
    #[error("the function {function} does not run as the role that it was made for")]
    Astray {
        /// Which one.
        function: String,
    },
    /// It could not be asked.
    #[error("row-level security cannot be checked")]
    Sql(#[from] sqlx::Error),
}

/// For the first parameter of a statement that can be about several owners.
fn uuids(owners: impl IntoIterator<Item = OwnerId>) -> Vec<Uuid> {
    owners.into_iter().map(OwnerId::uuid).collect()
}

/// As Postgres counts.
fn count(length: usize) -> Result<i32, Error> {
    i32::try_from(length).map_err(Error::internal)
}

/// The index that an ordinality of Postgres, which counts from one, stands for.
fn place(ordinality: Option<i64>) -> Result<usize, Error> {
    let place = ordinality.and_then(|place| usize::try_from(place).ok()?.checked_sub(1));
    place.ok_or_else(|| Error::internal("a row answers none of those asked for"))
}
