//! The outbox over a real SMTP conversation: what happens when the mail server is away, slow to answer or unwilling.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

use super::*;
use crate::harness::Mail;

/// A mail server (RFC 5321) that knows what the test needs.
#[derive(Clone, Default)]
pub(super) struct PostOffice {
    taken: Arc<Mutex<Vec<(String, Mail)>>>,
    /// Its answer to RCPT, if it is not to be "250 ok".
    refusal: Arc<Mutex<Option<&'static str>>>,
}

impl PostOffice {
    /// On a port of its own.
    async fn open(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("smtp://{}?tls=none", listener.local_addr().expect("bound"));
        let office = self.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(office.clone().converse(stream));
            }
        });
        url
    }

    async fn converse(self, stream: TcpStream) -> std::io::Result<()> {
        let (reader, mut writer) = stream.into_split();
        let mut lines = BufReader::new(reader).lines();
        writer.write_all(b"220 post.example.org ready\r\n").await?;
        let (mut to, mut text, mut in_text) = (String::new(), String::new(), false);
        while let Some(line) = lines.next_line().await? {
            let answer = match line.as_str() {
                "." if in_text => {
                    in_text = false;
                    let mail = (std::mem::take(&mut to), Mail::read(&std::mem::take(&mut text)));
                    self.taken.lock().expect("no panic").push(mail);
                    "250 taken"
                }
                line if in_text => {
                    text += line.strip_prefix('.').unwrap_or(line);
                    text += "\r\n";
                    continue;
                }
                "DATA" => {
                    in_text = true;
                    "354 go on"
                }
                "QUIT" => {
                    writer.write_all(b"221 bye\r\n").await?;
                    return Ok(());
                }
                line if line.starts_with("RCPT TO:") => {
                    line["RCPT TO:".len()..].clone_into(&mut to);
                    self.refusal.lock().expect("no panic").unwrap_or("250 ok")
                }
                _ => "250 ok",
            };
            writer.write_all(format!("{answer}\r\n").as_bytes()).await?;
        }
        Ok(())
    }

    pub(super) fn refuse(&self, answer: Option<&'static str>) {
        *self.refusal.lock().expect("no panic") = answer;
    }

    /// What it took until now, and takes note of no longer.
    pub(super) fn forget(&self) -> Vec<(String, Mail)> {
        std::mem::take(&mut self.taken.lock().expect("no panic"))
    }

    pub(super) fn taken(&self) -> Vec<(String, Mail)> {
        self.taken.lock().expect("no panic").clone()
    }
}

pub(super) async fn by_post(office: &PostOffice, settings: &[(&str, &str)]) -> Service {
    let url = office.open().await;
    let mut all = vec![
        ("TANDEM_SMTP_URL", url.as_str()),
        ("TANDEM_MAIL_FROM", "Tandem <tandem@example.org>"),
    ];
    all.extend(settings);
    Service::start_with(&all).await
}

impl Service {
    /// Until what was deferred is sent as well, or deleted.
    pub(super) async fn until_deferred_mails_are_gone(&self) {
        self.seconds_pass(15);
        for _ in 0..1000 {
            self.until_mails_are_sent().await;
            if self
                .count("SELECT count(*) FROM mails WHERE next_attempt_time IS NOT NULL")
                .await
                == 0
            {
                return;
            }
            tokio::task::yield_now().await;
        }
        panic!("mails are still waiting");
    }
}

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
