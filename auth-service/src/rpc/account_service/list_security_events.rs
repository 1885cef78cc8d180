//! `ListSecurityEvents`: what happened to the caller's account.

use proto::auth::v1 as pb;
use tonic::{Request, Response, Status};

use crate::app::App;
use crate::rpc::event;
use crate::rpc::person::Person;

pub(super) async fn list_security_events(
    app: &App,
    request: Request<pb::ListSecurityEventsRequest>,
) -> Result<Response<pb::ListSecurityEventsResponse>, Status> {
    let person = Person::of(&request)?;
    person.account(app).await?;
    let mut reply = event::list(app, person.id, Some(person.id), request.get_ref()).await?;
    let events = std::mem::take(&mut reply.security_events);
    reply.security_events = events.into_iter().map(event::for_its_person).collect();
    Ok(Response::new(reply))
}
