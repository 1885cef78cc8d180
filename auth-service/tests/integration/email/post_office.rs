//! A mail server for tests: a real conversation over a real connection.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;

use super::*;
use crate::harness::Mail;

/// A mail server (RFC 5321) that knows what the test needs.
#[derive(Clone, Default)]
pub(super) struct PostOffice {
    taken: Arc<Mutex<Vec<(String, Mail)>>>,
    /// Its answer to RCPT, if it is not to be "250 ok".
    refusal: Arc<Mutex<Option<&'static str>>>,
    /// The command that signs in (RFC 4954). Without one everybody may send.
    sign_in: Option<String>,
}

impl PostOffice {
    pub(super) fn for_whoever_says(sign_in: String) -> Self {
        Self {
            sign_in: Some(sign_in),
            ..Self::default()
        }
    }

    /// On a port of its own, without TLS.
    async fn open(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("smtp://{}?tls=none", listener.local_addr().expect("bound"));
        let office = self.clone();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let office = office.clone();
                tokio::spawn(async move {
                    stream.write_all(GREETING).await?;
                    office.converse(stream).await
                });
            }
        });
        url
    }

    /// From the client's first command on.
    pub(super) async fn converse(self, stream: impl AsyncRead + AsyncWrite + Unpin) -> std::io::Result<()> {
        let mut stream = BufReader::new(stream);
        let mut may_send = self.sign_in.is_none();
        let mut to = String::new();
        while let Some(line) = read_line(&mut stream).await? {
            let answer = match line.as_str() {
                line if line.starts_with("EHLO") && !may_send => "250-post.example.org\r\n250 AUTH PLAIN",
                line if line.starts_with("AUTH") => {
                    may_send = self.sign_in.as_deref() == Some(line);
                    if may_send { "235 welcome" } else { "535 wrong" }
                }
                line if line.starts_with("MAIL") && !may_send => "530 sign in first",
                line if line.starts_with("RCPT TO:") => {
                    line["RCPT TO:".len()..].clone_into(&mut to);
                    self.refusal.lock().expect("no panic").unwrap_or("250 ok")
                }
                "DATA" => {
                    stream.write_all(b"354 go on\r\n").await?;
                    let mail = (std::mem::take(&mut to), read_mail(&mut stream).await?);
                    self.taken.lock().expect("no panic").push(mail);
                    "250 taken"
                }
                "QUIT" => return stream.write_all(b"221 bye\r\n").await,
                _ => "250 ok",
            };
            stream.write_all(format!("{answer}\r\n").as_bytes()).await?;
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

pub(super) const GREETING: &[u8] = b"220 post.example.org ready\r\n";

/// None at the end.
pub(super) async fn read_line(
    stream: &mut BufReader<impl AsyncRead + Unpin>,
) -> std::io::Result<Option<String>> {
    let mut line = String::new();
    let count = stream.read_line(&mut line).await?;
    Ok((count > 0).then(|| line.trim_end_matches(['\r', '\n']).to_owned()))
}

async fn read_mail(stream: &mut BufReader<impl AsyncRead + Unpin>) -> std::io::Result<Mail> {
    let mut text = String::new();
    while let Some(line) = read_line(stream).await?.filter(|line| line != ".") {
        text += line.strip_prefix('.').unwrap_or(&line);
        text += "\r\n";
    }
    Ok(Mail::read(&text))
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
