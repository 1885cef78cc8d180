//! A deleted account leaves nothing in either database, whatever dies in the middle of its deletion.

use std::time::Duration;

use proto::auth::v1::{DeleteUserRequest, SignUpRequest};
use proto::tasks::v1::ListTasksRequest;
use sqlx::PgPool;
use tandem_postgres::test::traces_of;
use tokio::time::{Instant, sleep};
use tonic::Code;

use crate::harness::{Part, Person, System, say};

/// So many that task-service deletes them in more than one step.
const TASKS: i32 = 5000;
const LONGEST: Duration = Duration::from_secs(120);
const PAUSE: Duration = Duration::from_millis(2);
/// In the title of every task, and nowhere else.
const TITLE: &str = "Water the orchids";

/// Both databases, looked at from beside the services.
struct Databases {
    auth: PgPool,
    tasks: PgPool,
}

impl Databases {
    fn of(system: &System) -> Self {
        let [auth, tasks] = ["tandem_auth", "tandem_tasks"].map(|database| {
            let url = system.database_url(database);
            PgPool::connect_lazy(&url).expect("a URL of our own")
        });
        Self { auth, tasks }
    }

    /// Waits until nobody is left who should be gone.
    async fn until_purged(&self, system: &System) {
        const LEFT: &str =
            "SELECT (SELECT count(*) FROM purges) + (SELECT count(*) FROM users WHERE purge_time <= now())";
        let begun = Instant::now();
        loop {
            let left = sqlx::query_scalar::<_, i64>(LEFT).fetch_one(&self.auth).await;
            if matches!(left, Ok(0)) {
                return;
            }
            assert!(begun.elapsed() < LONGEST, "{left:?}\n{}", system.log());
            sleep(PAUSE).await;
        }
    }

    async fn tasks_of(&self, id: &str) -> i64 {
        sqlx::query_scalar("SELECT count(*) FROM tasks WHERE owner_id = $1::uuid")
            .bind(id)
            .fetch_one(&self.tasks)
            .await
            .expect("counted")
    }

    /// Nothing of the person, but for the ids that are known to stay for a while.
    async fn assert_nothing_is_left(&self, person: &Person) {
        let session = &person.session.session_id;
        for (text, left) in [
            (person.id(), ["owners"].as_slice()),
            (session, ["revocations"].as_slice()),
            (person.email.as_str(), [].as_slice()),
            (TITLE, [].as_slice()),
        ] {
            let mut tables = Vec::new();
            for pool in [&self.auth, &self.tasks] {
                let traces = traces_of(pool, text).await;
                tables.extend(traces.into_iter().map(|trace| trace.table));
            }
            assert_eq!(tables, left, "{text}");
        }
    }
}

impl Person {
    fn id(&self) -> &str {
        &self.session.user.as_ref().expect("a session names its user").id
    }

    /// One task from a call, and the rest as copies of it.
    async fn has_many_tasks(&self, system: &System, databases: &Databases) {
        self.adds(system, TITLE).await;
        sqlx::query(
            "INSERT INTO tasks
             SELECT (jsonb_populate_record(t, jsonb_build_object('id', gen_random_uuid()))).*
             FROM tasks t, generate_series(2, $2)
             WHERE t.owner_id = $1::uuid",
        )
        .bind(self.id())
        .bind(TASKS)
        .execute(&databases.tasks)
        .await
        .expect("copied");
        assert_eq!(databases.tasks_of(self.id()).await, i64::from(TASKS));
    }

    async fn deletes_the_account(&self, system: &System) {
        let password = self.password.clone();
        let request = self.asks(DeleteUserRequest { password });
        let answer = system.account_service().delete_user(request).await;
        answer.expect("it is their own password");
    }
}

#[tokio::test]
async fn a_deleted_person_is_in_no_table_of_either_database_and_their_token_opens_nothing() {
    let system = System::start().await;
    let databases = Databases::of(&system);
    let alice = Person::sign_up(&system, "alice").await;
    alice.has_many_tasks(&system, &databases).await;
    alice.deletes_the_account(&system).await;
    databases.until_purged(&system).await;
    databases.assert_nothing_is_left(&alice).await;
    let refused = system
        .task_service()
        .list_tasks(alice.asks(ListTasksRequest::default()))
        .await;
    assert_eq!(refused.expect_err("gone").code(), Code::Unauthenticated);
    let again = SignUpRequest {
        email: alice.email.clone(),
        password: alice.password.clone(),
        ..SignUpRequest::default()
    };
    system
        .auth_service()
        .sign_up(again)
        .await
        .expect("the email is free");
}

#[tokio::test]
async fn whatever_is_killed_in_the_middle_of_a_deletion_nothing_is_left_after_the_next_start() {
    let mut system = System::start().await;
    let mut databases = Databases::of(&system);
    for (part, tasks_gone) in [
        (Part::AuthService, false),
        (Part::TaskService, true),
        (Part::Postgres, false),
        (Part::Postgres, true),
        (Part::AuthService, true),
        (Part::TaskService, false),
    ] {
        let alice = Person::sign_up(&system, "alice").await;
        alice.has_many_tasks(&system, &databases).await;
        alice.deletes_the_account(&system).await;
        if tasks_gone {
            while databases.tasks_of(alice.id()).await == i64::from(TASKS) {
                sleep(PAUSE).await;
            }
        }
        system.crash(part).await;

        system.start_again().await;
        let begun = Instant::now();
        databases = Databases::of(&system);
        databases.until_purged(&system).await;
        databases.assert_nothing_is_left(&alice).await;
        say(&format!(
            "{part:?} killed {} a deletion: all gone {} ms after the next start",
            if tasks_gone {
                "in the middle of"
            } else {
                "at the beginning of"
            },
            begun.elapsed().as_millis()
        ));
    }
}
