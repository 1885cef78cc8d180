//! `ListTasks`: pages that neither repeat nor skip, in every order, for one person and one set of arguments.

use proto::errors::v1::ErrorReason;
use proto::google::r#type::Date;
use proto::tasks::v1 as pb;
use tonic::Code;

use crate::harness::{Person, Service, assert_refused, assert_violations, titled};

/// Nine tasks with equal and with empty values in every field that is sorted by.
async fn fill(service: &Service, person: &Person<'_>) {
    for number in 0..9_i32 {
        let due = (number % 3 != 0).then(|| pb::When {
            date: Some(Date {
                year: 2026,
                month: 12,
                day: 1 + number % 2,
            }),
            ..Default::default()
        });
        let task = pb::Task {
            title: format!("{} {}", ["b", "A", "a"][(number % 3) as usize], number / 6),
            priority: number % 4,
            due,
            ..Default::default()
        };
        person
            .create(pb::CreateTaskRequest {
                task: Some(task),
                ..Default::default()
            })
            .await
            .expect("answered");
        if number % 2 == 0 {
            service.hand.advance(std::time::Duration::from_secs(1));
        }
    }
}

async fn pages(person: &Person<'_>, request: pb::ListTasksRequest) -> Vec<pb::Task> {
    let (mut tasks, mut request) = (Vec::new(), request);
    loop {
        let page = person.list(request.clone()).await.expect("answered");
        assert!(page.tasks.len() <= request.page_size as usize);
        tasks.extend(page.tasks);
        if page.next_page_token.is_empty() {
            return tasks;
        }
        request.page_token = page.next_page_token;
    }
}

#[tokio::test]
async fn every_order_in_both_directions_and_every_page_size_lists_each_task_once() {
    let service = Service::start().await;
    let alice = service.person();
    fill(&service, &alice).await;
    for field in ["rank", "due", "priority", "title", "create_time", "update_time"] {
        for direction in ["", " desc"] {
            let request = pb::ListTasksRequest {
                order_by: format!("{field}{direction}"),
                page_size: 100,
                ..Default::default()
            };
            let whole = pages(&alice, request.clone()).await;
            assert_eq!(whole.len(), 9);
            for page_size in [1, 2, 4] {
                let paged = pages(
                    &alice,
                    pb::ListTasksRequest {
                        page_size,
                        ..request.clone()
                    },
                )
                .await;
                assert_eq!(paged, whole, "{field}{direction} by {page_size}");
            }
        }
    }
}

#[tokio::test]
async fn empty_values_come_last_in_both_directions() {
    let service = Service::start().await;
    let alice = service.person();
    fill(&service, &alice).await;
    for order_by in ["due", "due desc"] {
        let tasks = alice
            .list(pb::ListTasksRequest {
                order_by: order_by.to_owned(),
                ..Default::default()
            })
            .await
            .unwrap()
            .tasks;
        assert!(tasks[..6].iter().all(|task| task.due.is_some()), "{order_by}");
        assert!(tasks[6..].iter().all(|task| task.due.is_none()), "{order_by}");
    }
    let by_title = pb::ListTasksRequest {
        order_by: "title".to_owned(),
        ..Default::default()
    };
    let titles: Vec<_> = alice
        .list(by_title)
        .await
        .unwrap()
        .tasks
        .into_iter()
        .map(|task| task.title)
        .collect();
    assert!(
        titles[..6]
            .iter()
            .all(|title| title.to_lowercase().starts_with('a')),
        "case does not matter: {titles:?}"
    );
}

#[tokio::test]
async fn a_task_that_stands_still_is_neither_repeated_nor_skipped_while_others_move() {
    let service = Service::start().await;
    let alice = service.person();
    fill(&service, &alice).await;
    let request = pb::ListTasksRequest {
        order_by: "update_time".to_owned(),
        page_size: 3,
        ..Default::default()
    };
    let first = alice.list(request.clone()).await.unwrap();
    service.hand.advance(std::time::Duration::from_secs(60));
    let moved = alice.cancel(&first.tasks[0].id).await.unwrap();
    alice.delete(&first.tasks[1].id).await.unwrap();
    let rest = pages(
        &alice,
        pb::ListTasksRequest {
            page_token: first.next_page_token,
            ..request
        },
    )
    .await;
    let ids: Vec<_> = rest.iter().map(|task| task.id.as_str()).collect();
    assert_eq!(ids.len(), 7);
    assert_eq!(
        ids.last(),
        Some(&moved.id.as_str()),
        "what moved behind the place is seen there"
    );
    assert!(
        first.tasks[1..]
            .iter()
            .all(|task| !ids.contains(&task.id.as_str()))
    );
}

#[tokio::test]
async fn sizes_orders_and_zones_that_make_no_sense_are_refused_at_once() {
    let service = Service::start().await;
    let alice = service.person();
    let request = pb::ListTasksRequest {
        page_size: -1,
        order_by: "owner_id".to_owned(),
        time_zone: "Nowhere".to_owned(),
        ..Default::default()
    };
    assert_violations(alice.list(request).await, &["order_by", "page_size", "time_zone"]);
}

#[tokio::test]
async fn a_page_has_fifty_tasks_by_default_and_ends_at_three_mebibytes() {
    let service = Service::start().await;
    let alice = service.person();
    for number in 0..220 {
        let task = pb::Task {
            title: number.to_string(),
            notes: "n".repeat(16 * 1024),
            ..Default::default()
        };
        alice
            .create(pb::CreateTaskRequest {
                task: Some(task),
                ..Default::default()
            })
            .await
            .unwrap();
    }
    assert_eq!(
        alice
            .list(pb::ListTasksRequest::default())
            .await
            .unwrap()
            .tasks
            .len(),
        50
    );
    let page = alice
        .list(pb::ListTasksRequest {
            page_size: 5000,
            ..Default::default()
        })
        .await
        .unwrap();
    assert!(
        page.tasks.len() > 150 && page.tasks.len() < 200,
        "{}",
        page.tasks.len()
    );
    assert!(!page.next_page_token.is_empty());
}

#[tokio::test]
async fn a_page_that_is_read_in_parts_is_whole_and_ends_where_it_should() {
    let service = Service::start().await;
    let alice = service.person();
    // One more than is read at once; equal titles leave the order to the ids.
    for _ in 0..201 {
        alice.create(titled("Same")).await.unwrap();
    }
    let sized = |page_size| pb::ListTasksRequest {
        order_by: "title desc".to_owned(),
        page_size,
        ..Default::default()
    };
    let whole = alice.list(sized(1000)).await.unwrap();
    assert_eq!((whole.tasks.len(), whole.next_page_token.as_str()), (201, ""));
    assert!(whole.tasks.is_sorted_by(|a, b| a.id < b.id));
    for size in [199, 200, 201] {
        assert_eq!(pages(&alice, sized(size)).await, whole.tasks, "{size}");
    }
}

#[tokio::test]
async fn a_page_token_fits_one_person_and_one_set_of_arguments() {
    let service = Service::start().await;
    let (alice, bob) = (service.person(), service.person());
    fill(&service, &alice).await;
    fill(&service, &bob).await;
    let request = pb::ListTasksRequest {
        page_size: 2,
        ..Default::default()
    };
    let token = alice.list(request.clone()).await.unwrap().next_page_token;
    let with_token = pb::ListTasksRequest {
        page_token: token.clone(),
        ..request
    };
    alice.list(with_token.clone()).await.unwrap();
    alice
        .list(pb::ListTasksRequest {
            page_size: 5,
            ..with_token.clone()
        })
        .await
        .unwrap();

    let refused = |result| assert_refused(result, Code::InvalidArgument, ErrorReason::PageTokenInvalid);
    refused(bob.list(with_token.clone()).await);
    refused(
        alice
            .list(pb::ListTasksRequest {
                order_by: "title".to_owned(),
                ..with_token.clone()
            })
            .await,
    );
    refused(
        alice
            .list(pb::ListTasksRequest {
                filter: "state = OPEN".to_owned(),
                ..with_token.clone()
            })
            .await,
    );
    refused(
        alice
            .list(pb::ListTasksRequest {
                show_deleted: true,
                ..with_token.clone()
            })
            .await,
    );
    for forged in [
        "x".to_owned(),
        "é".to_owned(),
        token[1..].to_owned(),
        format!("{token}A"),
        "A".repeat(100_000),
    ] {
        refused(
            alice
                .list(pb::ListTasksRequest {
                    page_token: forged,
                    ..with_token.clone()
                })
                .await,
        );
    }
}
