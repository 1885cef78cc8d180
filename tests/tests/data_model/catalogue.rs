//! What the migrations really made, from Postgres' own catalogue.

use sqlx::PgPool;

use super::Facts;

/// Each query gives facts; `relation` leaves out what sqlx keeps for itself and what belongs to an extension.
const QUERIES: [&str; 4] = [
    "SELECT format('%s: column %s %s%s', relation, attname, format_type(atttypid, atttypmod),
                   CASE WHEN attnotnull THEN '' ELSE ', null' END)
     FROM relations JOIN pg_attribute ON attrelid = relation WHERE attnum > 0 AND NOT attisdropped",
    "SELECT format('%s: constraint %s%s', relation, conname,
                   CASE WHEN contype <> 'f' THEN '' WHEN confdeltype = 'c' THEN ' on delete cascade'
                        ELSE ' no cascade' END)
     FROM relations JOIN pg_constraint ON conrelid = relation WHERE contype <> 'n'",
    "SELECT format('%s: index %s', relation, indexrelid::regclass)
     FROM relations JOIN pg_index ON indrelid = relation
     WHERE NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid AND contype <> 'f')",
    "SELECT format('%s: policy %s', relation, polname) FROM relations JOIN pg_policy ON polrelid = relation",
];

const RELATIONS: &str = "WITH relations AS (
    SELECT oid::regclass AS relation FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm') AND relname <> '_sqlx_migrations')";

pub(super) async fn facts(pool: &PgPool) -> sqlx::Result<Facts> {
    let mut facts = Facts::new();
    for query in QUERIES {
        let text = sqlx::AssertSqlSafe(format!("{RELATIONS} {query}"));
        facts.extend(sqlx::query_scalar::<_, String>(text).fetch_all(pool).await?);
    }
    Ok(facts)
}
