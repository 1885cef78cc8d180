//! Somebody knew the password and asked for another email; then the owner takes the account back.

use super::post_office::{PostOffice, by_post};
use super::*;

const THIEFS: &str = "thief@example.org";
const NEW_EMAIL: &str = "new email";

impl Service {
    /// As somebody does who knows the password.
    async fn steals(&self) {
        let session = self.sign_in(ANN, PASSWORD).await.expect("signed in");
        let thief = self.with_session(ANN, session);
        let request = pb::ChangeEmailRequest {
            new_email: THIEFS.to_owned(),
            password: PASSWORD.to_owned(),
        };
        let asked = self.account().change_email(thief.request(request)).await;
        asked.expect("asked");
    }
}

#[track_caller]
fn assert_no_way_in(office: &PostOffice) {
    let taken = office.taken();
    let leads_in = |subject: &str| subject.contains(NEW_EMAIL) || subject.contains(CHOOSE);
    assert!(!taken.iter().any(|(_, mail)| leads_in(&mail.subject)));
    assert!(
        taken
            .iter()
            .any(|(_, mail)| mail.subject.contains("password was changed"))
    );
}

#[tokio::test]
async fn a_changed_password_voids_the_codes_for_another_email_and_password() {
    let (service, mailbox) = mailing(&[]).await;
    let ann = service.person(ANN).await;
    service.steals().await;
    let email = mailbox.newest(&service, THIEFS, NEW_EMAIL).await.code();
    service.send_reset(ANN).await.expect("sent");
    let reset = mailbox.newest(&service, ANN, CHOOSE).await.code();
    ann.change_password(PASSWORD, NEW_PASSWORD)
        .await
        .expect("changed");
    assert_bad_code(service.verify_email(&email).await);
    assert_bad_code(service.reset_password(&reset, PASSWORD).await);
    let confirm = mailbox.newest(&service, ANN, CONFIRM).await.code();
    service.verify_email(&confirm).await.expect("leads nowhere else");
}

#[tokio::test]
async fn a_changed_password_takes_back_the_mails_that_wait() {
    let office = PostOffice::default();
    let service = by_post(&office, &[]).await;
    let ann = service.person(ANN).await;
    service.until_mails_are_sent().await;
    office.refuse(Some("451 try again later"));
    service.steals().await;
    service.send_reset(ANN).await.expect("asked");
    service.until_mails_are_sent().await;
    ann.change_password(PASSWORD, NEW_PASSWORD)
        .await
        .expect("changed");
    office.refuse(None);
    service.until_deferred_mails_are_gone().await;
    assert_no_way_in(&office);
    assert_eq!(
        service
            .count("SELECT count(*) FROM codes WHERE purpose <> 'verify_email'")
            .await,
        0
    );
}

#[tokio::test]
async fn a_reset_takes_back_the_mails_that_wait() {
    let office = PostOffice::default();
    let service = by_post(&office, &[]).await;
    service.person(ANN).await;
    service.send_reset(ANN).await.expect("asked");
    service.until_mails_are_sent().await;
    let taken = office.forget();
    let reset = taken.iter().find(|(_, mail)| mail.subject.contains(CHOOSE));
    let reset = reset.expect("a mail").1.code();
    office.refuse(Some("451 try again later"));
    service.steals().await;
    service.until_mails_are_sent().await;
    service.reset_password(&reset, NEW_PASSWORD).await.expect("good");
    office.refuse(None);
    service.until_deferred_mails_are_gone().await;
    assert_no_way_in(&office);
    assert_eq!(service.count("SELECT count(*) FROM codes").await, 0);
}
