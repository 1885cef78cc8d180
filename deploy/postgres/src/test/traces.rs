//! What is left of something in a database: a test that deletes a person looks through every column of every table.
//!
//! It knows no table by name, so one that comes later is looked through too. What is stored hashed or enciphered cannot
//! be found by its clear text; give the hash in hex.

use sqlx::{AssertSqlSafe, PgPool};

/// Every column of every table that is not Postgres's own, with names that can stand in a statement. Partitions are
/// tables themselves, so the partitioned table above them would count their rows twice.
const COLUMNS: &str = "SELECT c.oid::regclass::text, quote_ident(a.attname)
     FROM pg_class c
     JOIN pg_namespace n ON n.oid = c.relnamespace
     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     WHERE c.relkind IN ('r', 'm') AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
     ORDER BY 1, a.attnum";

/// A column in which something was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    /// The table, with its schema where that is not the usual one.
    pub table: String,
    /// The column.
    pub column: String,
    /// In how many of its rows.
    pub rows: i64,
}

/// Where in a database a text stands, whatever the case of its letters: in any column of any type, as a part of it, as
/// bytes, and for a UUID also without its hyphens. Empty when nothing of it is left.
///
/// # Panics
///
/// When the database cannot be read, or when row-level security would hide rows from this pool's user.
pub async fn traces_of(pool: &PgPool, needle: &str) -> Vec<Trace> {
    assert!(!needle.is_empty(), "everything contains nothing");
    find(pool, &forms(needle))
        .await
        .unwrap_or_else(|error| panic!("the database cannot be looked through: {error}"))
}

async fn find(pool: &PgPool, forms: &[String]) -> Result<Vec<Trace>, sqlx::Error> {
    let mut transaction = pool.begin().await?;
    // An error is better than rows that were not shown.
    sqlx::query("SET LOCAL row_security = off")
        .execute(&mut *transaction)
        .await?;
    let columns: Vec<(String, String)> = sqlx::query_as(COLUMNS).fetch_all(&mut *transaction).await?;
    let mut traces = Vec::new();
    for (table, column) in columns {
        let count = format!(
            "SELECT count(*) FROM {table}
             WHERE EXISTS (SELECT FROM unnest($1) form WHERE strpos(lower({column}::text), form) > 0)"
        );
        let count = sqlx::query_scalar(AssertSqlSafe(count)).bind(forms);
        match count.fetch_one(&mut *transaction).await? {
            0 => {}
            rows => traces.push(Trace { table, column, rows }),
        }
    }
    transaction.rollback().await?;
    Ok(traces)
}

/// How a text may look as the text of a column: itself, its bytes as Postgres writes `bytea`, and the digits of a UUID,
/// which are its bytes too.
fn forms(needle: &str) -> Vec<String> {
    let hex = |text: &str| text.bytes().map(|byte| format!("{byte:02x}")).collect();
    let lower = needle.to_lowercase();
    let mut forms = vec![hex(needle), hex(&lower)];
    let digits: String = lower.chars().filter(|&c| c != '-').collect();
    if digits.len() == 32 && digits.chars().all(|c| c.is_ascii_hexdigit()) {
        forms.push(digits);
    }
    forms.push(lower);
    forms
}
