//! Who may call AdminService: a person whose role is `admin` now. What the token says of the role is up to ten minutes
//! old and decides nothing.

use chassis::deadline::Deadline;
use tonic::{Request, Status};
use uuid::Uuid;

use crate::administration::Administration;
use crate::app::App;
use crate::domain::{User, UserId};
use crate::error::{Denied, Error};
use crate::rpc::fields::invalid;
use crate::rpc::person::Person;
use crate::store::{self, Tx, users};

const ADMIN: &str = "admin";

/// An administrator who calls with their own token.
pub(super) struct Admin(Person);

impl Admin {
    /// The caller, if they are an administrator in a living session.
    ///
    /// # Errors
    ///
    /// As [`Person::of`] and [`Person::account`]; ROLE_MISSING.
    pub(super) async fn of<T>(app: &App, request: &Request<T>) -> Result<Self, Status> {
        let person = Person::of(request)?;
        require_role(&person.account(app).await?)?;
        Ok(Self(person))
    }

    /// Whose page tokens are theirs, and who did what they do.
    pub(super) fn id(&self) -> UserId {
        self.0.id
    }

    /// Begins a change of an account: its row and the administrator's are locked, and the role is looked at again.
    ///
    /// # Errors
    ///
    /// As [`of`](Self::of); NOT_FOUND.
    pub(super) async fn begin(
        &self,
        app: &App,
        target: UserId,
        deadline: Deadline,
    ) -> Result<(Tx, User), Error> {
        let mut tx = store::begin(&app.pool, deadline).await?;
        users::admin::lock_both(&mut tx, self.id(), target).await?;
        require_role(&self.0.lock(&mut tx, app.clock.now()).await?)?;
        let user = users::admin::find(&mut *tx, target)
            .await?
            .ok_or(Error::NotFound)?;
        Ok((tx, user))
    }

    /// What they do to accounts at this moment. From where is not written: an account's owner can read it.
    pub(super) fn administration<'a>(&self, app: &'a App) -> Administration<'a> {
        Administration {
            actor: self.id().0.to_string(),
            clock: &app.clock,
            entropy: &app.entropy,
        }
    }
}

fn require_role(user: &User) -> Result<(), Error> {
    if user.role == ADMIN {
        return Ok(());
    }
    Err(Error::Denied(Denied::Role))
}

/// The id of an account that came in this field.
pub(super) fn user_id(field: &'static str, text: &str) -> Result<UserId, Error> {
    Uuid::try_parse(text)
        .map(UserId)
        .map_err(|_| invalid(field, "Not the id of an account; send one as ListUsers gives it."))
}
