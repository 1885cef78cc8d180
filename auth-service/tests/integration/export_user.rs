//! AccountService.ExportUser.

use proto::auth::v1 as pb;
use proto::auth::v1::export_user_response::Record;
use proto::auth::v1::security_event::Kind;
use proto::errors::v1::ErrorReason;
use tonic::{Code, Status, Streaming};

use crate::harness::{Mailbox, PASSWORD, Person, Service, assert_refused};

/// Tables that name people and are not exported, with the reason.
const NOT_EXPORTED: [(&str, &str); 5] = [
    (
        "codes",
        "of a mail that is exported; what more they hold is secret",
    ),
    ("purges", "there is no person any more who could ask"),
    ("refresh_tokens", "secrets of a session that is exported"),
    ("revocations", "ids of sessions that are exported"),
    (
        "service_tokens",
        "gone in minutes; an impersonation is a security event",
    ),
];
const EXPORTED: [&str; 4] = ["devices", "mails", "security_events", "sessions"];

async fn export(service: &Service, person: &Person<'_>) -> Streaming<pb::ExportUserResponse> {
    let request = person.request(pb::ExportUserRequest {});
    let reply = service.account().export_user(request).await;
    reply.expect("exported").into_inner()
}

async fn records(mut stream: Streaming<pb::ExportUserResponse>) -> Result<Vec<Record>, Status> {
    let mut records = Vec::new();
    while let Some(message) = stream.message().await? {
        records.push(message.record.expect("a record"));
    }
    Ok(records)
}

/// So many events of a person, as they come with the years.
async fn has_events(service: &Service, person: &Person<'_>, count: i32) {
    sqlx::query(
        "INSERT INTO security_events (id, user_id, kind, ip_address, user_agent, actor, create_time)
         SELECT gen_random_uuid(), $1::uuid, 'signed_in', '', repeat('x', 256), '', now() FROM generate_series(1, $2)",
    )
    .bind(&person.user().id)
    .bind(count)
    .execute(&service.database.pool())
    .await
    .expect("written");
}

#[tokio::test]
async fn everything_of_the_person_is_there_and_nothing_of_anybody_else() {
    let mailbox = Mailbox::new();
    let service = Service::start_with(&[mailbox.setting()]).await;
    let bob = service.person("bob@example.org").await;
    let ann = service.person("ann@example.org").await;
    // The order of ids is that of time, to the millisecond.
    service.seconds_pass(1);
    let phone = service.sign_in(&ann.email, PASSWORD).await.expect("signed in");
    service.sign_out(&phone.refresh_token).await.expect("signed out");
    service.until_mails_are_sent().await;
    let all = records(export(&service, &ann).await).await.expect("whole");

    assert!(matches!(&all[0], Record::User(user) if user == ann.user()));
    let (mut sessions, mut devices, mut events, mut mails) = (Vec::new(), 0, Vec::new(), Vec::new());
    for record in &all[1..] {
        match record {
            Record::User(_) => panic!("twice"),
            Record::Session(session) => sessions.push(session),
            Record::Device(_) => devices += 1,
            Record::SecurityEvent(event) => events.push(event),
            Record::Mail(mail) => mails.push(mail),
        }
    }
    let facts: Vec<_> = sessions
        .iter()
        .map(|s| (&s.session_id, s.current, s.end_time.is_some()))
        .collect();
    let (own, other) = (&ann.session.session_id, &phone.session_id);
    assert_eq!(facts, [(own, true, false), (other, false, true)]);
    assert_eq!(devices, 2);
    let kinds: Vec<_> = mails.iter().map(|mail| mail.kind.as_str()).collect();
    assert_eq!(kinds, ["email_verification", "new_device"]);
    assert!(
        mails
            .iter()
            .all(|mail| mail.address == ann.email && mail.send_time.is_some())
    );
    assert!(events.iter().all(|event| event.user_id == ann.user().id));
    assert!(
        events.iter().any(|event| event.kind() == Kind::Exported),
        "that it was exported"
    );
    let text = format!("{all:?}");
    for secret in [
        "argon2",
        &ann.session.refresh_token,
        &phone.device_token,
        &bob.user().id,
        "bob@",
    ] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}

#[tokio::test]
async fn more_than_a_page_of_it_comes_whole_and_once() {
    let service = Service::start().await;
    let ann = service.person("ann@example.org").await;
    has_events(&service, &ann, 1501).await;
    let all = records(export(&service, &ann).await).await.expect("whole");
    let mut ids: Vec<_> = all
        .iter()
        .filter_map(|record| match record {
            Record::SecurityEvent(event) => Some(&event.id),
            _ => None,
        })
        .collect();
    ids.sort();
    ids.dedup();
    // With those of the sign-up and of the export.
    assert_eq!(ids.len(), 1503);
}

#[tokio::test]
async fn whoever_loses_the_session_meanwhile_is_told_that_it_is_not_the_whole() {
    let service = Service::start().await;
    let ann = service.person("ann@example.org").await;
    // More than the connection holds.
    has_events(&service, &ann, 30_000).await;
    let mut stream = export(&service, &ann).await;
    stream.message().await.expect("begun");
    service
        .sign_out(&ann.session.refresh_token)
        .await
        .expect("signed out");
    let rest = records(stream).await;
    assert_refused(rest, Code::Unauthenticated, ErrorReason::TokenRevoked);
}

/// Whoever adds a table with something of a person in it decides here whether they get it.
#[tokio::test]
async fn every_table_that_names_a_person_is_exported_or_there_is_a_reason() {
    let service = Service::start().await;
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT DISTINCT table_name::text FROM information_schema.columns
         WHERE table_schema = 'public' AND column_name IN ('user_id', 'session_id')",
    )
    .fetch_all(&service.database.pool())
    .await
    .expect("read");
    for table in &tables {
        let reason = NOT_EXPORTED.iter().any(|(name, _)| name == table);
        assert!(EXPORTED.contains(&table.as_str()) != reason, "{table}");
    }
    assert_eq!(tables.len(), EXPORTED.len() + NOT_EXPORTED.len());
}
