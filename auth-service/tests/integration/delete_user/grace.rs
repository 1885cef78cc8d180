//! A deployment where a deletion can be taken back for seven days.

use proto::auth::v1::security_event::Kind;
use proto::errors::v1::ErrorReason;
use tonic::Code;

use crate::harness::{Mailbox, Owners, PASSWORD, Person, Service, assert_refused};

const SEVEN_DAYS: (&str, &str) = ("TANDEM_AUTH_DELETION_GRACE_DAYS", "7");

impl Person<'_> {
    async fn signs_in(&mut self, service: &Service) {
        self.session = service.sign_in(&self.email, PASSWORD).await.expect("signed in");
    }
}

#[tokio::test]
async fn a_deletion_ends_all_sessions_and_can_be_taken_back_after_another_sign_in() {
    let service = Service::start_with(&[SEVEN_DAYS]).await;
    let mut ann = service.person("ann@example.org").await;
    let reply = ann.delete(PASSWORD).await.expect("deleted").into_inner();
    service.assert_ended(&ann.session).await;
    service.days_pass(6);
    ann.signs_in(&service).await;
    assert_eq!(ann.user().purge_time, reply.purge_time);
    assert_eq!(ann.get_user().await.expect("in").purge_time, reply.purge_time);
    let kept = ann.cancel_deletion().await.expect("taken back");
    assert_eq!((kept.purge_time, &kept.id), (None, &ann.user().id));
    service.days_pass(2);
    service.until_purged().await;
    ann.signs_in(&service).await;
    let kinds: Vec<_> = ann
        .security_events()
        .await
        .iter()
        .map(|event| event.kind())
        .collect();
    assert!(kinds.contains(&Kind::DeletionRequested) && kinds.contains(&Kind::DeletionCancelled));
}

#[tokio::test]
async fn the_account_goes_when_the_time_is_over_with_the_sessions_that_began_meanwhile() {
    let owners = Owners::start().await;
    let service = Service::start_with(&[SEVEN_DAYS, ("TANDEM_TASKS_URL", &owners.url())]).await;
    let mut ann = service.person("ann@example.org").await;
    ann.delete(PASSWORD).await.expect("deleted");
    service.until_purged().await;
    assert!(owners.asked().is_empty());
    owners.seconds_pass(&service, 7 * 24 * 3600 - 1);
    ann.signs_in(&service).await;
    owners.seconds_pass(&service, 1);
    let late = ann.cancel_deletion().await;
    // Whether the job was there first makes no difference.
    assert!(late.is_err(), "taken back after its time");
    auth_service::purge::purge_due(&service.app).await.expect("done");
    service.until_purged().await;
    service.assert_ended(&ann.session).await;
    assert_eq!(service.count("SELECT count(*) FROM revocations").await, 2);
    assert_eq!(owners.asked(), [ann.user().id.as_str()]);
    let refused = service.sign_in(&ann.email, PASSWORD).await;
    assert_refused(refused, Code::Unauthenticated, ErrorReason::CredentialsInvalid);
}

#[tokio::test]
async fn asked_for_twice_it_does_not_take_longer() {
    let service = Service::start_with(&[SEVEN_DAYS]).await;
    let mut ann = service.person("ann@example.org").await;
    let first = ann.delete(PASSWORD).await.expect("deleted").into_inner();
    service.days_pass(3);
    ann.signs_in(&service).await;
    let second = ann.delete(PASSWORD).await.expect("deleted").into_inner();
    assert_eq!(first, second);
}

#[tokio::test]
async fn what_is_not_pending_cannot_be_taken_back() {
    let service = Service::start_with(&[SEVEN_DAYS]).await;
    let ann = service.person("ann@example.org").await;
    let refused = ann.cancel_deletion().await;
    assert_refused(refused, Code::FailedPrecondition, ErrorReason::DeletionNotPending);
}

#[tokio::test]
async fn the_person_is_told_by_mail() {
    let mailbox = Mailbox::new();
    let service = Service::start_with(&[SEVEN_DAYS, mailbox.setting()]).await;
    let ann = service.person("ann@example.org").await;
    ann.delete(PASSWORD).await.expect("deleted");
    let mail = mailbox.newest(&service, &ann.email, "will be deleted").await;
    assert!(mail.text.contains("take it back"), "{}", mail.text);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_cancellation_that_races_the_job_wins_whole_or_not_at_all() {
    let service = Service::start_with(&[SEVEN_DAYS]).await;
    for round in 0..6 {
        let mut ann = service.person(&format!("ann{round}@example.org")).await;
        let id = ann.user().id.clone();
        ann.delete(PASSWORD).await.expect("deleted");
        ann.signs_in(&service).await;
        // The job of a replica whose clock is ahead.
        let due = sqlx::query("UPDATE users SET purge_time = create_time WHERE id = $1::uuid AND $2")
            .bind(&id)
            .bind(round % 2 == 0);
        due.execute(&service.database.pool()).await.expect("due");
        let (cancelled, purged) = tokio::join!(
            ann.cancel_deletion(),
            auth_service::purge::purge_due(&service.app)
        );
        purged.expect("done");
        match cancelled {
            Ok(_) => {
                ann.get_user().await.expect("still there");
            }
            Err(_) => {
                auth_service::purge::purge_due(&service.app).await.expect("done");
                service.assert_ended(&ann.session).await;
            }
        }
    }
}
