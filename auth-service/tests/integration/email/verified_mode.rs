//! Verified mode: no session before the email is shown to be theirs, and nothing for whoever registers another's.

use super::post_office::{PostOffice, by_post};
use super::*;

const ON: (&str, &str) = ("TANDEM_AUTH_REQUIRE_VERIFIED_EMAIL", "true");
const ATTACKERS: &str = "a horse of the attacker";

async fn signs_up(service: &Service, password: &str, display_name: &str) {
    let request = pb::SignUpRequest {
        password: password.to_owned(),
        display_name: display_name.to_owned(),
        ..sign_up(ANN)
    };
    let reply = service.auth().sign_up(request).await.expect("one answer for all");
    assert_eq!(reply.into_inner(), pb::SignUpResponse { session: None });
}

#[tokio::test]
async fn nobody_signs_in_before_the_email_is_verified() {
    let (service, mailbox) = mailing(&[ON]).await;
    signs_up(&service, PASSWORD, "").await;
    let refused = service.sign_in(ANN, PASSWORD).await;
    assert_refused(refused, Code::FailedPrecondition, ErrorReason::EmailNotVerified);
    let refused = service.sign_in(ANN, "a wrong guess").await;
    assert_refused(refused, Code::Unauthenticated, ErrorReason::CredentialsInvalid);
    assert_eq!(service.count("SELECT count(*) FROM sessions").await, 0);

    let code = mailbox.newest(&service, ANN, CONFIRM).await.code();
    service.verify_email(&code).await.expect("good");
    service.sign_in(ANN, PASSWORD).await.expect("verified");
}

#[tokio::test]
async fn whoever_registers_anothers_address_first_gets_nothing() {
    let (service, mailbox) = mailing(&[ON]).await;
    signs_up(&service, ATTACKERS, "Call +1 555 0100").await;
    let attackers = mailbox.newest(&service, ANN, CONFIRM).await;
    assert!(!attackers.text.contains("555"), "no stranger writes in our mails");
    service.seconds_pass(1);
    signs_up(&service, PASSWORD, "Ann").await;
    let anns = mailbox.newest(&service, ANN, CONFIRM).await;
    assert_ne!(anns.code(), attackers.code());

    service.verify_email(&anns.code()).await.expect("her own");
    assert_bad_code(service.verify_email(&attackers.code()).await);
    let refused = service.sign_in(ANN, ATTACKERS).await;
    assert_refused(refused, Code::Unauthenticated, ErrorReason::CredentialsInvalid);
    let session = service.sign_in(ANN, PASSWORD).await.expect("her password counts");
    assert_eq!(session.user.expect("a user").display_name, "Ann");
}

#[tokio::test]
async fn of_several_sign_ups_a_code_asked_for_again_brings_nobodys_password() {
    let (service, mailbox) = mailing(&[ON]).await;
    signs_up(&service, ATTACKERS, "").await;
    service.until_mails_are_sent().await;
    service.seconds_pass(1);
    signs_up(&service, PASSWORD, "").await;
    service.until_mails_are_sent().await;
    service.seconds_pass(1);
    service.send_verification(ANN).await.expect("sent");
    let reset = mailbox.newest(&service, ANN, CHOOSE).await.code();
    service.reset_password(&reset, NEW_PASSWORD).await.expect("good");
    service
        .sign_in(ANN, NEW_PASSWORD)
        .await
        .expect("chosen by who reads the mail");
    for mail in mailbox.about(&service, ANN, CONFIRM).await {
        assert_bad_code(service.verify_email(&mail.code()).await);
    }
    service.sign_in(ANN, ATTACKERS).await.expect_err("void");
}

#[tokio::test]
async fn of_one_sign_up_a_code_asked_for_again_is_as_good_as_the_first() {
    let (service, mailbox) = mailing(&[ON]).await;
    signs_up(&service, PASSWORD, "").await;
    service.until_mails_are_sent().await;
    service.seconds_pass(1);
    service.send_verification(ANN).await.expect("sent");
    let code = mailbox.newest(&service, ANN, CONFIRM).await.code();
    service.verify_email(&code).await.expect("good");
    service.sign_in(ANN, PASSWORD).await.expect("verified");
}

#[tokio::test]
async fn a_sign_up_with_a_verified_email_answers_alike_and_its_owner_is_told() {
    let (service, mailbox) = mailing(&[ON]).await;
    signs_up(&service, PASSWORD, "").await;
    let code = mailbox.newest(&service, ANN, CONFIRM).await.code();
    service.verify_email(&code).await.expect("good");
    let hashes = service.app.hasher().hashes_done();
    signs_up(&service, ATTACKERS, "").await;
    assert_eq!(service.app.hasher().hashes_done(), hashes + 1, "the same work");
    mailbox.newest(&service, ANN, "account already").await;
    assert_eq!(mailbox.about(&service, ANN, CONFIRM).await.len(), 1);
    service
        .sign_in(ANN, ATTACKERS)
        .await
        .expect_err("nothing was changed");
    let kept = "SELECT count(*) FROM mails WHERE password_hash IS NOT NULL OR display_name IS NOT NULL";
    assert_eq!(service.count(kept).await, 0);
}

#[tokio::test]
async fn a_sign_up_mail_that_is_tried_again_goes_to_nobody_once_the_email_is_verified() {
    let office = PostOffice::default();
    let service = by_post(&office, &[ON]).await;
    office.refuse(Some("451 try again later"));
    signs_up(&service, ATTACKERS, "").await;
    service.until_mails_are_sent().await;
    office.refuse(None);
    service.seconds_pass(1);
    signs_up(&service, PASSWORD, "").await;
    service.until_mails_are_sent().await;
    let taken = office.taken();
    assert_eq!(taken.len(), 1);
    service.verify_email(&taken[0].1.code()).await.expect("her own");

    service.until_deferred_mails_are_gone().await;
    assert_eq!(office.taken().len(), 1, "nothing with the attacker's password");
    service.sign_in(ANN, PASSWORD).await.expect("her password counts");
}

#[tokio::test]
async fn the_code_of_a_sign_up_is_void_once_the_email_is_verified() {
    let (service, mailbox) = mailing(&[ON]).await;
    signs_up(&service, PASSWORD, "").await;
    service.until_mails_are_sent().await;
    service.seconds_pass(1);
    signs_up(&service, ATTACKERS, "").await;
    let attackers = mailbox.newest(&service, ANN, CONFIRM).await.code();
    // Whatever verified it, the code is there still.
    sqlx::query("UPDATE users SET email_verified = true")
        .execute(&service.database.pool())
        .await
        .expect("changed");
    assert_bad_code(service.verify_email(&attackers).await);
    service
        .sign_in(ANN, ATTACKERS)
        .await
        .expect_err("nothing was changed");
    service.sign_in(ANN, PASSWORD).await.expect("her password counts");
}
