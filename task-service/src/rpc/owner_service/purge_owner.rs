//! `PurgeOwner`: a tombstone in the place of a person, then everything they have, in bounded steps. Whatever ends it half
//! way, the next call goes on.

use chassis::deadline::Deadline;
use chrono::TimeDelta;
use proto::access_token::LEEWAY_SECONDS;
use proto::tasks::v1 as pb;
use tonic::Request;

use crate::app::App;
use crate::deletions::Why;
use crate::domain::PersonId;
use crate::error::Error;
use crate::owner::PurgeGrant;
use crate::rpc::fields::Fields;
use crate::store::{OwnerTx, owners};

/// How long an access token lives at the most; auth-service decides it, and the contract states it.
const LONGEST_TOKEN_LIFE: TimeDelta = TimeDelta::minutes(10);
/// Clocks that are wrong, a call in flight, a service that restores a backup.
const MARGIN: TimeDelta = TimeDelta::hours(1);
/// A tombstone stands until no token of the person is good any more.
const TOMBSTONE_LIFE: TimeDelta =
    TimeDelta::seconds(LONGEST_TOKEN_LIFE.num_seconds() + LEEWAY_SECONDS + MARGIN.num_seconds());

pub(super) async fn purge_owner(
    app: &App,
    grant: &PurgeGrant,
    request: Request<pb::PurgeOwnerRequest>,
) -> Result<pb::PurgeOwnerResponse, Error> {
    let deadline = Deadline::of(&request);
    let mut fields = Fields::default();
    let person = fields.check("owner_id", PersonId::parse(&request.get_ref().owner_id));
    let owner = grant.over(fields.finish(person)?);

    // Committed by itself, so that it stands although the first step does not end in time.
    let mut tx = OwnerTx::begin_deleting(&app.pool, owner, deadline).await?;
    owners::bury(&mut tx, app.clock.now() + TOMBSTONE_LIFE).await?;
    tx.commit().await?;

    let limit = app.deletions.rows_per_step();
    for _ in 0..app.deletions.steps_per_call() {
        let mut tx = OwnerTx::begin_deleting(&app.pool, owner, deadline).await?;
        owners::lock_to_delete(&mut tx).await?;
        let rows = owners::delete_belongings(&mut tx, limit).await?;
        tx.commit().await?;
        app.deletions.count(Why::Account, rows.unsigned_abs());
        if rows < limit {
            return Ok(pb::PurgeOwnerResponse { done: true });
        }
    }
    Ok(pb::PurgeOwnerResponse { done: false })
}
