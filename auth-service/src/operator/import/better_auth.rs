//! People of a Better Auth, from its Postgres: the table `user`, and of `account` the rows of the provider `credential`,
//! which hold the passwords. Columns may be named as Better Auth does itself (`emailVerified`) or as its Drizzle and
//! Prisma schemas often do (`email_verified`).
//!
//! One statement in one snapshot, read as it comes. It is not checked against a schema, since the schema is another's.

use anyhow::{anyhow, bail};
use sqlx::postgres::{PgConnectOptions, PgConnection, PgRow};
use sqlx::{ConnectOptions as _, Executor as _, Row as _};
use tokio::sync::mpsc;
use tokio_stream::StreamExt as _;

use super::row::{At, Entry, Raw};
use super::{CHUNK, Chunk, Source};

const SETTINGS: &str = "SET TIME ZONE 'UTC'; SET default_transaction_read_only = on";

const COUNT: &str = r#"SELECT count(*) FROM "user""#;

/// In the order of `COLUMNS`, behind the id.
const PEOPLE: &str = r#"
SELECT u.id::text,
       u.email::text,
       u.name::text,
       coalesce(j->>'emailVerified', j->>'email_verified'),
       c.password,
       to_char(coalesce(j->>'createdAt', j->>'created_at')::timestamptz, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
       ((j->>'banned')::boolean
        AND coalesce(coalesce(j->>'banExpires', j->>'ban_expires')::timestamptz > now(), true))::text
FROM "user" u
CROSS JOIN LATERAL to_jsonb(u) AS j
LEFT JOIN (
    SELECT DISTINCT ON (user_id) user_id, password
    FROM (SELECT coalesce(k->>'userId', k->>'user_id') AS user_id,
                 coalesce(k->>'providerId', k->>'provider_id') AS provider,
                 k->>'password' AS password
          FROM account a CROSS JOIN LATERAL to_jsonb(a) AS k) AS found
    WHERE provider = 'credential' AND password <> ''
    ORDER BY user_id, password
) AS c ON c.user_id = u.id::text
ORDER BY u.id
"#;

const COLUMNS: [&str; 6] = [
    "email",
    "display_name",
    "email_verified",
    "password_hash",
    "create_time",
    "disabled",
];

/// Opens the database.
pub(super) async fn open(url: &str) -> anyhow::Result<Source> {
    if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
        bail!("Better Auth's database is named by a URL: postgres://USER:PASSWORD@HOST/DATABASE");
    }
    // The parser's own error can repeat parts of the URL, and with them the password.
    let options = url.parse::<PgConnectOptions>();
    let options = options.map_err(|_| anyhow!("the URL of Better Auth's database is not one of Postgres"))?;
    let mut connection = options
        .disable_statement_logging()
        .connect()
        .await
        .map_err(|error| theirs(&error))?;
    connection
        .execute(SETTINGS)
        .await
        .map_err(|error| theirs(&error))?;
    let total: i64 = sqlx::query_scalar(COUNT)
        .fetch_one(&mut connection)
        .await
        .map_err(|error| theirs(&error))?;
    let (sender, chunks) = mpsc::channel(2);
    tokio::spawn(async move {
        if let Err(error) = read(connection, &sender).await {
            // Nobody listens when the import has ended.
            let _ = sender.send(Err(theirs(&error))).await;
        }
    });
    Ok(Source {
        chunks,
        total: u64::try_from(total).ok(),
    })
}

async fn read(
    mut connection: PgConnection,
    sender: &mpsc::Sender<anyhow::Result<Chunk>>,
) -> Result<(), sqlx::Error> {
    let mut rows = sqlx::query(PEOPLE).fetch(&mut connection);
    let (mut entries, mut position) = (Vec::new(), 0);
    loop {
        let row = rows.next().await.transpose()?;
        let ended = row.is_none();
        if let Some(row) = row {
            position += 1;
            entries.push(entry(&row)?);
        }
        if entries.len() == CHUNK || (ended && !entries.is_empty()) {
            let chunk = Chunk {
                entries: std::mem::take(&mut entries),
                position,
            };
            if sender.send(Ok(chunk)).await.is_err() {
                return Ok(());
            }
        }
        if ended {
            return Ok(());
        }
    }
}

/// Their id stays where it is a UUID.
fn entry(row: &PgRow) -> Result<Entry, sqlx::Error> {
    let id: String = row.try_get(0)?;
    let mut raw = Raw::default();
    for (at, column) in COLUMNS.into_iter().enumerate() {
        if let Some(text) = row.try_get::<Option<String>, _>(at + 1)? {
            raw.set(column, text);
        }
    }
    if uuid::Uuid::try_parse(&id).is_ok() {
        raw.set("id", id.clone());
    }
    Ok(Entry {
        at: At::Id(id),
        raw: Ok(raw),
    })
}

/// As text, so that nobody takes it for an error of our own database.
fn theirs(error: &sqlx::Error) -> anyhow::Error {
    anyhow!(
        "Better Auth's database: {error}. It needs the tables \"user\" and account of Better Auth's own schema"
    )
}
