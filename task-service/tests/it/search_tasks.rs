//! `SearchTasks`: what is found, in which order, with which text around it; with and without the extensions of Postgres.

use std::collections::BTreeSet;
use std::time::Duration;

use proto::errors::v1::ErrorReason;
use proto::tasks::v1 as pb;
use sqlx::Executor as _;
use tonic::{Code, Response, Status};

use crate::harness::{Person, Service, assert_refused, assert_violations};

type Found = Result<pb::SearchTasksResponse, Status>;

async fn search(person: &Person<'_>, message: pb::SearchTasksRequest) -> Found {
    let reply = person.client().search_tasks(person.request(message)).await;
    reply.map(Response::into_inner)
}

fn query(query: &str) -> pb::SearchTasksRequest {
    pb::SearchTasksRequest {
        query: query.to_owned(),
        ..Default::default()
    }
}

/// Later than whatever was made before, so that its id is greater.
async fn create(service: &Service, person: &Person<'_>, title: &str, notes: &str) -> pb::Task {
    service.hand.advance(Duration::from_millis(1));
    let task = pb::Task {
        title: title.to_owned(),
        notes: notes.to_owned(),
        ..Default::default()
    };
    let request = pb::CreateTaskRequest {
        task: Some(task),
        ..Default::default()
    };
    person.create(request).await.expect("made")
}

async fn titles(person: &Person<'_>, request: pb::SearchTasksRequest) -> Vec<String> {
    let text = format!("{request:?}");
    let reply = search(person, request).await;
    let reply = reply.unwrap_or_else(|status| panic!("{text}: {status:?}"));
    let title = |result: pb::SearchResult| result.task.expect("a task").title;
    reply.results.into_iter().map(title).collect()
}

async fn fill(service: &Service, person: &Person<'_>) {
    for (title, notes) in [
        ("Buy milk", "and bread, at the grocery store"),
        ("Call the dentist", "About the invoice of Zürich"),
        ("Milkshake recipe", "Bananas"),
        ("Buttermilk pancakes", ""),
        ("Read", "A page on milk"),
        ("牛乳を買う", "今日の午後"),
        ("Купить МОЛОКО", "Москва"),
        ("100% sure", "under_score"),
    ] {
        create(service, person, title, notes).await;
    }
}

/// What is found the same way whether there is an index or not.
const EXACT: [(&str, &[&str]); 18] = [
    // A word of the title first, then the beginning of one, a part of one, and the notes.
    (
        "milk",
        &["Buy milk", "Milkshake recipe", "Buttermilk pancakes", "Read"],
    ),
    (
        "MILK",
        &["Buy milk", "Milkshake recipe", "Buttermilk pancakes", "Read"],
    ),
    ("milk buy", &["Buy milk"]),
    ("milk bread", &["Buy milk"]),
    ("milks", &["Milkshake recipe"]),
    ("ttermi", &["Buttermilk pancakes"]),
    ("denti", &["Call the dentist"]),
    ("zurich", &["Call the dentist"]),
    ("ZÜRICH", &["Call the dentist"]),
    ("bu", &["Buttermilk pancakes", "Buy milk"]),
    ("牛乳", &["牛乳を買う"]),
    ("買う", &["牛乳を買う"]),
    ("молоко", &["Купить МОЛОКО"]),
    ("москва", &["Купить МОЛОКО"]),
    ("100%", &["100% sure"]),
    ("r_s", &["100% sure"]),
    ("0%s", &[]),
    ("milk zebra", &[]),
];
const TYPOS: [(&str, &[&str]); 5] = [
    ("dentits", &["Call the dentist"]),
    ("grocrey", &["Buy milk"]),
    ("pancaks", &["Buttermilk pancakes"]),
    ("invioce zurich", &["Call the dentist"]),
    ("zebra", &[]),
];

async fn assert_finds(person: &Person<'_>, cases: &[(&str, &[&str])]) {
    for (text, expected) in cases {
        assert_eq!(titles(person, query(text)).await, *expected, "{text}");
    }
}

#[tokio::test]
async fn words_beginnings_and_parts_are_found_in_any_case_and_the_best_comes_first() {
    let service = Service::start().await;
    let (alice, bob) = (service.person(), service.person());
    fill(&service, &alice).await;
    assert_finds(&alice, &EXACT).await;
    assert_eq!(titles(&bob, query("milk")).await, [""; 0], "they are Alice's");
}

#[tokio::test]
async fn a_slip_is_forgiven_when_nothing_is_found_as_it_is_written() {
    let service = Service::start().await;
    let alice = service.person();
    fill(&service, &alice).await;
    assert_finds(&alice, &TYPOS).await;
    create(&service, &alice, "Dentits", "").await;
    assert_eq!(titles(&alice, query("dentits")).await, ["Dentits"]);
}

#[tokio::test]
async fn without_the_extensions_the_same_is_found_by_reading_the_owners_tasks() {
    let service = Service::start().await;
    let alice = service.person();
    let drop = "DROP EXTENSION pg_trgm CASCADE; DROP EXTENSION btree_gin CASCADE";
    service.database.pool().execute(drop).await.expect("gone");
    fill(&service, &alice).await;
    assert_finds(&alice, &EXACT).await;
    assert_finds(&alice, &TYPOS).await;
}

#[tokio::test]
async fn what_the_documents_say_brings_the_index_later() {
    let service = Service::start().await;
    let alice = service.person();
    let drop = "DROP EXTENSION pg_trgm CASCADE; DROP EXTENSION btree_gin CASCADE";
    let pool = service.database.pool();
    pool.execute(drop).await.expect("gone");
    fill(&service, &alice).await;
    let document = include_str!("../../../docs/tasks/search.md");
    let statements = document
        .split("```sql\n")
        .nth(1)
        .and_then(|rest| rest.split("```").next());
    for statement in statements.expect("statements").split_inclusive(';') {
        pool.execute(statement).await.expect("run");
    }
    let there = "SELECT 1 FROM pg_index WHERE indexrelid = 'tasks_search_idx'::regclass AND indisvalid";
    assert!(pool.fetch_optional(there).await.expect("asked").is_some());
    assert_finds(&alice, &EXACT).await;
    assert_finds(&alice, &TYPOS).await;
}

#[tokio::test]
async fn a_filter_keeps_what_fits_and_the_trash_is_not_searched() {
    let service = Service::start().await;
    let alice = service.person();
    let open = create(&service, &alice, "Milk open", "").await;
    let done = create(&service, &alice, "Milk done", "").await;
    alice.complete(&done.id).await.expect("completed");
    let trashed = create(&service, &alice, "Milk trashed", "").await;
    alice.delete(&trashed.id).await.expect("deleted");
    let filtered = |filter: &str, time_zone: &str| pb::SearchTasksRequest {
        filter: filter.to_owned(),
        time_zone: time_zone.to_owned(),
        ..query("milk")
    };
    assert_eq!(titles(&alice, filtered("", "")).await, ["Milk done", "Milk open"]);
    assert_eq!(titles(&alice, filtered("state = OPEN", "")).await, ["Milk open"]);
    assert_eq!(titles(&alice, filtered("overdue", "Asia/Tokyo")).await, [""; 0]);
    alice.delete(&open.id).await.expect("deleted");
    assert_eq!(titles(&alice, filtered("", "")).await, ["Milk done"]);
}

#[tokio::test]
async fn a_result_has_the_task_as_get_has_it_and_the_text_around_the_first_hit() {
    let service = Service::start().await;
    let alice = service.person();
    let notes = format!(
        "{}the Dentist\n\nof Zürich {}",
        "before ".repeat(20),
        "after ".repeat(40)
    );
    let task = create(&service, &alice, "Call", &notes).await;
    let found = search(&alice, query("zurich")).await.expect("found").results;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].task, Some(alice.get(&task.id).await.expect("there")));
    let snippet = &found[0].snippet;
    assert!(snippet.contains("the Dentist of Zürich after"), "{snippet}");
    assert!(snippet.starts_with('…') && snippet.ends_with('…') && snippet.chars().count() <= 160);
    let found = search(&alice, query("call")).await.expect("found").results;
    assert_eq!(found[0].snippet, "Call");
}

#[tokio::test]
async fn pages_have_each_result_once_and_their_tokens_fit_one_person_and_one_search() {
    let service = Service::start().await;
    let (alice, bob) = (service.person(), service.person());
    for number in 0..7 {
        for person in [&alice, &bob] {
            let title = ["Milk", "Milkshake", "Soy-milk"][number % 3];
            create(&service, person, &format!("{title} {number}"), "").await;
        }
    }
    for text in ["milk", "mlik milk", "mikl"] {
        let whole = titles(&alice, query(text)).await;
        assert_eq!(
            whole.len(),
            if text == "mlik milk" { 0 } else { whole.len() },
            "{whole:?}"
        );
        for page_size in [1, 2, 3, 7] {
            let mut request = pb::SearchTasksRequest {
                page_size,
                ..query(text)
            };
            let mut paged = Vec::new();
            loop {
                let page = search(&alice, request.clone()).await.expect("a page");
                assert!(page.results.len() <= page_size as usize);
                paged.extend(
                    page.results
                        .into_iter()
                        .map(|result| result.task.expect("a task").title),
                );
                if page.next_page_token.is_empty() {
                    break;
                }
                request.page_token = page.next_page_token;
            }
            assert_eq!(paged, whole, "{text} by {page_size}");
        }
    }
    let first = pb::SearchTasksRequest {
        page_size: 2,
        ..query("milk")
    };
    let token = search(&alice, first.clone())
        .await
        .expect("a page")
        .next_page_token;
    let second = pb::SearchTasksRequest {
        page_token: token.clone(),
        ..first
    };
    search(&alice, second.clone()).await.expect("a page");
    let refused =
        |result: Found| assert_refused(result, Code::InvalidArgument, ErrorReason::PageTokenInvalid);
    refused(search(&bob, second.clone()).await);
    for other in [
        pb::SearchTasksRequest {
            query: "milks".to_owned(),
            ..second.clone()
        },
        pb::SearchTasksRequest {
            filter: "state = OPEN".to_owned(),
            ..second.clone()
        },
        pb::SearchTasksRequest {
            time_zone: "UTC".to_owned(),
            ..second.clone()
        },
        pb::SearchTasksRequest {
            page_token: format!("{token}A"),
            ..second.clone()
        },
    ] {
        refused(search(&alice, other).await);
    }
    let list = pb::ListTasksRequest {
        page_token: token,
        ..Default::default()
    };
    assert_refused(
        alice.list(list).await,
        Code::InvalidArgument,
        ErrorReason::PageTokenInvalid,
    );
}

#[tokio::test]
async fn one_query_has_a_thousand_results_on_all_pages_together_whatever_the_filter_leaves_of_them() {
    let service = Service::start().await;
    let alice = service.person();
    for (count, priority) in [(1000, pb::task::Priority::Low), (100, pb::task::Priority::High)] {
        let new = |number| pb::CreateTaskRequest {
            task: Some(pb::Task {
                title: format!("Milk {number}"),
                priority: priority.into(),
                ..Default::default()
            }),
            ..Default::default()
        };
        let batch = pb::BatchCreateTasksRequest {
            requests: (0..count).map(new).collect(),
            ..Default::default()
        };
        let made = alice.client().batch_create_tasks(alice.request(batch)).await;
        made.expect("made");
    }
    let found = async |filter: &str| {
        let (mut request, mut ids) = (query("milk"), Vec::new());
        (request.filter, request.page_size) = (filter.to_owned(), 300);
        loop {
            let page = search(&alice, request.clone()).await.expect("a page");
            ids.extend(
                page.results
                    .into_iter()
                    .map(|result| result.task.expect("a task").id),
            );
            request.page_token = page.next_page_token;
            if request.page_token.is_empty() {
                let distinct: BTreeSet<_> = ids.iter().cloned().collect();
                assert_eq!(distinct.len(), ids.len(), "something was found twice");
                return ids.len();
            }
        }
    };
    assert_eq!(found("").await, 1000);
    // The filter is applied to those thousand.
    let (low, high) = (found("priority = LOW").await, found("priority = HIGH").await);
    assert_eq!(low + high, 1000);
    assert!(high <= 100);
}

#[tokio::test]
async fn what_is_no_search_is_refused_with_every_fault() {
    let service = Service::start().await;
    let alice = service.person();
    for wrong in ["", "  ", "a b c d e f g h i", &"x".repeat(201), "a\0"] {
        assert_violations(search(&alice, query(wrong)).await, &["query"]);
    }
    let all = pb::SearchTasksRequest {
        query: String::new(),
        filter: "state".to_owned(),
        page_size: -1,
        time_zone: "Nowhere".to_owned(),
        ..Default::default()
    };
    let fields = ["filter", "page_size", "query", "time_zone"];
    assert_violations(search(&alice, all).await, &fields);
}

#[tokio::test]
async fn every_query_of_the_kept_corpus_is_answered_or_refused_and_never_a_fault_of_ours() {
    let service = Service::start().await;
    let alice = service.person();
    fill(&service, &alice).await;
    for text in include_str!("../corpus/queries.txt").lines() {
        match search(&alice, query(text)).await {
            Ok(found) => assert!(found.results.len() <= 8),
            refused => assert_violations(refused, &["query"]),
        }
    }
}

#[tokio::test]
async fn a_person_whose_account_is_gone_finds_nothing() {
    let service = Service::start().await;
    let claims = service.claims();
    let alice = service.person_with(&service.header(), &claims);
    fill(&service, &alice).await;
    while !service.purger().purge(&claims.sub).await.expect("purged") {}
    assert_refused(
        search(&alice, query("milk")).await,
        Code::Unauthenticated,
        ErrorReason::TokenRevoked,
    );
}
