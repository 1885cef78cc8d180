//! What the methods that take a mailed code share. Codes have 128 random bits, so looking one up first and counting the
//! wrong ones afterwards gives nothing away.

use std::net::IpAddr;

use crate::app::App;
use crate::domain::{Code, CodeHash, Complaint, Counter, Kind};
use crate::error::Error;

/// What was given: a code, or a text that cannot be one and so is unknown.
pub(super) fn parse(text: &str) -> Result<Option<CodeHash>, Complaint> {
    match text.trim() {
        "" => Err("The code is missing; it is in the mail."),
        text => Ok(Code::parse(text).map(|code| code.hash())),
    }
}

/// A wrong code, counted.
pub(super) async fn refuse(app: &App, address: Option<IpAddr>) -> Error {
    let counter = Counter::by_network(Kind::CodeFromAddress, address);
    match app.throttle.count([counter]).await {
        Ok(()) => Error::CodeInvalid,
        Err(error) => error,
    }
}
