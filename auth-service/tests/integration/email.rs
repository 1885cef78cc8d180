//! Mails and their codes: SendEmailVerification, VerifyEmail, SendPasswordReset, ResetPassword, notices, verified mode.

use proto::auth::v1 as pb;
use proto::errors::v1::ErrorReason;
use tonic::{Code, Status};

use crate::harness::{Mailbox, PASSWORD, Service, assert_invalid, assert_refused, sign_in, sign_up};

mod at_once;
mod outbox;
mod over_tls;
mod post_office;
mod taken_back;
mod verified_mode;

const NEW_PASSWORD: &str = "another horse of mine";
const CONFIRM: &str = "Confirm your email";
const CHOOSE: &str = "Choose a new password";
const ANN: &str = "ann@example.org";

async fn mailing(settings: &[(&str, &str)]) -> (Service, Mailbox) {
    let mailbox = Mailbox::new();
    let mut all = vec![mailbox.setting()];
    all.extend(settings);
    let service = Service::start_with(&all).await;
    drop(all);
    (service, mailbox)
}

impl Service {
    async fn send_verification(&self, email: &str) -> Result<(), Status> {
        let request = pb::SendEmailVerificationRequest {
            email: email.to_owned(),
        };
        self.auth().send_email_verification(request).await.map(drop)
    }

    async fn verify_email(&self, code: &str) -> Result<String, Status> {
        let request = pb::VerifyEmailRequest {
            code: code.to_owned(),
        };
        let reply = self.auth().verify_email(request).await?;
        Ok(reply.into_inner().email)
    }

    async fn send_reset(&self, email: &str) -> Result<(), Status> {
        let request = pb::SendPasswordResetRequest {
            email: email.to_owned(),
        };
        self.auth().send_password_reset(request).await.map(drop)
    }

    async fn reset_password(&self, code: &str, password: &str) -> Result<(), Status> {
        let request = pb::ResetPasswordRequest {
            code: code.to_owned(),
            new_password: password.to_owned(),
        };
        self.auth().reset_password(request).await.map(drop)
    }
}

#[track_caller]
fn assert_bad_code<T>(result: Result<T, Status>) {
    assert_refused(result, Code::InvalidArgument, ErrorReason::CodeInvalid);
}

#[tokio::test]
async fn a_sign_up_is_mailed_a_code_that_verifies_the_email_once() {
    let (service, mailbox) = mailing(&[]).await;
    let ann = service.person("Ann@Example.org").await;
    let mail = mailbox.newest(&service, "Ann@Example.org", CONFIRM).await;
    let typed = mail.code().to_lowercase().replace('-', " ");
    assert_eq!(
        service.verify_email(&typed).await.expect("good"),
        "Ann@Example.org"
    );
    assert!(ann.get_user().await.expect("signed in").email_verified);
    assert_bad_code(service.verify_email(&mail.code()).await);
}

#[tokio::test]
async fn the_code_of_a_mail_is_in_no_table() {
    let (service, mailbox) = mailing(&[]).await;
    service.person(ANN).await;
    let code = mailbox.newest(&service, ANN, CONFIRM).await.code();
    let mails: String =
        sqlx::query_scalar("SELECT string_agg(mails::text || codes::text, '') FROM mails, codes")
            .fetch_one(&service.database.pool())
            .await
            .expect("read");
    assert!(mails.contains(ANN) && !mails.contains(&code) && !mails.contains(&code.replace('-', "")));
}

#[tokio::test]
async fn a_newer_code_voids_the_older_and_time_voids_both() {
    let (service, mailbox) = mailing(&[]).await;
    service.person(ANN).await;
    let first = mailbox.newest(&service, ANN, CONFIRM).await.code();
    service.seconds_pass(1);
    service.send_verification("ANN@example.org").await.expect("sent");
    let mails = mailbox.about(&service, ANN, CONFIRM).await;
    assert_eq!(mails.len(), 2);
    let second = mails[1].code();
    assert_bad_code(service.verify_email(&first).await);
    service.days_pass(1);
    assert_bad_code(service.verify_email(&second).await);
}

#[tokio::test]
async fn mail_for_unknown_and_verified_emails_answers_alike_and_goes_to_nobody() {
    let (service, mailbox) = mailing(&[]).await;
    service.person(ANN).await;
    let code = mailbox.newest(&service, ANN, CONFIRM).await.code();
    service.verify_email(&code).await.expect("good");
    service.send_verification(ANN).await.expect("the same answer");
    service
        .send_verification("nobody@example.org")
        .await
        .expect("the same answer");
    service
        .send_reset("nobody@example.org")
        .await
        .expect("the same answer");
    assert_eq!(mailbox.all(&service).await.len(), 1);
    assert_eq!(
        service
            .count("SELECT count(*) FROM mails WHERE user_id IS NULL")
            .await,
        0
    );
}

#[tokio::test]
async fn a_reset_sets_the_password_ends_every_session_and_verifies_the_email() {
    let (service, mailbox) = mailing(&[]).await;
    let mut ann = service.person(ANN).await;
    service.send_reset("Ann@EXAMPLE.org").await.expect("sent");
    let mail = mailbox.newest(&service, ANN, CHOOSE).await;
    let bare = mail.code().replace('-', "");
    assert!(
        mail.text
            .contains(&format!("http://localhost:8080/reset#code=3D{bare}")),
        "{}",
        mail.text
    );

    assert_bad_code(service.verify_email(&mail.code()).await);
    service
        .reset_password(&mail.code(), NEW_PASSWORD)
        .await
        .expect("good");
    assert_refused(
        ann.refresh().await,
        Code::Unauthenticated,
        ErrorReason::SessionEnded,
    );
    assert_refused(
        ann.get_user().await,
        Code::Unauthenticated,
        ErrorReason::TokenRevoked,
    );
    service
        .sign_in(ANN, PASSWORD)
        .await
        .expect_err("the old password");
    let session = service
        .sign_in(ANN, NEW_PASSWORD)
        .await
        .expect("the new password");
    assert!(session.user.expect("a user").email_verified);
    assert_bad_code(service.reset_password(&mail.code(), PASSWORD).await);
    let confirm = mailbox.newest(&service, ANN, CONFIRM).await;
    assert_bad_code(service.verify_email(&confirm.code()).await);
    mailbox.newest(&service, ANN, "password was changed").await;
}

#[tokio::test]
async fn a_reset_code_is_good_for_an_hour() {
    let (service, mailbox) = mailing(&[]).await;
    service.person(ANN).await;
    service.send_reset(ANN).await.expect("sent");
    let code = mailbox.newest(&service, ANN, CHOOSE).await.code();
    service.seconds_pass(60 * 60);
    assert_bad_code(service.reset_password(&code, NEW_PASSWORD).await);
}

#[tokio::test]
async fn a_bad_new_password_is_told_and_the_code_stays_good() {
    let (service, mailbox) = mailing(&[]).await;
    service.person(ANN).await;
    service.send_reset(ANN).await.expect("sent");
    let code = mailbox.newest(&service, ANN, CHOOSE).await.code();
    assert_invalid(
        service.reset_password("", "short").await,
        &["code", "new_password"],
    );
    assert_invalid(service.reset_password(&code, ANN).await, &["new_password"]);
    let hashes = service.app.hasher().hashes_done();
    assert_bad_code(service.reset_password("no code", NEW_PASSWORD).await);
    assert_eq!(service.app.hasher().hashes_done(), hashes);
    service
        .reset_password(&code, NEW_PASSWORD)
        .await
        .expect("still good");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_that_is_used_by_many_at_once_is_good_once() {
    let (service, mailbox) = mailing(&[]).await;
    service.person(ANN).await;
    let code = mailbox.newest(&service, ANN, CONFIRM).await.code();
    let uses: Vec<_> = (0..8)
        .map(|_| {
            let (mut auth, code) = (service.auth(), code.clone());
            tokio::spawn(async move { auth.verify_email(pb::VerifyEmailRequest { code }).await.is_ok() })
        })
        .collect();
    let mut good = 0;
    for one in uses {
        good += usize::from(one.await.expect("no panic"));
    }
    assert_eq!(good, 1);
}

#[tokio::test]
async fn a_sign_in_on_a_new_device_is_told_and_one_on_a_known_device_is_not() {
    let (service, mailbox) = mailing(&[]).await;
    let ann = service.person(ANN).await;
    let known = pb::SignInRequest {
        device_token: ann.session.device_token.clone(),
        ..sign_in(ANN, PASSWORD)
    };
    service.auth().sign_in(known).await.expect("known");
    assert!(mailbox.about(&service, ANN, "new device").await.is_empty());
    service.sign_in(ANN, PASSWORD).await.expect("new");
    let mail = mailbox.newest(&service, ANN, "new device").await;
    assert!(mail.text.contains("127.0.0.1"), "{}", mail.text);
}

#[tokio::test]
async fn without_mail_the_methods_that_send_say_so_and_the_rest_works() {
    let service = Service::start().await;
    service.person(ANN).await;
    for refused in [
        service.send_verification(ANN).await,
        service.send_reset(ANN).await,
    ] {
        assert_refused(refused, Code::FailedPrecondition, ErrorReason::MailOff);
    }
    assert_bad_code(service.verify_email("AAAQ-EAYE-AUDA-OCAJ-BIFQ-YDIO-B4").await);
    assert_eq!(service.count("SELECT count(*) FROM mails").await, 0);
}

#[tokio::test]
async fn mails_to_one_address_are_limited_the_same_for_unknown_emails() {
    let (service, mailbox) = mailing(&[]).await;
    service.person(ANN).await;
    for email in [ANN, "nobody@example.org"] {
        for _ in 0..5 {
            service.send_reset(email).await.expect("within the limit");
        }
        let refused = service.send_reset(email).await;
        assert_refused(refused, Code::ResourceExhausted, ErrorReason::TooManyAttempts);
    }
    assert_invalid(service.send_reset("ann").await, &["email"]);
    // What was asked for five times before the first went out is sent once.
    assert!(!mailbox.about(&service, ANN, CHOOSE).await.is_empty());
}

#[tokio::test]
async fn a_changed_email_is_confirmed_at_the_new_address_and_told_to_the_old() {
    let (service, mailbox) = mailing(&[]).await;
    let ann = service.person(ANN).await;
    let bob = service.person("bob@example.org").await;
    let ask = async |new_email: &str, password: &str| {
        let request = pb::ChangeEmailRequest {
            new_email: new_email.to_owned(),
            password: password.to_owned(),
        };
        service.account().change_email(ann.request(request)).await
    };
    let refused = ask("new@example.org", "a wrong guess").await;
    assert_refused(refused, Code::InvalidArgument, ErrorReason::PasswordWrong);
    ask(&bob.email, PASSWORD).await.expect("the same answer");
    assert!(mailbox.about(&service, &bob.email, "new email").await.is_empty());

    service.seconds_pass(1);
    ask("New@example.org", PASSWORD).await.expect("asked");
    let code = mailbox
        .newest(&service, "New@example.org", "new email")
        .await
        .code();
    assert_eq!(ann.get_user().await.expect("signed in").email, ANN);
    assert_eq!(
        service.verify_email(&code).await.expect("good"),
        "New@example.org"
    );
    let user = ann.get_user().await.expect("signed in");
    assert!(user.email == "New@example.org" && user.email_verified);
    mailbox.newest(&service, ANN, "email was changed").await;
    service
        .sign_in("new@example.org", PASSWORD)
        .await
        .expect("by the new email");
}

#[tokio::test]
async fn a_new_email_that_somebody_took_meanwhile_is_not_given_twice() {
    let (service, mailbox) = mailing(&[]).await;
    let ann = service.person(ANN).await;
    let request = pb::ChangeEmailRequest {
        new_email: "new@example.org".to_owned(),
        password: PASSWORD.to_owned(),
    };
    service
        .account()
        .change_email(ann.request(request))
        .await
        .expect("asked");
    let code = mailbox
        .newest(&service, "new@example.org", "new email")
        .await
        .code();
    service.person("New@example.org").await;
    let refused = service.verify_email(&code).await;
    assert_refused(refused, Code::AlreadyExists, ErrorReason::EmailTaken);
}
