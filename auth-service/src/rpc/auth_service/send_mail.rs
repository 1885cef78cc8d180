//! `SendEmailVerification` and `SendPasswordReset`: mails that anybody can ask for. Both write the same row for every
//! email and look at no account, so neither answer nor time tells who has one.

use chassis::ClientAddress;
use proto::auth::v1 as pb;
use tonic::{Request, Response};

use super::session;
use crate::app::App;
use crate::domain::{Email, MailKind};
use crate::error::Error;
use crate::rpc::fields::Fields;
use crate::rpc::mail;

pub(super) async fn send_email_verification(
    app: &App,
    request: Request<pb::SendEmailVerificationRequest>,
) -> Result<Response<pb::SendEmailVerificationResponse>, Error> {
    send(
        app,
        MailKind::EmailVerification,
        &request,
        &request.get_ref().email,
    )
    .await?;
    Ok(Response::new(pb::SendEmailVerificationResponse {}))
}

pub(super) async fn send_password_reset(
    app: &App,
    request: Request<pb::SendPasswordResetRequest>,
) -> Result<Response<pb::SendPasswordResetResponse>, Error> {
    send(app, MailKind::PasswordReset, &request, &request.get_ref().email).await?;
    Ok(Response::new(pb::SendPasswordResetResponse {}))
}

async fn send<T>(app: &App, kind: MailKind, request: &Request<T>, email: &str) -> Result<(), Error> {
    let mut fields = Fields::default();
    let email = fields.check("email", Email::parse(email));
    let email = fields.finish(email)?;
    mail::require(app)?;
    mail::count(app, &email, ClientAddress::of(request)).await?;
    mail::ask(app, kind, &email, &session::client(request)).await
}
