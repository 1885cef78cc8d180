//! What is read for several owners at once.

use uuid::Uuid;

use super::TaskRow;
use crate::domain::{ListId, Rank, RequestId, Task, TaskId};
use crate::error::Error;
use crate::owner::OwnerId;
use crate::store::transaction::{Connected, OwnersTx};
use crate::store::{place, uuids};

/// The tasks of these ids, each of its owner, in the order in which they are asked for. The function says itself whose rows
/// exist (see the migration), and fails with [`Error::OwnerPurged`] when one of the owners is a tombstone.
pub(crate) async fn find_of_owners(
    tx: &mut impl Connected,
    people: &[OwnerId],
    ids: &[TaskId],
) -> Result<Vec<Option<Task>>, Error> {
    let owners = uuids(people.iter().copied());
    let ids: Vec<_> = ids.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        r#"SELECT place, id AS "id!", revision AS "revision!", list_id, parent_id, title AS "title!", notes AS "notes!",
                  state AS "state!", priority, labels AS "labels!", start_date, start_time, start_zone, due_date,
                  due_time, due_zone, rrule, recurrence_basis, occurrence_number AS "occurrence_number!",
                  rank AS "rank!", create_time AS "create_time!", update_time AS "update_time!", complete_time,
                  delete_time, purge_time, deletion_id
           FROM find_tasks($1, $2)"#,
        &owners,
        &ids
    )
    .fetch_all(tx.connection())
    .await?;
    let mut found = vec![None; people.len()];
    for row in rows {
        let place = place(row.place)?;
        let task = Task::try_from(TaskRow {
            id: row.id,
            revision: row.revision,
            list_id: row.list_id,
            parent_id: row.parent_id,
            title: row.title,
            notes: row.notes,
            state: row.state,
            priority: row.priority,
            labels: row.labels,
            start_date: row.start_date,
            start_time: row.start_time,
            start_zone: row.start_zone,
            due_date: row.due_date,
            due_time: row.due_time,
            due_zone: row.due_zone,
            rrule: row.rrule,
            recurrence_basis: row.recurrence_basis,
            occurrence_number: row.occurrence_number,
            rank: row.rank,
            create_time: row.create_time,
            update_time: row.update_time,
            complete_time: row.complete_time,
            delete_time: row.delete_time,
            purge_time: row.purge_time,
            deletion_id: row.deletion_id,
        })?;
        found[place] = Some(task);
    }
    Ok(found)
}

/// What somebody's new task meets.
#[derive(Debug)]
pub(crate) struct Ground {
    /// The last place in the owner's order.
    pub(crate) last_rank: Option<Rank>,
    /// Whether the list, if it names one, is there and not in the trash.
    pub(crate) has_list: bool,
    /// Whether its request id was used before.
    pub(crate) is_repeated: bool,
}

/// What new tasks meet, one of each owner, in the order in which they are asked for. The owners must be locked.
pub(crate) async fn find_grounds(
    tx: &mut OwnersTx,
    asked: &[(OwnerId, Option<RequestId>, Option<ListId>)],
) -> Result<Vec<Ground>, Error> {
    let owners = uuids(asked.iter().map(|(owner, ..)| *owner));
    let requests: Vec<_> = asked.iter().map(|(_, id, _)| id.map(|id| id.0)).collect();
    let lists: Vec<_> = asked.iter().map(|(.., id)| id.map(|id| id.0)).collect();
    let rows = sqlx::query!(
        r#"SELECT (SELECT tasks.rank FROM tasks WHERE tasks.owner_id = asked.owner_id
                   ORDER BY tasks.rank DESC, tasks.id DESC LIMIT 1) AS last_rank,
                  asked.list_id IS NULL OR lists.id IS NOT NULL AS "has_list!",
                  requests.request_id IS NOT NULL AS "is_repeated!"
           FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) WITH ORDINALITY
                AS asked (owner_id, request_id, list_id, place)
           LEFT JOIN requests ON requests.owner_id = asked.owner_id AND requests.request_id = asked.request_id
           LEFT JOIN lists ON lists.owner_id = asked.owner_id AND lists.id = asked.list_id AND lists.delete_time IS NULL
           ORDER BY asked.place"#,
        &owners,
        &requests as &[Option<Uuid>],
        &lists as &[Option<Uuid>]
    )
    .fetch_all(tx.connection())
    .await?;
    let grounds = rows.into_iter().map(|row| Ground {
        last_rank: row.last_rank.map(Rank::stored),
        has_list: row.has_list,
        is_repeated: row.is_repeated,
    });
    Ok(grounds.collect())
}
