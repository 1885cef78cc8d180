//! Mail over TLS, from the start (RFC 8314) and by STARTTLS (RFC 3207), with the sign-in that needs it (RFC 4954): nothing
//! is said in the clear, and nothing to a server that cannot show who it is.

use std::io::Result;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tempfile::NamedTempFile;
use tokio::io::{AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

use super::post_office::{GREETING, PostOffice, read_line};
use super::*;
use crate::harness::OwnProcess;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tls {
    FromTheStart,
    Upgraded,
    /// As somebody between the two would have it.
    NotOffered,
}

/// A post office at `localhost` that takes mail over TLS only.
#[derive(Clone)]
struct SafePostOffice {
    office: PostOffice,
    tls: Tls,
    acceptor: TlsAcceptor,
    /// What a client must trust.
    certificate: String,
    said_in_the_clear: Arc<Mutex<Vec<String>>>,
    /// Conversations that ended, however.
    ended: Arc<AtomicUsize>,
}

impl SafePostOffice {
    fn new(tls: Tls) -> Self {
        let own = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("made");
        let key = PrivateKeyDer::try_from(own.signing_key.serialize_der()).expect("a key");
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![own.cert.der().clone()], key)
            .expect("a pair");
        let sign_in = format!("AUTH PLAIN {}", STANDARD.encode("\0postmaster\0hunter2"));
        Self {
            office: PostOffice::for_whoever_says(sign_in),
            tls,
            acceptor: TlsAcceptor::from(Arc::new(config)),
            certificate: own.cert.pem(),
            said_in_the_clear: Arc::default(),
            ended: Arc::default(),
        }
    }

    async fn open(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("bound").port();
        let scheme = match self.tls {
            Tls::FromTheStart => "smtps",
            _ => "smtp",
        };
        let office = self.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let office = office.clone();
                tokio::spawn(async move {
                    // A client that does not trust it ends the conversation, and is meant to.
                    let _ = office.converse(stream).await;
                    office.ended.fetch_add(1, Ordering::SeqCst);
                });
            }
        });
        format!("{scheme}://postmaster:hunter2@localhost:{port}")
    }

    async fn converse(&self, stream: TcpStream) -> Result<()> {
        if self.tls == Tls::FromTheStart {
            let mut stream = self.acceptor.accept(stream).await?;
            stream.write_all(GREETING).await?;
            return self.office.clone().converse(stream).await;
        }
        let mut stream = BufReader::new(stream);
        stream.write_all(GREETING).await?;
        while let Some(line) = read_line(&mut stream).await? {
            let offered = self.tls == Tls::Upgraded;
            if offered && line == "STARTTLS" {
                stream.write_all(b"220 go on\r\n").await?;
                let stream = self.acceptor.accept(stream.into_inner()).await?;
                return self.office.clone().converse(stream).await;
            }
            let answer = match offered {
                true if line.starts_with("EHLO") => "250-post.example.org\r\n250 STARTTLS\r\n",
                _ => "250 ok\r\n",
            };
            self.said_in_the_clear.lock().expect("no panic").push(line);
            stream.write_all(answer.as_bytes()).await?;
        }
        Ok(())
    }

    /// A sign-up's mail is on its way there.
    async fn is_written_to(&self, trusted: bool) -> Sender {
        let url = self.open().await;
        let certificate = NamedTempFile::new().expect("a file");
        std::fs::write(certificate.path(), &self.certificate).expect("written");
        let path = certificate.path().to_str().expect("UTF-8").to_owned();
        let mut settings = vec![
            ("TANDEM_SMTP_URL", url.as_str()),
            ("TANDEM_MAIL_FROM", "Tandem <tandem@example.org>"),
        ];
        if trusted {
            settings.push(("SSL_CERT_FILE", &path));
        }
        let process = OwnProcess::start(&settings).await;
        process.auth().sign_up(sign_up(ANN)).await.expect("signed up");
        Sender {
            _process: process,
            _certificate: certificate,
        }
    }

    async fn until_a_conversation_ended(&self) {
        let ended = async {
            while self.ended.load(Ordering::SeqCst) == 0 {
                sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(Duration::from_secs(30), ended).await.expect("an attempt");
    }

    async fn until_mail_came(&self) {
        let came = async {
            while self.office.taken().is_empty() {
                sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(Duration::from_secs(30), came).await.expect("a mail");
    }

    /// Nothing that tells of anybody.
    #[track_caller]
    fn assert_nothing_was_said_in_the_clear(&self) {
        let said = self.said_in_the_clear.lock().expect("no panic");
        let harmless = |line: &String| line.starts_with("EHLO") || line == "QUIT";
        assert!(said.iter().all(harmless), "{said:?}");
    }
}

/// auth-service, and what it trusts.
struct Sender {
    _process: OwnProcess,
    _certificate: NamedTempFile,
}

#[tokio::test]
async fn over_tls_from_the_start_the_sign_in_and_the_mail_arrive() {
    let office = SafePostOffice::new(Tls::FromTheStart);
    let _sender = office.is_written_to(true).await;
    office.until_mail_came().await;
    assert_eq!(office.office.taken()[0].1.subject, CONFIRM);
}

#[tokio::test]
async fn by_starttls_the_sign_in_and_the_mail_arrive_and_nothing_before_it() {
    let office = SafePostOffice::new(Tls::Upgraded);
    let _sender = office.is_written_to(true).await;
    office.until_mail_came().await;
    assert_eq!(office.office.taken()[0].1.subject, CONFIRM);
    office.assert_nothing_was_said_in_the_clear();
}

#[tokio::test]
async fn a_server_that_does_not_offer_starttls_hears_neither_password_nor_mail() {
    let office = SafePostOffice::new(Tls::NotOffered);
    let _sender = office.is_written_to(true).await;
    office.until_a_conversation_ended().await;
    office.assert_nothing_was_said_in_the_clear();
}

#[tokio::test]
async fn a_server_that_nobody_vouches_for_hears_nothing() {
    for tls in [Tls::FromTheStart, Tls::Upgraded] {
        let office = SafePostOffice::new(tls);
        let _sender = office.is_written_to(false).await;
        office.until_a_conversation_ended().await;
        assert!(office.office.taken().is_empty());
        office.assert_nothing_was_said_in_the_clear();
    }
}
