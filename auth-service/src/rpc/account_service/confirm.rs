//! A signed-in person shows their password again, before what a stolen token must not be enough for. Every method that
//! asks for the password asks here, so that one limit on wrong ones holds for them all.

use chassis::deadline::Deadline;
use zeroize::Zeroizing;

use crate::app::App;
use crate::domain::{Client, Counter, EventKind, GivenPassword, Kind, User};
use crate::error::Error;
use crate::rpc::person::{Person, REVOKED};
use crate::store::{self, Tx, security_events, users};

/// A check is void when the hash is replaced before the change begins. A sign-in does that once at most, to make it
/// stronger; then everything is looked at anew.
const TRIES: usize = 3;

/// A person who has shown their password.
pub(super) struct Confirmed<'a> {
    app: &'a App,
    asked: Asked<'a>,
    /// What the password was checked against.
    hash: String,
}

/// What is asked for the password.
struct Asked<'a> {
    caller: &'a Person,
    client: &'a Client,
    field: &'static str,
    password: Zeroizing<String>,
}

/// Checks the password that came in this field. Costs a hash, and an event if it is wrong.
///
/// # Errors
///
/// [`Error::PasswordWrong`]; [`Error::Limited`] after too many of them; TOKEN_REVOKED; [`Error::Overloaded`].
pub(super) async fn check<'a>(
    app: &'a App,
    caller: &'a Person,
    client: &'a Client,
    field: &'static str,
    password: GivenPassword,
) -> Result<Confirmed<'a>, Error> {
    let asked = Asked {
        caller,
        client,
        field,
        password: password.into_secret(),
    };
    let hash = asked.matching_hash(app).await?;
    Ok(Confirmed { app, asked, hash })
}

impl Asked<'_> {
    async fn matching_hash(&self, app: &App) -> Result<String, Error> {
        let (id, session) = (self.caller.id, self.caller.session);
        let hash = users::find_hash_in_live_session(&app.pool, id, session, app.clock.now())
            .await?
            .ok_or(REVOKED)?;
        let counter = Counter::by_session(Kind::PasswordOfPerson, session);
        let attempt = app.throttle.begin([counter]).await?;
        if app.hasher.verify(self.password.clone(), Some(&hash)).await? {
            attempt.passed().await;
            return Ok(hash);
        }
        attempt.failed().await?;
        let failed = self
            .caller
            .event(app, EventKind::PasswordCheckFailed, self.client);
        security_events::insert_alone(&app.pool, &failed).await?;
        Err(Error::PasswordWrong(self.field))
    }
}

impl Confirmed<'_> {
    /// Begins the change: the person's row is locked, the session lives, and the password is still the one that was
    /// shown.
    ///
    /// # Errors
    ///
    /// As [`check`], when something has changed since.
    pub(super) async fn begin(mut self, deadline: Deadline) -> Result<(Tx, User), Error> {
        for _ in 0..TRIES {
            let mut tx = store::begin(&self.app.pool, deadline).await?;
            let user = self.asked.caller.lock(&mut tx, self.app.clock.now()).await?;
            if users::has_password_hash(&mut tx, user.id, &self.hash).await? {
                return Ok((tx, user));
            }
            // Not while the lock is held: this waits for its turn to be hashed.
            drop(tx);
            self.hash = self.asked.matching_hash(self.app).await?;
        }
        Err(Error::Overloaded)
    }
}
