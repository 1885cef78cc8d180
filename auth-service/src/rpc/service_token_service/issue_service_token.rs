//! `IssueServiceToken`: a service's secret for an access token, for itself or, with a person's own token beside it, for
//! acting for that person (RFC 8693). What the service may is the least of what its credential holds, what the person's
//! token allows, and what was asked for.

use chassis::ClientAddress;
use chassis::deadline::Deadline;
use proto::access_token::{Audience, Scope};
use proto::auth::v1 as pb;
use tonic::{Request, Response};

use super::on_behalf::OnBehalf;
use crate::app::App;
use crate::credentials::Credential;
use crate::domain::{Client, Complaint, Counter, EventKind, Kind, SecurityEvent, SessionId, UserId};
use crate::error::{Denied, Error, Unauthenticated};
use crate::rpc::auth_service::client;
use crate::rpc::fields::Fields;
use crate::rpc::{convert, event};
use crate::signer::{ServiceToken, Signer};
use crate::store::service_tokens::NewServiceToken;
use crate::store::{self, Tx, security_events, service_tokens};

pub(super) async fn issue_service_token(
    app: &App,
    request: Request<pb::IssueServiceTokenRequest>,
) -> Result<Response<pb::IssueServiceTokenResponse>, Error> {
    let (deadline, client) = (Deadline::of(&request), client(&request));
    let address = ClientAddress::of(&request);
    let asked = Asked::try_from(request.into_inner())?;
    let Some(credential) = app.credentials.find(&asked.service, &asked.secret) else {
        // Counted after it was looked at: nobody guesses 256 bits, and a neighbour's wrong secrets must not keep a
        // service from its tokens.
        let failure = Counter::by_network(Kind::SecretFromAddress, address);
        app.throttle.count([failure]).await?;
        return Err(Error::Unauthenticated(Unauthenticated::ServiceCredentials));
    };
    let now = app.clock.now();
    let on_behalf = match &asked.subject_token {
        Some(token) => Some(OnBehalf::of(token, app, credential, now)?),
        None => None,
    };
    let scope = asked.scope(credential, on_behalf.as_ref())?;

    let id = app.entropy.uuid_v7(&app.clock);
    let end = Signer::service_token_end(now);
    let expire_time = on_behalf.as_ref().map_or(end, |person| person.end(end));
    let record = NewServiceToken {
        id,
        service: &credential.service,
        audience: asked.audience.as_str(),
        scope: &scope,
        now,
        expire_time,
    };
    let mut tx = store::begin(&app.pool, deadline).await?;
    let person = match &on_behalf {
        None => {
            service_tokens::insert(&mut tx, &record).await?;
            None
        }
        Some(on_behalf) => Some(record_for_person(app, &mut tx, &record, on_behalf, &client).await?),
    };
    tx.commit().await?;
    let token = app.signer.sign_for_service(&ServiceToken {
        service: &credential.service,
        audience: asked.audience,
        scope: &scope,
        person,
        id,
        now,
        expire_time,
    })?;
    Ok(Response::new(pb::IssueServiceTokenResponse {
        access_token: token.text,
        expire_time: Some(convert::timestamp(token.expire_time)),
    }))
}

/// Records the token with whom and in which session it is for, and tells the person of an impersonation.
async fn record_for_person(
    app: &App,
    tx: &mut Tx,
    record: &NewServiceToken<'_>,
    on_behalf: &OnBehalf,
    client: &Client,
) -> Result<(UserId, SessionId), Error> {
    let OnBehalf { person, session, .. } = *on_behalf;
    if !service_tokens::insert_for_person(tx, record, person, session).await? {
        return Err(Error::Unauthenticated(Unauthenticated::SubjectRevoked));
    }
    let sid = session.unwrap_or(SessionId(record.id));
    if session.is_none() {
        let impersonated = SecurityEvent {
            user: Some(person),
            session: Some(sid),
            actor: record.service.subject(),
            ..event::new(app, EventKind::Impersonated, client)
        };
        security_events::insert(&mut **tx, &impersonated).await?;
    }
    Ok((person, sid))
}

/// The request, well formed.
struct Asked {
    service: String,
    secret: String,
    audience: Audience,
    scopes: Vec<String>,
    subject_token: Option<String>,
}

impl TryFrom<pb::IssueServiceTokenRequest> for Asked {
    type Error = Error;

    fn try_from(message: pb::IssueServiceTokenRequest) -> Result<Self, Error> {
        let mut fields = Fields::default();
        let service = fields.check("service", given(message.service));
        let secret = fields.check("secret", given(message.secret));
        let known = [Audience::Auth, Audience::Tasks]
            .into_iter()
            .find(|audience| audience.as_str() == message.audience);
        let audience = fields.check("audience", known.ok_or("Write tandem.auth or tandem.tasks."));
        match (service, secret, audience) {
            (Some(service), Some(secret), Some(audience)) => Ok(Self {
                service,
                secret,
                audience,
                scopes: message.scopes,
                subject_token: Some(message.subject_token).filter(|token| !token.is_empty()),
            }),
            _ => Err(fields.refuse()),
        }
    }
}

impl Asked {
    /// What the token shall allow. A service acts for itself with what only services hold, and for a person with what
    /// people hold.
    fn scope(&self, credential: &Credential, on_behalf: Option<&OnBehalf>) -> Result<String, Error> {
        let may = |scope: Scope| {
            scope.audience() == self.audience
                && Scope::OF_A_PERSON.contains(&scope) == on_behalf.is_some()
                && on_behalf.is_none_or(|person| person.allows(scope))
        };
        let held: Vec<&str> = credential
            .scopes
            .iter()
            .filter(|scope| may(**scope))
            .map(|scope| scope.as_str())
            .collect();
        let beyond = self.scopes.iter().any(|asked| !held.contains(&asked.as_str()));
        if held.is_empty() || beyond {
            return Err(Error::Denied(Denied::Delegation));
        }
        let asked = |held: &&str| self.scopes.is_empty() || self.scopes.iter().any(|asked| asked == held);
        Ok(held.into_iter().filter(asked).collect::<Vec<_>>().join(" "))
    }
}

fn given(text: String) -> Result<String, Complaint> {
    (!text.is_empty()).then_some(text).ok_or("Is missing.")
}
