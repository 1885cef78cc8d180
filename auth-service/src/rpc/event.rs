//! How a method records what happened, and how a page of it is read again.

use proto::auth::v1 as pb;
use proto::auth::v1::security_event::Kind;
use uuid::Uuid;

use super::convert;
use super::page::Page;
use crate::app::App;
use crate::domain::{Client, EventKind, SecurityEvent, UserId};
use crate::error::Error;
use crate::store::security_events::{self, StoredEvent};

/// An event of this moment, to be completed with whose account, which session and who did it.
pub(super) fn new(app: &App, kind: EventKind, client: &Client) -> SecurityEvent {
    SecurityEvent {
        id: app.entropy.uuid_v7(&app.clock),
        kind,
        user: None,
        session: None,
        client: client.clone(),
        actor: String::new(),
        create_time: app.clock.now(),
    }
}

/// A page of the events of one account, or of all. `asker` is whom the page token belongs to.
pub(super) async fn list(
    app: &App,
    asker: UserId,
    about: Option<UserId>,
    page: &pb::ListSecurityEventsRequest,
) -> Result<pb::ListSecurityEventsResponse, Error> {
    let about_text = about.map_or_else(String::new, |user| user.0.to_string());
    let bound = [asker.0.to_string(), "security events".to_owned(), about_text];
    let page = Page::<Uuid>::read(app, &bound, page.page_size, &page.page_token)?;
    let events = security_events::list(&app.pool, about, page.after, page.limit()).await?;
    let (events, next_page_token) = page.cut(app, &bound, events, |event| event.id)?;
    Ok(pb::ListSecurityEventsResponse {
        security_events: events.into_iter().map(convert_event).collect(),
        next_page_token,
    })
}

/// An event for the wire.
pub(super) fn convert_event(event: StoredEvent) -> pb::SecurityEvent {
    let text = |id: Option<Uuid>| id.map_or_else(String::new, |id| id.to_string());
    pb::SecurityEvent {
        id: event.id.to_string(),
        kind: kind(&event.kind).into(),
        create_time: Some(convert::timestamp(event.create_time)),
        user_id: text(event.user_id),
        session_id: text(event.session_id),
        ip_address: event.ip_address,
        user_agent: event.user_agent,
        actor: event.actor,
    }
}

/// As the person may see it whose account it is about: nobody learns another's id, be it an administrator's.
pub(super) fn for_its_person(mut event: pb::SecurityEvent) -> pb::SecurityEvent {
    if Uuid::try_parse(&event.actor).is_ok() {
        event.actor = "administrator".to_owned();
    }
    event
}

fn kind(stored: &str) -> Kind {
    Kind::from_str_name(&format!("KIND_{}", stored.to_uppercase())).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_that_is_written_can_be_read_and_the_other_way_round() {
        for written in EventKind::ALL {
            assert_ne!(kind(written.as_str()), Kind::Unspecified, "{written:?}");
        }
        let known = (1..100).filter(|number| Kind::try_from(*number).is_ok()).count();
        assert_eq!(known, EventKind::ALL.len());
    }
}
