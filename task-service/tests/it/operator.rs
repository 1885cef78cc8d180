//! The commands of the binary that whoever runs the service gives it, on the database of a running service.

use std::process::Command;
use std::time::Duration;

use proto::errors::v1::ErrorReason;
use task_service::streams::Pace;
use tokio::time::timeout;
use tonic::{Code, Status};
use uuid::Uuid;

use crate::harness::{Service, assert_refused, titled};

const ALICE: Uuid = Uuid::from_u128(0xa11ce);
/// Long enough for a machine that has much else to do.
const SOON: Duration = Duration::from_secs(20);

/// What the binary said and how it ended.
#[derive(Debug)]
struct Said {
    out: String,
    err: String,
    code: Option<i32>,
}

/// Runs the binary with an environment of nothing but the database.
fn operate(database: Option<&str>, arguments: &[&str]) -> Said {
    let mut command = Command::new(env!("CARGO_BIN_EXE_task-service"));
    command.args(arguments).env_clear();
    command.envs(database.map(|url| ("TANDEM_TASKS_DATABASE_URL", url)));
    let output = command.output().expect("started");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Said {
        out: text(&output.stdout),
        err: text(&output.stderr),
        code: output.status.code(),
    }
}

impl Said {
    #[track_caller]
    fn good(self) -> String {
        assert_eq!(self.code, Some(0), "{self:?}");
        self.out
    }
}

#[track_caller]
fn assert_expired<T>(result: Result<T, Status>) {
    assert_refused(result, Code::FailedPrecondition, ErrorReason::SyncTokenExpired);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_epoch_ends_every_sync_token_and_open_stream_and_who_begins_again_has_everything() {
    let service = Service::start_streaming(Pace {
        poll: Duration::from_millis(50),
        ..Pace::default()
    })
    .await;
    let url = service.database.url();
    let (alice, bob) = (service.person_of(ALICE), service.person());
    alice.create(titled("Hers")).await.unwrap();
    let hers = alice.changes("", 0).await.unwrap().next_sync_token;
    let his = bob.changes("", 0).await.unwrap().next_sync_token;
    alice.changes(&hers, 0).await.expect("good so far");
    let mut stream = alice.watch(&hers).await.unwrap();
    let first = stream.message().await.expect("good so far");
    assert!(first.is_some_and(|message| message.checkpoint));

    let said = operate(Some(&url), &["new-epoch"]).good();
    assert!(said.contains("SYNC_TOKEN_EXPIRED"), "{said}");
    assert_expired(alice.changes(&hers, 0).await);
    assert_expired(bob.changes(&his, 0).await);
    assert_expired(timeout(SOON, stream.message()).await.expect("it ends"));

    let again = alice.changes("", 0).await.unwrap();
    assert_eq!(again.changes.len(), 1);
    alice
        .changes(&again.next_sync_token, 0)
        .await
        .expect("of this epoch");
    // A start begins none, and the command another.
    let replica = service.replica().await;
    let there = replica.person_of(ALICE);
    there.changes(&again.next_sync_token, 0).await.expect("still");
    assert_ne!(operate(Some(&url), &["new-epoch"]).good(), said);
    assert_expired(there.changes(&again.next_sync_token, 0).await);
}

#[test]
fn without_a_database_the_command_says_which_setting_is_missing_and_what_to_do_beside_tandem_up() {
    let said = operate(None, &["new-epoch"]);
    assert_eq!(said.code, Some(2));
    assert!(said.err.contains("TANDEM_TASKS_DATABASE_URL"), "{said:?}");
    assert!(said.err.contains("cargo run --"), "{said:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_without_our_tables_is_told_with_the_way_out() {
    static NOTHING: sqlx::migrate::Migrator = sqlx::migrate::Migrator::DEFAULT;
    let database = tandem_postgres::test::database("empty", &NOTHING).await;
    let said = operate(Some(&database.url()), &["new-epoch"]);
    assert_eq!(said.code, Some(1));
    assert!(said.err.contains("start task-service"), "{said:?}");
}

#[test]
fn help_lists_the_commands_and_says_what_clients_will_see() {
    let help = operate(None, &["--help"]).good();
    for command in ["serve", "health", "new-epoch"] {
        assert!(help.contains(&format!("\n  {command} ")), "{command} in {help}");
    }
    let help = operate(None, &["new-epoch", "--help"]).good();
    assert!(help.contains("SYNC_TOKEN_EXPIRED"), "{help}");
}
