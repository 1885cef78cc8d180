//! From a claimed row to a mail: who gets it, whether it still makes sense, and its code.

use std::time::Duration;

use chassis::deadline::Deadline;

use super::worker::Failure;
use crate::app::App;
use crate::domain::{Client, Code, Email, EventKind, MailKind, SecurityEvent, UserId};
use crate::error::Error;
use crate::store::codes::{self, NewCode};
use crate::store::mails::{self, Claimed};
use crate::store::users::{self, Reachable};
use crate::store::{self, Tx, security_events};

/// Longer than this a lane does not wait for whoever has the person's row.
const PATIENCE: Duration = Duration::from_secs(15);

/// A mail that can be sent now.
pub(super) struct Ready {
    pub(super) kind: MailKind,
    pub(super) address: String,
    pub(super) code: Option<Code>,
    pub(super) client: Client,
}

/// None: nobody is to get it, and it is gone.
pub(super) async fn prepare(app: &App, mail: &Claimed) -> Result<Option<Ready>, Failure> {
    let mut tx = store::begin(&app.pool, Deadline::after(PATIENCE)).await?;
    let ready = prepare_in(app, &mut tx, mail).await?;
    if ready.is_none() {
        mails::delete(&mut *tx, mail.id).await?;
    }
    tx.commit().await.map_err(Error::from)?;
    Ok(ready)
}

async fn prepare_in(app: &App, tx: &mut Tx, mail: &Claimed) -> Result<Option<Ready>, Failure> {
    let kind = MailKind::parse(&mail.kind).ok_or(Failure::ForGood("this version does not know the kind"))?;
    let client = Client {
        user_agent: mail.user_agent.clone(),
        ip_address: mail.ip_address.clone(),
    };
    let recipient = match (mail.user_id, &mail.address, &mail.asked_key) {
        (Some(user), Some(address), _) => keep_recipient(tx, mail, UserId(user), address, kind).await?,
        (_, _, Some(key)) => find_recipient(app, tx, mail, kind, key, &client).await?,
        _ => return Err(Failure::ForGood("it goes to nobody")),
    };
    let Some((user, address, kind)) = recipient else {
        return Ok(None);
    };
    let Some(purpose) = kind.purpose() else {
        return Ok(Some(Ready {
            kind,
            address,
            code: None,
            client,
        }));
    };
    if mail.password_hash.is_none() && mails::is_replaced(&mut **tx, mail.id, user, kind).await? {
        return Ok(None);
    }
    let email = Email::parse(&address).map_err(Failure::ForGood)?;
    if kind == MailKind::EmailChange {
        let holder = users::find_reachable(&mut **tx, email.key()).await?;
        if holder.is_some_and(|holder| holder.id != user) {
            return Ok(None);
        }
    }
    let code = Code::new(app.entropy.bytes());
    let new = NewCode {
        hash: &code.hash(),
        mail_id: mail.id,
        purpose,
        user_id: user,
        address: &email,
        password_hash: mail.password_hash.as_deref(),
        display_name: mail.display_name.as_deref(),
        now: app.clock.now(),
    };
    codes::insert(tx, &new).await?;
    Ok(Some(Ready {
        kind,
        address,
        code: Some(code),
        client,
    }))
}

/// Whose a mail is, where it goes, and what it says.
type Recipient = (UserId, String, MailKind);

/// Who gets a mail that is known to be theirs, unless a code would do nothing for them any more.
async fn keep_recipient(
    tx: &mut Tx,
    mail: &Claimed,
    user: UserId,
    address: &str,
    kind: MailKind,
) -> Result<Option<Recipient>, Failure> {
    if kind.purpose().is_some() {
        let Some(person) = lock(tx, mail, user).await? else {
            return Ok(None);
        };
        // Verified since the last attempt. A sign-up's code would bring its password into somebody's account.
        if kind == MailKind::EmailVerification && person.email_verified {
            return Ok(None);
        }
    }
    Ok(Some((user, address.to_owned(), kind)))
}

/// Locks the person before the mail and the codes are touched, in the order of all other transactions. So of two mails
/// that are prepared at once the second sees what the first did.
async fn lock(tx: &mut Tx, mail: &Claimed, user: UserId) -> Result<Option<Reachable>, Failure> {
    let person = users::find_reachable_for_update(tx, user).await?;
    // Whoever had the lock may have deleted the mail, which its code refers to.
    match mails::exists(&mut **tx, mail.id).await? {
        true => Ok(person),
        false => Ok(None),
    }
}

/// Looks up who has the email that was asked for, and so what the mail says.
async fn find_recipient(
    app: &App,
    tx: &mut Tx,
    mail: &Claimed,
    asked: MailKind,
    key: &str,
    client: &Client,
) -> Result<Option<Recipient>, Failure> {
    let Some(found) = users::find_reachable(&mut **tx, key).await? else {
        return Ok(None);
    };
    let locked = lock(tx, mail, found.id).await?;
    let Some(person) = locked.filter(|person| person.email_key == key) else {
        return Ok(None);
    };
    let kind = match (asked, person.email_verified) {
        (MailKind::SignUp, true) => MailKind::AlreadyRegistered,
        (MailKind::SignUp, false) => MailKind::EmailVerification,
        (MailKind::EmailVerification, true) => return Ok(None),
        // Of several sign-ups only their own codes tell whose password is to count; this one is nobody's. So it asks for
        // a password.
        (MailKind::EmailVerification, false)
            if app.requires_verified_email && codes::is_contested(&mut **tx, person.id).await? =>
        {
            MailKind::PasswordReset
        }
        (asked, _) => asked,
    };
    mails::update_recipient(&mut **tx, mail.id, person.id, &person.email, kind).await?;
    if asked == MailKind::PasswordReset {
        let event = SecurityEvent {
            id: app.entropy.uuid_v7(&app.clock),
            kind: EventKind::PasswordResetRequested,
            user: Some(person.id),
            session: None,
            client: client.clone(),
            actor: String::new(),
            create_time: mail.create_time,
        };
        security_events::insert(&mut **tx, &event).await?;
    }
    Ok(Some((person.id, person.email, kind)))
}
