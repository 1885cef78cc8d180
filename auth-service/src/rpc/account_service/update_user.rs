//! `UpdateUser`: the masked fields of the caller's account and no others (AIP-134).

use chassis::deadline::Deadline;
use proto::auth::v1 as pb;
use tonic::{Request, Response, Status};

use crate::app::App;
use crate::domain::{DisplayName, EventKind};
use crate::error::Error;
use crate::rpc::auth_service::client;
use crate::rpc::convert;
use crate::rpc::fields::Fields;
use crate::rpc::person::Person;
use crate::store::{self, security_events, users};

/// What exists and may not be named, since the server sets it.
const NOT_HERE: [&str; 7] = [
    "id",
    "email_verified",
    "role",
    "create_time",
    "update_time",
    "disable_time",
    "purge_time",
];

pub(super) async fn update_user(
    app: &App,
    request: Request<pb::UpdateUserRequest>,
) -> Result<Response<pb::User>, Status> {
    let (caller, deadline, client) = (Person::of(&request)?, Deadline::of(&request), client(&request));
    let now = app.clock.now();
    let mut tx = store::begin(&app.pool, deadline).await?;
    // Whoever has no session learns nothing, not even what is wrong with the request.
    let mut user = caller.lock(&mut tx, now).await?;
    let wanted = parse(&request.into_inner())?;
    if let Some(name) = wanted.filter(|name| name.as_str() != user.display_name) {
        users::update_display_name(&mut tx, user.id, &name, now).await?;
        let changed = caller.event(app, EventKind::ProfileChanged, &client);
        security_events::insert(&mut *tx, &changed).await?;
        user.display_name = name.as_str().to_owned();
        user.update_time = now;
        tx.commit().await.map_err(Error::from)?;
    }
    Ok(Response::new(convert::user(user)))
}

/// The new display name, if it is to change.
fn parse(message: &pb::UpdateUserRequest) -> Result<Option<DisplayName>, Error> {
    let mut fields = Fields::default();
    let Some(user) = &message.user else {
        fields.fault("user", "The user is missing; give one with the fields to change.");
        return Err(fields.refuse());
    };
    let paths = message.update_mask.as_ref().map_or(&[][..], |mask| &mask.paths);
    for path in paths {
        match path.as_str() {
            "display_name" => {}
            "*" if paths.len() == 1 => {}
            "*" => fields.fault("update_mask", "* means every field; send it alone."),
            "email" => fields.fault("update_mask", "The email is changed with ChangeEmail."),
            path if NOT_HERE.contains(&path) => {
                fields.fault(
                    "update_mask",
                    "A named field cannot be changed; name display_name.",
                );
            }
            _ => fields.fault("update_mask", "A path is not known; name display_name."),
        }
    }
    let named = match paths {
        [] => !user.display_name.is_empty(),
        paths => paths.iter().any(|path| path == "display_name" || path == "*"),
    };
    let name = match named {
        true => fields
            .check("user.display_name", DisplayName::parse(&user.display_name))
            .map(Some),
        false => Some(None),
    };
    fields.finish(name)
}
