//! `ChangeEmail`: asks for another email. The code goes to the new address, and nothing changes before it comes back to
//! `VerifyEmail`. Whether somebody has the address is looked at when the mail is sent, so the answer does not tell.

use chassis::ClientAddress;
use chassis::deadline::Deadline;
use proto::auth::v1 as pb;
use tonic::{Request, Response, Status};

use super::confirm;
use crate::app::App;
use crate::domain::{Email, EventKind, GivenPassword, MailKind};
use crate::error::Error;
use crate::rpc::auth_service::client;
use crate::rpc::fields::Fields;
use crate::rpc::mail;
use crate::rpc::person::Person;
use crate::store::security_events;

const PASSWORD: &str = "password";

pub(super) async fn change_email(
    app: &App,
    request: Request<pb::ChangeEmailRequest>,
) -> Result<Response<pb::ChangeEmailResponse>, Status> {
    let (caller, deadline, client) = (Person::of(&request)?, Deadline::of(&request), client(&request));
    let address = ClientAddress::of(&request);
    caller.account(app).await?;
    let (email, password) = parse(request.into_inner())?;
    mail::require(app)?;
    let confirmed = confirm::check(app, &caller, &client, PASSWORD, password).await?;
    mail::count(app, &email, address).await?;

    let (mut tx, user) = confirmed.begin(deadline).await?;
    mail::tell(
        app,
        &mut tx,
        MailKind::EmailChange,
        user.id,
        email.as_typed(),
        &client,
    )
    .await?;
    let asked = caller.event(app, EventKind::EmailChangeRequested, &client);
    security_events::insert(&mut *tx, &asked).await?;
    tx.commit().await.map_err(Error::from)?;
    app.mailer.wake();
    Ok(Response::new(pb::ChangeEmailResponse {}))
}

fn parse(message: pb::ChangeEmailRequest) -> Result<(Email, GivenPassword), Error> {
    let mut fields = Fields::default();
    let email = fields.check("new_email", Email::parse(&message.new_email));
    let password = fields.check(PASSWORD, GivenPassword::parse(message.password));
    fields.finish(email.zip(password))
}
