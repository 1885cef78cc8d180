//! What is read for several owners at once.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use uuid::Uuid;

use super::TaskRow;
use crate::domain::{ListId, Rank, RequestId, Task, TaskId};
use crate::error::Error;
use crate::owner::OwnerId;
use crate::store::transaction::{Connected, OwnersTx};
use crate::store::{count, place, uuids};

/// A task, and the place of the one who asked for it.
struct PlacedRow {
    place: Option<i64>,
    id: Uuid,
    revision: i64,
    list_id: Option<Uuid>,
    parent_id: Option<Uuid>,
    title: String,
    notes: String,
    state: i16,
    priority: Option<i16>,
    labels: Vec<String>,
    start_date: Option<NaiveDate>,
    start_time: Option<NaiveTime>,
    start_zone: Option<String>,
    due_date: Option<NaiveDate>,
    due_time: Option<NaiveTime>,
    due_zone: Option<String>,
    rrule: Option<String>,
    recurrence_basis: Option<i16>,
    occurrence_number: i32,
    rank: String,
    create_time: DateTime<Utc>,
    update_time: DateTime<Utc>,
    complete_time: Option<DateTime<Utc>>,
    delete_time: Option<DateTime<Utc>>,
    purge_time: Option<DateTime<Utc>>,
    deletion_id: Option<Uuid>,
}

impl PlacedRow {
    fn into_task(self) -> Result<(usize, Task), Error> {
        let place = place(self.place)?;
        let task = Task::try_from(TaskRow {
            id: self.id,
            revision: self.revision,
            list_id: self.list_id,
            parent_id: self.parent_id,
            title: self.title,
            notes: self.notes,
            state: self.state,
            priority: self.priority,
            labels: self.labels,
            start_date: self.start_date,
            start_time: self.start_time,
            start_zone: self.start_zone,
            due_date: self.due_date,
            due_time: self.due_time,
            due_zone: self.due_zone,
            rrule: self.rrule,
            recurrence_basis: self.recurrence_basis,
            occurrence_number: self.occurrence_number,
            rank: self.rank,
            create_time: self.create_time,
            update_time: self.update_time,
            complete_time: self.complete_time,
            delete_time: self.delete_time,
            purge_time: self.purge_time,
            deletion_id: self.deletion_id,
        })?;
        Ok((place, task))
    }
}

/// The tasks of these ids, each of its owner, in the order in which they are asked for. The function says itself whose rows
/// exist (see the migration), and fails with [`Error::OwnerPurged`] when one of the owners is a tombstone.
pub(crate) async fn find_of_owners(
    tx: &mut impl Connected,
    people: &[OwnerId],
    ids: &[TaskId],
) -> Result<Vec<Option<Task>>, Error> {
    let owners = uuids(people.iter().copied());
    let ids: Vec<_> = ids.iter().map(|id| id.0).collect();
    let rows = sqlx::query_as!(
        PlacedRow,
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
        let (place, task) = row.into_task()?;
        found[place] = Some(task);
    }
    Ok(found)
}

/// Tasks of owners' own orders, each behind a place and so many at the most, without those in the trash. The function says
/// itself whose rows exist, as the one above.
pub(crate) async fn list_of_owners(
    tx: &mut impl Connected,
    asked: &[(OwnerId, Stretch)],
) -> Result<Vec<Vec<Task>>, Error> {
    let owners = uuids(asked.iter().map(|(owner, _)| *owner));
    let stretches = || asked.iter().map(|(_, stretch)| stretch);
    let ranks: Vec<_> = stretches().map(Stretch::rank).collect();
    let ids: Vec<_> = stretches().map(Stretch::id).collect();
    let limits: Result<Vec<_>, _> = stretches().map(|stretch| count(stretch.limit)).collect();
    let rows = sqlx::query_as!(
        PlacedRow,
        r#"SELECT place, id AS "id!", revision AS "revision!", list_id, parent_id, title AS "title!", notes AS "notes!",
                  state AS "state!", priority, labels AS "labels!", start_date, start_time, start_zone, due_date,
                  due_time, due_zone, rrule, recurrence_basis, occurrence_number AS "occurrence_number!",
                  rank AS "rank!", create_time AS "create_time!", update_time AS "update_time!", complete_time,
                  delete_time, purge_time, deletion_id
           FROM list_tasks($1, $2, $3, $4)"#,
        &owners,
        &ranks as &[&str],
        &ids,
        &limits?
    )
    .fetch_all(tx.connection())
    .await?;
    let mut found: Vec<_> = stretches()
        .map(|stretch| Vec::with_capacity(stretch.limit))
        .collect();
    for row in rows {
        let (place, task) = row.into_task()?;
        found[place].push(task);
    }
    Ok(found)
}

/// A part of an owner's own order.
#[derive(Debug, Clone)]
pub(crate) struct Stretch {
    /// Behind which rank and id; `None`: from the beginning.
    pub(crate) after: Option<(String, TaskId)>,
    /// How many at the most.
    pub(crate) limit: usize,
}

impl Stretch {
    // Every rank comes behind none.
    fn rank(&self) -> &str {
        self.after.as_ref().map_or("", |(rank, _)| rank)
    }

    fn id(&self) -> Uuid {
        self.after.as_ref().map_or(Uuid::nil(), |(_, id)| id.0)
    }
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
