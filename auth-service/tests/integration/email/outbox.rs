//! The outbox over a real SMTP conversation: what happens when the mail server is away, slow to answer or unwilling.

use super::post_office::{PostOffice, by_post};
use super::*;

#[tokio::test]
async fn a_mail_goes_out_over_smtp_to_the_stored_spelling() {
    let office = PostOffice::default();
    let service = by_post(&office, &[]).await;
    service.person("Ann@Example.org").await;
    service.until_mails_are_sent().await;
    let taken = office.taken();
    assert_eq!(taken.len(), 1);
    assert!(taken[0].0.contains("<Ann@Example.org>"), "{}", taken[0].0);
    assert_eq!(taken[0].1.subject, CONFIRM);
    service.verify_email(&taken[0].1.code()).await.expect("good");
}

#[tokio::test]
async fn what_a_mail_server_defers_is_tried_again_later_and_sent_once() {
    let office = PostOffice::default();
    let service = by_post(&office, &[]).await;
    office.refuse(Some("451 try again later"));
    service.person(ANN).await;
    service.until_mails_are_sent().await;
    assert!(office.taken().is_empty());
    office.refuse(None);
    service.until_mails_are_sent().await;
    assert!(office.taken().is_empty(), "not before its time");
    service.seconds_pass(15);
    service.until_mails_are_sent().await;
    service.days_pass(1);
    service.until_mails_are_sent().await;
    assert_eq!(office.taken().len(), 1);
}

#[tokio::test]
async fn what_a_mail_server_refuses_is_given_up_without_its_words() {
    let office = PostOffice::default();
    let service = by_post(&office, &[]).await;
    office.refuse(Some("550 no such ann@example.org here"));
    service.person(ANN).await;
    service.until_mails_are_sent().await;
    let given_up = "SELECT count(*) FROM mails
                    WHERE next_attempt_time IS NULL AND send_time IS NULL AND last_error LIKE '%550'";
    assert_eq!(service.count(given_up).await, 1);
    assert!(
        service
            .metrics
            .encode()
            .contains("tandem_auth_mails_given_up_total 1")
    );
}

#[tokio::test]
async fn while_the_mail_server_is_away_mails_wait_for_a_day() {
    // Nobody listens there.
    let service = Service::start_with(&[
        ("TANDEM_SMTP_URL", "smtp://127.0.0.1:1?tls=none"),
        ("TANDEM_MAIL_FROM", "tandem@example.org"),
    ])
    .await;
    service.person(ANN).await;
    let waiting = "SELECT count(*) FROM mails WHERE next_attempt_time IS NOT NULL";
    for _ in 0..12 {
        service.until_mails_are_sent().await;
        assert_eq!(service.count(waiting).await, 1);
        service.seconds_pass(60 * 60);
    }
    service.days_pass(1);
    service.until_mails_are_sent().await;
    assert_eq!(service.count(waiting).await, 0);
}

#[tokio::test]
async fn a_sender_that_dies_before_it_marks_the_mail_leaves_it_to_be_sent_again() {
    let (service, mailbox) = mailing(&[]).await;
    service.person(ANN).await;
    let first = mailbox.newest(&service, ANN, CONFIRM).await.code();
    // As the row is while a sender has it.
    sqlx::query("UPDATE mails SET send_time = NULL, next_attempt_time = create_time + interval '120 s'")
        .execute(&service.database.pool())
        .await
        .expect("changed");
    auth_service::mail::deliver_due(&service.app)
        .await
        .expect("nothing is due");
    assert_eq!(mailbox.newest_now(ANN).code(), first);
    service.seconds_pass(120);
    let second = mailbox.newest(&service, ANN, CONFIRM).await.code();
    assert_ne!(second, first);
    service
        .verify_email(&first)
        .await
        .expect("it may be the one that arrived");
    assert_bad_code(service.verify_email(&second).await);
}
