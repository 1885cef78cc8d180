//! Another person's task does not exist: shown for every method and every field that names something, as the contract's
//! own descriptors list them. A method or a field that comes later is tested by itself, and fails until it is right.

pub(crate) mod requests;

use std::collections::BTreeSet;

use proto::errors::v1::ErrorReason;
use proto::tasks::v1 as pb;
use tonic::{Code, Status};
use uuid::Uuid;

use crate::harness::{Person, Service, assert_refused, list_titled};
use crate::recurring;
use requests::{Method, methods};

/// Fields that name nothing that exists: the id that a new task shall have, and one that is output only.
const NAMES_NOTHING: [(&str, &str); 10] = [
    ("BatchCreateTasks", "requests.task_id"),
    ("BatchCreateTasks", "requests.task.id"),
    ("BatchUpdateTasks", "requests.task.list_id"),
    ("BatchUpdateTasks", "requests.task.parent_id"),
    ("CreateTask", "task_id"),
    ("CreateTask", "task.id"),
    ("CreateList", "list_id"),
    ("CreateList", "list.id"),
    ("UpdateTask", "task.list_id"),
    ("UpdateTask", "task.parent_id"),
];
/// Methods without a field that names something.
const NAMELESS: [&str; 12] = [
    "ExportTasks",
    "ListChanges",
    "WatchChanges",
    "ListTasks",
    "SearchTasks",
    "EmptyTrash",
    "CreateList",
    "ListLists",
    "GetUsage",
    "ListLabels",
    "RenameLabel",
    "DeleteLabel",
];
/// Methods for what is in the trash.
const OF_TRASH: [&str; 1] = ["PurgeTask"];
/// Fields with a place in something.
const TOKENS: [(&str, &str); 8] = [
    ("ListChanges", "sync_token"),
    ("WatchChanges", "sync_token"),
    ("ListTasks", "page_token"),
    ("SearchTasks", "page_token"),
    ("ListTaskEvents", "page_token"),
    ("ListTaskCompletions", "page_token"),
    ("ListLists", "page_token"),
    ("ListLabels", "page_token"),
];

/// The fields of a method that name something which must be the caller's own.
fn names(method: &Method) -> Vec<String> {
    let mut paths = method.fields(|name| name == "id" || name.ends_with("_id"));
    paths.retain(|path| !path.ends_with("request_id"));
    paths.retain(|path| !NAMES_NOTHING.contains(&(method.name(), path)));
    paths
}

#[test]
fn every_method_names_a_task_or_is_known_not_to() {
    for method in methods() {
        let nameless = NAMELESS.contains(&method.name());
        assert_eq!(names(&method).is_empty(), nameless, "{}", method.name());
    }
    let known: BTreeSet<_> = methods()
        .iter()
        .flat_map(|method| {
            let paths = method.fields(|name| name.ends_with("_token"));
            paths.into_iter().map(|path| (method.name().to_owned(), path))
        })
        .collect();
    assert_eq!(
        known,
        TOKENS
            .map(|(method, path)| (method.to_owned(), path.to_owned()))
            .into()
    );
}

#[tokio::test]
async fn the_same_request_with_own_ids_succeeds() {
    let service = Service::start().await;
    for method in methods() {
        let alice = service.person();
        let own = Own::of_person(&alice).await;
        let mut request = method.request();
        for path in names(&method) {
            request.set(&path, own.of(&method, &path));
        }
        let reply = call(&alice, &method, request.encode()).await;
        reply.unwrap_or_else(|status| panic!("{}: {status:?}", method.name()));
    }
}

#[tokio::test]
async fn in_every_field_another_persons_id_is_like_one_that_never_was() {
    let service = Service::start().await;
    let (alice, bob) = (service.person(), service.person());
    let bobs = tasks_of_every_kind(&bob).await;
    let own = Own::of_person(&alice).await;
    let bobs_list = Own::of_person(&bob).await.list;
    let never = Uuid::from_u128(0x0193_a0b0_0000_7000_8000_0000_0000_0001).to_string();
    let mut cases = 0;
    for method in methods() {
        let paths = names(&method);
        for path in &paths {
            for extras in Extras::ALL {
                let refusal = async |id: &str| {
                    let mut request = method.request();
                    for other in paths.iter().filter(|other| *other != path) {
                        request.set(other, own.of(&method, other));
                    }
                    request.set(path, id);
                    for (field, value) in extras.fields() {
                        let there = method.fields(|name| name == field);
                        // A member of a batch has none of its own.
                        let there = there.iter().filter(|path| *path != "requests.request_id");
                        there.for_each(|path| request.set(path, value));
                    }
                    call(&alice, &method, request.encode())
                        .await
                        .expect_err(&format!("{} with another's {path}", method.name()))
                };
                let expected = refusal(&never).await;
                assert_eq!(expected.code(), Code::NotFound, "{} {path}", method.name());
                for id in bobs.iter().map(|task| &task.id).chain([&bobs_list]) {
                    let status = refusal(id).await;
                    assert_eq!(
                        said(&status),
                        said(&expected),
                        "{} {path} {extras:?}",
                        method.name()
                    );
                }
                cases += 1;
            }
        }
    }
    assert!(cases >= 7 * Extras::ALL.len());
    assert_eq!(bobs, read_all(&bob, &bobs).await, "somebody changed Bob's tasks");
}

#[tokio::test]
async fn a_chosen_id_of_another_persons_task_makes_an_own_one_and_leaves_the_other() {
    let service = Service::start().await;
    let (alice, bob) = (service.person(), service.person());
    for bobs in tasks_of_every_kind(&bob).await {
        let request = pb::CreateTaskRequest {
            task_id: bobs.id.clone(),
            ..new_task("Alice's")
        };
        let alices = alice.create(request).await.expect("made");
        assert_eq!(
            (alices.id.as_str(), alices.title.as_str()),
            (bobs.id.as_str(), "Alice's")
        );
        assert_eq!(bob.get(&bobs.id).await.expect("still there"), bobs);

        // Whatever Alice does to hers from now on, she does to hers.
        alice.delete(&alices.id).await.expect("deleted");
        assert_eq!(bob.get(&bobs.id).await.expect("still there"), bobs);
    }
}

#[tokio::test]
async fn an_id_in_a_new_tasks_output_only_field_means_nothing() {
    let service = Service::start().await;
    let (alice, bob) = (service.person(), service.person());
    let bobs = bob.create(new_task("Bob's")).await.expect("made");
    let mut request = new_task("Alice's");
    request.task.as_mut().expect("a task").id = bobs.id.clone();
    let alices = alice.create(request).await.expect("made");
    assert_ne!(alices.id, bobs.id);
    assert_eq!(bob.get(&bobs.id).await.expect("still there"), bobs);
}

#[tokio::test]
async fn a_request_id_of_another_person_is_as_good_as_new() {
    let service = Service::start().await;
    let (alice, bob) = (service.person(), service.person());
    let request = pb::CreateTaskRequest {
        request_id: REQUEST_ID.to_owned(),
        ..new_task("The same")
    };
    let bobs = bob.create(request.clone()).await.expect("made");
    let alices = alice.create(request.clone()).await.expect("made");
    assert_ne!(alices.id, bobs.id);
    assert_eq!(alice.create(request).await.expect("repeated").id, alices.id);
}

#[tokio::test]
async fn another_persons_page_token_is_refused() {
    let service = Service::start().await;
    let (alice, bob) = (service.person(), service.person());
    for person in [&alice, &bob] {
        tasks_of_every_kind(person).await;
    }
    let first = pb::ListTasksRequest {
        page_size: 1,
        ..Default::default()
    };
    let page = bob.list(first.clone()).await.expect("a page");
    let second = pb::ListTasksRequest {
        page_token: page.next_page_token,
        ..first
    };
    let status = assert_refused(
        alice.list(second.clone()).await,
        Code::InvalidArgument,
        ErrorReason::PageTokenInvalid,
    );
    let nonsense = pb::ListTasksRequest {
        page_token: "AAAA".to_owned(),
        ..second.clone()
    };
    let expected = alice.list(nonsense).await.expect_err("nonsense");
    assert_eq!(said(&status), said(&expected));
    assert_eq!(bob.list(second).await.expect("Bob's own").tasks.len(), 1);
}

#[tokio::test]
async fn another_persons_page_token_of_lists_is_refused() {
    let service = Service::start().await;
    let (alice, bob) = (service.person(), service.person());
    for person in [&alice, &bob] {
        Own::of_person(person).await;
    }
    let first = pb::ListListsRequest {
        page_size: 1,
        ..Default::default()
    };
    let page = bob.list_lists(first.clone()).await.expect("a page");
    let second = pb::ListListsRequest {
        page_token: page.next_page_token,
        ..first
    };
    assert_refused(
        alice.list_lists(second.clone()).await,
        Code::InvalidArgument,
        ErrorReason::PageTokenInvalid,
    );
    assert_eq!(bob.list_lists(second).await.expect("Bob's own").lists.len(), 1);
}

/// What else a request can say, none of which may tell a foreign id from one that never was.
#[derive(Debug, Clone, Copy)]
enum Extras {
    Nothing,
    StaleEtag,
    RequestIdOfBob,
}

const REQUEST_ID: &str = "0193a0b0-0000-7000-8000-00000000b0b0";

impl Extras {
    const ALL: [Self; 3] = [Self::Nothing, Self::StaleEtag, Self::RequestIdOfBob];

    fn fields(self) -> Vec<(&'static str, &'static str)> {
        match self {
            Self::Nothing => vec![],
            Self::StaleEtag => vec![("etag", "r999")],
            Self::RequestIdOfBob => vec![("request_id", REQUEST_ID)],
        }
    }
}

/// What a person can name: a list with a labelled task, and with another that has a part, to be moved to; another list to
/// place it beside; and a task in the trash.
struct Own {
    list: String,
    other_list: String,
    task: String,
    parent: String,
    part: String,
    trashed: String,
}

impl Own {
    async fn of_person(person: &Person<'_>) -> Self {
        let list = person.create_list(list_titled("Own")).await.expect("made").id;
        let other_list = person.create_list(list_titled("Other")).await.expect("made").id;
        let in_list = |parent_id: &str| {
            // It recurs, so that an occurrence of it can be skipped.
            let mut request = new_task("Own");
            let task = request
                .task
                .insert(recurring::recurring("FREQ=DAILY", recurring::on(2026, 12, 1)));
            task.list_id.clone_from(&list);
            task.parent_id = parent_id.to_owned();
            task.labels = vec![requests::LABEL.to_owned()];
            request
        };
        let task = person.create(in_list("")).await.expect("made").id;
        let parent = person.create(in_list("")).await.expect("made").id;
        let part = person.create(in_list(&parent)).await.expect("made").id;
        let trashed = person.create(new_task("Trashed")).await.expect("made").id;
        person.delete(&trashed).await.expect("deleted");
        Self {
            list,
            other_list,
            task,
            parent,
            part,
            trashed,
        }
    }

    /// For a field of a method.
    fn of(&self, method: &Method, path: &str) -> &str {
        match (method.service(), path) {
            ("ListService", "before_id" | "after_id") => &self.other_list,
            ("ListService", _) => &self.list,
            (_, path) if path.ends_with("list_id") => &self.list,
            (_, path) if path.ends_with("parent_id") => &self.parent,
            (_, "before_id" | "after_id") => &self.part,
            _ if OF_TRASH.contains(&method.name()) => &self.trashed,
            _ => &self.task,
        }
    }
}

async fn call(person: &Person<'_>, method: &Method, request: Vec<u8>) -> Result<Vec<u8>, Status> {
    requests::call(person.channel(), method, person.request(request)).await
}

/// Everything that a client can read of a refusal.
fn said(status: &Status) -> (Code, String, Vec<u8>) {
    (
        status.code(),
        status.message().to_owned(),
        status.details().to_vec(),
    )
}

fn new_task(title: &str) -> pb::CreateTaskRequest {
    pb::CreateTaskRequest {
        task: Some(pb::Task {
            title: title.to_owned(),
            ..Default::default()
        }),
        ..Default::default()
    }
}

/// An open, a done, a cancelled and a trashed task; the first was made under a request id.
async fn tasks_of_every_kind(person: &Person<'_>) -> Vec<pb::Task> {
    let first = pb::CreateTaskRequest {
        request_id: REQUEST_ID.to_owned(),
        ..new_task("Open")
    };
    let mut tasks = vec![person.create(first).await.expect("made")];
    for title in ["Done", "Cancelled", "Trashed"] {
        tasks.push(person.create(new_task(title)).await.expect("made"));
    }
    person.complete(&tasks[1].id).await.expect("completed");
    person.cancel(&tasks[2].id).await.expect("cancelled");
    person.delete(&tasks[3].id).await.expect("deleted");
    read_all(person, &tasks).await
}

async fn read_all(person: &Person<'_>, tasks: &[pb::Task]) -> Vec<pb::Task> {
    let mut read = Vec::new();
    for task in tasks {
        read.push(person.get(&task.id).await.expect("an own task"));
    }
    read
}
