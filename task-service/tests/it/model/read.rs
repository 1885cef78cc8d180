//! What people look at, compared with what the model has.

use std::collections::BTreeSet;
use std::fmt::Debug;

use proto::tasks::v1 as pb;
use proto::tasks::v1::usage_service_client::UsageServiceClient;
use tonic::{Response, Status};

use super::call::{bare_list, bare_task};
use super::history::Read;
use super::memory::{Answer, Filter, Memory, REVOKED};
use super::{World, refusal_of};

/// Few, so that there is more than one page.
const PAGE: i32 = 3;

/// A field of a task as text.
type Text = fn(&pb::Task) -> &str;

/// All pages of a method, one after the other.
macro_rules! pages {
    ($person:expr, $client:ident.$method:ident($request:expr), $items:ident) => {{
        let (person, mut request, mut all) = (&$person, $request, Vec::new());
        loop {
            let reply = person.$client().$method(person.request(request.clone())).await;
            match reply.map(Response::into_inner) {
                Err(status) => break Err(status),
                Ok(page) => {
                    assert!(page.$items.len() <= PAGE as usize, "a page of {PAGE}");
                    all.extend(page.$items);
                    request.page_token = page.next_page_token;
                    if request.page_token.is_empty() {
                        break Ok(all);
                    }
                }
            }
        }
    }};
}

impl World<'_> {
    pub(super) async fn read(&mut self, who: usize, read: &Read) {
        let (person, names) = (self.person(who), self.names(who));
        let (memory, now) = (&self.people[who].memory, self.service.now());
        match read {
            Read::Task(pick) => {
                let id = names.task(pick);
                let expected = memory.seen().and_then(|memory| memory.task(&id));
                let expected = expected.map(|held| held.task.clone());
                assert_same(person.get(&id).await.map(bare_task), expected, &id);
            }
            Read::Tasks(picks) => {
                let ids: Vec<_> = picks.iter().map(|pick| names.task(pick)).collect();
                let get = |id: &String| pb::GetTaskRequest { id: id.clone() };
                let message = pb::BatchGetTasksRequest {
                    requests: ids.iter().map(get).collect(),
                };
                let reply = person.client().batch_get_tasks(person.request(message)).await;
                let tasks = reply.map(|reply| reply.into_inner().tasks.into_iter().map(bare_task).collect());
                let held = ids.iter().enumerate().map(|(member, id)| {
                    let held = memory.task(id).map(|held| held.task.clone());
                    held.map_err(|refusal| refusal.of_member(member))
                });
                let expected = memory.seen().and_then(|_| held.collect());
                assert_same::<Vec<_>>(tasks, expected, &ids);
            }
            Read::List(pick) => {
                let id = names.list(pick);
                let expected = memory.seen().and_then(|memory| memory.list(&id));
                let expected = expected.map(|held| held.list.clone());
                assert_same(person.get_list(&id).await.map(bare_list), expected, &id);
            }
            Read::ListTasks {
                filter,
                order,
                show_deleted,
            } => {
                let filter = names.filter(filter.clone());
                self.list_tasks(who, &filter, order, *show_deleted).await;
            }
            Read::ListLists { show_deleted } => self.list_lists(who, *show_deleted).await,
            Read::Labels => {
                let request = pb::ListLabelsRequest {
                    page_size: PAGE,
                    ..Default::default()
                };
                let listed = pages!(person, labels.list_labels(request), labels);
                assert_same(listed, memory.seen().map(Memory::labels), "labels");
            }
            Read::Search { words, filter } => {
                let filter = names.filter(filter.clone());
                let request = pb::SearchTasksRequest {
                    query: (*words).to_owned(),
                    filter: filter.text(),
                    page_size: PAGE,
                    ..Default::default()
                };
                let found = pages!(person, client.search_tasks(request), results).map(in_order);
                let expected = memory.seen().map(|memory| memory.search(words, &filter, now));
                assert_same(found, expected, (words, filter));
            }
            Read::Completions(pick) => {
                let id = names.task(pick);
                self.completions(who, &id).await;
            }
            Read::Events(pick) => {
                let id = names.task(pick);
                self.events(who, &id).await;
            }
            Read::Usage => {
                let request = person.request(pb::GetUsageRequest {});
                let reply = UsageServiceClient::new(person.channel()).get_usage(request).await;
                let usage = reply.map(|reply| {
                    let usage = reply.into_inner();
                    [usage.tasks, usage.lists, usage.stored_bytes]
                });
                let expected = memory.seen().map(Memory::usage);
                assert_same(usage, expected, "usage");
            }
            Read::Export => self.export(who).await,
        }
    }

    /// What a history ends with.
    pub(super) async fn read_everything(&mut self, who: usize) {
        self.list_tasks(who, &Filter::Everything, "rank", true).await;
        self.list_lists(who, true).await;
        self.read(who, &Read::Labels).await;
        self.read(who, &Read::Usage).await;
        let tasks = self.people[who].memory.tasks.iter();
        let ids: Vec<_> = tasks.map(|held| held.task.id.clone()).collect();
        for id in ids {
            self.completions(who, &id).await;
            self.events(who, &id).await;
        }
        self.export(who).await;
    }

    async fn list_tasks(&self, who: usize, filter: &Filter<String>, order: &str, show_deleted: bool) {
        let person = self.person(who);
        let request = pb::ListTasksRequest {
            filter: filter.text(),
            order_by: order.to_owned(),
            page_size: PAGE,
            show_deleted,
            ..Default::default()
        };
        let listed = pages!(person, client.list_tasks(request), tasks);
        let listed = listed.map(|tasks| tasks.into_iter().map(bare_task).collect());
        let (memory, now) = (&self.people[who].memory, self.service.now());
        let expected = memory
            .seen()
            .map(|memory| memory.find(filter, order, show_deleted, now));
        assert_same::<Vec<_>>(listed, expected, (order, filter));
    }

    async fn list_lists(&self, who: usize, show_deleted: bool) {
        let person = self.person(who);
        let request = pb::ListListsRequest {
            page_size: PAGE,
            show_deleted,
            ..Default::default()
        };
        let listed = pages!(person, lists.list_lists(request), lists);
        let listed = listed.map(|lists| lists.into_iter().map(bare_list).collect());
        let expected = self.people[who].memory.seen().map(|memory| {
            let mut lists: Vec<_> = memory.lists.iter().map(|held| held.list.clone()).collect();
            lists.retain(|list| show_deleted || list.delete_time.is_none());
            lists
        });
        assert_same::<Vec<_>>(listed, expected, show_deleted);
    }

    /// The newest first.
    async fn completions(&self, who: usize, id: &str) {
        let person = self.person(who);
        let request = pb::ListTaskCompletionsRequest {
            id: id.to_owned(),
            page_size: PAGE,
            ..Default::default()
        };
        let listed = pages!(person, client.list_task_completions(request), completions);
        let memory = self.people[who].memory.seen();
        let expected = memory.and_then(|memory| memory.task(id)).map(|held| {
            let completions = held.completions.iter().rev();
            completions.map(|made| made.shown.clone()).collect()
        });
        assert_same(listed, expected, id);
    }

    /// The newest first, and no two with the same id.
    async fn events(&self, who: usize, id: &str) {
        let person = self.person(who);
        let request = pb::ListTaskEventsRequest {
            id: id.to_owned(),
            page_size: PAGE,
            ..Default::default()
        };
        let mut listed = pages!(person, client.list_task_events(request), events);
        if let Ok(events) = &mut listed {
            let ids: BTreeSet<_> = events
                .iter_mut()
                .map(|event| std::mem::take(&mut event.id))
                .collect();
            assert_eq!(ids.len(), events.len());
        }
        let memory = self.people[who].memory.seen();
        let held = memory.and_then(|memory| memory.task(id));
        let expected = held.map(|held| held.events.iter().rev().cloned().collect());
        assert_same(listed, expected, id);
    }

    /// The file has the tasks and the lists outside the trash.
    async fn export(&self, who: usize) {
        let file = self.person(who).export(pb::Format::Json, "").await;
        let memory = &self.people[who].memory;
        if memory.is_gone() {
            assert_same(file, Err(REVOKED), "a file");
            return;
        }
        let file = file.expect("a file");
        let file: serde_json::Value = serde_json::from_slice(&file).expect("JSON");
        let texts = |rows: &str, field: &str| -> BTreeSet<(String, String)> {
            let rows = file[rows].as_array().expect("rows").iter();
            let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
            rows.map(|row| (text(&row["id"]), text(&row[field]))).collect()
        };
        let living = memory.find(&Filter::Everything, "rank", false, self.service.now());
        let fields: [(&str, Text); 5] = [
            ("title", |task| &task.title),
            ("notes", |task| &task.notes),
            ("list_id", |task| &task.list_id),
            ("parent_id", |task| &task.parent_id),
            ("state", |task| {
                task.state().as_str_name().trim_start_matches("STATE_")
            }),
        ];
        for (field, value) in fields {
            let expected = living
                .iter()
                .map(|task| (task.id.clone(), value(task).to_owned()))
                .collect();
            assert_eq!(texts("tasks", field), expected, "{field}");
        }
        let lists = memory.lists.iter().map(|held| &held.list);
        let lists = lists.filter(|list| list.delete_time.is_none());
        let expected = lists.map(|list| (list.id.clone(), list.title.clone())).collect();
        assert_eq!(texts("lists", "title"), expected);
    }
}

/// The tasks of a search, in the person's order.
fn in_order(found: Vec<pb::SearchResult>) -> Vec<pb::Task> {
    let found = found.into_iter().map(|result| result.task.expect("a task"));
    let mut found: Vec<_> = found.collect();
    found.sort_by(|one, other| (&one.rank, &one.id).cmp(&(&other.rank, &other.id)));
    found.into_iter().map(bare_task).collect()
}

#[track_caller]
fn assert_same<T: PartialEq + Debug>(reply: Result<T, Status>, expected: Answer<T>, what: impl Debug) {
    let reply = reply.map_err(|status| refusal_of(&status));
    assert_eq!(reply, expected, "{what:?}");
}
