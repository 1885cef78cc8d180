//! People of a Better Auth, out of its own database.

use sqlx::Executor as _;
use sqlx::migrate::Migrator;

use super::{OLD_PASSWORD, REFUSED_ROWS, SCRYPT};
use crate::harness::Service;
use crate::operator::{Said, binary};

/// As Better Auth's own migration makes it.
const BETTER_AUTH: &str = r#"
CREATE TABLE "user" ("id" text NOT NULL PRIMARY KEY, "name" text NOT NULL, "email" text NOT NULL UNIQUE,
    "emailVerified" boolean NOT NULL, "image" text, "createdAt" timestamp NOT NULL, "updatedAt" timestamp NOT NULL,
    "banned" boolean, "banExpires" timestamp);
CREATE TABLE "account" ("id" text NOT NULL PRIMARY KEY, "accountId" text NOT NULL, "providerId" text NOT NULL,
    "userId" text NOT NULL REFERENCES "user" ("id"), "password" text, "createdAt" timestamp NOT NULL);
INSERT INTO "user" VALUES
    ('JHoqYf7GmhWdcCXk', 'Ann', 'ann@example.org', true, NULL, '2024-05-06 07:08:09', now(), NULL, NULL),
    ('0190d3a5-0000-7000-8000-000000000001', 'Bob', 'bob@example.org', false, NULL, now(), now(), true, NULL),
    ('social', 'Cy', 'cy@example.org', true, NULL, now(), now(), true, now() - interval '1 day'),
    ('strange', 'Dee', 'dee@example.org', true, NULL, now(), now(), false, NULL);
"#;

/// As a Drizzle schema names things.
const SNAKE_CASE: &str = r#"
CREATE TABLE "user" (id uuid PRIMARY KEY, name text NOT NULL, email text NOT NULL, email_verified boolean NOT NULL,
    created_at timestamptz NOT NULL);
CREATE TABLE account (id uuid PRIMARY KEY, provider_id text NOT NULL, user_id uuid NOT NULL, password text);
INSERT INTO "user" VALUES ('0190d3a5-0000-7000-8000-000000000002', 'Eve', 'eve@example.org', true, now());
"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_of_a_better_auth_sign_in_as_before() {
    static NOTHING: Migrator = Migrator::DEFAULT;
    let service = Service::start().await;
    let theirs = tandem_postgres::test::database("better_auth", &NOTHING).await;
    theirs.pool().execute(BETTER_AUTH).await.expect("made");
    for (id, user, provider, password) in [
        ("1", "JHoqYf7GmhWdcCXk", "credential", Some(SCRYPT)),
        ("2", "JHoqYf7GmhWdcCXk", "github", None),
        (
            "3",
            "0190d3a5-0000-7000-8000-000000000001",
            "credential",
            Some(SCRYPT),
        ),
        ("4", "social", "google", None),
        ("5", "strange", "credential", Some("a hash of their own")),
    ] {
        sqlx::query(r#"INSERT INTO account VALUES ($1, $2, $3, $2, $4, now())"#)
            .bind(id)
            .bind(user)
            .bind(provider)
            .bind(password)
            .execute(&theirs.pool())
            .await
            .expect("made");
    }
    let arguments = ["users", "import", "--from", "better-auth", &theirs.url()];
    let said = service.operator(&arguments);
    assert_eq!(said.code, REFUSED_ROWS, "{said:?}");
    assert!(said.out.contains("added: 3 (without a password: 1)"), "{said:?}");
    assert!(
        said.err.contains("refused id strange: password_hash: "),
        "{said:?}"
    );

    let ann = service
        .sign_in("ann@example.org", OLD_PASSWORD)
        .await
        .expect("in");
    let ann = ann.user.expect("a user");
    assert_eq!((ann.display_name.as_str(), ann.email_verified), ("Ann", true));
    assert_eq!(ann.create_time.expect("known").seconds, 1_714_979_289);
    let banned = "SELECT count(*) FROM users WHERE disable_time IS NOT NULL AND email_key = 'bob@example.org'
                  AND id = '0190d3a5-0000-7000-8000-000000000001'";
    assert_eq!(service.count(banned).await, 1);
    let disabled = "SELECT count(*) FROM users WHERE disable_time IS NOT NULL";
    assert_eq!(service.count(disabled).await, 1, "a ban that is over is none");
    let again = service.operator(&arguments);
    assert!(
        again.out.contains("added: 0") && again.out.contains("is there: 3"),
        "{again:?}"
    );

    let drizzle = tandem_postgres::test::database("drizzle", &NOTHING).await;
    drizzle.pool().execute(SNAKE_CASE).await.expect("made");
    let mut command = binary(&["users", "import", "--from", "better-auth"]);
    command
        .env("TANDEM_AUTH_DATABASE_URL", service.database.url())
        .env("TANDEM_BETTER_AUTH_DATABASE_URL", drizzle.url());
    let said = Said::of(&command.output().expect("started")).good();
    assert!(said.contains("added: 1 (without a password: 1)"), "{said}");
    let verified = "SELECT count(*) FROM users WHERE email_key = 'eve@example.org' AND email_verified";
    assert_eq!(service.count(verified).await, 1);

    let empty = tandem_postgres::test::database("empty", &NOTHING).await;
    let said = service.operator(&["users", "import", "--from", "better-auth", &empty.url()]);
    assert!(
        said.code == Some(1) && said.err.contains("Better Auth's own schema"),
        "{said:?}"
    );
    let said = service.operator(&["users", "import", "--from", "better-auth"]);
    assert!(
        said.code == Some(2) && said.err.contains("TANDEM_BETTER_AUTH_DATABASE_URL"),
        "{said:?}"
    );
}
