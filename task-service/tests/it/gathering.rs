//! Calls that are worked on together: that they are, and that nobody gets more, less or anything else by it.

use futures_util::future::join_all;
use proto::errors::v1::ErrorReason;
use proto::tasks::v1 as pb;
use sqlx::postgres::PgConnection;
use sqlx::{Connection as _, Executor as _};
use tonic::{Code, Status};
use uuid::Uuid;

use crate::harness::{Person, Service, assert_refused, titled, uuid};

const PEOPLE: usize = 24;

fn owner(number: usize) -> Uuid {
    Uuid::from_u128(0xa11ce + number as u128)
}

/// People who have a task each.
async fn settle(service: &Service) -> Vec<(Person<'_>, pb::Task)> {
    let people = (0..PEOPLE).map(async |number| {
        let person = service.person_of(owner(number));
        let first = person.create(titled("First")).await.expect("made");
        (person, first)
    });
    join_all(people).await
}

/// Does what all of them ask for while nobody can get at a table, until statements wait for it; the first calls wait with a
/// statement each, and those behind them for these.
async fn at_once<T>(
    service: &Service,
    calls: impl IntoIterator<Item = impl Future<Output = Result<T, Status>>>,
) -> Vec<Result<T, Status>> {
    let mut stopped = PgConnection::connect(&service.database.url())
        .await
        .expect("a connection");
    stopped
        .execute("BEGIN; LOCK TABLE tasks IN ACCESS EXCLUSIVE MODE")
        .await
        .expect("locked");
    let release = async {
        until_something_waits(service).await;
        stopped.execute("ROLLBACK").await.expect("released");
    };
    tokio::join!(join_all(calls), release).0
}

async fn until_something_waits(service: &Service) {
    let waiting = "SELECT count(*) FROM pg_stat_activity
         WHERE wait_event_type = 'Lock' AND datname = current_database()";
    let pool = service.database.pool();
    let count = async || -> i64 {
        let count = sqlx::query_scalar(waiting).fetch_one(&pool);
        count.await.expect("a count")
    };
    while count().await < 1 {
        tokio::task::yield_now().await;
    }
}

/// How many transactions stored the tasks of such titles.
async fn commits(service: &Service, titles: &str) -> i64 {
    sqlx::query_scalar("SELECT count(DISTINCT xmin::text) FROM tasks WHERE title LIKE $1")
        .bind(titles)
        .fetch_one(&service.database.pool())
        .await
        .expect("a count")
}

fn create(number: usize) -> pb::CreateTaskRequest {
    pb::CreateTaskRequest {
        request_id: uuid(number as u128 + 1),
        ..titled(&format!("Of {number}"))
    }
}

fn rename(task: &pb::Task, title: &str) -> pb::UpdateTaskRequest {
    pb::UpdateTaskRequest {
        task: Some(pb::Task {
            title: title.to_owned(),
            ..task.clone()
        }),
        update_mask: Some(prost_types::FieldMask {
            paths: vec!["title".to_owned()],
        }),
        ..Default::default()
    }
}

async fn update(person: &Person<'_>, message: pb::UpdateTaskRequest) -> Result<pb::Task, Status> {
    let updated = person.client().update_task(person.request(message)).await;
    updated.map(tonic::Response::into_inner)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_many_create_at_the_same_moment_is_few_commits_and_each_has_their_own() {
    let service = Service::start().await;
    let people = settle(&service).await;
    let creates = people
        .iter()
        .enumerate()
        .map(|(number, (person, _))| person.create(create(number)));
    let made = at_once(&service, creates).await;
    for (number, ((person, _), made)) in people.iter().zip(made).enumerate() {
        let made = made.expect("made");
        assert_eq!(person.get(&made.id).await.expect("read"), made);
        let titles: Vec<_> = person
            .list_all()
            .await
            .into_iter()
            .map(|task| task.title)
            .collect();
        assert_eq!(
            titles,
            ["First", &format!("Of {number}")],
            "at the end of their own order"
        );
        let repeated = person.create(create(number)).await;
        assert_eq!(repeated.expect("told"), made, "repeated, it is not made again");
    }
    let commits = commits(&service, "Of %").await;
    assert!(commits < PEOPLE as i64 / 2, "{commits} commits");
    service.assert_counts_are_right().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_many_change_at_the_same_moment_is_few_commits_and_each_changes_their_own() {
    let service = Service::start().await;
    let people = settle(&service).await;
    let updates = people
        .iter()
        .enumerate()
        .map(|(number, (person, first))| update(person, rename(first, &format!("Of {number}"))));
    let updated = at_once(&service, updates).await;
    for (number, ((person, first), updated)) in people.iter().zip(updated).enumerate() {
        let updated = updated.expect("updated");
        assert_eq!(updated.title, format!("Of {number}"));
        assert_ne!(updated.etag, first.etag);
        assert_eq!(person.list_all().await, [updated]);
    }
    let commits = commits(&service, "Of %").await;
    assert!(commits < PEOPLE as i64 / 2, "{commits} commits");
    service.assert_counts_are_right().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_reads_with_others_reads_their_own() {
    let service = Service::start().await;
    let people = settle(&service).await;
    // Everybody asks for their own task and for that of the next.
    let asked = people
        .iter()
        .zip(people.iter().cycle().skip(1))
        .flat_map(|((person, own), (_, others))| [person.get(&own.id), person.get(&others.id)]);
    let read = at_once(&service, asked).await;
    for (read, (_, own)) in read.chunks(2).zip(&people) {
        assert_eq!(read[0].as_ref().expect("their own"), own);
        assert_refused(read[1].clone(), Code::NotFound, ErrorReason::NotFound);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_plain_is_read_by_the_role_that_reads_for_many_and_all_else_by_the_persons_own() {
    let service = Service::start().await;
    let alice = service.person_of(owner(0));
    let first = alice.create(titled("First")).await.expect("made");
    sqlx::query("REVOKE SELECT ON tasks FROM tandem_tasks_person")
        .execute(&service.database.pool())
        .await
        .expect("revoked");
    let list = |filter: &str| {
        alice.list(pb::ListTasksRequest {
            filter: filter.to_owned(),
            ..Default::default()
        })
    };
    assert_eq!(alice.get(&first.id).await.expect("read"), first);
    assert_eq!(list("").await.expect("a page").tasks, [first]);
    assert_eq!(
        list("state = OPEN").await.expect_err("refused").code(),
        Code::Internal
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn who_lists_with_others_gets_page_after_page_of_their_own_and_a_tombstone_fails_alone() {
    let service = Service::start().await;
    let people = settle(&service).await;
    for (number, (person, first)) in people.iter().enumerate() {
        // Each has one more than the one before, and the first task in the trash.
        for place in 0..number {
            person
                .create(titled(&format!("{place} of {number}")))
                .await
                .expect("made");
        }
        person.delete(&first.id).await.expect("in the trash");
    }
    let gone = service.person_of(owner(PEOPLE));
    let purged = service.purger().purge(&owner(PEOPLE).to_string()).await;
    assert!(purged.expect("purged"));
    let page = |page_token: String| pb::ListTasksRequest {
        page_size: 20,
        page_token,
        ..Default::default()
    };
    let lists = people.iter().map(|(person, _)| person.list(page(String::new())));
    let listed = at_once(&service, lists.chain([gone.list(page(String::new()))])).await;
    for (number, listed) in listed.into_iter().enumerate() {
        if number == PEOPLE {
            assert_refused(listed, Code::Unauthenticated, ErrorReason::TokenRevoked);
            continue;
        }
        let first = listed.expect("a page");
        let mut titles: Vec<_> = first.tasks.into_iter().map(|task| task.title).collect();
        assert_eq!(titles.len(), number.min(20));
        assert_eq!(first.next_page_token.is_empty(), number <= 20);
        if number > 20 {
            let rest = people[number].0.list(page(first.next_page_token)).await;
            titles.extend(rest.expect("the rest").tasks.into_iter().map(|task| task.title));
        }
        let own: Vec<_> = (0..number).map(|place| format!("{place} of {number}")).collect();
        assert_eq!(titles, own, "in their own order");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_cannot_create_fails_alone() {
    let service = Service::start_with(&[("TANDEM_TASKS_LIMIT_TASKS", "2")]).await;
    let people = settle(&service).await;
    // One is at the limit, one names a list that is not there, one repeats another request, one is gone.
    people[0].0.create(titled("Second")).await.expect("made");
    people[2].0.create(create(99)).await.expect("made");
    let gone = service.person_of(owner(PEOPLE));
    let creates = people.iter().enumerate().map(|(number, (person, _))| {
        let mut request = create(number);
        match number {
            1 => request.task.as_mut().expect("a task").list_id = uuid(7),
            2 => request.request_id = create(99).request_id,
            _ => {}
        }
        person.create(request)
    });
    assert!(
        service
            .purger()
            .purge(&owner(PEOPLE).to_string())
            .await
            .expect("purged")
    );
    let made = at_once(&service, creates.chain([gone.create(create(0))])).await;
    for (number, made) in made.into_iter().enumerate() {
        let refusal = match number {
            0 => (Code::ResourceExhausted, ErrorReason::QuotaExceeded),
            1 => (Code::NotFound, ErrorReason::NotFound),
            2 => (Code::AlreadyExists, ErrorReason::RequestIdReused),
            PEOPLE => (Code::Unauthenticated, ErrorReason::TokenRevoked),
            _ => {
                made.expect("made");
                continue;
            }
        };
        assert_refused(made, refusal.0, refusal.1);
    }
    service.assert_counts_are_right().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_cannot_change_fails_alone() {
    let service = Service::start().await;
    let people = settle(&service).await;
    people[1].0.delete(&people[1].1.id).await.expect("in the trash");
    let updates = people.iter().enumerate().map(|(number, (person, first))| {
        let mut request = rename(first, &format!("Of {number}"));
        let task = request.task.as_mut().expect("a task");
        match number {
            0 => task.etag = "r999".to_owned(),
            1 => task.etag.clear(),
            // Another person's.
            2 => task.id.clone_from(&people[3].1.id),
            _ => {}
        }
        update(person, request)
    });
    let updated = at_once(&service, updates).await;
    for (number, updated) in updated.into_iter().enumerate() {
        let refusal = match number {
            0 => (Code::Aborted, ErrorReason::EtagMismatch),
            1 => (Code::FailedPrecondition, ErrorReason::Deleted),
            2 => (Code::NotFound, ErrorReason::NotFound),
            _ => {
                assert_eq!(updated.expect("updated").title, format!("Of {number}"));
                continue;
            }
        };
        assert_refused(updated, refusal.0, refusal.1);
    }
    service.assert_counts_are_right().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_held_up_holds_nobody_else_up() {
    let service = Service::start().await;
    let people = settle(&service).await;
    let (held, _) = &people[0];
    let mut holder = PgConnection::connect(&service.database.url())
        .await
        .expect("a connection");
    holder.execute("BEGIN").await.expect("begun");
    sqlx::query("SELECT revision FROM owners WHERE owner_id = $1 FOR UPDATE")
        .bind(owner(0))
        .execute(&mut holder)
        .await
        .expect("held");
    let others = people[1..].iter().enumerate();
    let others = others.map(|(number, (person, _))| person.create(create(number)));
    let release = async {
        // More than one batch of everybody else's.
        for made in join_all(others).await {
            made.expect("made");
        }
        holder.execute("ROLLBACK").await.expect("released");
    };
    let (made, ()) = tokio::join!(held.create(create(0)), release);
    made.expect("made, in the end");
}
