//! How an import goes on: checked first, by chunks, safe to repeat.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use proto::errors::v1::ErrorReason;
use proto::tasks::v1 as pb;
use proto::tasks::v1::import_tasks_response::Step;
use sqlx::AssertSqlSafe;
use tonic::Code;

use super::{all, counts, file, json_of, plain};
use crate::harness::{Person, Service, assert_refused, assert_violations, list_titled, titled, uuid};

fn with_request_id(message: pb::ImportTasksRequest) -> pb::ImportTasksRequest {
    pb::ImportTasksRequest {
        request_id: uuid(1),
        ..message
    }
}

async fn titles(person: &Person<'_>) -> BTreeSet<String> {
    let tasks = all(person).await;
    let titles: BTreeSet<_> = tasks.iter().map(|task| task.title.clone()).collect();
    assert_eq!(titles.len(), tasks.len(), "something is there twice");
    titles
}

#[tokio::test]
async fn progress_comes_by_chunks_and_one_result_last() {
    let service = Service::start().await;
    let alice = service.person();
    let mut steps = alice.importing(json_of(&plain(450), &[])).await.unwrap();
    let mut seen = Vec::new();
    let mut results = 0;
    while let Some(message) = steps.message().await.unwrap() {
        assert_eq!(results, 0, "something comes behind the result");
        match message.step.unwrap() {
            Step::Progress(progress) => {
                assert_eq!(progress.rows_total, 450);
                seen.push(progress.rows_done);
            }
            Step::Result(result) => {
                assert_eq!(counts(&result), [450, 0, 0, 0]);
                results += 1;
            }
        }
    }
    assert_eq!((seen, results), (vec![0, 200, 400, 450], 1));
    let tasks = all(&alice).await;
    assert_eq!(tasks.len(), 450);
    assert!(
        tasks.iter().map(|task| &task.title).eq(&plain(450)
            .iter()
            .map(|row| row[10..row.len() - 2].to_owned())
            .collect::<Vec<_>>()),
        "they are in the order of the file"
    );
}

#[tokio::test]
async fn a_dry_run_says_what_would_be_and_writes_nothing() {
    let service = Service::start().await;
    let alice = service.person();
    let task = alice.create(titled("Here")).await.unwrap();
    let rows = [
        r#"{"title":"New"}"#.to_owned(),
        format!(r#"{{"id":"{}","title":"Changed"}}"#, task.id),
        r#"{"title":""}"#.to_owned(),
    ];
    let list = r#"{"id":"0193a0b0-0000-7000-8000-000000000001","title":"Home"}"#;
    let dry = pb::ImportTasksRequest {
        dry_run: true,
        ..with_request_id(json_of(&rows, &[list]))
    };
    for _ in 0..2 {
        let would = alice.import(dry.clone()).await.unwrap();
        assert_eq!(counts(&would), [2, 1, 0, 1]);
    }
    assert_eq!(all(&alice).await, [task]);
    let real = pb::ImportTasksRequest {
        dry_run: false,
        ..dry
    };
    assert_eq!(counts(&alice.import(real).await.unwrap()), [2, 1, 0, 1]);
}

#[tokio::test]
async fn a_repeat_with_the_same_request_id_changes_nothing_and_another_body_is_refused() {
    let service = Service::start().await;
    let alice = service.person();
    let request = with_request_id(json_of(&plain(250), &[]));
    assert_eq!(
        counts(&alice.import(request.clone()).await.unwrap()),
        [250, 0, 0, 0]
    );
    let task = &all(&alice).await[0];
    alice.delete(&task.id).await.unwrap();
    assert_eq!(counts(&alice.import(request).await.unwrap()), [0, 0, 250, 0]);
    assert_eq!(all(&alice).await.len(), 249);
    let other = with_request_id(json_of(&plain(251), &[]));
    assert_refused(
        alice.import(other).await,
        Code::AlreadyExists,
        ErrorReason::RequestIdReused,
    );
    // Without one the same file is another import.
    assert_eq!(
        counts(&alice.import(json_of(&plain(1), &[])).await.unwrap()),
        [1, 0, 0, 0]
    );
    assert_eq!(all(&alice).await.len(), 250);
}

#[tokio::test]
async fn a_repeat_is_one_although_the_list_it_went_to_is_in_the_trash_by_now() {
    let service = Service::start().await;
    let alice = service.person();
    let list = alice.create_list(list_titled("Home")).await.unwrap();
    let request = pb::ImportTasksRequest {
        list_id: list.id.clone(),
        ..with_request_id(json_of(&plain(2), &[]))
    };
    assert_eq!(
        counts(&alice.import(request.clone()).await.unwrap()),
        [2, 0, 0, 0]
    );
    alice.delete_list(&list.id).await.unwrap();
    assert_eq!(
        counts(&alice.import(request.clone()).await.unwrap()),
        [0, 0, 2, 0]
    );
    let anew = pb::ImportTasksRequest {
        request_id: uuid(2),
        ..request
    };
    assert_refused(
        alice.import(anew).await,
        Code::FailedPrecondition,
        ErrorReason::Deleted,
    );
}

#[tokio::test]
async fn whoever_leaves_half_way_finishes_with_a_repeat_and_nothing_is_there_twice() {
    let service = Service::start().await;
    let alice = service.person();
    let request = with_request_id(json_of(&plain(3000), &[]));
    let mut steps = alice.importing(request.clone()).await.unwrap();
    while let Some(message) = steps.message().await.unwrap() {
        if matches!(message.step, Some(Step::Progress(progress)) if progress.rows_done > 0) {
            break;
        }
    }
    drop(steps);
    let result = alice.import(request.clone()).await.unwrap();
    assert_eq!(result.created + result.skipped, 3000);
    assert!(result.skipped >= 200, "{result:?}");
    assert_eq!(titles(&alice).await.len(), 3000);
    assert_eq!(counts(&alice.import(request).await.unwrap()), [0, 0, 3000, 0]);
}

#[tokio::test]
async fn a_chunk_whose_commit_is_in_doubt_is_not_made_twice() {
    let (service, proxy) = Service::start_behind_proxy().await;
    let alice = service.person();
    let request = with_request_id(json_of(&plain(3000), &[]));
    // So slow that the import is far from its end when its first progress arrives.
    proxy.delay(Duration::from_millis(5));
    let mut steps = alice.importing(request.clone()).await.unwrap();
    loop {
        match steps.message().await.unwrap().unwrap().step.unwrap() {
            Step::Progress(progress) if progress.rows_done > 0 => break,
            Step::Progress(_) => {}
            Step::Result(result) => panic!("over too early: {result:?}"),
        }
    }
    let on = async {
        loop {
            match steps.message().await {
                Ok(Some(message)) => {
                    assert!(!matches!(message.step, Some(Step::Result(_))), "nothing was lost")
                }
                Ok(None) => panic!("the stream ended without a word"),
                Err(status) => break status,
            }
        }
    };
    // The next commit may be that of the notification of the first chunk; then the one behind it is a chunk's.
    let losing = async {
        for _ in 0..2 {
            proxy.lose_answer_to("COMMIT").await.expect("sent");
        }
        std::future::pending::<()>().await;
    };
    let failed = tokio::select! {
        failed = on => failed,
        () = losing => unreachable!("it waits for the import"),
    };
    assert_eq!(failed.code(), Code::Unavailable, "{failed:?}");
    drop(proxy.lose_answer_to(""));
    proxy.delay(Duration::ZERO);
    let result = alice.import(request).await.unwrap();
    assert_eq!(result.created + result.skipped, 3000);
    assert!(result.skipped >= 200, "{result:?}");
    assert_eq!(titles(&alice).await.len(), 3000);
}

#[tokio::test]
async fn what_would_be_too_much_is_refused_before_anything_is_made() {
    let service = Service::start().await;
    let alice = service.person();
    alice.create(titled("Here")).await.unwrap();
    let statement = "UPDATE owners SET tasks = 499900";
    sqlx::raw_sql(AssertSqlSafe(statement))
        .execute(&service.database.pool())
        .await
        .expect("counted");
    for dry_run in [true, false] {
        let request = pb::ImportTasksRequest {
            dry_run,
            ..json_of(&plain(101), &[])
        };
        let refused = alice.import(request).await;
        assert_refused(refused, Code::ResourceExhausted, ErrorReason::QuotaExceeded);
    }
    assert_eq!(all(&alice).await.len(), 1);
    assert_eq!(
        counts(&alice.import(json_of(&plain(100), &[])).await.unwrap()),
        [100, 0, 0, 0]
    );
}

#[tokio::test]
async fn tasks_without_a_list_go_where_the_request_says() {
    let service = Service::start().await;
    let alice = service.person();
    let list = "0193a0b0-0000-7000-8000-000000000001";
    let home = format!(r#"{{"id":"{list}","title":"Home"}}"#);
    alice.import(json_of(&[""; 0], &[&home])).await.unwrap();
    let request = pb::ImportTasksRequest {
        list_id: list.to_owned(),
        ..json_of(&plain(1), &[])
    };
    alice.import(request.clone()).await.unwrap();
    assert_eq!(all(&alice).await[0].list_id, list);

    let never = pb::ImportTasksRequest {
        list_id: uuid(9),
        ..request.clone()
    };
    assert_refused(alice.import(never).await, Code::NotFound, ErrorReason::NotFound);
    let statement =
        "UPDATE lists SET delete_time = now(), purge_time = now() + interval '30 days', deletion_id = id";
    sqlx::raw_sql(AssertSqlSafe(statement))
        .execute(&service.database.pool())
        .await
        .expect("deleted");
    assert_refused(
        alice.import(request).await,
        Code::FailedPrecondition,
        ErrorReason::Deleted,
    );
}

#[tokio::test]
async fn what_is_wrong_with_the_request_is_told_at_once() {
    let service = Service::start().await;
    let alice = service.person();
    let wrong = pb::ImportTasksRequest {
        format: 99,
        list_id: "x".to_owned(),
        request_id: "y".to_owned(),
        ..Default::default()
    };
    assert_violations(
        alice.import(wrong).await,
        &["content", "format", "list_id", "request_id"],
    );
    let large = file(pb::Format::Json, vec![b' '; 16 * 1024 * 1024 + 1]);
    assert_violations(alice.import(large).await, &["content"]);
    let largest = file(pb::Format::Json, {
        let mut content = br#"{"format":"tandem.tasks","version":1,"tasks":[{"title":"One"}]}"#.to_vec();
        content.resize(16 * 1024 * 1024, b' ');
        content
    });
    assert_eq!(counts(&alice.import(largest).await.unwrap()), [1, 0, 0, 0]);
}

#[tokio::test]
async fn every_row_has_a_revision_of_its_own_and_is_counted() {
    let service = Service::start().await;
    let alice = service.person();
    alice.import(json_of(&plain(300), &[])).await.unwrap();
    let etags: BTreeSet<_> = all(&alice).await.into_iter().map(|task| task.etag).collect();
    assert_eq!(etags.len(), 300);
    let query = "SELECT tasks = 300 AND revision = 300 AND stored_bytes =
         (SELECT sum(size_bytes) FROM tasks) FROM owners";
    let counted: bool = sqlx::query_scalar(query)
        .fetch_one(&service.database.pool())
        .await
        .expect("counted");
    assert!(counted);
}

#[tokio::test]
async fn ten_thousand_rows_come_in_within_seconds_and_go_out_in_small_pieces() {
    let service = Service::start().await;
    let alice = service.person();
    let begin = Instant::now();
    assert_eq!(
        counts(&alice.import(json_of(&plain(10_000), &[])).await.unwrap()),
        [10_000, 0, 0, 0]
    );
    let imported = begin.elapsed();
    let file = alice.export(pb::Format::Csv, "").await.unwrap();
    assert_eq!(String::from_utf8(file).unwrap().lines().count(), 10_001);
    // Within two seconds where nothing else runs.
    assert!(imported.as_secs() < 60, "{imported:?}");
}
