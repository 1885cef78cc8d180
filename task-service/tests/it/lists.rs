//! `ListService`: lists are made, read, renamed and put in order.

use proto::errors::v1::ErrorReason;
use proto::tasks::v1 as pb;
use proto::tasks::v1::move_list_request::Position;
use tonic::Code;
use tonic_types::StatusExt as _;

use crate::harness::{Person, Service, assert_refused, assert_violations, list_titled, titled, uuid};

async fn make(person: &Person<'_>, titles: &[&str]) -> Vec<pb::List> {
    let mut lists = Vec::new();
    for title in titles {
        lists.push(person.create_list(list_titled(title)).await.expect("made"));
    }
    lists
}

/// The titles in the person's order, read in pages of that size.
async fn order_in_pages(person: &Person<'_>, page_size: i32) -> Vec<String> {
    let (mut titles, mut page_token) = (Vec::new(), String::new());
    loop {
        let message = pb::ListListsRequest {
            page_size,
            page_token,
            show_deleted: false,
        };
        let page = person.list_lists(message).await.expect("a page");
        titles.extend(page.lists.into_iter().map(|list| list.title));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return titles;
        }
    }
}

async fn order(person: &Person<'_>) -> Vec<String> {
    order_in_pages(person, 0).await
}

fn update(list: pb::List, paths: &[&str]) -> pb::UpdateListRequest {
    let paths = paths.iter().map(|&path| path.to_owned()).collect();
    pb::UpdateListRequest {
        list: Some(list),
        update_mask: Some(prost_types::FieldMask { paths }),
        request_id: String::new(),
    }
}

#[tokio::test]
async fn a_new_list_is_trimmed_last_and_read_again() {
    let service = Service::start().await;
    let alice = service.person();
    let lists = make(&alice, &["  Home ", "Work"]).await;
    assert_eq!(lists[0].title, "Home");
    assert!(lists[0].rank < lists[1].rank);
    assert!(lists[0].delete_time.is_none() && lists[0].create_time == lists[0].update_time);
    assert_eq!(alice.get_list(&lists[0].id).await.unwrap(), lists[0]);
    assert_eq!(order(&alice).await, ["Home", "Work"]);
}

#[tokio::test]
async fn what_is_wrong_with_a_new_list_is_told_at_once() {
    let service = Service::start().await;
    let alice = service.person();
    assert_violations(
        alice.create_list(pb::CreateListRequest::default()).await,
        &["list"],
    );
    let wrong = pb::CreateListRequest {
        list_id: "7".to_owned(),
        request_id: "8".to_owned(),
        ..list_titled(&"x".repeat(201))
    };
    assert_violations(
        alice.create_list(wrong).await,
        &["list.title", "list_id", "request_id"],
    );
    make(&alice, &[&"\u{1f600}".repeat(200)]).await;
}

#[tokio::test]
async fn a_list_is_made_once_under_its_request_id_and_under_a_chosen_id() {
    let service = Service::start().await;
    let (alice, bob) = (service.person(), service.person());
    let request = |title: &str, list_id: String, request_id: String| pb::CreateListRequest {
        list_id,
        request_id,
        ..list_titled(title)
    };
    let once = request("Home", String::new(), uuid(1));
    let made = alice.create_list(once.clone()).await.unwrap();
    assert_eq!(alice.create_list(once).await.unwrap(), made);
    let other = alice.create_list(request("Work", String::new(), uuid(1))).await;
    assert_refused(other, Code::AlreadyExists, ErrorReason::RequestIdReused);

    let chosen = request("Garden", uuid(7), String::new());
    let made = alice.create_list(chosen.clone()).await.unwrap();
    assert_eq!(made.id, uuid(7));
    assert_eq!(alice.create_list(chosen.clone()).await.unwrap(), made);
    let other = alice.create_list(request("Work", uuid(7), String::new())).await;
    assert_refused(other, Code::AlreadyExists, ErrorReason::IdTaken);
    let of_bob = bob.create_list(chosen).await.unwrap();
    assert_eq!((of_bob.id, of_bob.title.as_str()), (uuid(7), "Garden"));
    assert_eq!(order(&alice).await, ["Home", "Garden"]);
}

#[tokio::test]
async fn a_task_is_made_in_a_list_and_a_subtask_in_its_parents() {
    let service = Service::start().await;
    let alice = service.person();
    let lists = make(&alice, &["Home", "Work"]).await;
    let child_of = |parent_id: &str, list_id: &str| {
        let mut request = titled("A part");
        let task = request.task.as_mut().expect("a task");
        task.parent_id = parent_id.to_owned();
        task.list_id = list_id.to_owned();
        request
    };
    let task = alice.create(child_of("", &lists[0].id)).await.unwrap();
    assert_eq!(task.list_id, lists[0].id);
    for list_id in ["", &lists[0].id] {
        let part = alice.create(child_of(&task.id, list_id)).await.unwrap();
        assert_eq!((&part.list_id, &part.parent_id), (&lists[0].id, &task.id));
    }
    let elsewhere = alice.create(child_of(&task.id, &lists[1].id)).await;
    assert_violations(elsewhere, &["task.list_id"]);
    // A list's etag is its own: its tasks do not touch it.
    assert_eq!(alice.get_list(&lists[0].id).await.unwrap(), lists[0]);
}

#[tokio::test]
async fn pages_follow_one_another_whatever_their_size() {
    let service = Service::start().await;
    let alice = service.person();
    let titles: Vec<_> = (0..7).map(|number| number.to_string()).collect();
    make(&alice, &titles.iter().map(String::as_str).collect::<Vec<_>>()).await;
    for size in [1, 2, 3, 7, 8, 5000] {
        assert_eq!(order_in_pages(&alice, size).await, titles, "{size}");
    }
    let negative = pb::ListListsRequest {
        page_size: -1,
        ..Default::default()
    };
    assert_violations(alice.list_lists(negative).await, &["page_size"]);
}

#[tokio::test]
async fn a_page_token_fits_its_own_arguments_and_method_only() {
    let service = Service::start().await;
    let alice = service.person();
    make(&alice, &["Home", "Work"]).await;
    for title in ["One", "Two"] {
        alice.create(titled(title)).await.unwrap();
    }
    let first = pb::ListListsRequest {
        page_size: 1,
        ..Default::default()
    };
    let token = alice.list_lists(first).await.unwrap().next_page_token;
    let other_arguments = pb::ListListsRequest {
        page_token: token.clone(),
        show_deleted: true,
        ..Default::default()
    };
    assert_refused(
        alice.list_lists(other_arguments).await,
        Code::InvalidArgument,
        ErrorReason::PageTokenInvalid,
    );
    let of_tasks = pb::ListTasksRequest {
        page_token: token,
        ..Default::default()
    };
    assert_refused(
        alice.list(of_tasks).await,
        Code::InvalidArgument,
        ErrorReason::PageTokenInvalid,
    );
}

#[tokio::test]
async fn lists_that_stand_still_are_seen_once_while_others_move_around_them() {
    let service = Service::start().await;
    let alice = service.person();
    let lists = make(&alice, &["a", "b", "c", "d", "e"]).await;
    let first = pb::ListListsRequest {
        page_size: 2,
        ..Default::default()
    };
    let page = alice.list_lists(first.clone()).await.unwrap();
    alice
        .move_list(&lists[4].id, Some(Position::First(true)))
        .await
        .unwrap();
    alice
        .move_list(&lists[0].id, Some(Position::Last(true)))
        .await
        .unwrap();
    let second = pb::ListListsRequest {
        page_token: page.next_page_token,
        ..first
    };
    let rest = alice.list_lists(second).await.unwrap();
    let titles: Vec<_> = page
        .lists
        .iter()
        .chain(&rest.lists)
        .map(|list| list.title.as_str())
        .collect();
    assert_eq!(titles, ["a", "b", "c", "d"]);
}

#[tokio::test]
async fn an_update_changes_the_title_alone_and_only_when_it_is_named() {
    let service = Service::start().await;
    let alice = service.person();
    let made = make(&alice, &["Home"]).await.remove(0);
    let named = |title: &str| pb::List {
        id: made.id.clone(),
        title: title.to_owned(),
        ..Default::default()
    };
    let mut etag = made.etag.clone();
    for (title, paths) in [("House", &["title"][..]), ("Flat", &[]), ("Nest", &["*"])] {
        let updated = alice.update_list(update(named(title), paths)).await.unwrap();
        assert_eq!((updated.title.as_str(), &updated.rank), (title, &made.rank));
        assert_ne!(updated.etag, etag);
        assert_eq!(alice.get_list(&made.id).await.unwrap(), updated);
        etag = updated.etag;
    }
    let same = alice
        .update_list(update(named("Nest"), &["title"]))
        .await
        .unwrap();
    assert_eq!(same.etag, etag, "nothing changed");
    let nothing = alice.update_list(update(named(""), &[])).await.unwrap();
    assert_eq!(nothing.etag, etag, "nothing was named");
}

#[tokio::test]
async fn a_wrong_mask_of_a_list_is_refused_and_named() {
    let service = Service::start().await;
    let alice = service.person();
    let made = make(&alice, &["Home"]).await.remove(0);
    for path in ["id", "rank", "etag", "delete_time", "colour", "tasks"] {
        let refused = alice.update_list(update(made.clone(), &[path])).await;
        let details = refused
            .as_ref()
            .expect_err("let through")
            .get_details_bad_request();
        let told = details
            .expect("violations")
            .field_violations
            .remove(0)
            .description;
        assert!(told.contains(path) && told.contains("name title"), "{told}");
        assert_violations(refused, &["update_mask"]);
    }
    let without_title = pb::List {
        id: made.id.clone(),
        ..Default::default()
    };
    assert_violations(
        alice.update_list(update(without_title, &["*"])).await,
        &["list.title"],
    );
    assert_violations(
        alice.update_list(pb::UpdateListRequest::default()).await,
        &["list"],
    );
    assert_eq!(alice.get_list(&made.id).await.unwrap(), made);
}

#[tokio::test]
async fn a_stale_etag_of_a_list_is_refused_and_changes_nothing() {
    let service = Service::start().await;
    let alice = service.person();
    let lists = make(&alice, &["Home", "Work"]).await;
    let moved = alice.move_list(&lists[0].id, None).await.unwrap();
    let stale = alice
        .move_list_as(pb::MoveListRequest {
            id: lists[0].id.clone(),
            etag: lists[0].etag.clone(),
            position: Some(Position::First(true)),
            ..Default::default()
        })
        .await;
    assert_refused(stale, Code::Aborted, ErrorReason::EtagMismatch);
    let list = pb::List {
        title: "House".to_owned(),
        ..lists[0].clone()
    };
    let stale = alice.update_list(update(list, &["title"])).await;
    assert_refused(stale, Code::Aborted, ErrorReason::EtagMismatch);
    assert_eq!(alice.get_list(&lists[0].id).await.unwrap(), moved);
}

#[tokio::test]
async fn a_list_moves_to_each_place_and_the_others_stay_as_they_are() {
    let service = Service::start().await;
    let alice = service.person();
    let lists = make(&alice, &["a", "b", "c", "d"]).await;
    let id = |place: usize| lists[place].id.clone();
    for (moving, position, expected) in [
        (3, Some(Position::First(true)), "dabc"),
        (3, Some(Position::AfterId(id(0))), "adbc"),
        (0, Some(Position::BeforeId(id(2))), "dbac"),
        (1, None, "dacb"),
        (3, Some(Position::Last(true)), "acbd"),
    ] {
        let moved = alice.move_list(&id(moving), position).await.unwrap();
        assert_eq!(order(&alice).await.concat(), expected);
        // Whoever is there already stays as it is.
        let again = alice.move_list_as(pb::MoveListRequest {
            id: id(moving),
            etag: moved.etag.clone(),
            ..Default::default()
        });
        if expected.ends_with(&moved.title) {
            assert_eq!(again.await.unwrap(), moved);
        }
    }
    // Four lists were made, and each of the five moves changed one row.
    let revisions: Vec<_> = alice.list_lists(Default::default()).await.unwrap().lists;
    assert!(revisions.iter().any(|list| list.etag == "r9"), "{revisions:?}");
}

#[tokio::test]
async fn a_list_is_placed_beside_another_one_that_is_there() {
    let service = Service::start().await;
    let alice = service.person();
    let lists = make(&alice, &["a", "b"]).await;
    let to = async |position| alice.move_list(&lists[0].id, Some(position)).await;
    assert_violations(to(Position::BeforeId(lists[0].id.clone())).await, &["before_id"]);
    assert_violations(to(Position::AfterId("7".to_owned())).await, &["after_id"]);
    assert_violations(to(Position::First(false)).await, &["first"]);
    assert_violations(to(Position::Last(false)).await, &["last"]);
    let unknown = to(Position::AfterId(uuid(404))).await;
    assert_refused(unknown, Code::NotFound, ErrorReason::NotFound);
    let task = alice.create(titled("No list")).await.unwrap();
    let no_list = to(Position::AfterId(task.id)).await;
    assert_refused(no_list, Code::NotFound, ErrorReason::NotFound);
    assert_eq!(order(&alice).await, ["a", "b"]);
}

#[tokio::test]
async fn a_move_repeated_under_its_request_id_is_made_once() {
    let service = Service::start().await;
    let alice = service.person();
    let lists = make(&alice, &["a", "b", "c"]).await;
    let request = pb::MoveListRequest {
        id: lists[2].id.clone(),
        position: Some(Position::First(true)),
        request_id: uuid(1),
        ..Default::default()
    };
    alice.move_list_as(request.clone()).await.unwrap();
    let later = alice.move_list(&lists[2].id, None).await.unwrap();
    assert_eq!(alice.move_list_as(request).await.unwrap(), later);
    assert_eq!(order(&alice).await.concat(), "abc");
}

#[tokio::test]
async fn where_ranks_would_grow_long_those_around_get_new_ones_and_keep_their_order() {
    let service = Service::start().await;
    let alice = service.person();
    let lists = make(&alice, &["a", "b", "c"]).await;
    let (mut low, mut high, mut moving) = (&lists[0], &lists[1], &lists[2]);
    let (mut revision, mut most_at_once) = (3, 0);
    for step in 0..120 {
        // Always into the gap that the last move left, from either side: no halving is narrower.
        let after = Some(Position::AfterId(low.id.clone()));
        let moved = alice.move_list(&moving.id, after).await.unwrap();
        assert!(moved.rank.len() <= 100, "{}", moved.rank);
        let now: i64 = moved.etag.trim_start_matches('r').parse().unwrap();
        most_at_once = most_at_once.max(now - revision);
        revision = now;
        let expected = [&low.title, &moving.title, &high.title];
        assert_eq!(order(&alice).await.iter().collect::<Vec<_>>(), expected, "{step}");
        std::mem::swap(&mut moving, if step % 2 == 0 { &mut low } else { &mut high });
    }
    assert_eq!(
        most_at_once, 3,
        "each of the three got a rank and a revision of its own"
    );
}
