//! The settings of mail: a server, or a folder, or neither.

use std::path::PathBuf;

use chassis::config::{Secret, Settings};
use lettre::message::Mailbox;

use super::transport;

const SMTP: &str = "TANDEM_SMTP_URL";
const FOLDER: &str = "TANDEM_MAIL_DIR";
const FROM: &str = "TANDEM_MAIL_FROM";
/// For a folder, where it matters to nobody.
const NOBODY: &str = "Tandem <tandem@localhost>";

/// Where mails go.
#[derive(Debug, Clone)]
pub enum Delivery {
    /// To a mail server, by a URL that was looked at.
    Smtp(Secret),
    /// Into a folder, as `.eml` files.
    Folder(PathBuf),
}

/// How mails are sent.
#[derive(Debug, Clone)]
pub struct MailConfig {
    /// None: mail is off.
    pub delivery: Option<Delivery>,
    /// The sender, such as `Tandem <tandem@example.org>`.
    pub from: String,
}

impl MailConfig {
    /// Reads them, and notes what is wrong.
    pub fn read(settings: &mut Settings) -> Self {
        let url = settings
            .about("the mail server, smtp://USER:PASSWORD@HOST (STARTTLS) or smtps://; see docs/accounts/email.md")
            .secret(SMTP);
        let folder = settings
            .about("a folder that mails are written to instead, as .eml files; for development")
            .optional(FOLDER);
        let from: Option<String> = settings
            .about("who mails come from, as in Tandem <tandem@example.org>; needed with TANDEM_SMTP_URL")
            .optional(FROM);
        if let Some(url) = &url {
            if let Err(fault) = transport::smtp(url.expose()) {
                settings.fault(SMTP, fault);
            }
            if folder.is_some() {
                settings.fault(FOLDER, format_args!("and {SMTP} are both set; keep one"));
            }
            if from.is_none() {
                settings.fault(
                    FROM,
                    format_args!("is not set and {SMTP} is; write an address of yours"),
                );
            }
        }
        let from = from.unwrap_or_else(|| NOBODY.to_owned());
        if from.parse::<Mailbox>().is_err() {
            settings.fault(FROM, "is no address; write it like Tandem <tandem@example.org>");
        }
        let delivery = url.map(Delivery::Smtp).or(folder.map(Delivery::Folder));
        Self { delivery, from }
    }

    /// Whether mails can be sent at all.
    pub fn is_on(&self) -> bool {
        self.delivery.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(pairs: &[(&str, &str)]) -> Vec<String> {
        let mut settings = Settings::from_pairs(pairs.iter().copied());
        let _ = MailConfig::read(&mut settings);
        settings
            .finish(())
            .map_or_else(|error| error.faults().to_vec(), |()| Vec::new())
    }

    #[test]
    fn a_server_with_a_sender_a_folder_alone_and_nothing_at_all_are_fine() {
        let from = (FROM, "Tandem <tandem@example.org>");
        for url in [
            "smtp://ann:hunter2@mail.example.org",
            "smtp://ann:hunter2@mail.example.org:2525?tls=required",
            "smtps://ann:hunter2@mail.example.org",
            "smtp://mail.example.org?tls=opportunistic",
            "smtp://127.0.0.1:2525?tls=none",
        ] {
            assert_eq!(faults(&[(SMTP, url), from]), [""; 0], "{url}");
        }
        assert_eq!(faults(&[(FOLDER, "mail")]), [""; 0]);
        assert_eq!(faults(&[]), [""; 0]);
    }

    #[test]
    fn what_cannot_work_is_told_without_the_password() {
        let from = (FROM, "tandem@example.org");
        for (url, what) in [
            ("http://mail.example.org", "smtp://"),
            ("mail.example.org", "smtp://"),
            ("smtp://ann:hunter2@mail.example.org?tls=none", "in the clear"),
            (
                "smtp://ann:hunter2@mail.example.org?tls=opportunistic",
                "in the clear",
            ),
            ("smtp://ann:hunter2@mail.example.org?tls=maybe", "tls"),
        ] {
            let found = faults(&[(SMTP, url), from]).join("\n");
            assert!(
                found.contains(what) && !found.contains("hunter2"),
                "{url}: {found}"
            );
        }
        assert_eq!(faults(&[(SMTP, "smtps://mail.example.org")]).len(), 1);
        assert_eq!(
            faults(&[(SMTP, "smtps://a.example.org"), (FOLDER, "mail"), from]).len(),
            1
        );
        assert_eq!(faults(&[(FROM, "nobody")]).len(), 1);
    }
}
