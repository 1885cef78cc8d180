//! Web origins (RFC 6454): scheme, host and port, nothing more.

use std::fmt;
use std::str::FromStr;

use url::{Host, Url};

/// A web origin, written as browsers send it in the `Origin` header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    text: String,
    https: bool,
    loopback: bool,
}

/// Why a text is no web origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a web origin; write scheme, host and port only, as in https://tasks.example.com")]
pub struct OriginError;

impl Origin {
    /// As browsers send it.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether pages of this origin come over TLS.
    pub fn is_https(&self) -> bool {
        self.https
    }

    /// Whether the host is this machine.
    pub fn is_loopback(&self) -> bool {
        self.loopback
    }
}

impl FromStr for Origin {
    type Err = OriginError;

    fn from_str(text: &str) -> Result<Self, OriginError> {
        let url = Url::parse(text).map_err(|_| OriginError)?;
        let bare = matches!(url.scheme(), "http" | "https")
            && url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        let host = url.host().filter(|_| bare).ok_or(OriginError)?;
        let loopback = match host {
            Host::Domain(name) => name == "localhost" || name.ends_with(".localhost"),
            Host::Ipv4(address) => address.is_loopback(),
            Host::Ipv6(address) => address.is_loopback(),
        };
        Ok(Self {
            text: url.origin().ascii_serialization(),
            https: url.scheme() == "https",
            loopback,
        })
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_kept_as_browsers_send_it() {
        let origin: Origin = "HTTPS://Tasks.Example.com:443/".parse().unwrap();
        assert_eq!(origin.as_str(), "https://tasks.example.com");
        assert!(origin.is_https() && !origin.is_loopback());
        assert!("http://127.0.0.1:8080".parse::<Origin>().unwrap().is_loopback());
    }

    #[test]
    fn a_star_a_path_and_credentials_are_no_origin() {
        for text in [
            "*",
            "null",
            "example.com",
            "https://a.example/x",
            "https://u:p@a.example",
            "file:///x",
        ] {
            assert_eq!(text.parse::<Origin>(), Err(OriginError), "{text}");
        }
    }
}
