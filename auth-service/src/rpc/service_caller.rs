//! Who may call what is for services alone. A signature is never enough here: whoever verifies HS256 tokens could also
//! sign one, so a service's token counts for what was recorded when it was given out.

use chrono::TimeDelta;
use proto::access_token::{Audience, Caller, LEEWAY_SECONDS, Scope, Subject};
use uuid::Uuid;

use crate::app::App;
use crate::domain::ServiceName;
use crate::error::{Denied, Error, Unauthenticated};
use crate::store::service_tokens;

/// The service that calls for itself, with a recorded token that allows this.
///
/// # Errors
///
/// CALLER_NOT_ALLOWED for a person or a service that acts for one, TOKEN_INVALID for a token that was not given out
/// here, SCOPE_MISSING.
pub(super) async fn require(app: &App, caller: &Caller, scope: Scope) -> Result<ServiceName, Error> {
    let name = match caller.subject() {
        Subject::Service(name) if caller.actor().is_none() => name,
        _ => return Err(Error::Denied(Denied::CallerNoService)),
    };
    let unknown = Error::Unauthenticated(Unauthenticated::ServiceToken);
    let (Ok(name), Ok(id)) = (ServiceName::parse(name), Uuid::try_parse(caller.token_id())) else {
        return Err(unknown);
    };
    // The verifier has allowed that much, and a token must not expire twice.
    let now = app.clock.now() - TimeDelta::seconds(LEEWAY_SECONDS);
    let recorded = service_tokens::find_scope(&app.pool, id, &name, Audience::Auth.as_str(), now).await?;
    let allowed = recorded.ok_or(unknown)?;
    if allowed.split(' ').all(|held| held != scope.as_str()) {
        return Err(Error::Denied(Denied::Scope(scope)));
    }
    Ok(name)
}
