//! The commands of the binary that whoever runs the service gives it, on the database of a running service.

mod account;
mod import;
mod secrets;

use std::process::{Command, Output};

use crate::harness::Service;

impl Service {
    /// Runs the binary beside this service.
    fn operator(&self, arguments: &[&str]) -> Said {
        let mut command = binary(arguments);
        command.env("TANDEM_AUTH_DATABASE_URL", self.database.url());
        Said::of(&command.output().expect("started"))
    }
}

/// The binary with an environment of nothing.
fn binary(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_auth-service"));
    command.args(arguments).env_clear();
    command
}

/// What it said and how it ended.
#[derive(Debug)]
struct Said {
    out: String,
    err: String,
    code: Option<i32>,
}

impl Said {
    fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self {
            out: text(&output.stdout),
            err: text(&output.stderr),
            code: output.status.code(),
        }
    }

    #[track_caller]
    fn good(self) -> String {
        assert_eq!(self.code, Some(0), "{self:?}");
        self.out
    }
}

#[test]
fn without_a_database_the_command_says_which_setting_is_missing_and_what_to_do_beside_tandem_up() {
    let output = binary(&["admin", "disable", "ann@example.org"])
        .output()
        .expect("started");
    let said = Said::of(&output);
    assert_eq!(said.code, Some(2));
    assert!(said.err.contains("TANDEM_AUTH_DATABASE_URL"), "{said:?}");
    assert!(said.err.contains("cargo run --"), "{said:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_without_our_tables_is_told_with_the_way_out() {
    static NOTHING: sqlx::migrate::Migrator = sqlx::migrate::Migrator::DEFAULT;
    let database = tandem_postgres::test::database("empty", &NOTHING).await;
    let output = binary(&["admin", "disable", "ann@example.org"])
        .env("TANDEM_AUTH_DATABASE_URL", database.url())
        .output();
    let said = Said::of(&output.expect("started"));
    assert_eq!(said.code, Some(1));
    assert!(said.err.contains("start auth-service"), "{said:?}");
}

#[test]
fn help_lists_the_commands_beside_serve() {
    let output = binary(&["--help"]).output().expect("started");
    let help = Said::of(&output).good();
    for command in ["serve", "health", "admin", "credentials", "keys", "users"] {
        assert!(help.contains(&format!("\n  {command} ")), "{command} in {help}");
    }
}
