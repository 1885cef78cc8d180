//! How a method writes a mail: in the transaction of what it tells of. It is sent afterwards, so no call waits for it.

use std::net::IpAddr;

use crate::app::App;
use crate::domain::{Chosen, Client, Counter, Email, Kind, MailKind, NewMail, Purpose, Recipient, UserId};
use crate::error::Error;
use crate::store::{Tx, codes, mails};

/// Refuses what cannot be done without mail.
///
/// # Errors
///
/// [`Error::MailOff`].
pub(super) fn require(app: &App) -> Result<(), Error> {
    match app.mailer.is_on() {
        true => Ok(()),
        false => Err(Error::MailOff),
    }
}

/// Counts a mail that anybody can ask for, the same whether or not somebody has the email.
///
/// # Errors
///
/// [`Error::Limited`].
pub(super) async fn count(app: &App, target: &Email, address: Option<IpAddr>) -> Result<(), Error> {
    let counters = [
        Counter::by_email(Kind::MailToTarget, target),
        Counter::by_network(Kind::MailFromAddress, address),
    ];
    app.throttle.count(counters).await
}

/// Writes a mail that somebody asked for by email. It looks at nothing: who has the email, if anybody, is found out when
/// the mail is sent, so that the call is the same for every email.
pub(super) async fn ask(app: &App, kind: MailKind, email: &Email, client: &Client) -> Result<(), Error> {
    mails::insert(&app.pool, &new(app, kind, Recipient::Asked(email), None, client)).await?;
    app.mailer.wake();
    Ok(())
}

/// The same for a sign-up, in its transaction. Wake the mailer after the commit.
pub(super) async fn ask_for_sign_up(
    app: &App,
    tx: &mut Tx,
    email: &Email,
    chosen: Chosen<'_>,
    client: &Client,
) -> Result<(), Error> {
    let mail = new(
        app,
        MailKind::SignUp,
        Recipient::Asked(email),
        Some(chosen),
        client,
    );
    mails::insert(&mut **tx, &mail).await
}

/// Writes a mail to a person, if mail is on. Wake the mailer after the commit.
pub(super) async fn tell(
    app: &App,
    tx: &mut Tx,
    kind: MailKind,
    user: UserId,
    address: &str,
    client: &Client,
) -> Result<(), Error> {
    if !app.mailer.is_on() {
        return Ok(());
    }
    let mail = new(app, kind, Recipient::Person(user, address), None, client);
    mails::insert(&mut **tx, &mail).await
}

/// Voids what was mailed to a person, or waits to be, and would lead into the account with another password or to another
/// email: for a person who takes the account back from somebody. The person's row must be locked.
pub(super) async fn void_ways_in(tx: &mut Tx, user: UserId) -> Result<(), Error> {
    mails::delete_waiting(tx, user, &[MailKind::PasswordReset, MailKind::EmailChange]).await?;
    codes::delete_of(tx, user, &[Purpose::ResetPassword, Purpose::ChangeEmail]).await
}

fn new<'a>(
    app: &App,
    kind: MailKind,
    recipient: Recipient<'a>,
    chosen: Option<Chosen<'a>>,
    client: &Client,
) -> NewMail<'a> {
    NewMail {
        id: app.entropy.uuid_v7(&app.clock),
        kind,
        recipient,
        chosen,
        client: client.clone(),
        create_time: app.clock.now(),
    }
}
