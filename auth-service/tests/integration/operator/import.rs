//! `users import`: people from files and from a Better Auth, with the hashes that they had there.

mod better_auth;

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use proto::errors::v1::ErrorReason;
use serde_json::Value;
use tempfile::TempDir;
use tonic::Code;

use super::{Said, binary};
use crate::harness::{Service, assert_refused};

/// Of the hashes below.
const OLD_PASSWORD: &str = "correct horse";
const BCRYPT: &str = "$2b$04$kB8hQW96dzc61gdQgystr.Q/NK.FBdGha3I4zf6OwAbpIoIWihyM2";
const SCRYPT: &str = "000102030405060708090a0b0c0d0e0f:9372e2d20f7c9ba55e54d10569dfe24824c5765383f46b040e9ac7b3304133\
                      9c514173900cb63a37c935c0e2f40cfe2cb39bee5fe58f54715c1fd913c4638373";
const DEAR: &str =
    "$argon2id$v=19$m=4194304,t=9,p=1$MDEyMzQ1Njc4OWFiY2RlZg$64zw4y6hGNSGW1HTKDajc74EIkJpCJ+AUBXDspyrFEU";
/// Exit codes.
const REFUSED_ROWS: Option<i32> = Some(3);
const INTERRUPTED: Option<i32> = Some(130);

fn file(folder: &TempDir, name: &str, text: &str) -> PathBuf {
    let path = folder.path().join(name);
    std::fs::write(&path, text).expect("written");
    path
}

fn import(service: &Service, source: &Path, more: &[&str]) -> Said {
    let source = source.to_str().expect("UTF-8");
    service.operator(&[&["users", "import", source], more].concat())
}

/// So many people in CSV, with a header.
fn people(count: u32) -> String {
    let mut text = "email,password_hash,display_name,create_time\n".to_owned();
    for number in 1..=count {
        writeln!(
            text,
            "p{number}@example.org,{BCRYPT},Person {number},2024-05-06T07:08:09Z"
        )
        .expect("a String");
    }
    text
}

impl Service {
    async fn accounts(&self) -> i64 {
        self.count("SELECT count(*) FROM users").await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_from_csv_sign_in_with_their_old_passwords_and_every_refused_row_is_told() {
    let service = Service::start().await;
    let folder = tempfile::tempdir().expect("a folder");
    let csv = format!(
        "\u{feff}email,password_hash,display_name,email_verified,create_time,role,disabled,id\r\n\
         Ann@Example.org,{BCRYPT},\"Ann, the\"\"first\"\"\",true,2024-05-06T07:08:09Z,admin,,\r\n\
         bob@example.org,{SCRYPT},Bob,f,2024-05-06 07:08:09.5+02,,,0190d3a5-0000-7000-8000-000000000001\r\n\
         nobody,{BCRYPT},,,,,,\r\n\
         cy@example.org,\"{DEAR}\",,,,,,\r\n\
         dee@example.org,plain text,,maybe,yesterday,root,,12\r\n\
         short,row\r\n\
         eve@example.org,,Eve,true,,,,\r\n\
         fay@example.org,{BCRYPT},,,,,true,\r\n\
         ANN@example.org,{BCRYPT},Another,,,,,\r\n\
         gus@example.org,{BCRYPT},,,,,,0190d3a5-0000-7000-8000-000000000001\r\n"
    );
    let source = file(&folder, "people.csv", &csv);
    let said = import(&service, &source, &[]);
    assert_eq!(said.code, REFUSED_ROWS, "{said:?}");
    assert!(
        said.out
            .contains("added: 4 (without a password: 1), skipped since their email is there: 1, refused: 5"),
        "{said:?}"
    );
    for told in [
        "refused line 4: email: ",
        "refused line 5: password_hash: The argon2 hash costs too much",
        "refused line 6: password_hash: ",
        "refused line 6: email_verified: ",
        "refused line 6: create_time: ",
        "refused line 6: role: ",
        "refused line 6: id: ",
        "refused line 7: 2 columns where the header has 8",
        "refused line 11: id: Another account has this id",
    ] {
        assert!(said.err.contains(told), "{told} in {said:?}");
    }
    for secret in [BCRYPT, SCRYPT, DEAR, "plain text"] {
        assert!(
            !said.err.contains(secret) && !said.out.contains(secret),
            "{secret}"
        );
    }

    let ann = service
        .sign_in("ann@example.org", OLD_PASSWORD)
        .await
        .expect("bcrypt");
    let ann = ann.user.expect("a user");
    assert_eq!(
        (
            ann.email.as_str(),
            ann.display_name.as_str(),
            ann.role.as_str(),
            ann.email_verified
        ),
        ("Ann@Example.org", "Ann, the\"first\"", "admin", true)
    );
    assert_eq!(ann.create_time.expect("known").seconds, 1_714_979_289);
    let bob = service
        .sign_in("bob@example.org", OLD_PASSWORD)
        .await
        .expect("scrypt");
    let bob = bob.user.expect("a user");
    assert_eq!(bob.id, "0190d3a5-0000-7000-8000-000000000001");
    assert_eq!(bob.create_time.expect("known").seconds, 1_714_972_089);
    for (email, why) in [
        ("eve@example.org", "no password"),
        ("fay@example.org", "disabled"),
    ] {
        let refused = service.sign_in(email, OLD_PASSWORD).await;
        let refused = assert_refused(refused, Code::Unauthenticated, ErrorReason::CredentialsInvalid);
        assert!(!refused.message().is_empty(), "{why}");
    }
    let events = "SELECT count(*) FROM security_events WHERE kind = 'imported' AND actor = 'operator'";
    assert_eq!(service.count(events).await, 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_import_adds_nothing_and_changes_nobody() {
    let service = Service::start().await;
    let folder = tempfile::tempdir().expect("a folder");
    let source = file(&folder, "people.csv", &people(2500));
    assert!(
        import(&service, &source, &["--dry-run"])
            .good()
            .contains("would be added: 2500")
    );
    assert_eq!(service.accounts().await, 0);
    assert!(import(&service, &source, &[]).good().contains("added: 2500"));
    service.sign_in("p7@example.org", OLD_PASSWORD).await.expect("in");
    let ours = "SELECT count(*) FROM users WHERE password_hash LIKE '$argon2id$%'";
    assert_eq!(service.count(ours).await, 1);
    let again = import(&service, &source, &[]).good();
    assert!(
        again.contains("added: 0") && again.contains("is there: 2500"),
        "{again}"
    );
    assert_eq!(service.accounts().await, 2500);
    assert_eq!(service.count(ours).await, 1, "an upgraded hash stays");
    let dry = import(&service, &source, &["--dry-run"]).good();
    assert!(dry.contains("would be added: 0"), "{dry}");
    let listed = "SELECT count(*) FROM users WHERE create_time = '2024-05-06T07:08:09Z'";
    assert_eq!(service.count(listed).await, 2500);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_from_json_lines_come_in_and_refused_rows_go_to_a_file() {
    let service = Service::start().await;
    let folder = tempfile::tempdir().expect("a folder");
    let lines = format!(
        "{{\"email\": \"ann@example.org\", \"password_hash\": \"{BCRYPT}\", \"email_verified\": true}}\n\
         \n\
         {{\"email\": \"bob@example.org\", \"password_hash\": null, \"create_time\": 17}}\n\
         {{\"email\": \"cy@example.org\", \"shoe_size\": 43}}\n\
         not json\n\
         {{\"email\": \"dee@example.org\"}}"
    );
    let refused = folder.path().join("refused.jsonl");
    let mut child = binary(&["users", "import", "-", "--refused"]);
    child
        .arg(&refused)
        .env("TANDEM_AUTH_DATABASE_URL", service.database.url());
    let mut child = child
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("started");
    let mut stdin = child.stdin.take().expect("piped");
    stdin.write_all(lines.as_bytes()).expect("read");
    drop(stdin);
    let said = Said::of(&child.wait_with_output().expect("ended"));
    assert_eq!(said.code, REFUSED_ROWS, "{said:?}");
    assert!(said.out.contains("added: 2 (without a password: 1)"), "{said:?}");
    assert!(!said.err.contains("line 3"), "{said:?}");
    let refused = std::fs::read_to_string(refused).expect("written");
    let refused: Vec<Value> = refused
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    let places: Vec<_> = refused
        .iter()
        .map(|row| {
            (
                row["line"].as_u64().expect("a number"),
                row["field"].as_str().expect("text"),
            )
        })
        .collect();
    assert_eq!(places, [(3, "create_time"), (4, ""), (5, "")]);
    service
        .sign_in("ann@example.org", OLD_PASSWORD)
        .await
        .expect("in");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_interrupted_import_keeps_whole_chunks_and_goes_on_where_it_was() {
    let service = Service::start().await;
    let folder = tempfile::tempdir().expect("a folder");
    let all = people(3000);
    // A source that stays open half-way through a chunk, as a slow pipe does.
    let half: String = all.lines().take(1501).map(|line| format!("{line}\n")).collect();
    let mut child = binary(&["users", "import", "-"])
        .env("TANDEM_AUTH_DATABASE_URL", service.database.url())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("started");
    let mut stdin = child.stdin.take().expect("piped");
    stdin.write_all(half.as_bytes()).expect("read");
    while service.accounts().await < 1000 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let interrupted = Command::new("kill")
        .arg("-INT")
        .arg(child.id().to_string())
        .status();
    assert!(interrupted.expect("kill").success());
    let said = Said::of(&child.wait_with_output().expect("ended"));
    drop(stdin);
    assert_eq!(said.code, INTERRUPTED, "{said:?}");
    assert!(said.err.contains("--resume-from 1002"), "{said:?}");
    assert_eq!(service.accounts().await, 1000);

    let source = file(&folder, "people.csv", &all);
    let rest = import(&service, &source, &["--resume-from", "1002"]).good();
    assert!(
        rest.contains("added: 2000") && rest.contains("is there: 0"),
        "{rest}"
    );
    let again = import(&service, &source, &[]).good();
    assert!(
        again.contains("added: 0") && again.contains("is there: 3000"),
        "{again}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_import_at_all_is_told_before_anything_is_added() {
    let service = Service::start().await;
    let folder = tempfile::tempdir().expect("a folder");
    let endless = format!("email,password_hash\n\"{}", "a".repeat(3 << 20));
    for (text, word) in [
        ("", "nothing in it"),
        ("[{\"email\": \"ann@example.org\"}]", "JSON array"),
        ("mail,password_hash\n", "column that is not known, number 1"),
        ("email,email,password_hash\n", "twice"),
        (
            "email,display_name\nann@example.org,Ann\n",
            "no column password_hash",
        ),
        (&endless, "quote not closed"),
    ] {
        let said = import(&service, &file(&folder, "people", text), &[]);
        assert_eq!(said.code, Some(1), "{word}: {said:?}");
        assert!(said.err.contains(word), "{word}: {}", said.err);
    }
    let missing = import(&service, &folder.path().join("missing.csv"), &[]);
    assert!(
        missing.code == Some(1) && missing.err.contains("missing.csv"),
        "{missing:?}"
    );
    assert_eq!(service.accounts().await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement; it takes a minute"]
#[allow(clippy::print_stdout, reason = "the rate is what it is run for")]
async fn a_hundred_thousand_people_come_in_with_progress() {
    let service = Service::start().await;
    let folder = tempfile::tempdir().expect("a folder");
    let source = file(&folder, "people.csv", &people(100_000));
    let begun = Instant::now();
    let said = import(&service, &source, &[]);
    let took = begun.elapsed();
    println!(
        "100,000 people in {took:?}, {:.0} a second",
        100_000.0 / took.as_secs_f64()
    );
    assert!(
        said.err.contains("a second") && said.err.contains(" %, about "),
        "{said:?}"
    );
    assert!(said.good().contains("added: 100000"));
    assert_eq!(service.accounts().await, 100_000);
    assert!(took < Duration::from_secs(300), "{took:?}");
}
