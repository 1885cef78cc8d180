//! `SignIn`: a session for email and password. Wrong password, unknown email and disabled account are one answer, and
//! cost one look-up and one hash each.

use chassis::deadline::Deadline;
use proto::auth::v1 as pb;
use tonic::{Request, Response};

use super::{delivery, session};
use crate::app::App;
use crate::domain::{Email, GivenPassword, Token};
use crate::error::{Error, Unauthenticated};
use crate::rpc::fields::Fields;
use crate::store::{self, users};

pub(super) async fn sign_in(
    app: &App,
    request: Request<pb::SignInRequest>,
) -> Result<Response<pb::SignInResponse>, Error> {
    let (deadline, client) = (Deadline::of(&request), session::client(&request));
    let (metadata, _, message) = request.into_parts();
    let delivery = delivery::of_new_session(message.refresh_token_delivery, &metadata, app.cookies.as_ref())?;
    let given = Given::try_from(message)?;

    let stored = users::find_credentials(&app.pool, &given.email).await?;
    let hash = stored.as_ref().map(|stored| stored.password_hash.as_str());
    let right = app.hasher.verify(given.password.into_secret(), hash).await?;
    let refused = || Error::Unauthenticated(Unauthenticated::Credentials);
    let person = stored
        .filter(|stored| right && stored.enabled)
        .ok_or_else(refused)?;

    let now = app.clock.now();
    let mut tx = store::begin(&app.pool, deadline).await?;
    let issued = session::start(
        app,
        &mut tx,
        person.id,
        &person.password_hash,
        &client,
        given.device_token,
        now,
    )
    .await?
    .ok_or_else(refused)?;
    tx.commit().await?;
    session::reply(app, issued, delivery, now, |session| pb::SignInResponse {
        session: Some(session),
    })
}

/// What was given to prove who one is.
struct Given {
    email: Email,
    password: GivenPassword,
    device_token: Option<Token>,
}

impl TryFrom<pb::SignInRequest> for Given {
    type Error = Error;

    fn try_from(message: pb::SignInRequest) -> Result<Self, Error> {
        let mut fields = Fields::default();
        let email = fields.check("email", Email::parse(&message.email));
        let password = fields.check("password", GivenPassword::parse(message.password));
        match (email, password) {
            (Some(email), Some(password)) => Ok(Self {
                email,
                password,
                // One that is not ours names no device; the client gets a new one.
                device_token: Token::parse(&message.device_token),
            }),
            _ => Err(fields.refuse()),
        }
    }
}
