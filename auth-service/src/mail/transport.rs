//! The way out: a mail server over SMTP (RFC 5321, STARTTLS of RFC 3207, TLS of RFC 8314), or a folder of files.

use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};
use url::{Host, Url};

use super::config::Delivery;

/// The longest wait for one answer of a mail server.
const ANSWER: Duration = Duration::from_secs(20);
/// The longest a mail may take, whatever the server does.
pub(super) const WHOLE: Duration = Duration::from_secs(60);

const SHAPE: &str =
    "is no address of a mail server; write smtp://USER:PASSWORD@HOST or smtps://USER:PASSWORD@HOST";
const IN_THE_CLEAR: &str = "would send the password in the clear; leave tls= out, or use smtps://";

/// Where mails go out.
pub(super) enum Transport {
    Smtp(Box<AsyncSmtpTransport<Tokio1Executor>>),
    Folder(PathBuf),
}

/// Why a mail did not go out. The text shows no address.
pub(super) struct Refused {
    pub(super) text: String,
    /// Trying again is of no use: the server does not want this mail.
    pub(super) for_good: bool,
}

impl Transport {
    pub(super) fn new(delivery: &Delivery) -> Self {
        match delivery {
            Delivery::Smtp(url) => Self::Smtp(Box::new(
                smtp(url.expose()).expect("it was looked at with the settings"),
            )),
            Delivery::Folder(folder) => Self::Folder(folder.clone()),
        }
    }

    /// Sends a mail; `name` is that of the file.
    pub(super) async fn send(&self, name: String, message: Message) -> Result<(), Refused> {
        let sent = tokio::time::timeout(WHOLE, self.send_unbounded(name, message)).await;
        sent.unwrap_or_else(|_| {
            Err(Refused {
                text: "the mail server took too long".to_owned(),
                for_good: false,
            })
        })
    }

    async fn send_unbounded(&self, name: String, message: Message) -> Result<(), Refused> {
        match self {
            Self::Smtp(server) => match server.send(message).await {
                Ok(_) => Ok(()),
                Err(error) => Err(refused(&error)),
            },
            Self::Folder(folder) => {
                let (folder, bytes) = (folder.clone(), message.formatted());
                let written = tokio::task::spawn_blocking(move || write(&folder, &name, &bytes)).await;
                written
                    .unwrap_or_else(|error| Err(io::Error::other(error)))
                    .map_err(|error| Refused {
                        text: format!("the file could not be written: {}", error.kind()),
                        for_good: false,
                    })
            }
        }
    }
}

/// A server's words may repeat the address, so only its code is kept.
fn refused(error: &lettre::transport::smtp::Error) -> Refused {
    let code = error.status().map(|code| code.to_string());
    // 530 to 538 are about our own sign-in, which the operator can mend.
    let for_good = error.is_permanent() && code.as_deref().is_some_and(|code| !code.starts_with("53"));
    let text = match code {
        Some(code) => format!("the mail server answered {code}"),
        None if error.is_timeout() => "the mail server took too long".to_owned(),
        None if error.is_tls() => "no TLS with the mail server".to_owned(),
        None if error.is_client() => {
            "the mail server lacks what the mail needs, or refused the sign-in".to_owned()
        }
        None => "the mail server cannot be reached".to_owned(),
    };
    Refused { text, for_good }
}

/// The transport of a URL. With `smtp://` the connection is upgraded by STARTTLS or not used, unless `tls=opportunistic`
/// or `tls=none` says otherwise.
///
/// # Errors
///
/// What is wrong with the URL; it may hold a password, so the text does not show it.
pub(super) fn smtp(text: &str) -> Result<AsyncSmtpTransport<Tokio1Executor>, &'static str> {
    let mut url = Url::parse(text).map_err(|_| SHAPE)?;
    let loopback = match url.host().ok_or(SHAPE)? {
        Host::Domain(name) => name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    } || matches!(url.host_str(), Some("127.0.0.1" | "[::1]"));
    let tls = url.query_pairs().find(|(name, _)| name == "tls");
    let tls = tls.map(|(_, value)| value.into_owned());
    match (url.scheme(), tls.as_deref()) {
        ("smtps", None) => {}
        ("smtp", None | Some("required")) => url.set_query(Some("tls=required")),
        ("smtp", Some("opportunistic" | "none")) if !loopback && url.password().is_some() => {
            return Err(IN_THE_CLEAR);
        }
        ("smtp", Some("opportunistic")) => url.set_query(Some("tls=opportunistic")),
        ("smtp", Some("none")) => url.set_query(None),
        ("smtp" | "smtps", Some(_)) => return Err("has a tls= that is not required, opportunistic or none"),
        _ => return Err(SHAPE),
    }
    let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url.as_str()).map_err(|_| SHAPE)?;
    Ok(builder.timeout(Some(ANSWER)).build())
}

/// A file that is whole or not there, and for its owner only: mails hold codes.
fn write(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    let draft = folder.join(format!(".{name}.new"));
    let mut options = std::fs::OpenOptions::new();
    let file = options.write(true).create(true).truncate(true).mode(0o600);
    io::Write::write_all(&mut file.open(&draft)?, bytes)?;
    std::fs::rename(draft, folder.join(format!("{name}.eml")))
}
