//! The folder that the service writes its mails to, and what a person reads in them.

use std::path::Path;
use std::time::Duration;

use tempfile::TempDir;

use super::Service;

/// A mail as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Mail {
    pub(crate) to: String,
    pub(crate) subject: String,
    /// The whole of it, soft line breaks undone.
    pub(crate) text: String,
}

impl Mail {
    pub(crate) fn read(text: &str) -> Self {
        let text = text.replace("\r\n", "\n").replace("=\n", "");
        let header = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name));
            line.unwrap_or_default().to_owned()
        };
        Self {
            to: header("To: "),
            subject: header("Subject: "),
            text,
        }
    }

    /// The code that the mail shows.
    pub(crate) fn code(&self) -> String {
        let is_code = |line: &&str| line.len() == 32 && line.split('-').count() == 7;
        let line = self.text.lines().map(str::trim).find(is_code);
        line.unwrap_or_else(|| panic!("a code in {}", self.text))
            .to_owned()
    }
}

/// A folder of the test's own.
pub(crate) struct Mailbox(TempDir);

impl Mailbox {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn setting(&self) -> (&str, &str) {
        ("TANDEM_MAIL_DIR", self.path().to_str().expect("UTF-8"))
    }

    /// Everything that was written, oldest first, after the service has sent what is due.
    pub(crate) async fn all(&self, service: &Service) -> Vec<Mail> {
        service.until_mails_are_sent().await;
        self.now()
    }

    /// The newest to this address, as it is.
    pub(crate) fn newest_now(&self, to: &str) -> Mail {
        let mut mails = self.now();
        mails.retain(|mail| mail.to == to);
        mails.pop().expect("a mail")
    }

    fn now(&self) -> Vec<Mail> {
        let files = std::fs::read_dir(self.path()).expect("a folder");
        let mut files: Vec<_> = files.map(|file| file.expect("a file").path()).collect();
        files.retain(|file| file.extension().is_some_and(|extension| extension == "eml"));
        files.sort();
        let text = |file| std::fs::read_to_string(file).expect("UTF-8");
        files.iter().map(|file| Mail::read(&text(file))).collect()
    }

    /// What came to this address with these words in the subject, oldest first.
    pub(crate) async fn about(&self, service: &Service, to: &str, subject: &str) -> Vec<Mail> {
        let mails = self.all(service).await.into_iter();
        mails
            .filter(|mail| mail.to == to && mail.subject.contains(subject))
            .collect()
    }

    /// The newest of them.
    pub(crate) async fn newest(&self, service: &Service, to: &str, subject: &str) -> Mail {
        let mails = self.about(service, to, subject).await;
        mails
            .last()
            .unwrap_or_else(|| panic!("no mail {subject:?} to {to}"))
            .clone()
    }
}

impl Service {
    /// Sends what is due, and waits for what the service itself is sending.
    pub(crate) async fn until_mails_are_sent(&self) {
        const DUE: &str =
            "SELECT count(*) FROM mails WHERE next_attempt_time IS NOT NULL AND last_error = ''";
        for _ in 0..1000 {
            auth_service::mail::deliver_due(&self.app)
                .await
                .expect("the database is there");
            if self.count(DUE).await == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("mails are still waiting");
    }
}
