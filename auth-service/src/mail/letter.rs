//! The words of each mail, as plain text and HTML. Nothing that a stranger can choose is repeated, but for the device and
//! the address of a call, which the templates escape: a mail to somebody must not carry another's text.

use askama::Template;
use chrono::{DateTime, Utc};
use lettre::Message;
use lettre::message::header::{Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use unicode_normalization::UnicodeNormalization as _;
use uuid::Uuid;

use crate::domain::{Client, Code, MailKind, device_name};
use chassis::config::Origin;

/// A mail with all that goes into it.
pub(super) struct Letter<'a> {
    pub(super) id: Uuid,
    pub(super) attempt: i32,
    pub(super) kind: MailKind,
    pub(super) from: &'a str,
    pub(super) address: &'a str,
    pub(super) code: Option<Code>,
    pub(super) origin: Option<&'a Origin>,
    pub(super) client: &'a Client,
    pub(super) create_time: DateTime<Utc>,
    pub(super) now: DateTime<Utc>,
}

#[derive(Template)]
#[template(path = "mail.txt")]
struct Plain<'a> {
    lines: &'a [String],
    code: Option<&'a str>,
    link: Option<&'a str>,
    code_says: &'a str,
    ending: &'a str,
}

#[derive(Template)]
#[template(path = "mail.html")]
struct Html<'a> {
    subject: &'a str,
    lines: &'a [String],
    code: Option<&'a str>,
    link: Option<&'a str>,
    action: &'a str,
    code_says: &'a str,
    ending: &'a str,
}

/// What a kind says.
struct Words {
    subject: &'static str,
    lines: Vec<String>,
    /// The page of the web app that takes the code, and what its link is called.
    page: (&'static str, &'static str),
    code_says: &'static str,
    ending: &'static str,
}

/// RFC 3834: nobody's holiday notice should answer.
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

impl Letter<'_> {
    /// The message.
    ///
    /// # Errors
    ///
    /// When no mail can go to the address, for good.
    pub(super) fn write(&self) -> Result<Message, String> {
        let words = words(self.kind, self.client, self.create_time);
        let code = self.code.as_ref().map(Code::to_text);
        let link = self
            .origin
            .zip(code.as_ref())
            .map(|(origin, code)| format!("{origin}{}#code={}", words.page.0, code.replace('-', "")));
        let plain = Plain {
            lines: &words.lines,
            code: code.as_deref(),
            link: link.as_deref(),
            code_says: words.code_says,
            ending: words.ending,
        };
        let html = Html {
            subject: words.subject,
            lines: &words.lines,
            code: code.as_deref(),
            link: link.as_deref(),
            action: words.page.1,
            code_says: words.code_says,
            ending: words.ending,
        };
        let text = plain.render().map_err(|_| "the text could not be made")?;
        let html = html.render().map_err(|_| "the text could not be made")?;
        let from: Mailbox = self.from.parse().map_err(|_| "the sender is no address")?;
        // Mail servers know the normal form (RFC 6532, section 3.1).
        let address: String = self.address.nfc().collect();
        let address = address.parse().map_err(|_| "no mail can go to this address")?;
        // Each attempt is a mail of its own: it has another code.
        let id = format!("<{}.{}@{}>", self.id, self.attempt, from.email.domain());
        Message::builder()
            .from(from)
            .to(Mailbox::new(None, address))
            .subject(words.subject)
            .date(self.now.into())
            .message_id(Some(id))
            .header(AutoSubmitted)
            .multipart(MultiPart::alternative_plain_html(text, html))
            .map_err(|_| "no mail can go to this address".to_owned())
    }
}

const NO_ACTION: &str = "If you did not ask for this, you need not do anything.";
const NOT_YOU: &str =
    "If this was not you, ask for a new password at once, and look at the list of your sessions.";
const CODE: &str = "Or enter this code:";

fn words(kind: MailKind, client: &Client, at: DateTime<Utc>) -> Words {
    let time = at.format("%Y-%m-%d %H:%M UTC");
    let words = |subject, lines: &[String], page, ending| Words {
        subject,
        lines: lines.to_vec(),
        page,
        code_says: CODE,
        ending,
    };
    match kind {
        MailKind::SignUp | MailKind::EmailVerification => words(
            "Confirm your email",
            &["Confirm that this email is yours. The code is good for 24 hours.".to_owned()],
            ("/verify", "Confirm the email"),
            "If you did not sign up, do not use the code: it would say that the account is yours.",
        ),
        MailKind::AlreadyRegistered => words(
            "You have an account already",
            &[
                "Somebody, maybe you, has tried to sign up with this email. There is an account with it already, and \
                 nothing was changed."
                    .to_owned(),
                "Sign in as usual. If you do not know the password any more, ask for a new one.".to_owned(),
            ],
            ("/", ""),
            NO_ACTION,
        ),
        MailKind::PasswordReset => words(
            "Choose a new password",
            &[
                "Somebody, hopefully you, has asked for a new password. The code is good for one hour, and using it ends \
                 all your sessions."
                    .to_owned(),
            ],
            ("/reset", "Choose a new password"),
            NO_ACTION,
        ),
        MailKind::EmailChange => words(
            "Confirm your new email",
            &["Confirm that this email is to be the one of your account. The code is good for 24 hours.".to_owned()],
            ("/verify", "Confirm the email"),
            NO_ACTION,
        ),
        MailKind::EmailChanged => words(
            "Your email was changed",
            &[format!(
                "Since {time} your account has another email, and this address is not used any more."
            )],
            ("/", ""),
            "If this was not you, tell whoever runs this service at once.",
        ),
        MailKind::PasswordChanged => words(
            "Your password was changed",
            &[format!("The password of your account was changed at {time}.")],
            ("/", ""),
            NOT_YOU,
        ),
        MailKind::NewDevice => words(
            "A sign-in from a new device",
            &[format!(
                "Somebody, hopefully you, has signed in to your account at {time}{}.",
                whence(client)
            )],
            ("/", ""),
            NOT_YOU,
        ),
        MailKind::DeletionRequested => words(
            "Your account will be deleted",
            &[
                format!("The deletion of your account was asked for at {time}, and all its sessions have ended."),
                "You can still take it back: sign in, and cancel the deletion. Your account shows until when.".to_owned(),
            ],
            ("/", ""),
            "If this was not you, sign in, cancel the deletion, and change your password at once.",
        ),
    }
}

fn whence(client: &Client) -> String {
    let device = device_name(&client.user_agent);
    let by = |word: &str, what: &str| match what {
        "" => String::new(),
        what => format!(" {word} {what}"),
    };
    by("with", &device) + &by("from", &client.ip_address)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter(kind: MailKind, client: &Client, code: Option<Code>) -> String {
        let now = "2026-11-21T12:00:00Z".parse().expect("a time");
        let origin = "https://tasks.example.org".parse().expect("an origin");
        let letter = Letter {
            id: Uuid::nil(),
            attempt: 1,
            kind,
            from: "Tandem <tandem@example.org>",
            address: "Ann@Example.org",
            code,
            origin: Some(&origin),
            client,
            create_time: now,
            now,
        };
        let message = letter.write().unwrap_or_else(|error| panic!("{error}"));
        String::from_utf8(message.formatted())
            .expect("ASCII")
            .replace("=\r\n", "")
    }

    #[test]
    fn every_kind_has_words_in_text_and_html() {
        for kind in MailKind::ALL {
            let code = kind.purpose().map(|_| Code::new([7; 16]));
            let text = letter(kind, &Client::new("", None), code.clone());
            for part in [
                "Subject: ",
                "From: Tandem <tandem@example.org>",
                "To: Ann@Example.org",
                "Auto-Submitted: auto-generated",
                "text/plain",
                "text/html",
            ] {
                assert!(text.contains(part), "{part} in {text}");
            }
            let shown = code.map(|code| code.to_text());
            assert!(
                shown.is_none_or(|code| text.matches(&code).count() == 2),
                "{text}"
            );
        }
    }

    #[test]
    fn the_link_leads_to_the_page_that_takes_the_code_and_keeps_it_out_of_requests() {
        let text = letter(
            MailKind::PasswordReset,
            &Client::new("", None),
            Some(Code::new([7; 16])),
        );
        let bare = Code::new([7; 16]).to_text().replace('-', "");
        assert!(
            text.contains(&format!("https://tasks.example.org/reset#code=3D{bare}"))
                || text.contains(&format!("https://tasks.example.org/reset#code={bare}")),
            "{text}"
        );
    }

    #[test]
    fn what_a_client_calls_itself_cannot_write_html() {
        let client = Client {
            user_agent: "grpc-<b>x</b>/1".to_owned(),
            ip_address: "<script>".to_owned(),
        };
        let text = letter(MailKind::NewDevice, &client, None);
        let html = text.split("text/html").nth(1).expect("the second part");
        assert!(!html.contains("<script>") && !html.contains("<b>"), "{html}");
    }
}
