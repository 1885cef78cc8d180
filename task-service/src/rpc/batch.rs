//! What the batch methods share (AIP-231 to 235): how large a batch may be, and which of its members a fault is of.

use prost::Message;
use proto::tasks::v1 as pb;
use uuid::Uuid;

use super::convert;
use super::fields::Fields;
use crate::domain::{RequestId, Task, TaskId};
use crate::error::{BatchPart, Error, Missing};
use crate::store::{OwnerTx, tasks};

/// Members of a batch.
const MEMBERS_LIMIT: usize = 1000;
/// Of a request, and of a reply, which stays so below the limit of a message.
const LIMIT_BYTES: usize = 3 * 1024 * 1024;

/// Refuses a batch that is too large to be looked at.
pub(super) fn check_size(message: &impl Message, members: usize) -> Result<(), Error> {
    if members > MEMBERS_LIMIT {
        return Err(Error::BatchTooLarge(BatchPart::Members));
    }
    if message.encoded_len() > LIMIT_BYTES {
        return Err(Error::BatchTooLarge(BatchPart::Request));
    }
    Ok(())
}

/// The members, each read by `parse`, with the faults of all of them.
pub(super) fn parse_members<M, T>(
    members: &[M],
    parse: impl Fn(&mut Fields, &M) -> Option<T>,
) -> Result<Vec<T>, Error> {
    let mut fields = Fields::default();
    let parsed = read_members(&mut fields, members, parse);
    fields.finish(Some(parsed))
}

/// The same for a batch that writes: only the whole of it has a request id.
pub(super) fn parse_writes<M, T>(
    members: &[M],
    request_id: &str,
    own_request_id: impl Fn(&M) -> &str,
    parse: impl Fn(&mut Fields, &M) -> Option<T>,
) -> Result<(Vec<T>, Option<RequestId>), Error> {
    let mut fields = Fields::default();
    let request_id = fields.check("request_id", RequestId::parse(request_id));
    let parsed = read_members(&mut fields, members, |fields, member| {
        if !own_request_id(member).is_empty() {
            fields.fault(
                "request_id",
                "A member of a batch has no request_id of its own; give one for the whole batch.",
            );
        }
        parse(fields, member)
    });
    fields.finish(request_id.map(|request_id| (parsed, request_id)))
}

fn read_members<M, T>(
    fields: &mut Fields,
    members: &[M],
    parse: impl Fn(&mut Fields, &M) -> Option<T>,
) -> Vec<T> {
    if members.is_empty() {
        fields.fault("requests", "The batch is empty; give 1 to 1,000 requests.");
    }
    let parsed = members.iter().enumerate();
    let parsed = parsed.filter_map(|(index, member)| fields.of_member(index, |fields| parse(fields, member)));
    parsed.collect()
}

/// The tasks as they go to the client.
pub(super) fn reply(tasks: impl IntoIterator<Item = Task>) -> Result<Vec<pb::Task>, Error> {
    let mut bytes = 0;
    let reply = tasks.into_iter().map(|task| {
        let task = convert::task(task);
        // Its tag, and its length of up to 16 KiB and some more.
        bytes += task.encoded_len() + 4;
        match bytes > LIMIT_BYTES {
            true => Err(Error::BatchTooLarge(BatchPart::Reply)),
            false => Ok(task),
        }
    });
    reply.collect()
}

/// The tasks of these ids in this order, whatever happened to them since they were named.
pub(super) async fn find_all(tx: &mut OwnerTx, ids: &[Uuid]) -> Result<Vec<Task>, Error> {
    let found = tasks::find_many(tx, ids).await?;
    let all = ids.iter().enumerate().map(|(index, id)| {
        let task = found.get(&TaskId(*id)).cloned();
        task.ok_or_else(|| Error::NotFound(Missing::Task).of_member(index))
    });
    all.collect()
}
